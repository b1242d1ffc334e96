# shellcheck shell=bash
# The Python that has aiosmtpd, the mail server of the tests, and the one that makes environments for packages of pip: the first
# on PATH may be another than the system's.

# Sets smtp_python; fails when no Python here has the module.
find_smtp_python() {
  local candidate
  for candidate in "${TEST_PYTHON:-}" python3 /usr/bin/python3; do
    smtp_python=$(command -v "${candidate:-no-python}") || continue
    if "$smtp_python" -c 'import aiosmtpd' >/dev/null 2>&1; then return 0; fi
  done
  smtp_python=
  return 1
}

# Sets venv_python; fails when no Python here is new enough and has venv.
find_venv_python() {
  local candidate
  for candidate in python3 /usr/bin/python3; do
    venv_python=$(command -v "$candidate") || continue
    if "$venv_python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1; then return 0; fi
  done
  venv_python=
  return 1
}

# Sets python_bin to an environment in ~/.cache/herald with packages of pip, made once: python_packages NAME PACKAGE==VERSION... Fails
# where it can not be made.
python_packages() {
  local folder=${XDG_CACHE_HOME:-$HOME/.cache}/herald/$1 said
  python_bin=$folder/bin
  if [[ -e $folder/complete ]]; then return 0; fi
  find_venv_python || return 1
  shift
  printf '    installing %s into %s\n' "$1" "$folder"
  rm -rf "$folder"
  mkdir -p "${folder%/*}"
  said=$({ "$venv_python" -m venv "$folder" && "$folder/bin/pip" install --quiet "$@"; } 2>&1) || {
    tail -n 3 <<<"$said" >&2
    return 1
  }
  : >"$folder/complete"
}
