# shellcheck shell=bash
# The steps of deploy/restore. Needs lib/backup.sh, lib/installation.sh and lib/postgres.sh.

# Sets base to the newest backup that was complete at the moment.
choose_base() {
  local candidate oldest=''
  base=
  [[ -d $backups/base ]] || die "there is no backup in $backups"
  for candidate in "$backups"/base/*Z; do
    [[ -f $candidate/info ]] || continue
    : "${oldest:=$candidate}"
    if [[ $moment == latest || ! $(info "$candidate" finished) > $moment ]]; then base=$candidate; fi
  done
  [[ $oldest ]] || die "there is no backup in $backups"
  [[ $base ]] || die "the oldest backup was complete at $(info "$oldest" finished): give a later moment"
}

# Sets data to the directory that is restored, and aside to where what is in it goes.
choose_data() {
  if [[ ! $data ]]; then
    data=$herald/postgres
    [[ -d $herald ]] || die "there is no installation of deploy/up here: give --data"
    lock_installation "deploy/up or deploy/down is at work here: wait for it, or end it"
    ! supervisor_runs || die "Herald is up: run deploy/down first"
  fi
  if [[ -e $data ]]; then
    ! find_server "$data" || die "a server (pid $postgres_pid) runs on $data: stop it first"
    data=$(readlink -f "$data")
  fi
  [[ -w $(dirname "$data") ]] || die "$(dirname "$data") can not be written"
  aside=$data.before-$(date -u +%Y%m%dT%H%M%SZ)
}

check_space() {
  local needed free
  # The log is copied too, and the server needs some of its own.
  needed=$(($(info "$base" bytes) / 1024 + $(du -sk "$backups/wal" 2>/dev/null | cut -f 1 || echo 0) + 262144))
  free=$(df --output=avail -k "$(dirname "$data")" | tail -n 1)
  ((free > needed)) ||
    die "$(dirname "$data") has $((free / 1024)) MiB free, and $((needed / 1024)) MiB are needed"
}

unpack_base() {
  local file
  rm -rf "$data.failed"
  if [[ -e $data ]]; then mv "$data" "$aside"; else aside="nowhere: there was none"; fi
  mkdir -p "$data"
  work=$(mktemp -d)
  tar --extract --gzip --file "$base/base.tar.gz" --directory "$data"
  tar --extract --gzip --file "$base/pg_wal.tar.gz" --directory "$data/pg_wal"
  # Copied, because the server's user need not be able to read the backups.
  mkdir "$data/herald-log"
  find "$backups/wal" -mindepth 2 -type f -print0 2>/dev/null | while IFS= read -r -d '' file; do
    # What was being received when the server ended is all there is of it.
    cp "$file" "$data/herald-log/$(basename "$file" .partial)"
  done
  "$postgres_bin/pg_verifybackup" --quiet --no-parse-wal --manifest-path "$base/backup_manifest" \
    --ignore herald-log "$data" || die "what was unpacked is not as it was backed up (see above)"
  chown -R "$postgres_user": "$data"
  chmod 700 "$data"
}

# Lets the server replay its log, where nobody but this script reaches it.
replay_log() {
  local options tenths=$((3600 * 10))
  chown "$postgres_user": "$work"
  printf 'local all postgres trust\n' >"$work/hba"
  chown "$postgres_user": "$work/hba"
  "${as_user[@]}" touch "$data/recovery.signal"
  {
    printf "listen_addresses = ''\nunix_socket_directories = '%s'\nport = 5432\nhba_file = '%s'\n" "$work" "$work/hba"
    printf "restore_command = 'cp \"herald-log/%%f\" \"%%p\"'\nrecovery_target_timeline = 'latest'\n"
    # Nobody reads meanwhile, so that it may have fewer connections than the server had that wrote the log.
    printf "recovery_target_action = 'promote'\narchive_mode = off\nlogging_collector = off\nhot_standby = off\n"
    if [[ $moment != latest ]]; then printf "recovery_target_time = '%s'\n" "${moment/Z/+00}"; fi
  } >"$data/herald-restore.conf"
  chown "$postgres_user": "$data/herald-restore.conf"
  cp -p "$data/postgresql.conf" "$work/postgresql.conf"
  printf "include = 'herald-restore.conf'\n" >>"$data/postgresql.conf"
  # It takes no connections before all is replayed: that it is not ready after a minute is no fault.
  if ! start_server "$data" 2>"$work/said" && ! find_server "$data"; then
    ! grep -q "recovery ended before configured recovery target was reached" "$data/start.log" ||
      die "the archived log ends before $moment: give an earlier moment, or latest"
    cat "$work/said" >&2
    die "the log could not be replayed; the server's log is $data.failed/start.log"
  fi
  options=(--no-psqlrc --no-align --tuples-only --quiet --username postgres --host "$work" --port 5432)
  psql_there=("${as_user[@]}" "$postgres_bin/psql" "${options[@]}" --set ON_ERROR_STOP=1)
  until [[ $("${psql_there[@]}" --dbname postgres --command "SELECT pg_is_in_recovery()" 2>/dev/null) == f ]]; do
    ((tenths-- > 0)) || die "the log is not replayed after an hour; the server's log is $data.failed/start.log"
    if ! find_server "$data"; then
      ! grep -q "recovery ended before configured recovery target was reached" "$data/start.log" ||
        die "the archived log ends before $moment: give an earlier moment, or latest"
      die "the server ended while it replayed the log; its log is $data.failed/start.log"
    fi
    sleep 0.1
  done
}

# The last step before anybody can connect: nothing is sent until it is reconciled.
close_fence() {
  local name workers=''
  while IFS= read -r name; do
    # Names have no blanks; a quote is doubled.
    workers+="('${name//\'/\'\'}'),"
  done < <(cat "$backups/workers" 2>/dev/null || true)
  restored_to=$("${psql_there[@]}" --dbname messaging --command "SELECT max(beat_at) FROM workers")
  if [[ $("${psql_there[@]}" --dbname messaging --command \
    "SELECT count(*) FROM information_schema.columns WHERE table_name = 'engine_state' AND column_name = 'epoch'") != 1 ]]; then
    say "    this backup is of a release without a fence: workers that remember a later one close it themselves"
    return
  fi
  "${psql_there[@]}" --dbname messaging >/dev/null <<SQL || die "the fence could not be closed"
BEGIN;
UPDATE engine_state
   SET past_epochs = past_epochs || epoch, epoch = gen_random_uuid(), fenced_at = clock_timestamp(),
       fence_reason = 'restored', restored_to = (SELECT max(beat_at) FROM workers);
-- Workers that were added later: their journals are needed too.
INSERT INTO workers (name, incarnation, beat_at, first_seen_at)
SELECT name, 0, coalesce((SELECT restored_to FROM engine_state), now()), '-infinity'
  FROM (VALUES ${workers}('')) AS known (name) WHERE name <> ''
ON CONFLICT DO NOTHING;
COMMIT;
SQL
  : "${restored_to:=a time at which no worker was there}"
}

# Leaves the data as a server of its own: deploy/up writes its settings at every start.
finish_restore() {
  cp -p "$work/postgresql.conf" "$data/postgresql.conf"
  chown "$postgres_user": "$data/postgresql.conf"
  rm -rf "$data/herald-log" "$data/herald-restore.conf"
  rm -rf "$work"
  work=
}

# Puts back what was there, when it went wrong.
undo_restore() {
  [[ -d $data ]] || return 0
  mv "$data" "$data.failed"
  if [[ -d $aside ]]; then
    mv "$aside" "$data"
    say "The data is as it was; what was restored so far is in $data.failed." >&2
  fi
}
