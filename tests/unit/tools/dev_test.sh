#!/usr/bin/env bash
# `guidon dev` with a real app, the terminal sample: each save reaches it, what is broken does not, what it tells arrives.
#   dev_test.sh GUIDON SOURCE TERMINAL
set -u
guidon=$1 source=$2 terminal=$3
export LC_ALL=C.UTF-8 TERM=dumb NO_COLOR=1
unset GUIDON_FORCE GUIDON_OVERRIDES_FILE
work=$(mktemp -d)
developing=
trap 'kill $developing $app 2> /dev/null; exec 3>&-; wait 2> /dev/null; rm -rf "$work"' EXIT
app=
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
# save SED: an edit of the source, as an editor writes it.
save() { sed "$1" notes.source.json > next && mv next notes.source.json; }
status() { curl -s -o got -w '%{http_code}' "$@"; }

cp "$source" notes.source.json
check "a source that is not there is said" test "$("$guidon" dev nothing.json > /dev/null 2>&1; echo $?)" = 1
check "no address but this machine's can be asked for" \
  test "$("$guidon" dev notes.source.json --port 0.0.0.0:80 > /dev/null 2>&1; echo $?)" = 2
sed 's/"default": 256/"default": 2x6/' "$source" > broken.json
check "nothing is served of a source that is bad to begin with" \
  test "$("$guidon" dev broken.json --port 0 > /dev/null 2>&1; echo $?)" = 1

"$guidon" dev notes.source.json --port 0 --preview try-file-share > out 2> err &
developing=$!
check "it says what to paste" eventually out "TrustedKey::Role::kDevelopment"
check "it says what it watches" eventually out "Every save of"
check "a prompt is drawn to begin with" eventually out "│ This note is getting long. A file says it in one go: │"
key=$(sed -n 's/^ *--key \([^ ]*\)$/\1/p' out)
url=$(sed -n 's/^ *options.datafile_url = "\(.*\)";$/\1/p' out)
root=${url%/datafile}

