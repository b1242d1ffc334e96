# shellcheck shell=bash
# Prometheus' tool that checks alerts: the machine's, or one that is taken out of Debian's package.

promtool_folder=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)/.build/promtool

# Sets promtool; fails when there is none.
find_promtool() {
  if promtool=$(command -v promtool); then return 0; fi
  promtool=$promtool_folder/promtool
  [[ -x $promtool ]]
}

# Fetches the package without installing it, which would start a server for the whole machine; needs no rights.
fetch_promtool() {
  local folder status=0
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || return 1
  folder=$(mktemp -d)
  say "    fetching promtool out of Debian's package prometheus"
  (
    cd "$folder" &&
      { apt-get download --quiet --quiet prometheus || { apt-get update --quiet --quiet && apt-get download --quiet --quiet prometheus; }; } &&
      dpkg-deb --extract ./*.deb files && mkdir -p "$promtool_folder" && cp files/usr/bin/promtool "$promtool_folder/"
  ) >/dev/null 2>&1 || status=$?
  rm -rf "$folder"
  return "$status"
}
