#!/bin/sh
# Simulated people against a real collector: whose app is killed loses nothing and counts nothing twice, every process is
# ended, and the audit notices what is taken away.
#   simulate_test.sh GUIDON COLLECTOR TERMINAL SOURCE
set -eu
guidon=$1 collector=$2 terminal=$3 source=$4
. "$(dirname "$0")/collector.sh"
start_collector "$guidon" "$collector" "$source" 2026-01-05T00:00:00Z --clock-from-events

"$terminal" simulate --people 24 --days 12 --killed 50 --effect try-file-share=40 --unsigned --datafile-url "$url/datafile" \
  --collector "$url/v1/logs" --state "$work/people" --ledger "$work/ledger" --report "$work/report.json" >"$work/out"
cat "$work/out"
set -- "$work"/ledger/*.ledger
[ "$#" -eq 24 ] || fail "not everybody has a ledger"
grep -q '"people_killed": [1-9][0-2]*,' "$work/report.json" || fail "nobody was killed"
# Who sees the prompt shares, and says so by its button; who is held out has an exposure and nothing else.
prompts() { cat "$work"/ledger/*.ledger | awk -v what="$1" '$2 == "prompt" && $3 ~ ":" what "$" { n++ } END { print n + 0 }'; }
[ "$(prompts impression)" -gt 0 ] || fail "nobody saw the prompt"
[ "$(prompts action)" -gt 0 ] || fail "nobody pressed the button"
[ "$(prompts exposure)" -ge "$(prompts impression)" ] || fail "a prompt was seen that nobody was exposed to"
grep -q '"campaign": "try-file-share"' "$work/report.json" || fail "the report does not tell of the nudge"

"$collector" audit --db "$work/events.db" --ledger "$work/ledger" >"$work/audit" || fail "$(cat "$work/audit")"
[ "$(tail -n 1 "$work/audit")" = 'duplicates 0, lost 0' ] || fail "$(cat "$work/audit")"
"$collector" drop-event --db "$work/events.db" --id "$(awk '{ print $1; exit }' "$work/ledger/p0001.ledger")" >/dev/null
if "$collector" audit --db "$work/events.db" --ledger "$work/ledger" >"$work/audit"; then fail "the audit noticed nothing"; fi
[ "$(tail -n 1 "$work/audit")" = 'duplicates 0, lost 1' ] || fail "$(cat "$work/audit")"
