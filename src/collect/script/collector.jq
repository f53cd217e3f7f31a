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
      | . + (if endswith("'") then $value | gsub("'"; "''") else $value end | encode) + $pair[1])
  | gsub(" "; "%20");
# A column that an older version does not know is left out.
def without_column($message):
  ($message | capture("Could not find a property named '(?<name>[^']+)'").name) as $name
  | capture("(?<head>.*\\$select=)(?<columns>[^&]*)(?<tail>.*)")
  | (.columns | split(",")) as $all
  | ($all - [$name]) as $left
  | select(($left | length) < ($all | length) and $left != [])
  | .head + ($left | join(",")) + .tail;
def path_at($origin):
  select(test("\\A[!#-\\[\\]-~]+\\z") and (.[:$origin | length] | same($origin)))
  | .[$origin | length:] | select(startswith("/"));

# The state of one read after one more reply: `path` is what to ask next, null when there is nothing more to ask.
def over($status; $detail; $body): .path = null | .status = $status | .detail = $detail | .body = $body;
def next_page($read; $link):
  if $read.paced and .pages >= 5 then over(.status; null; .body | del(.["@odata.nextLink"]) | .truncated = true)
  elif .pages >= 50 then over(.status; "more than 50 pages"; null)
  else ([$link | path_at($read | origin)][0]) as $path
    | if $path then .path = $path
      else over(.status; "the next page is at another host; it was not asked for"; null) end
  end;
def after($read; $reply):
  .attempts += 1
  | .wait = 0
  | [select($reply.status == 400 and $read.service == "dataverse" and .columns < 8)
      | .path | without_column($reply | get(["body", "error", "message"]) | text)][0] as $shorter
  | ($reply.status | . == 429 or . == 503 or . == 504) as $is_throttled
  | if $is_throttled and .attempts < 3 and ($reply.retry_after // 1) <= 60 then .wait = ($reply.retry_after // 1)
    elif $reply.status == null and .attempts < 2 then .
    elif $shorter then .path = $shorter | .columns += 1 | .attempts = 0
    elif $reply.detail or ($reply.status | is_success | not) then over($reply.status; $reply.detail; $reply.body)
    elif .pages > 0 and ($reply | get(["body", "value"]) | type) != "array" then over($reply.status; "a page without its list"; null)
    else
      (if .pages == 0 then $reply.body else .body + {value: (.body.value + $reply.body.value)} end) as $body
      | .pages += 1
      | .attempts = 0
      | over($reply.status; null; $body)
      | [$reply | get(["body", "@odata.nextLink"]) | text][0] as $link
      | if $link then next_page($read; $link) elif .pages > 1 then .body |= del(.["@odata.nextLink"]) else . end
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
    (body($states; "admin.environment"; "list") | items
      | select(get(["properties", "linkedEnvironmentMetadata", "instanceUrl"]) | text | sub("/+$"; "") | same($run.environment))));
def row($states; $principal):
  first(("by name", "", "of the application") as $part
    | body($states; "dataverse.system_users"; $part) | items
    | if $run.is_application then select(.applicationid? | text | same($run.account))
      else select($principal) | select(.azureactivedirectoryobjectid? | text | same($principal)) end);
def unknown_question($states; $section):
  any(one($states; $section; ""); .status | . == 400 or . == 404 or . == 405 or . == 501);
