# shellcheck shell=bash
# What somebody needs to begin: a demo org with a key, .herald/env, and how to use them.
# Needs lib/installation.sh, lib/service-settings.sh, lib/api.sh and the variables of .herald/secrets.

# The demo org and its key, made once and kept in .herald/demo.
read_demo() {
  ORG_ID='' API_KEY=''
  # shellcheck disable=SC1091 # Written below.
  if [[ -f $herald/demo ]]; then . "$herald/demo"; fi
  if [[ $API_KEY ]]; then
    call GET '/api/v1/messages?limit=1' "$API_KEY"
    [[ $api_status != 200 ]] || return 0
  fi
  create_org Demo demo "$OPERATOR_KEY"
  # Somebody has taken the name, or the key of an earlier start is lost.
  if [[ $api_status == 409 ]]; then create_org Demo "demo-$(random_tag)" "$OPERATOR_KEY"; fi
  expect 201 "creating the demo org"
  ORG_ID=$(answer id)
  create_key "$ORG_ID" "$OPERATOR_KEY"
  expect 201 "creating the demo org's key"
  API_KEY=$(answer secret)
  [[ $ORG_ID && $API_KEY ]] || die "the answers lack the demo org's id or its key"
  (umask 077 && printf 'ORG_ID=%s\nAPI_KEY=%s\n' "$ORG_ID" "$API_KEY" >"$herald/demo")
}

write_env() (
  umask 077
  {
    setting API_URL "$api_url"
    setting INBOUND_URL "http://127.0.0.1:${port[INBOUND]}"
    setting PUBLIC_INBOUND_URL "${PUBLIC_INBOUND_URL:-http://127.0.0.1:${port[INBOUND]}}"
    setting ORG_ID "$ORG_ID"
    setting API_KEY "$API_KEY"
    setting OPERATOR_KEY "$OPERATOR_KEY"
    setting GATEWAY_DATABASE_URL "$(database_url gateway "$GATEWAY_PASSWORD" gateway)"
    setting INBOUND_DATABASE_URL "$(database_url inbound "$INBOUND_PASSWORD" inbound)"
    setting CUSTOMERS_DATABASE_URL "$(database_url customers "$CUSTOMERS_PASSWORD" customers)"
    setting CONVERSATIONS_DATABASE_URL "$(database_url conversations "$CONVERSATIONS_PASSWORD" conversations)"
    setting MESSAGING_DATABASE_URL "$(database_url messaging "$MESSAGING_PASSWORD" messaging)"
  } >"$herald/env.new"
  mv "$herald/env.new" "$herald/env"
)

print_summary() {
  local api=http://127.0.0.1:${port[API]}
  cat <<SUMMARY

  API               $api            (document: $api/docs)
  inbound webhooks  http://127.0.0.1:${port[INBOUND]}
  keys and URLs     $herald/env
  logs              $herald/log

  Try it:

    . $herald/env
    curl -H "Authorization: Bearer \$API_KEY" -H 'Content-Type: application/json' \\
      -d '{"to": "+15550000001", "channel": "sandbox", "body": "Hello"}' \$API_URL/api/v1/messages

SUMMARY
}
