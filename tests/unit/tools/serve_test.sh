#!/usr/bin/env bash
# `guidon serve` as an app meets it, over HTTP: the file with its ETag, a stream that tells of a change, and nothing that
# apps would refuse.
#   serve_test.sh GUIDON SOURCE
set -u
guidon=$1 source=$2
export LC_ALL=C.UTF-8 TERM=dumb NO_COLOR=1
work=$(mktemp -d)
serving=
streaming=
trap 'kill $serving $streaming 2> /dev/null; wait 2> /dev/null; rm -rf "$work"' EXIT
cd "$work" || exit 1

failures=0
check() { # WHAT COMMAND...
  local what=$1
  shift
  "$@" > /dev/null 2>&1 && return
  echo "not so: $what"
  failures=$((failures + 1))
}
# eventually FILE TEXT: within ten seconds the file has that text in it.
eventually() {
  local i
  for ((i = 0; i < 200; ++i)); do
    grep -q -- "$2" "$1" && return
    sleep 0.05
  done
  return 1
}

public_key=$("$guidon" keygen --quiet --out key.pem) || exit 1
"$guidon" keygen --quiet --out other.pem > /dev/null || exit 1
"$guidon" build "$source" --key key.pem --out 1 > /dev/null 2>&1 || exit 1
"$guidon" build "$source" --key key.pem --previous 1 --out 2 > /dev/null 2>&1 || exit 1
"$guidon" build "$source" --key other.pem --previous 2 --out forged > /dev/null 2>&1 || exit 1

cp 1 notes.datafile
check "without a key it is not started" test "$("$guidon" serve notes.datafile > /dev/null 2>&1; echo $?)" = 2
cp forged bad.datafile
check "what apps would refuse is not served at all" \
  test "$("$guidon" serve bad.datafile --key "$public_key" --port 0 > /dev/null 2>&1; echo $?)" = 1

"$guidon" serve notes.datafile --key "$public_key" --port 0 > out 2> err &
serving=$!
check "it says where it serves" eventually out "notes.datafile/events"
url=$(sed -n 's/^Options::datafile_url *//p' out)

curl -s -D head "$url" -o got
check "apps get the file as it is" cmp got 1
etag=$(sed -n 's/^ETag: \(.*\)\r$/\1/p' head)
check "and nothing when they have it" \
  test "$(curl -s -o again -w '%{http_code}' -H "If-None-Match: $etag" "$url")" = 304
check "anything else is not there" test "$(curl -s -o /dev/null -w '%{http_code}' "${url%/*}/key.pem")" = 404

curl -sN "$url/events" > stream &
streaming=$!
check "a stream begins with what there is" eventually stream "data: $etag"
cp 2 next && mv next notes.datafile
check "a change is told to the stream" eventually out "told to 1 stream"
curl -s "$url" -o got
check "and served" cmp got 2
etag=$(curl -sI -X GET -o - "$url" | sed -n 's/^ETag: \(.*\)\r$/\1/p')
check "the stream names it" eventually stream "data: $etag"

for bad in forged 1; do
  cp "$bad" next && mv next notes.datafile
  case $bad in
    forged) says="does not trust" ;;
    1) says="is older than" ;;
  esac
  check "what is wrong with $bad is said: $(cat err)" eventually err "$says"
  curl -s "$url" -o got
  check "the version before stays: $bad" cmp got 2
done
rm notes.datafile
check "a file that is gone is said" eventually err "cannot read"
curl -s "$url" -o got
check "and the version before stays" cmp got 2

kill -TERM $serving
check "it ends when it is told to" wait $serving
serving=
if ((failures > 0)); then
  cat out err
  exit 1
fi
