#!/usr/bin/env bash
# What TypeScript integrators use: a linter for the document, and a client generated from it.
#
#   run.sh --install          only installs, once
#   run.sh lint DOCUMENT      every rule of Spectral for OpenAPI; a warning is a failure
#   run.sh walk DOCUMENT URL  generates a client, compiles walk.ts with it, and runs that
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/../../backends/packages.sh"
node_packages
[ "$what" != --install ] || exit 0
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
ln -s "$packages/node_modules" "$work/node_modules"
cp "$2" "$work/openapi.json"
cp "$here/walk.ts" "$here/package.json" "$here/tsconfig.json" "$here/spectral.yaml" "$work/"
cd "$work"
case "$what" in
  lint) node_modules/.bin/spectral lint --ruleset spectral.yaml --fail-severity hint openapi.json ;;
  walk)
    node_modules/.bin/openapi-ts --input openapi.json --output client --client @hey-api/client-fetch --silent
    node_modules/.bin/tsc
    node out/walk.js "$3"
    ;;
esac
