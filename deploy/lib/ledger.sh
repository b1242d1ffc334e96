# shellcheck shell=bash
# Sends numbered messages until each is acknowledged, and compares what Herald, the clients and the provider say of them.
# Needs lib/api.sh; the caller sets api_url, and work, a private directory.

: "${work:=}" "${client_key:=}"
# Messages of one request, and different recipients.
batch=10
recipients=200

# A numbered message, whose key is its number.
numbered_message() {
  printf '{"to":"+4915010000%03d","channel":"whatsapp","body":"Message %d","idempotency_key":"check-%d",' \
    $(($1 % recipients)) "$1" "$1"
  printf '"retry":{"delays":["200ms","500ms","1s","1s","2s","2s","5s","5s","5s","5s"]}}'
}

# Creates messages until there is a file, each request again until all of it is acknowledged: client NUMBER CLIENTS TURN FILE. The file
# acknowledged.NUMBER gets their ids; the first message is that of the turn.
client() {
  local number=$1 clients=$2 turn=$3 end=$4 first body separator count answer="$work/answer.$1"
  for ((; ; turn++)); do
    [[ ! -e $end ]] || return 0
    first=$(((turn * clients + number) * batch))
    body='{"messages":[' separator=
    for ((count = 0; count < batch; count++)); do
      body+=$separator$(numbered_message $((first + count)))
      separator=,
    done
    printf '%s]}' "$body" >"$work/batch.$number"
    until post_batch "$number"; do
      echo again >>"$work/repeated.$number"
      sleep 0.3
    done
    grep -oE '"id":"[^"]+"' "$answer" | cut -d '"' -f 4 >>"$work/acknowledged.$number"
    sleep 0.4
  done
}

# One request; fails when not all of it is acknowledged. An answer that no client should ever see ends the check.
post_batch() {
  local status accepted
  status=$(printf 'header = "Authorization: Bearer %s"\n' "$client_key" |
    curl --silent --max-time 20 --noproxy '*' --config - --header 'Content-Type: application/json' \
      --data-binary "@$work/batch.$1" --output "$work/answer.$1" --write-out '%{http_code}' "$api_url/api/v1/messages/batch") || return 1
  case $status in
    207) ;;
    429 | 502 | 503 | 504) return 1 ;;
    *)
      printf '%s %s\n' "$status" "$(head -c 300 "$work/answer.$1")" >>"$work/odd"
      return 1
      ;;
  esac
  accepted=$(grep -oE '"status":202' "$work/answer.$1" | wc -l)
  ((accepted == batch))
}

# The ids of all messages, or of those with a status: listed_messages [STATUS]
listed_messages() {
  local cursor=
  while :; do
    call GET "/api/v1/messages?limit=200${1:+&status=$1}${cursor:+&cursor=$cursor}" "$client_key"
    expect 200 "listing messages"
    grep -oE '"id":"[^"]+"' "$api_work/body" | cut -d '"' -f 4 || true
    cursor=$(grep -oE '"next_cursor":"[^"]+"' "$api_work/body" | cut -d '"' -f 4) || return 0
    cursor=${cursor//+/%2B} cursor=${cursor//\//%2F} cursor=${cursor//=/%3D}
  done
}

# Nothing is on its way any more: what is left is uncertain for good.
is_at_rest() {
  call GET /api/v1/stats/queue "$client_key"
  [[ $api_status == 200 ]] && ! grep -qE '"status":"(scheduled|queued|sending)"' "$api_work/body"
}

# The messages at the provider, one line for each time it took one, from the ledger on standard input. A reference is
# `<message id>.<attempt>`.
taken_messages() { grep -oE '"reference":"[^"]+"' | cut -d '"' -f 4 | cut -d . -f 1; }

# Compares the files acknowledged, listed, taken and uncertain, one id in a line, and prints the equations. Fails when one does not hold.
reckon() {
  local acknowledged listed once twice unsure lost phantom unasked
  sort -u "$work/acknowledged" -o "$work/acknowledged"
  sort -u "$work/listed" -o "$work/listed"
  sort -u "$work/uncertain" -o "$work/uncertain"
  sort "$work/taken" | uniq -c | awk '{ print $2 > ($1 == 1 ? once : twice) }' once="$work/once" twice="$work/twice"
  touch "$work/once" "$work/twice"
  sort -u "$work/taken" >"$work/arrived"
  comm -23 "$work/uncertain" "$work/arrived" >"$work/unsure"
  sort -u "$work/arrived" "$work/unsure" >"$work/explained"
  acknowledged=$(wc -l <"$work/acknowledged") listed=$(wc -l <"$work/listed")
  once=$(wc -l <"$work/once") twice=$(wc -l <"$work/twice") unsure=$(wc -l <"$work/unsure")
  lost=$(comm -23 "$work/acknowledged" "$work/explained" | wc -l)
  phantom=$(comm -13 "$work/acknowledged" "$work/arrived" | wc -l)
  unasked=$(comm -13 "$work/acknowledged" "$work/listed" | wc -l)
  cat <<EQUATIONS
    acknowledged = once at the provider + uncertain and not there + lost
      $acknowledged = $once + $unsure + $lost
    known to Herald = acknowledged + never asked for
      $listed = $acknowledged + $unasked
    more than once at the provider = $twice, there without having been acknowledged = $phantom
EQUATIONS
  ((acknowledged == once + unsure && lost == 0 && twice == 0 && phantom == 0 && unasked == 0 && listed == acknowledged))
}
