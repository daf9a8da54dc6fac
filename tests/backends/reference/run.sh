#!/usr/bin/env bash
# The reference backend (our own FastAPI + SQLite app, see app.py) on 127.0.0.1:PORT, in the foreground.
# Ready when GET /_health answers 200; SIGTERM ends it.
#
#   run.sh --install     only makes the virtual environment, once
#   CACHE                where the virtual environment and databases live
#   REF_DB               the database file; emptied at start unless KEEP=1
#   LAB_ACCESS_TTL, LAB_REFRESH_TTL, REF_SECRET, ...    see the top of app.py
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cache="${CACHE:-$HOME/.cache/vestibule-backends}"
what="${1:?usage: run.sh PORT | run.sh --install}"

# The folder's name holds the hash of what is in it, so a change of requirements makes a new one.
venv="$cache/reference-$(sha256sum "$here/requirements.txt" | cut -c1-16)"
if [ ! -e "$venv/.complete" ]; then
  mkdir -p "$cache"
  exec 9>"$venv.lock"
  flock 9 # Two tests may start at once; the second finds the work done.
  if [ ! -e "$venv/.complete" ]; then
    python3 -m venv --clear "$venv"
    "$venv/bin/pip" install -q --disable-pip-version-check -r "$here/requirements.txt" >&2
    touch "$venv/.complete"
  fi
  exec 9>&-
fi
[ "$what" != --install ] || exit 0

export REF_DB="${REF_DB:-$cache/state/reference-$what.sqlite3}"
mkdir -p "$(dirname "$REF_DB")"
[ "${KEEP:-0}" = 1 ] || rm -f "$REF_DB" "$REF_DB-wal" "$REF_DB-shm"
export PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
exec "$venv/bin/python" "$here/app.py" "$what"
