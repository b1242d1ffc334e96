# shellcheck shell=bash
# Processes that are recorded in files, so that another script can find and stop them.
#
# A record is "pid start-time". A pid alone may by now belong to another process; together with its start time
# (clock ticks since boot, /proc/PID/stat) it can not.

# Sets process_state, process_parent and process_start; fails when there is no such process. Starts no program.
read_process() {
  local line fields
  { read -r line <"/proc/$1/stat"; } 2>/dev/null || return 1
  # The name stands in parentheses and may contain anything: what counts comes after the last one.
  read -ra fields <<<"${line##*) }"
  # shellcheck disable=SC2034 # Read by the scripts that source this file.
  process_state=${fields[0]} process_parent=${fields[1]} process_start=${fields[19]}
}

# record_process FILE PID
record_process() {
  read_process "$2" || return 0
  printf '%s %s\n' "$2" "$process_start" >"$1"
}

# Sets recorded_pid when the process recorded in FILE still runs; fails when it does not.
find_recorded() {
  local pid start
  recorded_pid=
  [[ -f $1 ]] || return 1
  read -r pid start <"$1" || return 1
  read_process "$pid" || return 1
  [[ $process_start == "$start" && $process_state != Z ]] || return 1
  recorded_pid=$pid
}

# Sends SIGNAL to the process recorded in FILE and waits up to SECONDS for its end: stop_recorded FILE SIGNAL SECONDS
stop_recorded() {
  local file=$1 signal=$2 tenths=$(($3 * 10))
  find_recorded "$file" || return 0
  kill "-$signal" "$recorded_pid" 2>/dev/null || true
  while find_recorded "$file"; do
    ((tenths-- > 0)) || return 1
    sleep 0.1
  done
}

# The start-up lock of deploy/up, which no process that it starts may keep.
: "${lock_fd:=9}"

# Runs a command in a session of its own, so that a signal to this script is handled at once and not after the command.
run_long() {
  local status=0
  setsid "$@" {lock_fd}>&- &
  long_pid=$!
  wait "$long_pid" || status=$?
  long_pid=
  return "$status"
}

# Ends what run_long is running, with everything it started.
end_long() {
  [[ ${long_pid:-} ]] || return 0
  kill -TERM -- "-$long_pid" 2>/dev/null || true
  wait "$long_pid" 2>/dev/null || true
  long_pid=
}
