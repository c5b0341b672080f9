#!/bin/sh
# Forcing, from an app that is really run to the page that is really served: each variant, off, unassigned, a flag's value
# and the prompt, each by the environment, by a file, by the API and by a token alone. A release key signed the datafile,
# so each takes a token for the person's device. What the page says of everybody else is the same,
# byte by byte, before anybody is forced, while they are, and after they used the app unforced again.
#   qa_test.sh GUIDON COLLECTOR TERMINAL SOURCE
set -eu
guidon=$1 collector=$2 terminal=$3 source=$4
. "$(dirname "$0")/collector.sh"
unset GUIDON_FORCE GUIDON_OVERRIDES_FILE GUIDON_NO_OVERRIDES
"$guidon" keygen --quiet --out "$work/release.key" >"$work/release.pub"
"$guidon" keygen --quiet --out "$work/qa.key" >"$work/qa.pub"
release_key=$work/release.key
start_collector "$guidon" "$collector" "$source" "$(date -u +%Y-%m-%dT%H:%M:%SZ)"

# run_app PERSON SCRIPT: what the app says, to out.PERSON.
run_app() {
  "$terminal" --script "$2" --datafile "$url/datafile" --datafile "$work/notes.datafile" --key "$(cat "$work/release.pub")" \
    --qa-key "$(cat "$work/qa.pub")" --collector "$url/v1/logs" --state "$work/state/$1" --person "$1" --seed "$(printf %s "$1" | cksum | cut -d " " -f 1)" \
    >"$work/out.$1" 2>&1 || true
}
# token_for PERSON OPTION...: for that person's device, and what it is to permit.
token_for() {
  token_person=$1
  shift
  printf 'device\nflush\n' >"$work/script"
  run_app "$token_person" "$work/script"
  device=$(sed -n "s/^ *This device's code is \(.*\)\.$/\1/p" "$work/out.$token_person")
  "$guidon" qa token "$work/notes.datafile" --key "$work/qa.key" --device "$device" "$@" 2>/dev/null
}

# use_app PERSON COMMAND...: those commands, then what people do.
use_app() {
  person=$1
  shift
  {
    [ "$#" -eq 0 ] || printf '%s\n' "$@"
    printf 'open 1\nscreen\n'
    [ "$kind" != prompt ] || printf 'prompt 10\n'  # waits for one, that long at most
    printf 'forced\nshare plan.pdf\nflush\n'
  } >"$work/script"
  run_app "$person" "$work/script"
}
# The page without its QA part, and without the moments of counting and of the last event.
save_counts() {
  "$collector" page --db "$work/events.db" --datafile "$work/notes.datafile" --out "$work/page.html" >/dev/null
  awk '/id="qa"/ { exit } { print }' RS='<h2' "$work/page.html" |
    sed -E 's/(counted|last event) [0-9-]+ [0-9:]+ UTC//g' >"$1"
  [ -s "$1" ] || fail "there is no page"
}

kind=
mkdir "$work/state"
for person in natural1 natural2 natural3; do use_app $person; done
save_counts "$work/before"
grep -q 'natural' "$work/page.html" && fail "the page names people who were not forced"

n=0
for forcing in experiment:attach-button=control experiment:attach-button=labelled experiment:attach-button=off \
  experiment:attach-button=unassigned flag:file-sharing=true prompt:try-file-share=show clock=+30d; do
  kind=${forcing%%[:=]*} rest=${forcing#*:}
  key=${rest%%=*} to=${rest#*=}
  case $kind in flag) json=$to ;; *) json="\"$to\"" ;; esac
  case $kind in
    experiment) command="force $key $to" ;;
    flag) command="force-flag $key $to" ;;
    prompt) command="force-prompt $key" ;;
    clock) command="force-clock $to" ;;
  esac
  for means in environment file api panel token; do
    n=$((n + 1))
    person=forced$n
    [ $((n % 2)) -eq 0 ] || (kind='' && use_app $person)  # half of them are somebody before
    [ $means = token ] || token=$(token_for $person --allow '*' --local)
    case $means in
      token) use_app $person "token $(token_for $person --force "$forcing")" ;;
      environment) GUIDON_FORCE=$forcing && export GUIDON_FORCE && use_app $person "token $token" && unset GUIDON_FORCE ;;
      file)
        printf '{"%ss":{"%s":%s}}' "$kind" "$key" "$json" >"$work/overrides.json"
        [ $kind != clock ] || printf '{"clock":%s}' "$json" >"$work/overrides.json"
        GUIDON_OVERRIDES_FILE=$work/overrides.json && export GUIDON_OVERRIDES_FILE
        use_app $person "token $token"
        unset GUIDON_OVERRIDES_FILE
        ;;
      api) use_app $person "token $token" "$command" ;;
      panel)
        case $kind in clock) section=person ;; *) section=${kind}s ;; esac
        use_app $person "token $token" "panel $section $key" "panel force $to" 'panel off'
        ;;
    esac
    grep -q "$key: .*($means)" "$work/out.$person" || fail "$means does not force $forcing: $(cat "$work/out.$person")"
    [ "$kind" != prompt ] || grep -q 'Drop the file in' "$work/out.$person" || fail "$means shows no prompt: $(cat "$work/out.$person")"
    save_counts "$work/during"
    cmp -s "$work/before" "$work/during" ||
      fail "$forcing by $means shows in the counts: $(diff "$work/before" "$work/during" | head -n 5)"
    awk '/id="qa"/ { found = 1 } found { print }' RS='<h2' "$work/page.html" >"$work/qa"
    grep -q "account $person" "$work/qa" || fail "the QA part does not list $person"
    grep -q "<code>$forcing" "$work/qa" || fail "the QA part does not say $forcing"
    grep -q "by $means" "$work/qa" || fail "the QA part does not say by $means"
    [ $((n % 3)) -eq 0 ] || (kind='' && use_app $person 'token off')  # most of them use the app unforced again
  done
done
kind=
save_counts "$work/after"
cmp -s "$work/before" "$work/after" || fail "who was forced shows in the counts afterwards: $(diff "$work/before" "$work/after" | head -n 5)"
use_app natural4
save_counts "$work/another"
if cmp -s "$work/before" "$work/another"; then fail "the counts count nobody"; fi
echo "$n forcings, each on the QA part of the page and nowhere else"
