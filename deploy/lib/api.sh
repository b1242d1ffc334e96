# shellcheck shell=bash
# Calls of the public API with nothing but curl and awk. The caller sets api_url, and api_work, a private directory.

: "${api_url:=}" "${api_work:=}"
api_json=${BASH_SOURCE[0]%/*}/json.awk

# call METHOD PATH [KEY [BODY [IDEMPOTENCY_KEY]]]: sets api_status; the answer's body is in $api_work/body.
# Keys travel through standard input: an argument would show in `ps`.
call() {
  local method=$1 path=$2 key=${3:-} body=${4:-} idempotency_key=${5:-} options=()
  if [[ $body ]]; then
    printf '%s' "$body" >"$api_work/request"
    options=(--data-binary "@$api_work/request" --header 'Content-Type: application/json')
  fi
  [[ ! $idempotency_key ]] || options+=(--header "Idempotency-Key: $idempotency_key")
  : >"$api_work/body"
  api_status=$(
    if [[ $key ]]; then printf 'header = "Authorization: Bearer %s"\n' "$key"; fi |
      curl --silent --show-error --max-time 15 --noproxy '*' --config - --request "$method" "${options[@]}" \
        --dump-header "$api_work/headers" --output "$api_work/body" --write-out '%{http_code}' \
        "$api_url$path" 2>"$api_work/curl.log"
  ) || die "$method $api_url$path got no answer: $(tail -n 1 "$api_work/curl.log")"
}

# expect STATUS WHAT: ends the script, showing the answer, unless the last call had this status.
expect() {
  [[ $api_status == "$1" ]] ||
    die "$2: expected status $1 and got $api_status: $(head -c 600 "$api_work/body")"
}

# The value at a path of the last answer, such as "id" or "data.0.state"; empty when there is none.
answer() { awk -f "$api_json" <"$api_work/body" | awk -F '\t' -v path="$1" '$1 == path { print $2; exit }'; }

# Creates an org: create_org NAME SLUG OPERATOR_KEY; the caller looks at api_status.
create_org() { call POST /api/v1/orgs "$3" "{\"name\":\"$1\",\"slug\":\"$2\"}"; }

# create_key ORG_ID OPERATOR_KEY
create_key() {
  call POST "/api/v1/orgs/$1/keys" "$2" '{"name":"first key","scopes":["*"],"mode":"live"}'
}

# Eight random hexadecimal digits.
random_tag() { od -An -N4 -tx1 /dev/urandom | tr -d ' \n'; }

# Prints the last answer, a timeline, one entry to a line: time, type, attempt, state, details.
print_timeline() {
  awk -f "$api_json" <"$api_work/body" | awk -F '\t' '
    $1 !~ /^data\.[0-9]+\./ { next }
    {
      split($1, part, "."); number = part[2] + 0; key = part[3]
      if (number >= count) count = number + 1
      if (key == "detail") {
        name = $1; sub(/^data\.[0-9]+\.detail\.?/, "", name)
        if ($2 != "" && $2 != "null" && $2 != "{}") detail[number] = detail[number] " " name (name == "" ? "" : "=") $2
      } else field[number, key] = $2 == "null" ? "" : $2
    }
    END {
      for (i = 0; i < count; i++) {
        attempt = field[i, "attempt"]
        printf "  %-27s  %-18s %-3s %-10s%s\n", field[i, "at"], field[i, "type"],
          (attempt == "" ? "" : "#" attempt), field[i, "state"], detail[i]
      }
    }'
}
