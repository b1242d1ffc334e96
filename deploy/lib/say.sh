# shellcheck shell=bash
# What the scripts say to whoever runs them.

say() { printf '%s\n' "$*"; }

# Announces a step.
step() { printf '==> %s\n' "$*"; }

# Ends the script with one sentence; the status is 1 unless DIE_STATUS says otherwise.
die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit "${DIE_STATUS:-1}"
}

# A mistake in how the script was called has status 2, as with most programs.
usage_error() {
  DIE_STATUS=2 die "$* (${0##*/} --help lists what there is)"
}

# Prints the comment at the head of the script.
print_help() { sed -n '2,/^$/s/^# \{0,1\}//p' "$0"; }
