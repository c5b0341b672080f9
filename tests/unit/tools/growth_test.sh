#!/usr/bin/env bash
# The five campaigns of samples/datafiles/growth, each through a person's weeks and explained at one moment of them, as
# tests/golden/growth has it.
#   growth_test.sh GUIDON GROWTH_FOLDER GOLDEN_FOLDER          GUIDON_UPDATE_GOLDEN=1 writes what came out there
set -u
guidon=$1 growth=$2 golden=$3
export LC_ALL=C.UTF-8 TERM=dumb NO_COLOR=1 TZ=UTC
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

failures=0
expect() { # NAME: what is in $work/NAME
  if [[ -n ${GUIDON_UPDATE_GOLDEN:-} ]]; then
    cp "$work/$1" "$golden/$1"
  elif ! diff -u "$golden/$1" "$work/$1"; then
    failures=$((failures + 1))
  fi
}

"$guidon" lint "$growth/growth.source.json" > "$work/lint.txt" 2>&1
sed -i "s|$growth/||" "$work/lint.txt"
expect lint.txt
"$guidon" build "$growth/growth.source.json" --unsigned --now 2027-01-15T00:00:00Z --expires 300d --out "$work/growth.datafile" \
  > "$work/build.log" 2>&1 || { cat "$work/build.log"; exit 1; }

# What happens at the moment that is explained.
declare -A event=(
  [try-file-share]="message_sent chars=1800"
  [invite-friend]="project_done"
  [nps-q1]="idle"
  [announce-canvas]="screen home"
  [upsell-storage]="quota_hit resource=storage")
for campaign in "${!event[@]}"; do
  "$guidon" simulate "$growth/growth.source.json" --timeline "$growth/$campaign.jsonl" > "$work/$campaign.simulate.txt" 2>&1
  expect "$campaign.simulate.txt"
  "$guidon" explain "$work/growth.datafile" --context "$growth/$campaign.json" --prompt "$campaign" \
    --event "${event[$campaign]}" > "$work/$campaign.explain.txt" 2>&1
  expect "$campaign.explain.txt"
done
echo "$failures of 11 outputs differ"
(( failures == 0 ))
