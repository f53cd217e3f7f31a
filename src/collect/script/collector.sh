#!/usr/bin/env bash
# Collects what work365-doctor needs to find out why a Work 365 service account cannot run its jobs, and writes it to
# one file: a snapshot. Made by `work365-doctor @@version@@ plan --script bash`; it needs bash, curl and jq.
# Azure Cloud Shell has all of them.
#
# It reads only. Every request is a GET, every one is listed under "The requests" below, and nothing else is sent.
# Redirects are not followed. No password is asked for. Tokens come from the Azure CLI (`az account get-access-token`,
# after `az login`) or from WORK365_DOCTOR_GRAPH_TOKEN, WORK365_DOCTOR_DATAVERSE_TOKEN and WORK365_DOCTOR_ADMIN_TOKEN;
# they are never written to a file and never stand on a command line. A read that is refused costs only its own section.
# The Azure CLI's own Graph token may lack some of the permissions below; what it cannot read is recorded as denied.
#
#   az login
#   bash collect.sh --account svc@contoso.com --environment https://contoso.crm4.dynamics.com
#
# The file holds names. Before it leaves, redact it: work365-doctor capture --from FILE
#
# What is read, and the least right that reads it (cloud: @@cloud@@):
@@sections@@
set -euo pipefail
umask 077

account=@@account@@
environment=@@environment@@
environment_id=@@environment_id@@
tenant=@@tenant@@
output=''

# 2: the call was wrong; 3: nothing could be read.
stop() { printf '%s\n' "$1" >&2; exit "${2:-2}"; }
usage='usage: bash collect.sh --account UPN|APPID --environment URL [--environment-id ID] [--tenant TENANT] [--output FILE]'
while [ $# -gt 0 ]; do
  [ $# -ge 2 ] || stop "$usage"
  case $1 in
    --account) account=$2 ;;
    --environment) environment=$2 ;;
    --environment-id) environment_id=$2 ;;
    --tenant) tenant=$2 ;;
    --output) output=$2 ;;
    *) stop "$usage" ;;
  esac
  shift 2
done
if [ -z "$account" ] || [ -z "$environment" ]; then stop "$usage"; fi
for program in curl jq; do
  command -v "$program" >/dev/null || stop "$program is not installed"
