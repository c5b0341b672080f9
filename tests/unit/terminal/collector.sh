# Sourced: a folder to work in ($work), and what ends with the test.
#   start_collector GUIDON COLLECTOR SOURCE NOW COLLECTOR_OPTION...
# publishes the source as $work/notes.datafile and serves it with a real collector at $url. Signed by the private key in
# $release_key, where that is set.
work=$(mktemp -d)
server=
finish() {
  code=$?
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  rm -rf "$work"
  exit "$code"
}
trap finish EXIT
fail() {
  echo "failed: $1" >&2
  exit 1
}

start_collector() {
  if [ -n "${release_key:-}" ]; then
    "$1" build "$3" --key "$release_key" --now "$4" --out "$work/notes.datafile" >/dev/null
  else
    "$1" build "$3" --unsigned --now "$4" --out "$work/notes.datafile" >/dev/null
  fi
  collector_program=$2
  shift 4
  "$collector_program" --db "$work/events.db" --datafile "$work/notes.datafile" --port 0 --port-file "$work/port" "$@" \
    >/dev/null &
  server=$!
  tries=0
  until [ -s "$work/port" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 200 ] || fail "the collector does not listen"
    sleep 0.05
  done
  url=http://127.0.0.1:$(cat "$work/port")
}
