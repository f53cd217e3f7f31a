#!/usr/bin/env bash
# What the action runs: one check, its reports as files, the diagnosis in the summary of the job.
set -euo pipefail

mkdir -p "$OUTPUT"
flags=(--no-config check --profile "$PROFILE" --fail-on "$FAIL_ON")

# token SCOPE: an access token for this workflow's identity. Nothing is stored: the assertion lives for minutes.
token() {
  local assertion
  assertion=$(curl --fail --silent --show-error --header "Authorization: bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" \
    "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=api://AzureADTokenExchange" | jq --raw-output .value)
  curl --fail-with-body --silent --show-error "https://login.microsoftonline.com/$TENANT/oauth2/v2.0/token" \
    --data-urlencode "client_id=$CLIENT" --data-urlencode "scope=$1" --data grant_type=client_credentials \
    --data client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer \
    --data-urlencode "client_assertion=$assertion" | jq --raw-output .access_token
}

if [ -n "$SNAPSHOT" ]; then
  flags+=(--snapshot "$SNAPSHOT")
else
  if [ -z "$ACCOUNT" ] || [ -z "$ENVIRONMENT" ] || [ -z "$TENANT" ] || [ -z "$CLIENT" ]; then
    echo "::error::give snapshot, or account, environment, tenant-id and client-id"
    exit 2
  fi
  if [ -z "${ACTIONS_ID_TOKEN_REQUEST_URL:-}" ]; then
    echo "::error::the job needs the permission id-token: write"
    exit 2
  fi
  WORK365_DOCTOR_GRAPH_TOKEN=$(token https://graph.microsoft.com/.default)
  WORK365_DOCTOR_DATAVERSE_TOKEN=$(token "${ENVIRONMENT%/}/.default")
  echo "::add-mask::$WORK365_DOCTOR_GRAPH_TOKEN"
  echo "::add-mask::$WORK365_DOCTOR_DATAVERSE_TOKEN"
  export WORK365_DOCTOR_GRAPH_TOKEN WORK365_DOCTOR_DATAVERSE_TOKEN
  flags+=(--account "$ACCOUNT" --environment "$ENVIRONMENT" --tenant "$TENANT" --auth access-token)
fi

formats=(-o "markdown=$OUTPUT/report.md")
if [ -d "$SNAPSHOT" ]; then
  formats+=(-o "ndjson=$OUTPUT/report.ndjson")
  # Not every format can hold several reports.
  formats=("${formats[@]:2}")
else
  formats+=(-o "json=$OUTPUT/report.json" -o "junit=$OUTPUT/junit.xml" -o "sarif=$OUTPUT/report.sarif")
fi

code=0
work365-doctor "${flags[@]}" "${formats[@]}" -o short || code=$?
[ ! -s "$OUTPUT/report.md" ] || cat "$OUTPUT/report.md" >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
{
  echo "exit-code=$code"
  if [ -s "$OUTPUT/report.json" ]; then
    echo "outcome=$(jq --raw-output .summary.outcome "$OUTPUT/report.json")"
    echo "sarif=$OUTPUT/report.sarif"
  fi
} >>"${GITHUB_OUTPUT:-/dev/null}"
exit "$code"