done
trimmed() { local text=${1#"${1%%[![:space:]]*}"}; printf '%s' "${text%"${text##*[![:space:]]}"}"; }
account=$(trimmed "$account")
jq -n -e --arg account "$account" '$account
  | test("\\A[^\\s\\x00-\\x20\\x7f-\\x9f@{}\"`\u2018-\u201f]+@[^\\s\\x00-\\x20\\x7f-\\x9f@{}\"`\u2018-\u201f]+\\z")
    or test("\\A[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\\z")' >/dev/null ||
  stop "--account: $account is neither an address, as svc@contoso.com, nor an application id"
tenant=$(trimmed "$tenant")
case $tenant in *[!A-Za-z0-9.-]*) stop "--tenant: $tenant is neither a tenant id nor a domain" ;; esac

# Where the snapshot goes is settled before anything is read.
if [ -z "$output" ]; then
  output=$(printf '%s' "${account%%@*}" | tr -cd 'A-Za-z0-9-')-$(date -u +%Y%m%dT%H%M%SZ).snapshot.json
fi
if [ "$output" != - ]; then
  [ -d "$(dirname -- "$output")" ] || stop "--output: there is no folder $(dirname -- "$output")"
  [ ! -d "$output" ] || stop "--output: $output is a folder; name a file in it"
fi

# An origin: https, or plain http for this machine only. Of an address that was copied out of a browser, its host.
origin() { # ADDRESS, and `pasted` if more than an origin is understood
  local text scheme host
  text=$(trimmed "$1")
  case $text in *://*) ;; *) text=https://$text ;; esac
  scheme=$(printf '%s' "${text%%://*}" | tr '[:upper:]' '[:lower:]')
  host=${text#*://}
  if [ "${2:-}" = pasted ]; then host=${host%%[/?#]*}; else host=${host%/}; fi
  host=$(printf '%s' "$host" | tr '[:upper:]' '[:lower:]')
  case $scheme in https) host=${host%:443} ;; http) host=${host%:80} ;; esac
  host=${host%.}
  printf '%s' "$scheme://$host" | tr '\n' ' ' | grep -Eq \
    '^(https://([a-z0-9.-]*[a-z0-9-]|\[[0-9a-f:]+\])|http://(127\.[0-9]+\.[0-9]+\.[0-9]+|localhost|\[::1\]))(:[0-9]{1,5})?$' ||
    stop "$1 is no address of a service: give scheme and host, as https://contoso.crm4.dynamics.com"
  printf '%s://%s' "$scheme" "$host"
}
environment=$(origin "$environment" pasted)
login=$(origin "${WORK365_DOCTOR_LOGIN_URL:-@@login@@}")
graph=$(origin "${WORK365_DOCTOR_GRAPH_URL:-@@graph@@}")
admin=$(origin "${WORK365_DOCTOR_ADMIN_URL:-@@admin@@}")

# Evidence on its way lies in a folder that only you can read, and that is removed in the end.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# The requests: one line each. {Names in braces} are filled in from earlier answers.
cat >"$work/script.json" <<'REQUESTS'
@@requests@@
REQUESTS

cat >"$work/collect.jq" <<'PROGRAM'
@@program@@
PROGRAM
sed '/^# Only for the snapshot/,/^# What is to be done/d' "$work/collect.jq" >"$work/step.jq"

: >"$work/replies.json"
collect() { # MODE [jq arguments...]
  local mode=$1 program=step.jq
  shift
  if [ "$mode" = snapshot ]; then program=collect.jq; fi
  jq -n -r -f "$work/$program" --arg mode "$mode" --argjson run "$run" --slurpfile scripts "$work/script.json" \
    --slurpfile replies "$work/replies.json" "$@"
}

ready='[]'
unavailable='{}'
operator='null'
known_tenant=''
tenant_id=''
since=$(jq -n 'now - 30 * 24 * 3600 | floor | todate')
jobs_since=$(jq -n 'now - 14 * 24 * 3600 | floor | todate')
set_run() {
  run=$(jq -n --arg account "$account" --arg environment "$environment" --arg environment_id "$environment_id" \
    --arg tenant "$known_tenant" --arg tenant_id "$tenant_id" --arg login "$login" --arg graph "$graph" --arg admin "$admin" \
    --argjson ready "$ready" --argjson unavailable "$unavailable" --argjson operator "$operator" \
    --argjson since "$since" --argjson jobs_since "$jobs_since" '
    def filled: if . == "" then null else . end;
    {$account, $environment, environment_id: ($environment_id | filled), tenant: ($tenant | filled),
     tenant_id: ($tenant_id | filled), $ready, $unavailable, $operator, $since, $jobs_since,
     is_application: ($account | test("^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$")),
     origins: {$login, $graph, $admin, dataverse: $environment}}')
}

# The tokens go to curl by standard input, in place of the lines `token SERVICE`.
with_tokens() {
  local line
  while IFS= read -r line; do
    case $line in
      'token graph') printf 'header = "Authorization: Bearer %s"\n' "$graph_token" ;;
      'token dataverse') printf 'header = "Authorization: Bearer %s"\n' "$dataverse_token" ;;
      'token admin') printf 'header = "Authorization: Bearer %s"\n' "$admin_token" ;;
      *) printf '%s\n' "$line" ;;
    esac
  done
}

