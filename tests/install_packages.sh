#!/usr/bin/env bash
# Debian packages that some tests drive: suricata, chromium. Needs root; without it, or without a package source, those
# tests are skipped with a counted reason. On Debian 12 suricata comes from backports, taken from the machine's own
# sources, whose configuration stays as it is.
set -uo pipefail

say() { echo "test packages: $*"; }

install() { # [-t RELEASE] PACKAGE...: from the machine's sources and $parts
  local options=(-qq -o "Dir::Etc::SourceParts=$parts" -o Acquire::Retries=3)
  DEBIAN_FRONTEND=noninteractive timeout 300 apt-get "${options[@]}" update &&
    DEBIAN_FRONTEND=noninteractive timeout 600 apt-get "${options[@]}" install -y --no-install-recommends "$@"
}

install_suricata() {
  local release=()
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
  install "${release[@]}" suricata
}

install_chromium() { install chromium fonts-dejavu-core; }

ensure() { # COMMAND: install what provides it, in three attempts
  local attempt
  command -v "$1" >/dev/null && return
  command -v apt-get >/dev/null || { say "no apt-get here: the tests that drive $1 are skipped"; return; }
  [ "$(id -u)" = 0 ] || { say "not root: the tests that drive $1 are skipped"; return; }
  for attempt in 1 2 3; do
    rm -rf "$parts"
    mkdir -p "$parts"
    cp /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list "$parts" 2>/dev/null
    if "install_$1" >"$log" 2>&1 && command -v "$1" >/dev/null; then
      say "$1 installed"
      return
    fi
    say "attempt $attempt: $1 could not be installed: $(tail -n 1 "$log")"
    [ "$attempt" = 3 ] || sleep $((attempt * 5))
  done
  say "the tests that drive $1 are skipped"
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
log="$scratch/log"
parts="$scratch/sources"
ensure suricata
ensure chromium
exit 0
