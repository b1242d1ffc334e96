# shellcheck shell=bash
# One installation: the directory .herald of a checkout, and what runs in it.

# shellcheck source=lib/processes.sh
. "${BASH_SOURCE[0]%/*}/processes.sh"
# shellcheck source=lib/ports.sh
. "${BASH_SOURCE[0]%/*}/ports.sh"
# shellcheck source=lib/postgres.sh
. "${BASH_SOURCE[0]%/*}/postgres.sh"

root=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
# HERALD_DIR and HERALD_BIN exist so that the scripts themselves can be tested.
herald=${HERALD_DIR:-$root/.herald}
# shellcheck disable=SC2034 # Read by the scripts that source this file.
programs=${HERALD_BIN:-$root/.build/release}
# In the order they start; the last group stops first. Those that call others stop before those they call.
groups=('customer-service,conversation-service' messaging-service 'api-gateway,inbound-gateway,outbound-worker')
IFS=, read -ra services <<<"$(IFS=,; echo "${groups[*]}")"

# One script at a time may start or stop this installation: lock_installation WHAT_TO_SAY_WHEN_TAKEN
lock_installation() {
  exec {lock_fd}>"$herald/lock"
  flock --wait 2 "$lock_fd" || die "$1"
}
unlock_installation() { exec {lock_fd}>&-; }

supervisor_runs() { find_recorded "$herald/run/supervisor.pid"; }

# Stops the services and the database of this installation, whatever of them runs.
stop_installation() {
  local name
  if supervisor_runs; then
    say "    stopping the services"
    # Three groups of 25 s at most, and some seconds to end.
    stop_recorded "$herald/run/supervisor.pid" TERM 85 || stop_recorded "$herald/run/supervisor.pid" KILL 5 || true
  fi
  # What a killed supervisor may have left behind.
  for name in "${services[@]}"; do
    stop_recorded "$herald/run/$name.pid" TERM 25 || stop_recorded "$herald/run/$name.pid" KILL 5 || true
  done
  rm -f "$herald"/run/*.pid
  if find_server "$herald/postgres"; then
    say "    stopping Postgres"
    find_postgres "$(<"$herald/postgres/PG_VERSION")" || die "the programs of the running Postgres are missing"
    stop_server "$herald/postgres" || die "Postgres (pid $postgres_pid) did not stop within 60 s"
  fi
}

# What to do about it, in one sentence.
fence_sentence="Nothing is sent: the database was restored, and waits for \"herald restore reconcile\" once all workers run (deploy/backup.md)."

# The worker works, but for the fence that closes after a restore: nothing is sent until somebody reconciles.
worker_is_fenced() {
  local answer
  answer=$(
    exec 2>/dev/null 3<>"/dev/tcp/127.0.0.1/${port[WORKER]}" &&
      printf 'GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' >&3 && timeout 3 cat <&3
  ) || return 1
  [[ $answer == *'"failing":["sending"]'*'herald restore reconcile'* ]]
}

# Waits until every service can work, up to SECONDS; sets waiting_for to one that can not, and fenced when the worker waits for a
# restore to be reconciled: then all that can be waited for is there.
wait_until_ready() {
  local tenths=$(($1 * 10)) entry
  fenced=
  for entry in api-gateway:API inbound-gateway:INBOUND customer-service:CUSTOMERS conversation-service:CONVERSATIONS \
    messaging-service:MESSAGING outbound-worker:WORKER; do
    waiting_for=${entry%:*}
    until "$root/deploy/health" "${port[${entry#*:}]}" 2>/dev/null; do
      if [[ $waiting_for == outbound-worker ]] && worker_is_fenced; then fenced=yes && return 0; fi
      ((tenths-- > 0)) || return 1
      ((tenths % 100 != 0)) || say "    still waiting for $waiting_for"
      sleep 0.1
    done
  done
}
