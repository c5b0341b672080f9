#!/bin/sh
# A released app, as it is built: without a token nothing is forced by any means, and each says why; with one it is. And the
# program knows no variable that would change that.
#   entitlement_test.sh GUIDON TERMINAL SOURCE
set -eu
guidon=$1 terminal=$2 source=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
  echo "$1" >&2
  [ ! -s "$work/out" ] || cat "$work/out" >&2
  exit 1
}
unset GUIDON_FORCE GUIDON_OVERRIDES_FILE GUIDON_NO_OVERRIDES
make_key() { "$guidon" keygen --quiet --out "$work/$1.key" >"$work/$1.pub"; }
make_key release
make_key qa
make_key stranger
"$guidon" build "$source" --key "$work/release.key" --now 2026-01-05 --out "$work/datafile" 2>/dev/null
# use COMMAND...: what the app says, to out.
use() {
  printf '%s\n' "$@" | "$terminal" --datafile "$work/datafile" --key "$(cat "$work/release.pub")" \
    --qa-key "$(cat "$work/qa.pub")" --state "$work/state" --person ada --seed 1 --now 2026-01-20T10:00:00Z --script - \
    >"$work/out" 2>&1 || true
}
says() { grep -qF -- "$1" "$work/out" || fail "it does not say: $1"; }
takes='a release key signed the datafile, so this takes a QA token for the device'

use device 'why composer' screen
device=$(sed -n "s/.*code is \(.*\)\.$/\1/p" "$work/out")
[ "${#device}" -eq 22 ] || fail "there is no code of the device"
natural=$(grep -o 'composer = "[^"]*"' "$work/out")

# --- Without a token ---
GUIDON_FORCE='experiment:attach-button=labelled; flag:upload-chunk-kb=64; prompt:try-file-share; attribute:plan=pro'
export GUIDON_FORCE
use forced 'why composer' screen
[ "$(grep -cF "$takes" "$work/out")" -eq 4 ] || fail "the environment forces something, or does not say why not"
says "$natural"
unset GUIDON_FORCE
printf '{"experiments":{"attach-button":"labelled"}}' >"$work/overrides.json"
GUIDON_OVERRIDES_FILE=$work/overrides.json
export GUIDON_OVERRIDES_FILE
use forced 'why composer' screen
says "$takes"
says "$natural"
unset GUIDON_OVERRIDES_FILE
for command in 'force attach-button labelled' 'force attach-button off' 'force-flag upload-chunk-kb 64' \
  'force-flag no-such-flag true' 'force-prompt try-file-share' 'force-attribute plan pro' 'force-clock +1d'; do
  use "$command" 'why composer' screen
  says "$takes $device"
  says "$natural"
done

# --- With one that is none ---
token() { "$guidon" qa token "$work/datafile" --now 2026-01-20T09:00:00Z "$@" 2>/dev/null; }
other=$(token --key "$work/qa.key" --device AAAAAAAAAAAAAAAAAAAAAA --allow '*')
expired=$("$guidon" qa token "$work/datafile" --key "$work/qa.key" --device "$device" --allow '*' \
  --now 2026-01-18T09:00:00Z --for 1d 2>/dev/null)
stranger=$(token --key "$work/stranger.key" --device "$device" --allow '*')
refuse() {
  use "token $1" 'force attach-button labelled' 'why composer' screen
  says "$2"
  says "$takes $device"
  says "$natural"
}
refuse "$other" "it is for another device; this one's code is $device"
refuse "$expired" 'it ended at 2026-01-19T09:00:00Z'
refuse "$stranger" 'which the app does not trust'
refuse 'gqa1.e30.AAAA' 'it is not whole'
token --key "$work/qa.key" --device '*' --allow '*' && fail "a token for every device in production was made"
token --key "$work/release.key" --device "$device" --allow '*' && fail "the release key made a token"

# --- With one ---
link=$("$guidon" qa link "$work/datafile" --app notes://guidon --key "$work/qa.key" --device "$device" \
  --now 2026-01-20T09:00:00Z --force 'experiment:attach-button=labelled' 2>/dev/null)
use "token $link" screen
says 'QA is on: token qa-'
use 'token off' screen
grep -qF 'QA is on' "$work/out" && fail "QA is shown to be on without a token"
use "token $link" forced 'force attach-button control' forced 'force-flag upload-chunk-kb 64' 'why composer' screen
says 'attach-button: labelled (token), else'
says 'attach-button: control (api), else'
says 'does not cover it'
use forced  # after a restart
says 'attach-button: labelled (token), else'
use 'token off' forced 'why composer' screen
says 'Nothing is forced.'
says "$natural"
use 'why composer' screen
says "$natural"

# --- What the program knows of its environment ---
grep -a -o 'GUIDON_[A-Z_]*' "$terminal" | sort -u >"$work/known"
printf 'GUIDON_FORCE\nGUIDON_NO_OVERRIDES\nGUIDON_OVERRIDES_FILE\n' >"$work/expected"
cmp "$work/known" "$work/expected" || fail "the program knows other variables: $(cat "$work/known")"
echo "refused by every means without a token, and forced with one"
