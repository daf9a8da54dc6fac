#!/usr/bin/env bash
# The reference backend (our own FastAPI + SQLite app, see app.py; LAB_… and REF_… are at its top).
# Ready when GET /_health answers 200.
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/../packages.sh"
python_packages
prepare_state
export REF_DB="$STATE/db.sqlite3"
exec "$packages/bin/python" "$here/app.py" "$what"