# Another site's page may not come in by a name of its own, nor may a form.
check "only this machine's names are answered" test "$(status -H 'Host: evil.example' "$url")" = 403
check "localhost is one" test "$(status -H "Host: localhost:${root##*:}" "$url")" = 200
check "events are no form" test "$(status -d a=b "$root/v1/logs")" = 415

# The app reads commands as long as the pipe is open. Its device is one that the flag's rollout passes over.
mkfifo commands
"$terminal" --script - --datafile "$url" --stream "$url/events" --collector "$root/v1/logs" --key "$key" \
  --state notes-state --seed 1 --poll 3600 < commands > app.out 2> app.err &
app=$!
exec 3> commands
check "an app that listens is told of" eventually out "1 app listens"
# has FLAG VALUE: the running app comes to decide the flag so within ten seconds.
has() {
  local i
  for ((i = 0; i < 50; ++i)); do
    printf 'why %s\nscreen\n' "$1" >&3
    sleep 0.2
    grep -a "^.*$1 = " app.out | tail -n 1 | grep -aq -- "$1 = $2" && return
  done
  return 1
}
check "the app has the flag as it is written" has upload-chunk-kb 256
save 's/"default": 256/"default": 300/'
check "a save says what changed" eventually out "flag upload-chunk-kb  default 256 → 300"
check "and reaches the running app" has upload-chunk-kb 300

save 's/"default": 300/"default": 3x0/'
check "a broken edit is said, with its place" eventually out "notes.source.json:[0-9]*:[0-9]*  error  /flags/upload-chunk-kb/default"
check "and what was good stays" eventually out "1 error; 1.2 stays"
check "in the app, too" has upload-chunk-kb 300
save 's/"default": 3x0/"default": 310/'
check "mended, it goes on" has upload-chunk-kb 310

save 's/"title": "Drop the file in"/"title": "Just drop it"/'
check "a prompt that changed is drawn anew" eventually out "╭─ Just drop it ─"

# The weights of a running experiment: a release may not change them, whoever tries things out may.
save '/^ *"attach-button": {/,/"variants": {/ s/"variants": {/"weights": { "control": 1, "labelled": 3 }, "variants": {/'
check "people are drawn anew where a release may not" eventually out "people are drawn anew"

echo "note hello" >&3
echo "flush" >&3
check "an event arrives on the screen" eventually out "event      note_created"
kill -TERM $app
wait $app 2> /dev/null
exec 3>&-
app=

# As an app sends it by hand: what is malformed is said with its place, what is forced is marked, a retry is not told again.
record() { # NAME ATTRIBUTES
  echo "{\"timeUnixNano\":\"1764000000000000000\",\"eventName\":\"$1\",\"attributes\":[$2]}"
}
text() { echo "{\"key\":\"$1\",\"value\":{\"stringValue\":\"$2\"}}"; }
good=$(record guidon.event "$(text log.record.uid e1),$(text guidon.event.name by_hand),{\"key\":\"guidon.forced\",\"value\":{\"boolValue\":true}},$(text guidon.forced_by file)")
bad=$(record guidon.event "$(text log.record.uid e2)")
exposure=$(record feature_flag.evaluation "$(text log.record.uid e3),$(text feature_flag.key composer),$(text feature_flag.result.variant labelled),$(text feature_flag.result.reason split),$(text guidon.experiment.key attach-button),{\"key\":\"guidon.experiment.iteration\",\"value\":{\"intValue\":\"1\"}},$(text guidon.unit.kind device),$(text feature_flag.context.id d-1)")
echo "{\"resourceLogs\":[{\"resource\":{},\"scopeLogs\":[{\"logRecords\":[$good,$bad,$exposure]}]}]}" > batch
check "a batch is answered as a collector does" \
  test "$(status -H 'Content-Type: application/json' --data-binary @batch "$root/v1/logs")" = 200
check "with what is rejected" grep -q '"rejectedLogRecords":"1"' got
check "what is forced is marked" eventually out "event      by_hand  forced  by file"
check "what is malformed is said" eventually out "malformed  record 2 of 3  guidon.event.name is missing"
check "an exposure is told as a decision" \
  eventually out "decision   composer = labelled  split, experiment attach-button, device d-1"
gzip -k batch
check "gzip is taken" test "$(status -H 'Content-Type: application/json' -H 'Content-Encoding: gzip' --data-binary @batch.gz "$root/v1/logs")" = 200
check "a retry is not told again" test "$(grep -c by_hand out)" = 1
check "what is no JSON is refused" test "$(status -H 'Content-Type: application/json' -d '{' "$root/v1/logs")" = 400
head -c 5000000 /dev/zero > large
check "what is too large is refused" test "$(status -H 'Content-Type: application/json' --data-binary @large "$root/v1/logs")" = 413

kill -INT $developing
check "it ends when it is told to" wait $developing
developing=
version=$(sed -n 's/^ended; the next start goes on from version //p' out)
check "it says from where it goes on" test -n "$version"

"$guidon" dev notes.source.json --port 0 --json --preview all > lines 2> err &
developing=$!
check "the next start has the same key" eventually lines "$key"
check "and a version that apps take: ${version} before" eventually lines "\"version\":\"1.$((${version#1.} + 1))\""
save 's/"default": 310/"default": 320/'
check "changes are told to programs" eventually lines '"from":"256\|"key":"upload-chunk-kb"'
check "each line is an object" eventually lines '^{"type":"published".*}$'
kill -INT $developing
check "it ends when it is told to" wait $developing
developing=
# shellcheck disable=SC2016
! command -v python3 > /dev/null || check "the lines are JSON" python3 -c 'import json,sys; [json.loads(line) for line in open("lines")]'

if ((failures > 0)); then
  cat out err app.out lines
  exit 1
fi
