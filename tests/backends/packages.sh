# Sourced by every run.sh: makes the packages of its backend, and a folder for what it writes.
#
#   run.sh --install   only installs, once; several may do so side by side
#   run.sh PORT        serves 127.0.0.1:PORT in the foreground; SIGTERM ends it
#   CACHE              where packages are kept
#   STATE              where this instance keeps its database; emptied at start unless KEEP=1
set -euo pipefail

name="$(basename "$here")"
cache="${CACHE:-$HOME/.cache/vestibule-backends}"
what="${1:?usage: run.sh PORT | run.sh --install}"
export PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1

# install_once FILE COMMAND: runs COMMAND with the folder in $packages. The folder's name holds the hash of FILE, so
# a change of requirements makes a new one; a test that finds another one installing waits for it.
install_once() {
  packages="$cache/$name-$(sha256sum "$here/$1" | cut -c1-16)"
  [ ! -e "$packages/.complete" ] || return 0
  mkdir -p "$packages"
  exec 9>"$packages.lock"
  flock 9
  if [ ! -e "$packages/.complete" ]; then
    echo "tests/backends: installing the packages of $name" >&2
    "$2"
    touch "$packages/.complete"
  fi
  exec 9>&-
}

# requirements.txt, all pinned, into a virtual environment at $packages.
python_packages() {
  install_once requirements.txt make_virtual_environment
}
make_virtual_environment() {
  python3 -m venv --clear "$packages"
  "$packages/bin/pip" install -q --disable-pip-version-check -r "$here/requirements.txt" >&2
}

# package-lock.json into $packages/node_modules.
node_packages() {
  install_once package-lock.json make_node_modules
}
make_node_modules() {
  cp "$here/package.json" "$here/package-lock.json" "$packages/"
  (cd "$packages" && npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error >&2)
}

# After the packages: stops here if no more was asked for, else makes $STATE.
prepare_state() {
  [ "$what" != --install ] || exit 0
  export STATE="${STATE:-$cache/state/$name-$what}"
  [ "${KEEP:-0}" = 1 ] || rm -rf "$STATE"
  mkdir -p "$STATE"
}