def known($states):
  def was_asked($section; $part): any(one($states; $section; $part); true);
  [body($states; "graph.user"; "") | single | .id? | text][0] as $object_id
  | [body($states; "graph.service_principal"; "") | items] as $principals
  | [body($states; "graph.deleted_users"; "") | items] as $deleted
  | ($object_id // [body($states; "graph.sign_ins"; "by name") | items | .userId? | text][0]) as $principal
  | [row($states; $principal)][0] as $row
  | ($run.environment_id
      // [body($states; "admin.environment"; "environment id") | get(["Detail", "EnvironmentId"]) | text][0]) as $environment_id
  | [(body($states; "graph.domain"; "") | single | .authenticationType? | text),
     (body($states; "login.realm"; "") | single | .account_type? | text)][0] as $kind
  | {
      account: [$run.account],
      application: [select($run.is_application) | $run.account],
      domain: [$run.account | select(contains("@")) | split("@")[-1] | ascii_downcase],
      tenant: [$run.tenant],
      since: [$run.since],
      privileges: [$script.privileges | tojson],
      object_id: [$object_id],
      object_id_without_types: [select(unknown_question($states; "graph.sign_ins")) | $object_id],
      account_without_id:
        [select($object_id == null and was_asked("graph.user"; "")) | $run.account | ascii_downcase],
      service_principal: [$principals[] | .id? | text],
      audited: (
        if $run.is_application then [$principals[] | select(.appId? | text | same($run.account)) | .id? | text]
        elif $object_id then [$object_id]
        elif ($deleted | length) == 1 then [$deleted[0].id? | text]
        else [] end),
      resource:
        ([all_of($states; "graph.permission_grants"; "") | answered | items | .resourceId? | text] | unique),
      operator: [body($states; "dataverse.who_am_i"; "") | .UserId? | text],
      environment_id: [$environment_id],
      without_environment_id:
        [select($environment_id == null
          and (was_asked("admin.environment"; "environment id") or ($run.ready | index("dataverse") | not)))
          | "permissions"],
      group: [environment($states) | get(["properties", "linkedEnvironmentMetadata", "securityGroupId"]) | text
        | select(test("[1-9A-Za-z]"))],
      row: [$row.systemuserid? | text],
      business_unit: [$row._businessunitid_value? | text],
      directory_object:
        [if $run.is_application then $row.azureactivedirectoryobjectid? | text else $principal end],
      unmatched_object_id: [select($row == null and ($run.is_application | not)
        and was_asked("dataverse.system_users"; "by name")) | $principal],
      row_without_set: [select(unknown_question($states; "dataverse.user_privileges")) | $row.systemuserid? | text],
      team: [body($states; "dataverse.user_teams"; "") | items | .teamid? | text]
    }
  | .federated_domain = [select($kind != null) | select($kind | same("Federated")) | .domain[]]
  | map_values(map(select(. != null)))
  | with_entries(select(.value != []));

# The next round: whatever can be asked now, but no more than $room of the report family.
def is_ready: (.signed | not) or (.service as $service | $run.ready | index($service));
def due($room):
  states as $states
  | known($states) as $known
  | [ (range($script.reads | length) as $index
        | $script.reads[$index] as $read
        | select($read | is_about and is_ready)
        | select(all($read.path | placeholders; $known[.]))
        | (if $read.each then $known[$read.each][] else "" end) as $value
        | select($states["\($index) \($value)"] | not)
        | {$index, $value, wait: 0,
           path: ($read.path | fill(if . == $read.each then $value else $known[.][0] end))}),
      ($states[] | select(.path) | {index, value, wait, path}) ]
  | map(.paced = $script.reads[.index].paced)
  | {requests: (map(select(.paced | not)) + map(select(.paced))[:$room]), open: length};
# For curl, one transfer each; the shell puts the token in place of the line `token SERVICE`.
def transfers:
  to_entries[]
  | $script.reads[.value.index] as $read
  | (select(.key > 0) | "next"),
    "url = \"\($read | origin)\(.value.path)\"",
    (select($read.signed) | "token \($read.service)"),
    ($read.headers | to_entries[] | "header = \"\(.key): \(.value)\""),
    "output = \"\(.key).body\"", "dump-header = \"\(.key).head\"",
    "write-out = \"{\\\"n\\\":\(.key),\\\"status\\\":\\\"%{http_code}\\\"}\\n\"",
    "silent", "show-error", "globoff", "path-as-is", "proto = \"=http,https\"", "connect-timeout = 10", "max-time = 30",
    "max-filesize = 16777216";

# What came back: `N.head` and `N.body` as lines, the statuses, and what was asked.
def without_mark: ltrimstr("\ufeff");
def reply($head; $text):
  def header($name): [$head[] | select(ascii_downcase | startswith($name + ":")) | .[$name | length + 1:]
    | gsub("^\\s+|\\s+$"; "")];
  (.status | tonumber | if . == 0 then null else . end) as $status
  | ($text | without_mark | gsub("^\\s+|\\s+$"; "")) as $text
  # In a list, so that `try` catches nothing that comes after it (jq 1.6).
  | [try {body: ($text | if . == "" then null else fromjson end)} catch {garbage: true}][0] as $parsed
  | {$status, body: $parsed.body, challenge: header("www-authenticate"),
     retry_after: ([header("retry-after")[] | tonumber?][0])}
  | .detail = (
      if $status == null then "no answer came back"
      elif $status >= 300 and $status < 400 then
        "redirected to \(header("location")[0] // "nowhere" | split("?")[0] | split("#")[0]); redirects are not followed"
      elif $status == 407 then "the proxy asks for a sign-in"
      elif ($parsed.garbage | not) or $status == 401 or $status == 403 then null
      elif $text | startswith("<") then
        "HTTP \($status): a web page instead of JSON, as a proxy or a sign-in page sends it"
      else "HTTP \($status): the answer is not whole JSON" end);
def received($requests; $statuses; $lines):
  $requests | to_entries[] | .key as $n
  | (.value | {index, value, path})
    + ((first($statuses[] | select(.n == $n)) // {status: "000"})
        | reply($lines["\($n).head"] // []; $lines["\($n).body"] // [] | join("\n")));

# Who asks: claims of the Graph token, without opaque and per-session ones.
def operator:
  [try (split(".")[1] | gsub("-"; "+") | gsub("_"; "/") | @base64d | fromjson | objects) catch null][0] as $claims
  | if $claims == null then {record: {outcome: "failed", http_status: null, detail: "malformed token"}}
    else
      ($claims | with_entries(select(.key | (IN("aio", "rh", "uti", "sid") or startswith("xms_")) | not))) as $shown
      | (if $claims.idtyp == "app" or ($claims.scp | type) != "string" then "application" else "user" end) as $kind
      | {tenant: [$claims.tid | text][0], record:
          {outcome: "ok", http_status: null, body: {kind: $kind, claims: $shown}}}
    end;

# From replies to sections.
# A list that goes on after what was read says so.
def ok($status; $body):
  {outcome: "ok", http_status: $status}
  + (if ($body | type) == "object" and $body.truncated == true and ($body.value | type) == "array" then
      {detail: "partial: only the newest \($body.value | length) entries were read"} else {} end)
  + {$body};
def failed($status; $detail): {outcome: "failed", http_status: $status, $detail};
def skipped($detail): {outcome: "skipped", http_status: null, $detail};
def record($read):
  ($read.path | split("?")[0]) as $path
  | if .detail then failed(.status; .detail)
    elif (.status | is_success) and .body == null then failed(.status; "an empty answer")
    elif .status | is_success then ok(.status; .body)
    elif .status == 401 or .status == 403 then {outcome: "denied", http_status: .status, body}
    elif .status == 404 and ($path | contains("{")) and ($path | startswith("/beta/") | not) then
      {outcome: "not_found", http_status: 404, body}
    # Of a beta path, which may just not exist, and of a list, this is no answer.
    elif .status == 404 then failed(404; "HTTP 404: the service does not have this question")
    else failed(.status; "HTTP \(.status)") + {body} end
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
def challenge_tenant:
  challenge_reply | select(.status == 401) | challenge | .authorization_uri | text
  | capture("^[^/]*//[^/]*/(?<tenant>[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})(/|$)").tenant | ascii_downcase;

def section($states; $known; $name):
  def read_of($section; $part): first($script.reads[] | select(.section == $section and .part == $part)) // null;
  def missing($section; $part):
    read_of($section; $part) as $read
    | if $read == null then skipped("not asked")
      elif $run.unavailable[$read.service] then $run.unavailable[$read.service]
      else [$read.path | placeholders | select($known[.] == null)][0] as $lacking
        | skipped(if $lacking then "not asked: it needs \($script.meanings[$lacking])" else "not asked" end) end;
  def part($section; $part):
    read_of($section; $part) as $read
    | first(if $read then one($states; $section; $part) | record($read) else empty end) // missing($section; $part);
  def was_read($part): any(one($states; $name; $part); true);
  def user:
    [body($states; $name; "password profile") | .passwordProfile?][0] as $profile
    | part($name; "")
    | if .outcome == "ok" and $profile != null and (.body | type) == "object" then .body.passwordProfile = $profile
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
    | if $refused then $refused | record(read_of($section; ""))
      elif $all == [] and ([body($states; "graph.service_principal"; "") | [items] == []][0] | not) then
        missing($section; "")
      else ok(200; {value: [$all[] | answered | items]}) end;
  def grant_resources:
    # A grant may outlive its resource.
    [all_of($states; $name; "") | select(.status != 404)] as $all
    | [$all[] | select([answered] == [])][0] as $refused
    | if collected("graph.permission_grants").outcome != "ok" then missing($name; "")
      elif $refused then $refused | record(read_of($name; ""))
      else ok(200; {value: [$all[] | answered]}) end;
  def admin_environment:
    if was_read("") then part($name; "")
    else [environment($states)][0] as $environment
      | if $environment then ok(200; $environment)
        elif any(body($states; $name; "list"); true) then
          failed(200; "no environment of the list has this address; --environment-id names it")
        elif was_read("list") then part($name; "list")
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
  [$script.reads[] | select(.section == $name and is_about) | .part][0] as $own
  | if $own == null then skipped("not asked for an application user")
    elif $name == "login.challenge" then challenge_reply | challenge_record
    elif $name == "graph.user" then user
    elif $name == "graph.sign_ins" then sign_ins
    elif $name == "graph.directory_audits" then audits
    elif $name == "graph.security_group_membership" then group_membership
    elif $name == "graph.permission_grants" then collected($name)
    elif $name == "graph.grant_resources" then grant_resources
    elif $name == "admin.environment" then admin_environment
    elif $name == "dataverse.system_users" then rows
    elif $name == "dataverse.user_teams" then teams
    elif $name == "dataverse.user_privileges" then privileges
    elif $name == "dataverse.user_privileges_cached" then cached_privileges
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

if $mode == "due" then due($ARGS.named.room) | (.requests | tojson), (.requests | length), .open, ([.requests[].wait, 0] | max), ([.requests[] | select(.paced)] | length),
    (.requests | transfers)
elif $mode == "received" then
  (reduce inputs as $line ({}; .[input_filename | ltrimstr("./")] += [$line | rtrimstr("\r")])) as $lines
  | received($ARGS.named.requests[0]; $ARGS.named.statuses; $lines) | tojson
elif $mode == "operator" then input | operator | tojson
elif $mode == "tenant" then challenge_tenant
else snapshot end
