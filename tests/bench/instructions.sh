#!/usr/bin/env bash
# How many instructions one call of each row of guidon-bench takes, by valgrind's callgrind: the same number on every run of the
# same binary, whatever else the machine does. Beside it what instructions.txt has recorded. A report: it fails on no number, since
# another compiler gives others.
#   tests/bench/instructions.sh [GUIDON-BENCH]            compare
#   tests/bench/instructions.sh --record [GUIDON-BENCH]   write instructions.txt anew
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
record=no
if [[ ${1:-} == --record ]]; then
  record=yes
  shift
fi
bench=${1:-$here/../../build/release/bin/guidon-bench}
recorded=$here/instructions.txt
calls=1024  # kCountedCalls of measure.h

command -v valgrind > /dev/null || { echo "valgrind is not installed, so no instructions are counted (Debian: valgrind)" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$bench" --allocations --json > "$folder/rows.json"
while IFS= read -r name; do
  valgrind --tool=callgrind --callgrind-out-file="$folder/out" --collect-atstart=no \
    --toggle-collect='guidon::bench::CountedCalls(*' "$bench" --allocations --filter "$name" > /dev/null 2> "$folder/log" ||
    { tail -n 5 "$folder/log" >&2; exit 1; }
  total=$(sed -n 's/^totals: //p' "$folder/out")
  [[ $name == load* ]] || total=$(((total + calls / 2) / calls))
  (( total > 0 )) || continue  # what it measures is no call
  printf '%s\t%s\n' "$total" "$name"
done < <(sed -n 's/^ *"name": "\(.*\)",$/\1/p' "$folder/rows.json") > "$folder/now"

if [[ $record == yes ]]; then
  {
    echo "# Instructions of one call, by tests/bench/instructions.sh --record: $(uname -m), ${CXX:-g++} $(${CXX:-g++} -dumpfullversion)"
    cat "$folder/now"
  } > "$recorded"
fi
printf '%-64s %12s %12s\n' "instructions of one call" recorded now
awk -F '\t' -v recorded="$recorded" 'BEGIN { while ((getline line < recorded) > 0) if (split(line, part, "\t") == 2) known[part[2]] = part[1] }
  { printf "%-64s %12s %12s%s\n", $2, ($2 in known ? known[$2] : "-"), $1,
           ($2 in known && known[$2] > 0 ? sprintf("  %+.1f %%", 100 * ($1 / known[$2] - 1)) : "") }' "$folder/now"
