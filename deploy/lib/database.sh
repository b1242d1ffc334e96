# shellcheck shell=bash
# The database of an installation: its secrets, the private server, databases and roles, migrations.
# Needs lib/installation.sh and lib/secrets.sh.

read_secrets() {
  if [[ ! -f $herald/secrets ]]; then
    [[ ! -f $herald/postgres/herald.conf ]] ||
      die "$herald/secrets is lost, and the data can not be read without it; deploy/down --purge starts afresh"
    (umask 077 && new_secrets >"$herald/secrets.new")
    mv "$herald/secrets.new" "$herald/secrets"
  fi
  # shellcheck disable=SC1091 # Made by new_secrets.
  . "$herald/secrets"
}

start_postgres() {
  local data=$herald/postgres version=
  choose_postgres_user
  if [[ -f $data/herald.conf ]]; then
    version=$(<"$data/PG_VERSION")
    find_postgres "$version" || die "the data needs PostgreSQL $version, which is not installed"
  else
    find_postgres any || die "no PostgreSQL server of version $oldest_postgres or newer was found"
    # Left by a start that was cut off before the database held anything.
    if [[ -L $data ]]; then rm -rf "$(readlink -f "$data")"; fi
    rm -rf "$data"
    # shellcheck disable=SC2153 # POSTGRES_PASSWORD is one of .herald/secrets.
    init_cluster "$data" "$POSTGRES_PASSWORD" --auth scram-sha-256 --data-checksums || die "initdb failed"
  fi
  configure_cluster "$data" <<SETTINGS
# Written by deploy/up at every start.
listen_addresses = '127.0.0.1'
port = ${port[POSTGRES]}
unix_socket_directories = '$(socket_directory)'
password_encryption = 'scram-sha-256'
# Six services with up to 8 connections and a listener each, more by setting, and somebody's psql.
max_connections = 200
shared_buffers = '256MB'
fsync = on
full_page_writes = on
wal_compression = 'lz4'
# A page goes into the log whole when it is first changed after a checkpoint: so there are few of them.
max_wal_size = '2GB'
# What deploy/backup --follow has not taken yet is kept for it, up to so much.
max_slot_wal_keep_size = '4GB'
# One log file for each day of the week, kept a week.
logging_collector = on
log_directory = 'log'
log_filename = 'postgres-%a.log'
log_truncate_on_rotation = on
log_rotation_size = 0
log_min_duration_statement = '1s'
log_parameter_max_length = 0
# Without DETAIL, which quotes the values of rows.
log_error_verbosity = terse
log_parameter_max_length_on_error = 0
SETTINGS
  start_server "$data" || die "Postgres did not start; its log is $data/start.log"
}

# A socket's path may have 107 bytes; where the data directory is deeper than that, TCP has to do.
socket_directory() {
  local directory
  directory=$(readlink -f "$herald/postgres")
  if ((${#directory} + 22 <= 107)); then printf '%s' "$directory"; fi
}

create_databases() (
  set -a
  # shellcheck disable=SC1091 # Made by new_secrets.
  . "$herald/secrets"
  PGHOST=127.0.0.1 PGPORT=${port[POSTGRES]} PGUSER=postgres PGPASSWORD=$POSTGRES_PASSWORD PATH=$postgres_bin:$PATH \
    exec "$root/deploy/postgres/create-databases"
)

migrate_databases() (
  set -a
  # shellcheck disable=SC1091 # Made by new_secrets.
  . "$herald/secrets"
  HERALD_BIN=$programs PGHOST=127.0.0.1 PGPORT=${port[POSTGRES]} exec "$root/deploy/migrate"
)
