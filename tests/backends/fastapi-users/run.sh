#!/usr/bin/env bash
# fastapi-users with its stock routers on SQLite, see app.py.
# Ready when GET /openapi.json answers 200.
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/../packages.sh"
python_packages
prepare_state
export LAB_DB="$STATE/db.sqlite3"
exec "$packages/bin/python" "$here/app.py" "$what"
