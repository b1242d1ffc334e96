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
