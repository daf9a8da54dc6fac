#!/usr/bin/env bash
# Judges pages in a real browser: axe, the Content-Security-Policy, widths, focus, Lighthouse.
#
#   run.sh --install              only installs, once
#   run.sh SCRIPT ARGUMENT…       runs a script of this folder, for example sweep.mjs, with Node
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/../backends/packages.sh"
node_packages
[ "$what" != --install ] || exit 0
shift
# The packages are found from the folder of the script, so it runs beside them.
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
ln -s "$packages/node_modules" "$work/node_modules"
cp "$here"/*.mjs "$here/package.json" "$work/"
node "$work/$what" "$@"
