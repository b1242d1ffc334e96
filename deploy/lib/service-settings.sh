# shellcheck shell=bash
# The environment of each service, from the array `port` and the variables of .herald/secrets, as files in .herald/services that the supervisor reads at every start of one.

# setting NAME VALUE: one line that bash reads back exactly.
setting() { printf '%s=%q\n' "$1" "$2"; }

# database_url ROLE PASSWORD DATABASE
database_url() { printf 'postgresql://%s:%s@127.0.0.1:%s/%s' "$1" "$2" "${port[POSTGRES]}" "$3"; }

# Settings that every service reads: common_settings PORT [HOST]
common_settings() {
  setting HTTP_HOST "${2:-127.0.0.1}"
  setting HTTP_PORT "$1"
  setting LOG_LEVEL "${LOG_LEVEL:-info}"
  setting SERVICE_TOKEN_SECRET "$SERVICE_TOKEN_SECRET"
  setting CUSTOMERS_URL "http://127.0.0.1:${port[CUSTOMERS]}"
  setting CONVERSATIONS_URL "http://127.0.0.1:${port[CONVERSATIONS]}"
  setting MESSAGING_URL "http://127.0.0.1:${port[MESSAGING]}"
  setting INBOX_URL "http://127.0.0.1:${port[INBOX]}"
}

# write_service_settings DIRECTORY STATE_DIRECTORY.
write_service_settings() (
  umask 077
  public=${PUBLIC_INBOUND_URL:-http://127.0.0.1:${port[INBOUND]}}
  mkdir -p "$1" "$2"
  rm -f "$1"/*.env
  {
    common_settings "${port[API]}" "${HERALD_HOST:-}"
    setting INTERNAL_HTTP_PORT "${port[WATCH]}"
    setting POSTGRES_URL "$(database_url gateway "$GATEWAY_PASSWORD" gateway)"
    setting OPERATOR_KEY "$OPERATOR_KEY"
    setting KEY_PEPPER "$KEY_PEPPER"
  } >"$1/api-gateway.env"
  {
    common_settings "${port[INBOUND]}" "${HERALD_HOST:-}"
    setting INBOX_HTTP_PORT "${port[INBOX]}"
    setting POSTGRES_URL "$(database_url inbound "$INBOUND_PASSWORD" inbound)"
    setting MASTER_KEY "$MASTER_KEY"
    setting MASTER_KEY_PREVIOUS "${MASTER_KEY_PREVIOUS:-}"
    setting PUBLIC_INBOUND_URL "$public"
  } >"$1/inbound-gateway.env"
  {
    common_settings "${port[CUSTOMERS]}"
    setting POSTGRES_URL "$(database_url customers "$CUSTOMERS_PASSWORD" customers)"
    setting MASTER_KEY "$MASTER_KEY"
    setting MASTER_KEY_PREVIOUS "${MASTER_KEY_PREVIOUS:-}"
  } >"$1/customer-service.env"
  {
    common_settings "${port[CONVERSATIONS]}"
    setting POSTGRES_URL "$(database_url conversations "$CONVERSATIONS_PASSWORD" conversations)"
  } >"$1/conversation-service.env"
  {
    common_settings "${port[MESSAGING]}"
    setting POSTGRES_URL "$(database_url messaging "$MESSAGING_PASSWORD" messaging)"
    setting ENGINE_POSTGRES_URL "$(database_url messaging_engine "$MESSAGING_ENGINE_PASSWORD" messaging)"
    setting MASTER_KEY "$MASTER_KEY"
    setting MASTER_KEY_PREVIOUS "${MASTER_KEY_PREVIOUS:-}"
    setting PUBLIC_INBOUND_URL "$public"
  } >"$1/messaging-service.env"
  {
    common_settings "${port[WORKER]}"
    setting WORKER_STATE_DIR "$2"
    setting PUBLIC_INBOUND_URL "$public"
  } >"$1/outbound-worker.env"
)
