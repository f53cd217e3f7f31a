# Everything that is not sending: what to ask next, what an answer is, and which sections come of the answers.
# $scripts[0] is the request list, $run says whom and where, $replies holds every answer so far.

$scripts[0] as $script |

def text: strings | select(. != "");
def get($names): reduce $names[] as $name (.; if type == "object" then .[$name] else null end);
def same($other): ascii_downcase == ($other // "" | ascii_downcase);
def is_success: . != null and . >= 200 and . < 300;
def items:
  if type == "object" and has("value") then .value | if type == "array" then .[] elif . == null then empty else . end
  else . end;
def single: if type == "object" and has("id") then . else first(items) // . end;
def placeholders: scan("\\{([a-z_]+)\\}") | .[0];
def is_about: .about == "both" or .about == (if $run.is_application then "application" else "user" end);
def origin: $run.origins[.service];

# Paths. Inside an OData string a quote is doubled.
def encode:
  @uri | gsub("(?<c>[!*'()])"; {"!": "%21", "*": "%2A", "'": "%27", "(": "%28", ")": "%29"}[.c]);
def fill(value_of):
  split("{") as $parts
  | reduce $parts[1:][] as $part ($parts[0];
      ($part | split("}")) as $pair
      | ($pair[0] | value_of) as $value
      # A name that begins with `$` is no path segment; Graph takes it as a key.
      | if endswith("/users/") and ($value | startswith("$")) then
          .[:-1] + "('" + ($value | gsub("'"; "''") | encode) + "')" + $pair[1]
        else . + (if endswith("'") then $value | gsub("'"; "''") else $value end | encode) + $pair[1] end)
  | gsub(" "; "%20");
# A column that an older version does not know is left out: the refusal, in whatever language, has its name between quotes.
def without_column($message):
  ($message | [explode[] | if IN(34, 171, 187, 8216, 8217, 8220, 8221, 8222, 12300, 12301) then 39 else . end] | implode
    | split("'") | map(gsub("^\\s+|\\s+$"; ""))) as $words
  | capture("(?<head>.*\\$select=)(?<columns>[^&]*)(?<tail>.*)")
  | (.columns | split(",")) as $all
  | [$words[] | select(IN($all[]))][0] as $name
  | ($all - [$name]) as $left
  | select(($left | length) < ($all | length) and $left != [])
  | .head + ($left | join(",")) + .tail;
def path_at($origin):
  select(test("\\A[!#-\\[\\]-~]+\\z") and (.[:$origin | length] | same($origin)))
  | .[$origin | length:] | select(startswith("/"));

# The state of one read after one more reply: `path` is what to ask next, null when there is nothing more to ask.
def over($status; $detail; $body): .path = null | .status = $status | .detail = $detail | .body = $body;
# Whether older sign-ins would be history alone: over a day was read, every kind that was asked for reached Dynamics 365, and
# so did every stream of them that is seen.
def is_far_enough($read):
  [.body.value[] | objects] as $all
  | [$all[] | select((.resourceId == $script.own.resource) or (.appId | IN($script.own.applications[])))] as $own
  | [$own[] | select(get(["status", "errorCode"]) == 0)] as $succeeded
  | def streams: map([.appId, .authenticationProtocol, .signInEventTypes]) | unique;
  $read.section == "graph.sign_ins"
    and ([$all[] | .createdDateTime | strings | .[:10]] | unique | length) >= 3
    and $own != [] and ($own | streams) == ($succeeded | streams)
    and all($read.path | scan("t eq '([A-Za-z]+)'") | .[0]; . as $kind | any($succeeded[]; .signInEventTypes | index($kind)));
def next_page($read; $link):
  if $read.paced and (.pages >= 5 or is_far_enough($read)) then over(.status; null; .body | del(.["@odata.nextLink"]) | .truncated = true)
  elif .pages >= 50 then over(.status; "more than 50 pages"; null)
  else ([$link | path_at($read | origin)][0]) as $path
    | if $path then .path = $path
      else over(.status; "the next page is at another host; it was not asked for"; null) end
  end;
# A list that is as long as the request allows may go on.
def limited($read):
  if $read.service == "dataverse" and ($read.path | test("\\$top=[0-9]+")) and (get(["value"]) | type) == "array"
    and (.value | length) >= ($read.path | capture("\\$top=(?<most>[0-9]+)").most | tonumber)
  then .truncated = true else . end;
def after($read; $reply):
  .attempts += 1
  | .at = 0
  | [select($reply.status == 400 and $read.service == "dataverse" and .columns < 8)
      | .path | without_column($reply | get(["body", "error", "message"]) | text)][0] as $shorter
  | ($reply.status | . == 429 or . == 503 or . == 504) as $is_throttled
  | if $is_throttled and .attempts < 4 and ($reply.retry_after // 1) <= 60 then .at = $reply.at + ($reply.retry_after // 1)
    elif $reply.status == null and .attempts < 2 then .
    elif $shorter then .path = $shorter | .columns += 1 | .attempts = 0
    elif .pages > 0 and $reply.status == 404 then over(404; "HTTP 404 for a later page"; null)
    # A tenant that takes no advanced query is asked without it; if that helps nothing, the first refusal stands.
    elif $reply.status == 400 and .refused == null and (.path | contains("/transitiveMemberOf/")) then
      .refused = $reply | .path |= sub("\\$count=true&"; "") | .attempts = 0
    elif .refused and .pages == 0 and ($reply.detail or ($reply.status | is_success | not)) then
      .refused as $first | over($first.status; $first.detail; $first.body)
    elif $reply.detail or ($reply.status | is_success | not) then over($reply.status; $reply.detail; $reply.body)
    elif .pages > 0 and ($reply | get(["body", "value"]) | type) != "array" then over($reply.status; "a page without its list"; null)
    else
      (if .pages == 0 then $reply.body else .body + {value: (.body.value + $reply.body.value)} end) as $body
      | .pages += 1
      | .attempts = 0
      | over($reply.status; null; $body)
      # A link to more means something only beside a list.
      | [$reply.body | select(get(["value"]) | type == "array") | get(["@odata.nextLink"]) | text][0] as $link
      | if $link then next_page($read; $link)
        else (if .pages > 1 then .body |= del(.["@odata.nextLink"]) else . end) | .body |= limited($read) end
    end;
def states:
  reduce $replies[] as $reply ({};
    $script.reads[$reply.index] as $read
    | .["\($reply.index) \($reply.value)"] |= (
        . // {section: $read.section, part: $read.part, index: $reply.index, value: $reply.value,
              attempts: 0, pages: 0, columns: 0}
        | .path = $reply.path
        | after($read; $reply)));

# Finished reads of one row of the list, and the body of an answered one.
def all_of($states; $section; $part):
  [$states[] | select(.section == $section and .part == $part and .path == null)] | sort_by(.value)[];
def one($states; $section; $part): first(all_of($states; $section; $part));
def answered: select(.detail == null and (.status | is_success)) | .body;
def body($states; $section; $part): one($states; $section; $part) | answered;

# What the answers tell about the next questions: placeholder to values.
def environment($states):
  first(
    body($states; "admin.environment"; ""),
    (("by organization", "list") as $part | body($states; "admin.environment"; $part) | items
      | select(get(["properties", "linkedEnvironmentMetadata", "instanceUrl"]) | text | sub("/+$"; "") | same($run.environment))));
def row($states; $principal):
  first(("by name", "", "of the application") as $part
    | body($states; "dataverse.system_users"; $part) | items
    | if $run.is_application then select(.applicationid? | text | same($run.account))
      else select($principal) | select(.azureactivedirectoryobjectid? | text | same($principal)) end);
def unknown_question($states; $section):
  any(one($states; $section; ""); .status | . == 400 or . == 404 or . == 405 or . == 501);
# Whether the audit table was refused, or leaves out what an update changed.
def lacks_changes($states):
  unknown_question($states; "dataverse.user_audit") or any(one($states; "dataverse.user_audit"; "");
    .status == 403 or any(answered | items | objects; .action == 2 and .changedata == null));
# Work 365's own table of jobs: found by its name, its columns by name and type, its states by their labels.
def tables_of:
  items | objects
  | {logicalname: (.logicalname // .LogicalName), entitysetname: (.entitysetname // .EntitySetName), name: (.name // .SchemaName)}
  | select((.logicalname | type) == "string" and (.logicalname | ascii_downcase | startswith("work365_")));
def job_tables($states):
  [("", "definitions") as $part | body($states; "dataverse.work365_tables"; $part) | tables_of
    | {name: (.logicalname | ascii_downcase), set: .entitysetname}
    | select((.set | type) == "string" and (.name | endswith("job")))] | unique
  | if any(.[]; .name == "work365_job") then map(select(.name == "work365_job"))[:1] else . end;
def columns_of_jobs($states):
  [body($states; "dataverse.work365_jobs"; "columns") | items | objects
    | select((.LogicalName | type) == "string" and (.AttributeType | type) == "string")
    | select(.LogicalName | test("\\A[A-Za-z0-9_]+\\z"))
    | {name: .LogicalName, kind: .AttributeType}] | unique_by([.name, .kind]);
def tells_state: startswith("work365_") and (contains("status") or contains("state"));
def state_columns($states):
  [columns_of_jobs($states)[]
    | select((.name == "statuscode" and .kind == "Status") or (.kind == "Picklist" and (.name | tells_state))) | .name];
def job_columns($states):
  [columns_of_jobs($states)[] | .name as $name
    | select(if .kind == "Status" or .kind == "State" then true
        elif .kind == "Picklist" then ($name | tells_state) or ($name | startswith("work365_") and endswith("type"))
        elif .kind == "DateTime" then ($name | IN("createdon", "modifiedon")) or ($name | contains("schedul"))
        elif .kind == "Memo" then $name | contains("result")
        elif .kind == "String" then $name == "work365_name" or ($name | contains("result"))
        else false end)
    | $name] | join(",");
def job_state:
  {waiting: "Waiting", dispatched: "Dispatched", inprogress: "In Progress", succeeded: "Succeeded", failed: "Failed",
   notapplicable: "Not Applicable", retry: "Retry", cancelled: "Cancelled", canceled: "Cancelled"}[
    strings | gsub("[^A-Za-z]"; "") | ascii_downcase];
# What the counts tell: column, value, state and number; a row whose state is not known has no state.
def job_counts($states):
  state_columns($states) as $columns
  | [body($states; "dataverse.work365_jobs"; "counts") | items | objects | . as $row
      | [$columns[] as $column
          | ($row["\($column)@OData.Community.Display.V1.FormattedValue"] | job_state | strings) as $state
          | $row[$column] | numbers | {$column, value: ., $state}][0] as $told
      | ($told // {}) + {count: $row.count}];
def job_condition($states; $wanted):
  [job_counts($states)[] | select(.state | . != null and IN($wanted[])) | "\(.column) eq \(.value)"] | unique | join(" or ");
def known($states):
  def was_asked($section; $part): any(one($states; $section; $part); true);
  [body($states; "graph.user"; "") | single | .id? | text][0] as $object_id
  | [body($states; "graph.service_principal"; "") | items] as $principals
  # Entra puts the object id, without its hyphens, before the name of what it deletes; another account may end alike.
  | [body($states; "graph.deleted_users"; "") | items
      | select(.userPrincipalName? | text | ascii_downcase | endswith($run.account | ascii_downcase))
      | select(.userPrincipalName[:-($run.account | length)] | test("^([0-9A-Fa-f]{32})?$"))] as $deleted
  | ($object_id // [body($states; "graph.sign_ins"; "by name") | items | .userId? | text][0]) as $principal
  | [row($states; $principal)][0] as $row
  | ($run.environment_id
      // [body($states; "admin.environment"; "environment id") | get(["Detail", "EnvironmentId"]) | text][0]) as $environment_id
  | [select($environment_id == null
      and (was_asked("admin.environment"; "environment id") or ($run.ready | index("dataverse") | not)))] as $unlisted
  | [body($states; "dataverse.who_am_i"; "") | .OrganizationId? | text][0] as $organization
  | {
      account: [$run.account],
      application: [select($run.is_application) | $run.account],
      domain: [$run.account | select(contains("@")) | split("@")[-1] | ascii_downcase],
      tenant: [$run.tenant],
      since: [$run.since],
      jobs_since: [$run.jobs_since],
      privileges: [$script.privileges | tojson],
      object_id: [$object_id],
      object_id_without_types: [select(unknown_question($states; "graph.sign_ins")) | $object_id],
      account_without_id:
        [select($object_id == null and was_asked("graph.user"; "")) | $run.account | ascii_downcase
          | if test("#ext#@") then split("#ext#@")[0] | sub("_(?<domain>[^_]*)$"; "@\(.domain)") else . end],
      service_principal: [$principals[] | .id? | text],
      audited: (
        if $run.is_application then [$principals[] | select(.appId? | text | same($run.account)) | .id? | text]
        elif $object_id then [$object_id]
        elif ($deleted | length) == 1 then [$deleted[0].id? | text]
        else [] end),
      resource:
        ([all_of($states; "graph.permission_grants"; "") | answered | items | .resourceId? | text] | unique),
      assigned_group:
        ([body($states; "graph.group_memberships"; "") | [items | .id? | text]][0] as $groups
        | [all_of($states; "graph.app_role_assignments"; "") | answered | items
            | select(.principalType? | text | same("Group")) | .principalId? | text
            | select(. as $group | $groups == null or any($groups[]; same($group)))] | unique),
      operator: [body($states; "dataverse.who_am_i"; "") | .UserId? | text],
      environment_id: [$environment_id],
      unlisted_organization: [$unlisted[] | $organization],
      whole_list:
        [$unlisted[]
          | select($organization == null or any(one($states; "admin.environment"; "by organization");
              (.status | . == 400 or . == 404 or . == 405 or . == 501) or ([answered | items] == [] and [answered] != [])))
          | "2023-06-01"],
      group: [environment($states) | get(["properties", "linkedEnvironmentMetadata", "securityGroupId"]) | text
        | select(test("[1-9A-Za-z]"))],
      row: [$row.systemuserid? | text],
      business_unit: [$row._businessunitid_value? | text],
      directory_object:
        [if $run.is_application then $row.azureactivedirectoryobjectid? | text else $principal end],
      unmatched_object_id: [select($row == null and ($run.is_application | not)
        and was_asked("dataverse.system_users"; "by name")) | $principal],
      operator_without_set: [select(unknown_question($states; "dataverse.operator_privileges"))
        | body($states; "dataverse.who_am_i"; "") | .UserId? | text],
      row_without_set: [select(unknown_question($states; "dataverse.user_privileges")) | $row.systemuserid? | text],
      row_without_changes: [select(lacks_changes($states)) | $row.systemuserid? | text],
      team: [body($states; "dataverse.user_teams"; "") | items | .teamid? | text],
      definition_columns: [select(unknown_question($states; "dataverse.work365_tables")) | "LogicalName,EntitySetName,SchemaName"]
    }
  + (job_tables($states) as $tables
    | if ($tables | length) != 1 then {} else
        {job_table: [$tables[0].name],
         job_columns: [job_columns($states) | text],
         job_states: [state_columns($states) | join(",") | text],
         job_set: [select(state_columns($states) != []) | $tables[0].set | text],
         job_failed: [job_condition($states; ["Failed"]) | text],
         job_succeeded: [job_condition($states; ["Succeeded"]) | text],
         job_open: [job_condition($states; ["Waiting", "Dispatched", "In Progress", "Retry"]) | text]} end)
  | map_values(map(select(. != null)))
  | with_entries(select(.value != []));

# The next round: whatever can be asked now, but no more than $room of the report family, and nothing before its time.
def is_ready: (.signed | not) or (.service as $service | $run.ready | index($service));
# Eight go out at a time: what fills no eight waits for the next round, and what tells more questions goes first.
def whole_eights:
  map($script.reads[.index].leads as $leads | . + {$leads}) | (map(select(.leads)) + map(select(.leads | not))) as $all
  | ($all | map(select(.leads)) | length) as $leading
  | if $leading == 0 or length <= 8 then $all else $all[:[length - length % 8, $leading] | max] end;
def due($room):
  now as $now
  | states as $states
  | known($states) as $known
  | [ (range($script.reads | length) as $index
        | $script.reads[$index] as $read
        | select($read | is_about and is_ready)
        | select(all($read.path | placeholders; $known[.]))
        | (if $read.each then $known[$read.each][] else "" end) as $value
        | select($states["\($index) \($value)"] | not)
        | {$index, $value, at: 0,
           path: ($read.path | fill(if . == $read.each then $value else $known[.][0] end))}),
      ($states[] | select(.path) | {index, value, at, path, simple: (.refused != null)}) ]
  | map(.paced = $script.reads[.index].paced)
  | map(select(.at <= $now)) as $timely
  | {requests: (($timely | map(select(.paced | not))) + ($timely | map(select(.paced))[:$room]) | whole_eights), open: length,
     wait: ([.[] | .at - $now | select(. > 0)] | min // 1)};
# For curl, one transfer each; the shell puts the token in place of the line `token SERVICE`.
def transfers:
  to_entries[]
  | $script.reads[.value.index] as $read
  | (select(.key > 0) | "next"),
    "url = \"\($read | origin)\(.value.path)\"",
    (select($read.signed) | "token \($read.service)"),
    (.value.simple as $is_simple | $read.headers | to_entries[] | select(($is_simple and .key == "ConsistencyLevel") | not)
      | "header = \"\(.key): \(.value)\""),
    "output = \"\(.key).body\"", "dump-header = \"\(.key).head\"",
    "write-out = \"{\\\"n\\\":\(.key),\\\"status\\\":\\\"%{http_code}\\\",\\\"exit\\\":\\\"%{exitcode}\\\"}\\n\"",
    "silent", "globoff", "path-as-is", "proto = \"=http,https\"", "connect-timeout = 10", "max-time = 30",
    "max-filesize = 16777216";

# What came back: `N.head` and `N.body` as lines, the statuses, and what was asked.
def without_mark: ltrimstr("\ufeff");
def reply($head; $text):
  def header($name): [$head[] | select(ascii_downcase | startswith($name + ":")) | .[$name | length + 1:]
    | gsub("^\\s+|\\s+$"; "")];
  # What curl calls a failed transfer is no answer, whatever came before; older versions do not tell.
  (.exit // "" | if . == "" then 0 else tonumber end) as $exit
  | (.status | tonumber | if . == 0 or $exit != 0 then null else . end) as $status
  | ($text | without_mark | gsub("^\\s+|\\s+$"; "")) as $text
  # In a list, so that `try` catches nothing that comes after it (jq 1.6).
  | [try {body: ($text | if . == "" then null else fromjson end)} catch {garbage: true}][0] as $parsed
  | {$status, body: $parsed.body, challenge: header("www-authenticate"),
     retry_after: [header("retry-after")[]
       | tonumber? // ((strptime("%a, %d %b %Y %H:%M:%S GMT") | mktime - now | if . < 0 then 0 else . end)?)][0]}
  | .detail = (
      if $status == null then "no answer came back: \({
          "5": "the name of the proxy could not be resolved", "6": "the name could not be resolved",
          "7": "the connection was refused", "18": "the answer was cut off", "28": "the time was up",
          "35": "the encrypted connection could not be made", "52": "the answer was empty", "56": "the connection was cut",
          "60": "nobody whom this machine trusts issued the certificate", "63": "it is larger than 16 MiB"
        }["\($exit)"] // "curl gave up with \($exit)")"
      elif $status >= 300 and $status < 400 then
        "redirected to \(header("location")[0] // "nowhere" | split("?")[0] | split("#")[0]); redirects are not followed"
      elif $status == 407 then "the proxy asks for a sign-in"
      elif ($parsed.garbage | not) or $status == 401 or $status == 403 then null
      elif $text | startswith("<") then
        "HTTP \($status): a web page instead of JSON, as a proxy or a sign-in page sends it"
      else "HTTP \($status): the answer is not whole JSON" end);
def received($requests; $statuses; $lines):
  $requests | to_entries[] | .key as $n
  | (.value | {index, value, path, at: now})
    + ((first($statuses[] | select(.n == $n)) // {status: "000"})
        | reply($lines["\($n).head"] // []; $lines["\($n).body"] // [] | join("\n")));

# Who asks: claims of the Graph token, without opaque and per-session ones.
def claims: [try (split(".") | select(length == 3) | .[1] | gsub("-"; "+") | gsub("_"; "/") | @base64d | fromjson | objects) catch null][0];
def operator:
  claims as $claims
  | if $claims == null then {record: {outcome: "failed", http_status: null, detail: "malformed token"}}
    else
      ($claims | with_entries(select(.key | (IN("aio", "rh", "uti", "sid") or startswith("xms_")) | not))) as $shown
      | (if $claims.idtyp == "app" or ($claims.scp | type) != "string" then "application" else "user" end) as $kind
      | {tenant: [$claims.tid | text][0], record:
          {outcome: "ok", http_status: null, body: {kind: $kind, claims: $shown}}}
    end;
# Whom a token is for, in one spelling: the host of an environment has a second name, with "api" in it.
def plain: ascii_downcase | gsub("^\\s+|[\\s/]+$"; "") | sub("\\.api\\."; ".");
# Why a token must not be sent: it has ended, or another service is meant. Nothing is known of an opaque one.
def token_fault($service; $graph; $admin):
  {graph: [($graph | plain), "00000003-0000-0000-c000-000000000000"],
   dataverse: [($run.environment | plain), "00000007-0000-0000-c000-000000000000"],
   admin: [($admin | plain), "475226c6-020e-4fb2-8a90-7a972cbfc1d4"]} as $audiences
  | claims | objects
  | (now - ([.exp | numbers][0] // (now + 1))) as $past
  | if $past >= 0 then "ended \($past / 60 | floor) minutes ago"
    else .aud | text | . as $audience | plain as $plain
      | select($audiences[$service] | index([$plain]) | not)
      # An environment on this machine stands for one that is not known here; the admin center takes tokens of several names.
      | select(any($audiences[]; index([$plain]))
          or ((($service == "dataverse" and ($run.environment | startswith("http://"))) or $service == "admin") | not))
      | "was issued for \($audience)"
    end;

# From replies to sections.
def snapshot: empty;
# A list that goes on after what was read says so.
def ok($status; $body):
  {outcome: "ok", http_status: $status}
  + (if ($body | type) == "object" and $body.truncated == true and ($body.value | type) == "array" then
      {detail: "partial: only the newest \($body.value | length) entries were read"} else {} end)
  + {$body};
def failed($status; $detail): {outcome: "failed", http_status: $status, $detail};
def skipped($detail): {outcome: "skipped", http_status: null, $detail};
# Refusals that mean more than their status says, by their words: the codes are the same for a licence and a permission.
def told($read):
  (.body | [get(["error", "code"]), get(["error", "message"])] | map(text) | join(" ") | ascii_downcase) as $words
  | (.http_status // 0) as $status
  | if ((.outcome == "denied" or .outcome == "failed") and $words != "") | not then .
    elif any((400, 401, 403); . == $status) and $read.service == "graph" and ($words
        | test("licensed for this feature|premiumlicenserequired|nonpremiumtenant|premium license|requires a license")) then
      {outcome: "denied", http_status, detail: "the tenant has no \($read.license // "Microsoft Entra ID P1") licence, which this needs", body}
    elif .outcome == "denied" and ($words | contains("scopes are missing")) then
      {outcome, http_status, detail: "the token lacks \($read.permission // "a permission")", body}
    elif .outcome == "denied" and $read.service == "admin" and ($words | contains("service principal") and contains("does not have permission")) then
      {outcome, http_status, detail: "the application was never registered with the Power Platform: an administrator runs New-PowerAppManagementApp once", body}
    else . end;
def record($read):
  ($read.path | split("?")[0]) as $path
  | if .detail then failed(.status; .detail)
    elif (.status | is_success) and .body == null then failed(.status; "an empty answer")
    elif .status | is_success then ok(.status; .body)
    elif .status == 401 or .status == 403 then {outcome: "denied", http_status: .status, body}
    elif .status == 404 and ($path | contains("{")) and ($path | startswith("/beta/") | not) then
      {outcome: "not_found", http_status: 404, body}
    # Of a beta path, which may just not exist, and of a list, this is no answer.
    elif .status == 404 then failed(404; "HTTP 404: no answer to this question")
    else failed(.status; "HTTP \(.status)") + {body} end
  | told($read)
  | with_entries(select(.key != "body" or .value != null));
# `Bearer authorization_uri=..., resource_id=...`: quoted or not, keys in any case.
def challenge:
  def value($name): [split(",")[] | capture("^\\s*(?<name>[^=]*?)\\s*=(?<value>.*)$")
    | select(.name | same($name)) | .value | gsub("^[\\s\"]+|[\\s\"]+$"; "")][0];
  [.challenge[]? | select(.[:7] | same("bearer ")) | .[7:]
    | {authorization_uri: value("authorization_uri"), resource_id: value("resource_id")}
    | select(.authorization_uri and .resource_id)][0];
def challenge_reply: last($replies[] | select($script.reads[.index].section == "login.challenge"));
def challenge_record:
  if .status == 401 then challenge as $named
    | if $named then ok(401; $named) else failed(401; "the 401 names no authorization_uri and resource_id") end
  elif .status == 200 then failed(200; "the environment answered without asking for a sign-in")
  else record({path: "/"}) end;
# Why the environment gave no answer at all.
def unreachable: challenge_reply | select(.status == null) | .detail;
def challenge_tenant:
  challenge_reply | select(.status == 401) | challenge | .authorization_uri | text
  | capture("^[^/]*//[^/]*/(?<tenant>[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})(/|$)").tenant | ascii_downcase;

# Only for the snapshot: jq takes longer to read this than all the rest, and the other steps are many.
def section($states; $known; $name):
  def read_of($section; $part): first($script.reads[] | select(.section == $section and .part == $part)) // null;
  def missing($section; $part):
    read_of($section; $part) as $read
    | if $read == null then skipped("not asked")
      elif $run.unavailable[$read.service] then $run.unavailable[$read.service]
      else [$read.path | placeholders | select($known[.] == null)][0] as $lacking
        | skipped(if $lacking then "not asked: it needs \($script.meanings[$lacking])" else "not asked" end) end;
  # What hangs on an object that was found is empty at most: a 404 for it is no answer.
  def meant($read):
    ($read.path | split("?")[0]) as $path
    | record($read)
    | if .outcome == "not_found" and ($path | split("/") | last | contains("{") | not)
        and (($path | contains("{account}") | not) or any(body($states; "graph.user"; ""); true)) then
        failed(404; "HTTP 404: a part of an object that was found cannot be missing")
      else . end;
  def part($section; $part):
    read_of($section; $part) as $read
    | first(if $read then one($states; $section; $part) | meant($read) else empty end) // missing($section; $part);
  def was_read($part): any(one($states; $name; $part); true);
  def user:
    # Null is an answer: no change is forced.
    [body($states; $name; "password profile") | objects | select(has("passwordProfile")) | .passwordProfile] as $profile
    | part($name; "")
    | if .outcome == "ok" and $profile != [] and (.body | type) == "object" then .body.passwordProfile = $profile[0]
      else . end;
  def sign_ins:
    (if $run.is_application then ["of the application", "servicePrincipal"]
     elif any(body($states; $name; "interactive only"); true) then ["interactive only", "interactiveUser"]
     else [if was_read("") then "" else "by name" end, "interactiveUser", "nonInteractiveUser"] end) as $how
    | part($name; $how[0])
    | if .outcome == "ok" and (get(["body", "value"]) | type) == "array" then .body.asked = $how[1:] else . end;
  # Newest first; one list only if both could be read.
  def audits:
    part($name; "policies") as $policies
    | part($name; "") as $own
    | if $policies.outcome != "ok" then $policies
      elif $own.outcome != "ok" then $own
      else reduce ($own, $policies | .body | items) as $entry ([];
          if any(.[]; .id == $entry.id) then . else . + [$entry] end)
        | to_entries | sort_by([.value.activityDateTime // "", -.key]) | reverse | map(.value)
        | ok(200; {value: .}
            + (if any(($own, $policies); .body.truncated == true) then {truncated: true} else {} end)) end;
  # Transitive membership is told by the list of the account's groups: so nothing but GET is sent.
  def group_membership:
    part($name; "direct") as $direct
    | $known.group[0]? as $group
    | (if $direct.outcome == "ok" then [$direct.body | items] != [] else null end) as $is_direct
    | [select($known.object_id) | body($states; "graph.group_memberships"; "") | [items]][0] as $groups
    | (if $groups then any($groups[]; .id? | text | same($group)) elif $is_direct then true else null end) as $is_transitive
    | if $group == null or ($is_direct == null and $is_transitive == null) then $direct
      else ok(200; {group_id: $group, direct: $is_direct, transitive: $is_transitive}
        | with_entries(select(.value != null))) end;
  def collected($section):
    [all_of($states; $section; "")] as $all
    | [$all[] | select([answered] == [])][0] as $refused
    | if $refused then $refused | meant(read_of($section; ""))
      elif $all == [] and ([body($states; "graph.service_principal"; "") | [items] == []][0] | not) then
        missing($section; "")
      else ok(200; {value: [$all[] | answered | items]}
        + (if any($all[]; .body.truncated? == true) then {truncated: true} else {} end)) end;
  # Nobody's but the account's own and those of groups that it is a direct member of.
  def assignments:
    collected($name) as $everybody
    | [all_of($states; $name; "direct")] as $groups
    | [$groups[] | select([answered | items] != []) | .value] as $admitting
    | [$groups[] | select([answered] == [] and .status != 404)][0] as $refused
    | if $everybody.outcome != "ok" then $everybody
      elif $known.object_id == null then skipped("not asked: it needs \($script.meanings.object_id)")
      else [$everybody.body | items
          | select(.principalId? | text | . as $id | any($known.object_id[], $admitting[]; same($id)))] as $own
        | if $own == [] and $refused then $refused | meant(read_of($name; "direct"))
          else ok(200; {value: $own}
            + (if $own == [] and $everybody.body.truncated == true then {truncated: true} else {} end)) end end;
  def grant_resources:
    # A grant may outlive its resource.
    [all_of($states; $name; "") | select(.status != 404)] as $all
    | [$all[] | select([answered] == [])][0] as $refused
    | if collected("graph.permission_grants").outcome != "ok" then missing($name; "")
      elif $refused then $refused | meant(read_of($name; ""))
      # Dataverse itself is looked at whether or not anything was granted for it.
      else ok(200; {value: (reduce (body($states; $name; "dataverse"), ($all[] | answered)) as $one ([];
        if any(.[]; .id == $one.id) then . else . + [$one] end))}) end;
  def admin_environment:
    if was_read("") then part($name; "")
    else [environment($states)][0] as $environment
      | if $environment then ok(200; $environment)
        elif any(body($states; $name; "list"); true) then
          failed(200; "no environment of the list has this address; --environment-id names it")
        elif was_read("list") then part($name; "list")
        elif was_read("by organization") then part($name; "by organization")
        else missing($name; "") end
    end;
  def rows:
    (if $run.is_application then ["of the application"] else ["by name", ""] end) as $parts
    | [$parts[] as $part | select(was_read($part)) | part($name; $part)
        | if .outcome == "ok" and (get(["body", "value"]) | type) != "array" then
            failed(200; "not as documented: value: the list is missing") else . end] as $reads
    | [$reads[] | select(.outcome != "ok")][0] as $refused
    | if $reads == [] then missing($name; $parts[0])
      elif $refused then $refused
      else ok(200; {value: (reduce ($reads[].body.value[]) as $row ([];
        if any(.[]; .systemuserid == $row.systemuserid) then . else . + [$row] end))}) end;
  # What could not be read of a team is left out of it, and so stays unknown.
  def teams:
    part($name; "")
    | if .outcome == "ok" and (get(["body", "value"]) | type) == "array" then
        .body.value |= map(if type != "object" then . else
          .teamid as $id
          | reduce (["roles", "roles"], ["profiles", "column_security_profiles"]) as [$part, $key] (.;
              [all_of($states; $name; $part) | select(.value == $id) | answered | .value][0] as $list
              | if $list then .[$key] = $list else . end) end)
      else . end;
  def with_names:
    if .outcome == "ok" and (get(["body", "RolePrivileges"]) | type) == "array" then .body.asked = $script.privileges else . end;
  def privileges: if was_read("full list") then part($name; "full list") else part($name; "") | with_names end;
  def cached_privileges:
    if unknown_question($states; $name) then skipped("this version of Dataverse cannot be asked for privileges by name")
    else part($name; "") | with_names end;
  # Several lists of one table, the newest first; the newest success is one row by intent.
  def union($parts; $key):
    if ($parts | index("")) != null and (was_read("") | not) then missing($name; "")
    else [$parts[] as $part | select(was_read($part)) | part($name; $part) + {$part}] as $reads
      | [$reads[] | select(.outcome != "ok") | del(.part)][0] as $refused
      | if $refused then $refused
        else (reduce ($reads[].body | items) as $row ([];
            if $row[$key] != null and any(.[]; .[$key] == $row[$key]) then . else . + [$row] end)
          | to_entries | sort_by([.value.createdon // "", -.key]) | reverse | map(.value)) as $rows
          | ok(200; {value: $rows}
              + (if any($reads[]; .part != "succeeded" and .body.truncated == true) then {truncated: true} else {} end)) end
    end;
  # Changes of columns by the record's history where the audit table does not name them; other events by the table. A table
  # that was refused stays refused where the history has no times in its place.
  def changes_of_the_row:
    def event: .AuditRecord | objects // {} | {createdon, action} | with_entries(select(.value != null));
    def change:
      objects | select(any(.OldValue, .NewValue; type == "object"))
      | [.OldValue, .NewValue | objects // {}] as [$old, $new]
      | event + {changedata: ({changedAttributes: [$old + $new | keys[] | select(contains("@") | not) as $name | $name
          | {logicalName: sub("^_(?<column>.*)_value$"; .column), newValue: $new[$name], oldValue: $old[$name]}]} | tojson)};
    part($name; "") as $audit
    | [body($states; $name; "change history") | get(["AuditDetailCollection"]) | objects
        | select((.AuditDetails | type) == "array")][0] as $history
    | if $history == null then $audit
      elif $audit.outcome != "ok" and any($history.AuditDetails[]; get(["AuditRecord", "createdon"]) | type != "string") then $audit
      else [$history.AuditDetails[] | change] as $changes
        | (if $audit.outcome == "ok" then [$audit.body | items | select(get(["action"]) != 2)]
           else [$history.AuditDetails[] | select([change] == []) | event] end) as $events
        | ok(200; {value: ($changes + $events)}
            + (if $history.MoreRecords == true or ($audit.body | get(["truncated"])) == true then {truncated: true} else {} end)) end;
  def work365_tables:
    part($name; if was_read("definitions") then "definitions" else "" end)
    | if .outcome == "ok" and (get(["body", "value"]) | type) == "array" then ok(200; {value: [.body | tables_of]}) else . end;
  def work365_jobs:
    job_tables($states) as $tables
    | if ($tables | length) > 1 then
        skipped("not asked: several tables could hold the jobs: \([$tables[].name] | join(", "))")
      elif $tables == [] then
        if any(("", "definitions") as $part | body($states; "dataverse.work365_tables"; $part); true) then
          {outcome: "not_found", http_status: null, detail: "no table of Work 365 is one of jobs"}
        else missing($name; "columns") end
      else [("columns", "counts") as $part | part($name; $part) | select(.outcome != "ok")][0] as $refused
        | [job_counts($states)[]] as $counts
        | if $refused then $refused
          elif ($counts | length) > 0 and all($counts[]; .state == null) then
            failed(200; "the states of the jobs have labels that are not known")
          else union(["failed", "open", "succeeded"]; "\($tables[0].name)id")
            | if .outcome == "ok" then
                .body.table = $tables[0].name
                | .body.counts = (reduce ($counts[] | select(.state)) as $one ({}; .[$one.state] += $one.count))
              else . end end
      end;
  [$script.reads[] | select(.section == $name and is_about) | .part][0] as $own
  | if $own == null then skipped("not asked for an application user")
    elif $name == "login.challenge" then challenge_reply | challenge_record
    elif $name == "graph.user" then user
    elif $name == "graph.sign_ins" then sign_ins
    elif $name == "graph.directory_audits" then audits
    elif $name == "graph.security_group_membership" then group_membership
    elif $name == "graph.permission_grants" then collected($name)
    elif $name == "graph.grant_resources" then grant_resources
    elif $name == "graph.app_role_assignments" then assignments
    elif $name == "admin.environment" then admin_environment
    elif $name == "dataverse.system_users" then rows
    elif $name == "dataverse.user_teams" then teams
    elif $name == "dataverse.user_privileges" or $name == "dataverse.operator_privileges" then privileges
    elif $name == "dataverse.user_privileges_cached" then cached_privileges
    elif $name == "dataverse.system_jobs" then union(["", "of the account", "succeeded"]; "asyncoperationid")
    elif $name == "dataverse.user_audit" then changes_of_the_row
    elif $name == "dataverse.work365_tables" then work365_tables
    elif $name == "dataverse.work365_jobs" then work365_jobs
    else part($name; $own) end;
def snapshot:
  (now | floor | todate) as $now
  | states as $states
  | known($states) as $known
  | {
      schema: $script.schema, captured_at: $now, tool: $script.tool, redacted: false,
      subject: {account: $run.account, environment: $run.environment, tenant_id: $run.tenant_id, cloud: $script.cloud},
      sections: (
        reduce ($script.reads | map(.section) | unique | .[]) as $name
          ({"login.probe": skipped("not asked: --probe-sign-in"), "graph.operator": $run.operator};
           .[$name] = section($states; $known; $name))
        | map_values(if .outcome == "skipped" then . else {outcome, read_at: $now} + . end))
    };

# What is to be done.
if $mode == "due" then due($ARGS.named.room) | (.requests | tojson), (.requests | length), .open, .wait, ([.requests[] | select(.paced)] | length),
    (.requests | transfers)
elif $mode == "received" then
  (reduce inputs as $line ({}; .[input_filename | ltrimstr("./")] += [$line | rtrimstr("\r")])) as $lines
  | received($ARGS.named.requests[0]; $ARGS.named.statuses; $lines) | tojson
elif $mode == "operator" then input | operator | tojson
elif $mode == "tenant" then challenge_tenant
elif $mode == "unreachable" then unreachable
elif $mode == "token_fault" then input | token_fault($ARGS.named.service; $ARGS.named.graph_audience; $ARGS.named.admin_audience)
else snapshot end
