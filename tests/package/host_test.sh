#!/bin/sh
# Runs a host of samples/hosts against the reference collector; fails unless what it told is there, once, when it ends.
#   host_test.sh GUIDON COLLECTOR HOST SOURCE
set -eu
work=$(mktemp -d)
collector=
trap 'test -z "$collector" || kill "$collector" 2>/dev/null; rm -rf "$work"' EXIT
cd "$work"

public_key=$("$1" keygen --out key | grep -o '[A-Za-z0-9+/]\{43\}=' | head -n 1)
"$1" build "$4" --key key --out datafile >/dev/null
"$2" --db events.db --datafile datafile --port-file port >collector.log 2>&1 &
collector=$!
for _ in $(seq 300); do
  test -s port && break
  sleep 0.1
done
output=$("$3" datafile "$public_key" "http://127.0.0.1:$(cat port)")
echo "$output"
# What was told, and an exposure at most.
echo "$output" | grep -q '[1-9] events delivered, 0 kept$'
