# shellcheck shell=bash
# Base backups, the archived log, and the notes that a restore needs. Needs lib/say.sh and lib/installation.sh.

# How often who was erased is noted while the log is followed: what a restore to a later moment can miss.
note_seconds=5

# A line of a backup's info file: info DIRECTORY NAME
info() { sed -n "s/^$2=//p" "$1/info"; }

# Sets postgres_bin, and PG… for all programs of Postgres, to the server that is meant.
connect_to_server() {
  if [[ ! $url ]]; then
    read_ports "$herald/ports" && [[ -f $herald/secrets && -d $herald/postgres ]] ||
      die "there is no installation of deploy/up here: give --url"
    # shellcheck disable=SC1091 # Made by new_secrets.
    . "$herald/secrets"
    export PGPASSWORD=$POSTGRES_PASSWORD
    url="postgresql://postgres@127.0.0.1:${port[POSTGRES]}/postgres"
  fi
  find_postgres any || die "no programs of PostgreSQL $oldest_postgres or newer were found"
  export PGCONNECT_TIMEOUT=10
  server_version=$(ask "SHOW server_version_num") || die "the server does not answer (see above)"
  find_postgres "$((server_version / 10000))" ||
    die "the server is PostgreSQL $((server_version / 10000)), and its programs are not installed here"
}

# The connection, to another database than the one of the URL: connection NAME
connection() {
  case $url in
    postgres://* | postgresql://*)
      local query='' rest=$url
      if [[ $rest == *\?* ]]; then query="?${rest#*\?}" rest=${rest%%\?*}; fi
      local scheme=${rest%%://*} authority=${rest#*://}
      printf '%s://%s/%s%s' "$scheme" "${authority%%/*}" "$1" "$query"
      ;;
    *) printf '%s dbname=%s' "$url" "$1" ;;
  esac
}

# What a statement answers: ask STATEMENT [DATABASE]
ask() {
  "$postgres_bin/psql" --no-psqlrc --no-align --tuples-only --quiet --no-password --set ON_ERROR_STOP=1 \
    --dbname "$(connection "${2:-postgres}")" --command "$1"
}

