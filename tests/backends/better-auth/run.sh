#!/usr/bin/env bash
# Better Auth with its bearer and jwt plugins, in memory, see server.js. Node finds packages beside the program only.
# Ready when GET /api/auth/ok answers 200.
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/../packages.sh"
node_packages
prepare_state
cp "$here/server.js" "$here/package.json" "$STATE/"
ln -sfn "$packages/node_modules" "$STATE/node_modules"
export LAB_PORT="$what"
exec node "$STATE/server.js"