# Requests go out together, eight at once, where curl knows how to; newer versions without waiting for the first answer.
together=''
version=$(curl -q --version | sed -n '1s/^curl \([0-9]*\)\.\([0-9]*\).*/\1 \2/p')
is_curl() { [ "${version% *}" -gt 7 ] || { [ "${version% *}" = 7 ] && [ "${version#* }" -ge "$1" ]; }; }
if is_curl 66; then together=$'silent\nparallel\nparallel-max = 8\n'; fi
if is_curl 68; then together+=$'parallel-immediate\n'; fi
# Asks whatever can be asked, then what the answers made askable, until nothing is left.
paced_at=''
read_all() {
  local count open wait paced now kept time room n
  set_run
  while :; do
    # The report family answers five requests in ten seconds.
    now=$(date +%s) kept='' room=5
    for time in $paced_at; do
      if [ $((now - time)) -lt 11 ]; then kept="$kept $time" room=$((room - 1)); fi
    done
    paced_at=$kept
    collect due --argjson room "$room" >"$work/due"
    head -n 1 "$work/due" >"$work/asked.json"
    { read -r _; read -r count; read -r open; read -r wait; read -r paced; } <"$work/due"
    [ "$open" -gt 0 ] || return 0
    if [ "$count" = 0 ]; then
      sleep "$wait"
      continue
    fi
    printf 'reading: %s requests\n' "$count" >&2
    rm -f "$work"/*.body "$work"/*.head
    # A transfer that fails is an answer too; the others go on.
    { printf '%s' "$together"; tail -n +6 "$work/due"; } | with_tokens | (cd "$work" && curl -q --config - >statuses.json) || true
    now=$(date +%s)
    for ((n = 0; n < paced; n++)); do paced_at="$paced_at $now"; done
    # Each file ends with a line's end, so that none runs into the next.
    for ((n = 0; n < count; n++)); do
      echo >>"$work/$n.head"
      echo >>"$work/$n.body"
    done
    (
      cd "$work"
      collect received -R --slurpfile requests asked.json --slurpfile statuses statuses.json ./*.head ./*.body
    ) >"$work/received.json"
    cat "$work/received.json" >>"$work/replies.json"
  done
}

# The environment's challenge needs no token and names the tenant. Who brings every token and names no tenant need not wait for
# it: nothing is to be compared, and nobody is to be signed in.
challenged=''
take_challenge() {
  local unreachable
  unreachable=$(collect unreachable)
  [ -z "$unreachable" ] || stop "$environment cannot be reached: $unreachable" 3
  challenged=$(collect tenant)
}
waits_for_challenge=yes
if [ -z "$tenant" ] && [ -n "${WORK365_DOCTOR_GRAPH_TOKEN:-}" ] && [ -n "${WORK365_DOCTOR_DATAVERSE_TOKEN:-}" ] &&
  [ -n "${WORK365_DOCTOR_ADMIN_TOKEN:-}" ]; then
  waits_for_challenge=''
  set_run
else
  read_all
  take_challenge
fi
case $tenant in
  ????????-????-????-????-????????????)
    if [ -n "$challenged" ] && [ "$(printf '%s' "$tenant" | tr '[:upper:]' '[:lower:]')" != "$challenged" ]; then
      stop "--tenant: $environment belongs to the tenant $challenged, not to $tenant; nothing was read" 3
    fi
    ;;
esac
domain=${account##*@}
if [ "$domain" = "$account" ]; then domain=''; fi
sign_in_tenant=${tenant:-${challenged:-$domain}}

# A token of the variable, else of the Azure CLI; without one the sections of the service say why.
is_token() { case $1 in '' | *[!A-Za-z0-9._~+/=-]*) return 1 ;; esac; }
unavailable() { # SERVICE OUTCOME DETAIL
  unavailable=$(jq -n --argjson all "$unavailable" --arg service "$1" --arg outcome "$2" --arg detail "$3" \
    '$all + {($service): {$outcome, http_status: null, $detail}}')
}
# As copied: with quotes, or the word that stands before it in a header.
bare() {
  local text
  text=$(trimmed "$1")
  text=${text#[\"\']} text=${text%[\"\']}
  case $text in [Bb]earer\ *) text=$(trimmed "${text#* }") ;; esac
  printf '%s' "$text"
}
sign_in() { # SERVICE WHOM AUDIENCE VARIABLE: the token is left in `token`
  local answer fault source="the token in $4"
  token=$(bare "${!4:-}")
  if [ -z "$token" ]; then
    source='the token of the Azure CLI'
    if ! command -v az >/dev/null; then
      unavailable "$1" skipped "no token: neither the Azure CLI (az) nor $4 gave one"
      return
    fi
    # Unquoted on purpose: two words, or none.
    # shellcheck disable=SC2086
    if ! answer=$(az account get-access-token --output json --resource "$3" \
      ${sign_in_tenant:+--tenant $sign_in_tenant} </dev/null 2>"$work/refusal"); then
      unavailable "$1" failed "sign-in failed: the Azure CLI refused: $(grep -m 1 '^ERROR' "$work/refusal" ||
        grep -m 1 . "$work/refusal" || echo 'no reason was given')"
      return
    fi
    token=$(printf '%s' "$answer" | jq -r '.accessToken // ""')
  fi
  if ! is_token "$token"; then
    token=''
    unavailable "$1" failed "sign-in failed: malformed token"
    return
  fi
  fault=$(printf '%s\n' "$token" | collect token_fault -R --arg service "$1" --arg graph_audience @@graph_audience@@ \
    --arg admin_audience @@admin_audience@@)
  if [ -n "$fault" ]; then
    token=''
    unavailable "$1" skipped "$source $fault, so it was not sent to $2"
    return
  fi
  ready=$(jq -n --argjson ready "$ready" --arg service "$1" '$ready + [$service]')
}
sign_in graph 'Microsoft Graph' @@graph_audience@@ WORK365_DOCTOR_GRAPH_TOKEN
graph_token=$token
sign_in dataverse 'the environment' "$environment" WORK365_DOCTOR_DATAVERSE_TOKEN
dataverse_token=$token
sign_in admin 'the Power Platform admin API' @@admin_audience@@ WORK365_DOCTOR_ADMIN_TOKEN
admin_token=$token
token=''
if [ "$ready" = '[]' ]; then
  stop "nobody is signed in: $(jq -n -r --argjson all "$unavailable" '[$all[].detail] | unique | join("; ")')" 3
fi

# Who asks is evidence too: the claims of the Graph token.
if [ -n "$graph_token" ]; then
  caller=$(printf '%s\n' "$graph_token" | collect operator -R)
else
  caller=$(jq -n --argjson all "$unavailable" '{record: $all.graph}')
fi
operator=$(jq -n --argjson caller "$caller" '$caller.record')
token_tenant=$(jq -n -r --argjson caller "$caller" '$caller.tenant // ""')
known_tenant=${token_tenant:-$sign_in_tenant}
read_all
[ -n "$waits_for_challenge" ] || take_challenge
case $tenant in
  ????????-????-????-????-????????????) tenant_id=$tenant ;;
  *) tenant_id=${token_tenant:-$challenged} ;;
esac
set_run

# The snapshot: whole, or none.
collect snapshot >"$work/snapshot.json"
if [ "$output" = - ]; then
  cat "$work/snapshot.json"
elif cat "$work/snapshot.json" 2>"$work/refusal" >"$output.part" && mv -f -- "$output.part" "$output" 2>"$work/refusal"; then
  printf 'wrote %s: %s\n' "$output" "$(jq -r '
    [.sections[].outcome] | group_by(.) | map("\(length) \(.[0])") | join(", ")' "$work/snapshot.json")" >&2
else
  rm -f -- "$output.part" || true
  copy=$(mktemp)
  cat "$work/snapshot.json" >"$copy"
  stop "$output could not be written; the snapshot lies at $copy" 3
fi
jq -e 'any(.sections | to_entries[]; .value.outcome == "ok" and (.key | IN("graph.operator") or startswith("login.") | not))' \
  "$work/snapshot.json" >/dev/null || stop "nothing could be read; $output says why" 3
if [ "$output" != - ]; then
  printf 'It holds names. Before it leaves: work365-doctor capture --from %s\n' "$output" >&2
fi
