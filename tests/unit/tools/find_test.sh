#!/bin/sh
# The ids that `guidon find` names are those, and all of those, that an independent script in another language finds by the
# format's page alone.
#   find_test.sh GUIDON
set -eu
guidon=$1
here=$(cd "$(dirname "$0")" && pwd)
perl -MJSON::PP -e 1 2>/dev/null || { echo "skipped: there is no perl with JSON::PP"; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/source.json" <<'SOURCE'
{"format":"guidon-source/1","project":"notes","environment":"test",
 "layers":{"side":{"unit":"device"}},
 "holdouts":{"q4":{"unit":"device","percent":2,"experiments":"*"},"look-out":{"unit":"device","percent":3,"experiments":["look"]}},
 "flags":{"composer":{"default":"icon"},"tone":{"default":"calm"},"size":{"default":1}},
 "experiments":{
  "look":{"hypothesis":"h","owner":"o","decide_by":"2027-01-15","percent":30,"goals":["g within 7d"],
   "variants":{"control":{"composer":"icon"},"labelled":{"composer":"text"}}},
  "words":{"hypothesis":"h","owner":"o","decide_by":"2027-01-15","percent":40,"goals":["g within 7d"],
   "variants":{"control":{"tone":"calm"},"loud":{"tone":"loud"}}},
  "scale":{"hypothesis":"h","owner":"o","decide_by":"2027-01-15","layer":"side","percent":50,"goals":["g within 7d"],
   "variants":{"control":{"size":1},"big":{"size":2},"huge":{"size":3}},"weights":{"control":2,"big":1,"huge":1}}}}
SOURCE
"$guidon" build "$work/source.json" --unsigned --now 2026-11-21T10:00:00Z --out "$work/datafile" 2>/dev/null
checked=0
compare() {
  count=$1
  shift
  wants=
  for want in "$@"; do wants="$wants --want $want"; done
  # shellcheck disable=SC2086
  "$guidon" find "$work/datafile" --at 2026-11-22 --count "$count" $wants --not-held-out 2>/dev/null >"$work/found"
  perl "$here/find_by_hand.pl" "$work/datafile" qa- "$count" "$@" >"$work/by-hand"
  cmp "$work/found" "$work/by-hand" || { echo "not the same: $*"; exit 1; }
  checked=$((checked + count))
}
for look in control labelled; do compare 300 "look=$look"; done
for words in control loud; do compare 300 "words=$words"; done
for scale in control big huge; do compare 300 "scale=$scale"; done
compare 100 look=labelled scale=huge
compare 100 words=loud scale=control
echo "$checked ids are the same by both"