check_server() {
  [[ $(ask "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == t ]] ||
    die "the URL must be a superuser's: a backup has all of the server"
  [[ $(ask "SELECT pg_is_in_recovery()") == f ]] || die "the server is a standby: back up the one that it follows"
  [[ $(ask "SHOW wal_level") != minimal ]] || die "the server's wal_level is minimal: set it to replica and restart it"
  [[ $(ask "SELECT count(*) FROM pg_database WHERE datname IN ('gateway', 'messaging')") == 2 ]] ||
    die "the server has no databases \"gateway\" and \"messaging\": is it Herald's?"
}

take_base_backup() {
  local name new
  name=$(date -u +%Y%m%dT%H%M%SZ)
  new=$backups/base/$name.new
  step "Backing up to $backups/base/$name"
  # What a backup that was cut off left.
  rm -rf "$backups"/base/*.new
  "$postgres_bin/pg_basebackup" --dbname "$(connection postgres)" --no-password --pgdata "$new" --format tar --gzip \
    --wal-method stream --checkpoint fast --manifest-checksums SHA256 --label "herald $name" \
    2> >(grep -v "skipping special file" >&2) ||
    die "the backup failed (see above); the older ones are as they were"
  tar --extract --gzip --to-stdout --file "$new/base.tar.gz" backup_label >"$new/label"
  {
    printf 'finished=%s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
    printf 'version=%s\n' "$((server_version / 10000))"
    printf 'bytes=%s\n' "$(grep -o '"Size": [0-9]*' "$new/backup_manifest" | awk '{ sum += $2 } END { printf "%d", sum }')"
  } >"$new/info"
  (cd "$new" && sha256sum -- * >sums)
  sync -f "$new"
  mv "$new" "$backups/base/$name"
  say "    $(du -sh "$backups/base/$name" | cut -f 1)"
}

# Notes what a restored database would have forgotten and must not: who was erased (ids and hashes, nothing else), and which
# workers there are. Lines are only added, so that a database that was restored takes none away.
note_forgettables() {
  local new
  new=$(mktemp "$backups/.note-XXXXXX")
  ask "SELECT json_build_object('id', id, 'org_id', org_id, 'customer_id', customer_id, 'customer_ids', customer_ids,
              'conversation_ids', conversation_ids, 'address_marks', address_marks, 'requested_by', actor,
              'created_at', to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'))
         FROM erasures ORDER BY created_at, id" gateway >"$new" || return 1
  add_lines "$new" "$backups/erasures.jsonl"
  ask "SELECT name FROM workers ORDER BY name" messaging >"$new" || return 1
  add_lines "$new" "$backups/workers"
  rm -f "$new"
}

# Adds the lines that a file has not: add_lines FROM TO
add_lines() {
  touch "$2"
  if grep --invert-match --line-regexp --fixed-strings --file "$2" "$1" >>"$2"; then sync "$2"; fi
}

# Keeps what is needed for any moment of the last days: the backups since, and the one before them.
remove_old_backups() {
  local base oldest='' limit
  limit=$(date -u -d "$keep days ago" +%Y%m%dT%H%M%SZ)
  for base in "$backups"/base/*Z/; do
    base=$(basename "$base")
    if [[ ! $oldest || $base < $limit || $base == "$limit" ]]; then oldest=$base; fi
  done
  for base in "$backups"/base/*Z/; do
    base=$(basename "$base")
    if [[ $base < $oldest ]]; then
      say "    removing the backup of $base, which is older than $keep days"
      rm -rf "${backups:?}/base/$base"
    fi
  done
  local first directory
  first=$(sed -n 's/^START WAL LOCATION: .*(file \([0-9A-F]*\))$/\1/p' "$backups/base/$oldest/label")
  for directory in "$backups"/wal/*/; do
    if [[ $first && -d $directory ]]; then "$postgres_bin/pg_archivecleanup" "$directory" "$first"; fi
  done
}

# Archives the log until it is ended. Each timeline has a directory: after a restore another history begins.
follow_log() {
  local timeline slot directory receiver=''
  ask "CHECKPOINT" >/dev/null
  timeline=$(ask "SELECT timeline_id FROM pg_control_checkpoint()")
  slot=herald_backup
  directory=$backups/wal/$timeline
  mkdir -p "$directory"
  exec {lock}>"$backups/wal/lock"
  flock --nonblock "$lock" || die "the log is followed already, into $backups"
  if [[ $(ask "SELECT coalesce(wal_status, 'none') FROM pg_replication_slots WHERE slot_name = '$slot'") == lost ]]; then
    say "The server did not keep the log for as long as nobody followed it: take a base backup now."
    ask "SELECT pg_drop_replication_slot('$slot')" >/dev/null
  fi
  "$postgres_bin/pg_receivewal" --dbname "$(connection postgres)" --no-password --slot "$slot" --create-slot --if-not-exists ||
    die "the server gives no place to follow its log (see above)"
  step "Following the log into $directory"
  trap 'if [[ $receiver ]]; then kill -TERM "$receiver" 2>/dev/null || true; wait "$receiver" || true; fi; exit 0' INT TERM HUP
  # Ends with this script, however that ends.
  setpriv --pdeathsig KILL -- "$postgres_bin/pg_receivewal" --dbname "$(connection postgres)" --no-password \
    --slot "$slot" --directory "$directory" --synchronous --no-loop &
  receiver=$!
  while kill -0 "$receiver" 2>/dev/null; do
    note_forgettables || say "who was erased could not be noted; it is tried again"
    sleep "$note_seconds" &
    wait $! || true
  done
  wait "$receiver" || true
  receiver=
  die "the server ended the connection: start this again when it is there"
}
