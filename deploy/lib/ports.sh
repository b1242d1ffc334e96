# shellcheck shell=bash
# The ports of this checkout: asked for, or as last time, or the usual ones, or free ones. Kept in .herald/ports.

# The name in HERALD_<name>_PORT, and the usual port; none of the latter lies where the system takes ports for outgoing calls.
port_names=(API INBOUND CUSTOMERS CONVERSATIONS MESSAGING WORKER INBOX WATCH POSTGRES)
declare -A usual_port=(
  [API]=8080 [INBOUND]=8081 [CUSTOMERS]=8082 [CONVERSATIONS]=8083 [MESSAGING]=8084 [WORKER]=8085 [INBOX]=8086
  [WATCH]=8087 [POSTGRES]=15432
)
declare -A port=()

# Somebody listens on this port of 127.0.0.1.
port_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Another of our services has been given this port.
port_given() {
  local name
  for name in "${!port[@]}"; do [[ ${port[$name]} != "$1" ]] || return 0; done
  return 1
}

# Sets the array `port` from the file of the last start; fails when there is none.
read_ports() {
  local name number
  [[ -f $1 ]] || return 1
  while IFS='=' read -r name number; do port[$name]=$number; done <"$1"
}

# choose_ports FILE
choose_ports() {
  local name asked number
  declare -A kept=()
  if [[ -f $1 ]]; then while IFS='=' read -r name number; do kept[$name]=$number; done <"$1"; fi
  port=()
  for name in "${port_names[@]}"; do
    asked=HERALD_${name}_PORT asked=${!asked:-}
    if [[ $asked ]]; then
      if ! [[ $asked =~ ^[1-9][0-9]{0,4}$ ]] || ((asked > 65535)); then
        die "HERALD_${name}_PORT is \"$asked\"; it must be 1 to 65535"
      fi
      ! port_given "$asked" || die "HERALD_${name}_PORT is $asked, which is another service's port"
      ! port_taken "$asked" || die "HERALD_${name}_PORT is $asked, which another program uses"
      port[$name]=$asked
      continue
    fi
    number=${kept[$name]:-${usual_port[$name]}}
    while port_given "$number" || port_taken "$number"; do ((number += 100)); done
    ((number <= 65535)) || die "no free port was found; set HERALD_${name}_PORT"
    [[ $number == "${kept[$name]:-${usual_port[$name]}}" ]] ||
      say "    port ${kept[$name]:-${usual_port[$name]}} is taken: $name has $number"
    port[$name]=$number
  done
  for name in "${port_names[@]}"; do printf '%s=%s\n' "$name" "${port[$name]}"; done >"$1"
}
