# shellcheck shell=bash
# A private Postgres server: found, created, started and stopped without touching any other on the machine.

oldest_postgres=15
# The start-up lock of deploy/up, which no process that it starts may keep.
: "${lock_fd:=9}"

# Sets postgres_bin to the programs of a server of version 15 or newer: find_postgres any|MAJOR_VERSION
find_postgres() {
  local candidate version wanted=$1
  postgres_bin=
  while read -r candidate; do
    [[ -x $candidate/initdb && -x $candidate/postgres && -x $candidate/psql ]] || continue
    version=$("$candidate/postgres" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')
    [[ $wanted == any || $version == "$wanted" ]] || continue
    ((version >= oldest_postgres)) || continue
    postgres_bin=$candidate
    return 0
  done < <(
    printf '%s\n' /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/local/pgsql/bin | sort -rV
    dirname "$(command -v postgres || echo /nowhere/postgres)"
  )
  return 1
}

# Postgres refuses to run as root: sets postgres_user to the account it runs as, and as_user to what goes before a command
# that runs as it, in a directory that it may enter.
choose_postgres_user() {
  postgres_user=$(id -un 2>/dev/null) || die "the user id $EUID has no name, and Postgres does not run without one"
  as_user=(env --chdir=/)
  ((EUID == 0)) || return 0
  postgres_user=postgres
  if ! id postgres >/dev/null 2>&1; then
    postgres_user=herald-postgres
    if ! id "$postgres_user" >/dev/null 2>&1; then
      say "    creating the system user $postgres_user, because Postgres does not run as root"
      useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$postgres_user"
    fi
  fi
  as_user=(setpriv --reuid "$postgres_user" --regid "$postgres_user" --init-groups -- env --chdir=/ HOME=/)
}

# Creates an empty directory that postgres_user can reach and own: make_postgres_directory PATH
# Where a directory above is closed to that user (a checkout under /root), PATH becomes a link to one that is not.
make_postgres_directory() {
  local path=$1 place
  mkdir -p "$path"
  if ((EUID == 0)) && ! "${as_user[@]}" test -x "$path/.." 2>/dev/null; then
    place=/var/lib/herald-$(printf '%s' "$path" | cksum | cut -d ' ' -f 1)
    say "    $postgres_user may not enter ${path%/*}: the data is in $place"
    rmdir "$path"
    mkdir -p "$place"
    ln -s "$place" "$path"
  fi
  chown "$postgres_user": "$path/"
  chmod 700 "$path/"
}

# Creates a cluster whose superuser is postgres: init_cluster DATA PASSWORD [INITDB_OPTION...]
init_cluster() {
  local data=$1 password=$2 password_file status=0
  shift 2
  make_postgres_directory "$data"
  # A file (mode 0600), not an argument, which `ps` would show.
  password_file=$(mktemp)
  printf '%s\n' "$password" >"$password_file"
  chown "$postgres_user": "$password_file"
  "${as_user[@]}" "$postgres_bin/initdb" --pgdata "$(readlink -f "$data")" --username postgres --pwfile "$password_file" \
    --encoding UTF8 --locale C.UTF-8 "$@" >"$password_file.log" 2>&1 || status=$?
  ((status == 0)) || tail -n 5 "$password_file.log" >&2
  rm -f "$password_file" "$password_file.log"
  return "$status"
}

# Writes settings (standard input) to a file of their own that the server's configuration includes.
configure_cluster() {
  local data
  data=$(readlink -f "$1")
  "${as_user[@]}" tee "$data/herald.conf" >/dev/null
  grep -q "^include = 'herald.conf'" "$data/postgresql.conf" ||
    printf "include = 'herald.conf'\n" | "${as_user[@]}" tee -a "$data/postgresql.conf" >/dev/null
}

# Sets postgres_pid to the server that runs on this data; fails when none does.
find_server() {
  postgres_pid=$(head -n 1 "$1/postmaster.pid" 2>/dev/null) || return 1
  choose_postgres_user
  # The file outlives a server that was killed, and its pid may by now be another program's. A server works in its data
  # directory, which its own user may see; root may not, in a container.
  [[ $postgres_pid && $("${as_user[@]}" readlink "/proc/$postgres_pid/cwd" 2>/dev/null) == "$(readlink -f "$1")" ]]
}

# Removes the pid file of a server that was killed, where its pid still is a zombie or became another program's: Postgres
# would take that for a running server. Never while a process of it lives: they all work in the data directory.
forget_killed_server() {
  local directories
  [[ -f $1/postmaster.pid ]] || return 0
  # Fails for other users' processes, which are not asked for.
  directories=$("${as_user[@]}" sh -c 'readlink /proc/[0-9]*/cwd 2>/dev/null' || true)
  if [[ $'\n'$directories$'\n' != *$'\n'"$1"$'\n'* ]]; then rm -f "$1/postmaster.pid"; fi
}

start_server() {
  local data
  data=$(readlink -f "$1")
  forget_killed_server "$data"
  if ! "${as_user[@]}" "$postgres_bin/pg_ctl" --pgdata "$data" --log "$data/start.log" --wait --timeout 60 --silent start \
    </dev/null >/dev/null 2>&1 {lock_fd}>&-; then
    tail -n 5 "$data/start.log" >&2 || true
    return 1
  fi
}

# Fast shutdown: open transactions are rolled back, everything committed is on disk.
stop_server() {
  find_server "$1" || return 0
  "${as_user[@]}" "$postgres_bin/pg_ctl" --pgdata "$(readlink -f "$1")" --mode fast --wait --timeout 60 --silent stop >/dev/null
}
