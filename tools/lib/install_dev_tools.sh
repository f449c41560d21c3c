#!/usr/bin/env bash
# Puts the npm packages of tools/package.json (buf for tools/check; an OpenID Provider and a JOSE
# library for tests) into build/dev-tools, once for each state of the list, and prints that folder.
# Calls at the same time wait for each other.
#
#   tools/lib/install_dev_tools.sh
set -euo pipefail
cd "$(dirname "$0")/../.."

place=$PWD/build/dev-tools
listed=(tools/package.json tools/package-lock.json tools/.npmrc)
mkdir -p "$place"
exec 9>"$place/.lock"
flock 9
if ! cat "${listed[@]}" | cmp -s - "$place/.installed"; then
  rm -f "$place/.installed"
  cp "${listed[@]}" "$place/"
  (cd "$place" && npm ci --ignore-scripts --no-audit --no-fund) >build/npm.log 2>&1 ||
    { tail -n 20 build/npm.log >&2; exit 1; }
  cat "${listed[@]}" >"$place/.installed"
fi
echo "$place"
