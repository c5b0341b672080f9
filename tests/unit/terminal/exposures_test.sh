#!/bin/sh
# Experiments counted again from signed versions and events, by a tool that has no code of the collector's: simulated
# people against a real collector under two versions agree, and whatever is done to either side afterwards is found.
#   exposures_test.sh GUIDON COLLECTOR TERMINAL SOURCE
set -eu
guidon=$1 collector=$2 terminal=$3 source=$4
. "$(dirname "$0")/collector.sh"
start_collector "$guidon" "$collector" "$source" 2026-01-05T00:00:00Z --clock-from-events

key=$("$guidon" keygen --quiet --out "$work/key.pem")
mkdir "$work/published"
serve() { cp "$work/published/$1" "$work/next" && mv "$work/next" "$work/notes.datafile"; }
# people DAY: a dozen of that day, for three days.
people() {
  "$terminal" simulate --people 12 --days 3 --killed 20 --seed "$1" --start "2026-01-0$1" --key "$key" --state "$work/people$1" \
    --datafile-url "$url/datafile" --collector "$url/v1/logs" --ledger "$work/ledger$1" --report "$work/report$1" >/dev/null
}
"$guidon" sign "$work/notes.datafile" --key "$work/key.pem" --out "$work/published/1" >/dev/null
serve 1
people 5
sed '/"attach-button": {/,/"variants"/s/"percent": 100/"percent": 50/' "$source" >"$work/fewer"
cmp -s "$source" "$work/fewer" && fail "the second version says what the first one says"
"$guidon" build "$work/fewer" --key "$work/key.pem" --now 2026-01-08 --previous "$work/published/1" --out "$work/published/2" >/dev/null
serve 2
people 8
kill "$server" && wait "$server" || true
server=

# audit DATABASE FOLDER: into $work/out; its exit code.
audit() {
  "$collector" export --db "$1" >"$work/exposures"
  "$guidon" audit "$2" --key "$key" --exposures - <"$work/exposures" >"$work/out"
}
# finds CODE TEXT...: what the last audit ended with, and says.
finds() {
  [ "$code" -eq "$1" ] || fail "exit code $code: $(cat "$work/out")"
  shift
  for text in "$@"; do grep -q -- "$text" "$work/out" || fail "not found: $text in $(cat "$work/out")"; done
}
code=0
audit "$work/events.db" "$work/published" || code=$?
cat "$work/out"
finds 0 '✓ each version follows the one before' '✓  attach-button 1  control [0-9]*, labelled [0-9]* ' '✓  onboarding 1 ' \
  '✓ the rules give what every exposure says, and the collector counts as many'
grep -q '"datafile_version":"1.1"' "$work/exposures" && grep -q '"datafile_version":"1.2"' "$work/exposures" ||
  fail "not both versions exposed somebody"

# A version that was changed afterwards, and signed anew: it is another file, and gives others the button.
mkdir "$work/changed" && cp "$work/published/2" "$work/changed"
sed '/"attach-button": {/,/"variants"/s/"percent": 100/"percent": 1/' "$source" >"$work/other"
"$guidon" build "$work/other" --key "$work/key.pem" --now 2026-01-05 --out "$work/changed/1" >/dev/null
code=0
audit "$work/events.db" "$work/changed" || code=$?
finds 1 'does not follow this version 1.1, but another file' "exposures\\? outside the experiment's share of its layer" \
  'the first: attach-button, version 1.1: layer slot [0-9]* is none of its slots' 'says the collector'

# A version that is not there.
mkdir "$work/fewer-versions" && cp "$work/published/1" "$work/fewer-versions"
code=0
audit "$work/events.db" "$work/fewer-versions" || code=$?
finds 1 '✓ each version follows the one before' 'exposures of a version that is not in the chain' \
  'the first: [a-z-]*, version 1.2$'

# An event that is gone from the store.
cp "$work/events.db" "$work/dropped.db"
id=$(grep -m 1 '"type":"exposure".*"attach-button"' "$work/exposures" | sed 's/.*"id":"\([^"]*\)".*/\1/')
"$collector" drop-event --db "$work/dropped.db" --id "$id" >/dev/null
code=0
audit "$work/dropped.db" "$work/published" || code=$?
finds 1 '✗  attach-button 1 .* by the rules$' ' says the collector$' '✓  onboarding 1 ' '^✗ the collector counts 1 experiment otherwise$'

# An exposure that says another variant.
code=0
"$collector" export --db "$work/events.db" | sed "/$id/{
s/\"variant\":\"control\"/\"variant\":\"LABELLED\"/
s/\"variant\":\"labelled\"/\"variant\":\"control\"/
s/LABELLED/labelled/
}" | "$guidon" audit "$work/published" --exposures - >"$work/out" || code=$?
finds 1 '✗ 1 exposure of another variant than the split gives' "event $id, device " 'attach-button, version 1.[12]: says [a-z]*, slot [0-9]* gives '
