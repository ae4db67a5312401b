#!/usr/bin/env bash
# Debian packages that some tests drive: suricata. Needs root; without it, or without a package source, those tests are
# skipped with a counted reason. On Debian 12 suricata comes from backports, taken from the machine's own sources,
# whose configuration stays as it is.
set -uo pipefail

say() { echo "test packages: $*"; }

install_suricata() {
  local parts release=()
  parts="$scratch/sources"
  mkdir -p "$parts"
  cp /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list "$parts" 2>/dev/null
  if ! apt-cache policy suricata 2>/dev/null | grep -q 'Candidate: [0-9]'; then
    local codename backports
    codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
    backports="$codename-backports"
    release=(-t "$backports")
    if [ -f /etc/apt/sources.list.d/debian.sources ]; then
      awk -v RS= 'NR==1' /etc/apt/sources.list.d/debian.sources | sed -E "s/^Suites:.*/Suites: $backports/" > "$parts/backports.sources"
    else
      sed -nE "s/^(deb .*) $codename /\1 $backports /p" /etc/apt/sources.list > "$parts/backports.list"
    fi
  fi
  local options=(-qq -o "Dir::Etc::SourceParts=$parts" -o Acquire::Retries=3)
  DEBIAN_FRONTEND=noninteractive timeout 300 apt-get "${options[@]}" update &&
    DEBIAN_FRONTEND=noninteractive timeout 600 apt-get "${options[@]}" install -y --no-install-recommends "${release[@]}" suricata
}

command -v suricata >/dev/null && exit 0
command -v apt-get >/dev/null || { say "no apt-get here: the tests that drive suricata are skipped"; exit 0; }
[ "$(id -u)" = 0 ] || { say "not root: the tests that drive suricata are skipped"; exit 0; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
log="$scratch/log"
for attempt in 1 2 3; do
  if install_suricata >"$log" 2>&1 && command -v suricata >/dev/null; then
    say "suricata installed"
    exit 0
  fi
  say "attempt $attempt: suricata could not be installed: $(tail -n 1 "$log")"
  [ "$attempt" = 3 ] || sleep $((attempt * 5))
done
say "the tests that drive suricata are skipped"
