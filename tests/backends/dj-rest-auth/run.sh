#!/usr/bin/env bash
# dj-rest-auth with simplejwt and allauth on SQLite, see app.py.
# Ready when GET /_health answers 200.
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/../packages.sh"
python_packages
prepare_state
export LAB_DB="$STATE/db.sqlite3"
exec "$packages/bin/python" "$here/app.py" "$what"
