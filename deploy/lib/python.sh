# shellcheck shell=bash
# The Python that has aiosmtpd, the mail server of the tests: the first on PATH may be another than the system's.

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
