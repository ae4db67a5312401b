#!/usr/bin/env bash
# Debian packages that some tests drive: suricata, two proxies (tinyproxy, microsocks), chromium. Needs root; without it, or
# without a package source, those tests are skipped with a counted reason. On Debian 12 suricata comes from backports,
# taken from the machine's own sources, whose configuration stays as it is. Of tinyproxy only the program is installed
# (tinyproxy-bin): the package tinyproxy would start a proxy on this machine.
set -uo pipefail

say() { echo "test packages: $*"; }

# The machine's own sources, in a folder of ours; $1, if given, is a release to add.
sources() {
  local codename parts="$scratch/sources"
  mkdir -p "$parts"
  cp /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list "$parts" 2>/dev/null
  [ -n "${1:-}" ] || return 0
  codename=${1%-backports}
  if [ -f /etc/apt/sources.list.d/debian.sources ]; then
    awk -v RS= 'NR==1' /etc/apt/sources.list.d/debian.sources | sed -E "s/^Suites:.*/Suites: $1/" > "$parts/backports.sources"
  else
    sed -nE "s/^(deb .*) $codename /\1 $1 /p" /etc/apt/sources.list > "$parts/backports.list"
  fi
}

# Install packages.
install() {
  local release=()
  sources
  if [ "$1" = suricata ] && ! apt-cache policy suricata 2>/dev/null | grep -q 'Candidate: [0-9]'; then
    local backports
    backports="$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)-backports"
    release=(-t "$backports")
    sources "$backports"
  fi
  local options=(-qq -o "Dir::Etc::SourceParts=$scratch/sources" -o Acquire::Retries=3)
  DEBIAN_FRONTEND=noninteractive timeout 300 apt-get "${options[@]}" update &&
    DEBIAN_FRONTEND=noninteractive timeout 600 apt-get "${options[@]}" install -y --no-install-recommends "${release[@]}" "$@"
}

# Have program $1, of the packages behind it.
provide() {
  local program=$1 attempt
  shift
  command -v "$program" >/dev/null && return
  for attempt in 1 2 3; do
    if install "$@" >"$log" 2>&1 && command -v "$program" >/dev/null; then
      say "$program installed"
      return
    fi
    say "attempt $attempt: $program could not be installed: $(tail -n 1 "$log")"
    [ "$attempt" = 3 ] || sleep $((attempt * 5))
  done
  say "the tests that drive $program are skipped"
}

programs=(suricata:suricata tinyproxy:tinyproxy-bin microsocks:microsocks "chromium:chromium fonts-dejavu-core")
missing=()
for pair in "${programs[@]}"; do command -v "${pair%:*}" >/dev/null || missing+=("$pair"); done
[ "${#missing[@]}" = 0 ] && exit 0
command -v apt-get >/dev/null || { say "no apt-get here: the tests that drive ${missing[*]%:*} are skipped"; exit 0; }
[ "$(id -u)" = 0 ] || { say "not root: the tests that drive ${missing[*]%:*} are skipped"; exit 0; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
log="$scratch/log"
for pair in "${missing[@]}"; do
  read -ra packages <<< "${pair#*:}"
  provide "${pair%:*}" "${packages[@]}"
done
exit 0
