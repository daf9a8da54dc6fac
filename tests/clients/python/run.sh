#!/usr/bin/env bash
# What Python integrators use: a client generated from the document, and a program that tries it with everything
# that its schemas allow, and much that they do not.
#
#   run.sh --install                      only installs, once
#   run.sh walk DOCUMENT URL              generates a client and runs walk.py with it
#   run.sh try DOCUMENT URL [COOKIE …]    schemathesis, as who has the cookie, with further options: no 5xx, and
#                                         nothing that the document does not say
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/../../backends/packages.sh"
python_packages
[ "$what" != --install ] || exit 0
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cp "$2" "$work/openapi.json"
cd "$work"
case "$what" in
  walk)
    # It goes on after warnings, which would be operations that it leaves out.
    "$packages/bin/openapi-python-client" generate --path openapi.json --output-path site_client --meta none \
      --config "$here/generator.yaml" --fail-on-warning
    "$packages/bin/python" - "$3" <"$here/walk.py"
    ;;
  try)
    "$packages/bin/schemathesis" run openapi.json --url "$3" ${4:+--header "Cookie: $4"} \
      --checks not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance \
      --phases examples,coverage,fuzzing --max-examples 10 --seed 1 --no-color "${@:5}"
    ;;
esac
