#!/usr/bin/env bash
# Guidon from end to end on this machine: builds it, publishes signed rules, lets 600 simulated people live with them for
# three weeks while some of their apps are killed, nudges those who have not found a feature, and checks what arrived
# against what was planted and what was written down. Takes a few minutes. Needs nothing but this source tree; leaves build/ behind.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly people=600 days=21 seed=7 first_day=2026-01-05 label_effect=12 nudge_effect=25
readonly source=samples/datafiles/notes.source.json
readonly page=build/demo/results.html
readonly bin=$PWD/build/release/bin

# --- What it looks like ---

if [[ -t 1 && -z ${NO_COLOR:-} && ${TERM:-dumb} != dumb ]]; then
  bold=$'\e[1m' dim=$'\e[2m' good=$'\e[32m' bad=$'\e[31m' accent=$'\e[36m' plain=$'\e[0m'
else
  bold='' dim='' good='' bad='' accent='' plain=''
fi

section=0
step=start
heading() {
  section=$((section + 1))
  step=$1
  printf '\n%s%d  %s%s\n\n' "$bold$accent" "$section" "$1" "$plain"
}
say() { printf '%s\n' "$*" | fold -s -w 78 | sed 's/^/  /; s/ *$//'; }
quote() { sed 's/^/    /; s/ *$//'; }
show() { printf '  %s$ %s%s\n' "$dim" "$*" "$plain"; }
milliseconds() { local now=${EPOCHREALTIME/[.,]/}; printf '%s' $((now / 1000)); }

# --- Ends and failures ---

work=
log=
declare -A children=()  # those that run, by process id
finish() {
  local code=$?
  trap - EXIT
  [[ -t 1 ]] && printf '\r\e[K'
  if ((code == 130 || code == 143)); then
    printf '\n%sstopped at: %s%s\n' "$bad" "$step" "$plain" >&2
  elif ((code != 0)); then
    printf '\n%sfailed: %s%s\n' "$bad" "$step" "$plain" >&2
    if [[ -n $log && -s $log ]]; then
      printf 'the last lines of its log:\n' >&2
      tail -n 25 "$log" >&2
    fi
  fi
  local pid
  for pid in "${!children[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${!children[@]}"; do wait "$pid" 2>/dev/null || true; done
  [[ -n $work ]] && rm -rf "$work"
  exit "$code"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Waits for one of the children; its exit code.
await() {
  local code=0
  wait "$1" || code=$?
  unset "children[$1]"
  return "$code"
}

# Runs a long step in the background and shows for how long, on one line. Its output goes to the log.
quietly() {
  local what=$1 began=$SECONDS pid
  shift
  log=$work/step.log
  "$@" >"$log" 2>&1 </dev/null &
  pid=$!
  children[$pid]=1
  if [[ -t 1 ]]; then
    while kill -0 "$pid" 2>/dev/null; do
      printf '\r  %s… %s%d s%s ' "$what" "$dim" $((SECONDS - began)) "$plain"
      sleep 0.5
    done
    printf '\r\e[K'
  fi
  await "$pid" || { step=$what; return 1; }
  printf '  %s%s%s (%d s)\n' "$good" "$what" "$plain" $((SECONDS - began))
}

# Waits until a condition holds; fails after some seconds.
until_true() {
  local seconds=$1 end
  shift
  end=$((SECONDS + seconds))
  until "$@"; do
    ((SECONDS < end)) || return 1
    sleep 0.05
  done
}

# --- What is needed ---

readonly packages=(g++ cmake ninja-build pkg-config nlohmann-json3-dev libxxhash-dev libcurl4-openssl-dev libssl-dev
  libsqlite3-dev zlib1g-dev libre2-dev libcpp-httplib-dev libqrencode-dev doctest-dev curl ca-certificates)

install_what_is_missing() {
  local package missing=()
  if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    for package in c++ cmake curl; do
      command -v "$package" >/dev/null || missing+=("$package")
    done
    ((${#missing[@]} == 0)) && return
    say "Missing here: ${missing[*]}. Please install a C++17 compiler, cmake, ninja, pkg-config, curl, and the" \
      "development packages of nlohmann-json, xxHash, libcurl, OpenSSL, SQLite, zlib, RE2, cpp-httplib and doctest."
    return 1
  fi
  for package in "${packages[@]}"; do
    [[ $(dpkg-query -W -f='${Status}' "$package" 2>/dev/null) == *' installed' ]] || missing+=("$package")
  done
  ((${#missing[@]} == 0)) && return
  if ((EUID != 0)); then
    say "Some packages are missing. Please run this and start again:"
    printf '\n    sudo apt-get install -y %s\n' "${missing[*]}"
    return 1
  fi
  export DEBIAN_FRONTEND=noninteractive
  quietly "install ${#missing[@]} packages" \
    sh -c 'apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@"' sh "${missing[@]}"
}

build() {
  local options=(-DCMAKE_BUILD_TYPE=Release)
  # A build folder that is there already keeps its own settings.
  if [[ ! -e build/release/CMakeCache.txt ]]; then
    command -v ninja >/dev/null && options+=(-G Ninja)
  fi
  cmake -S . -B build/release "${options[@]}"
  cmake --build build/release --parallel "$(getconf _NPROCESSORS_ONLN)" --target guidon_cli guidon-collector guidon-terminal
}

# Replaces the published datafile whole, as a release does.
publish() { mv "$1" "$work/public/notes.datafile"; }

# --- The parts of the story ---

prepare() {
  heading "Build"
  install_what_is_missing
  quietly "build the library, the command, the collector and the app" build
}

# That keygen printed last.
public_key() {
  awk 'match($0, /[A-Za-z0-9+\/]+=/) && RLENGTH == 44 { print substr($0, RSTART, RLENGTH); exit }' "$work/keygen.txt"
}

write_rules() {
  heading "Write the rules, check them, sign them"
  say "A growth team writes flags, experiments and campaigns as one file. The checker reads it first:"
  show "guidon lint $source"
  "$bin/guidon" lint "$source" 2>&1 | fold -s -w 76 | quote
  say "A key, made just now; the app knows its public half:"
  show "guidon keygen --out notes.key"
  "$bin/guidon" keygen --out "$work/notes.key" >"$work/keygen.txt"
  key=$(public_key)
  printf '    public key %s\n' "$key"
  show "guidon build notes.source.json --key notes.key --out v1.datafile"
  cp "$source" "$work/notes.source.json"
  (cd "$work" && "$bin/guidon" build notes.source.json --key notes.key --now "${first_day}T00:00:00Z" \
    --out v1.datafile 2>&1) | fold -s -w 76 | quote
  mkdir "$work/public"
  cp "$work/v1.datafile" "$work/next.datafile"
  publish "$work/next.datafile"
}

start_collector() {
  log=$work/collector.log
  "$bin/guidon-collector" --db "$work/events.db" --datafile "$work/public/notes.datafile" --port 0 \
    --port-file "$work/port" --clock-from-events >"$log" 2>&1 </dev/null &
  children[$!]=1
  until_true 10 test -s "$work/port"
  url=http://127.0.0.1:$(<"$work/port")
}

simulate() {
  heading "$people people, $days days, and a tenth of them killed in mid-work"
  start_collector
  say "Each person is a real client with its own store on disk, sending to a real collector. A label on the attach" \
    "button is planted to make $label_effect of 100 more people share a file within a week; the first screens change nothing." \
    "So is a prompt for those who write long notes and share nothing: it makes $nudge_effect of 100 more of them share." \
    "The apps of a tenth of the people get SIGKILL while they tell, commit or send, and are started again."
  printf '\n'
  step="simulate $people people"
  log=$work/simulate.log
  "$bin/guidon-terminal" simulate --people $people --days $days --seed $seed --start $first_day --jobs 2 \
    --effect attach-button=$label_effect --effect onboarding=0 \
    --effect try-file-share=$nudge_effect --datafile-url "$url/datafile" \
    --collector "$url/v1/logs" --key "$key" --state "$work/people" --ledger "$work/ledger" \
    --report "$work/report.json" 2>"$log" </dev/null &
  children[$!]=1
  await "$!"
}

explain_one_person() {
  heading "What one person got, and why"
  local device
  device=$(grep -m 1 -oE '"device": *"[^"]+"' "$work/report.json" | cut -d '"' -f 4)
  printf '{"units": {"device": "%s", "account": "p0001"}, "attributes": {"plan": "free"}}\n' "$device" >"$work/p0001.json"
  say "The first person's device is $device. The command decides as the device did, from the same signed file:"
  show "guidon explain v1.datafile --flag composer --context p0001.json"
  "$bin/guidon" explain "$work/v1.datafile" --flag composer --context "$work/p0001.json" \
    --at "${first_day}T12:00:00Z" 2>&1 | sed 's/^/  /'
}

digest() { "$bin/guidon-terminal" digest --results "$work/results.json" --part "$1" | sed 's/^/  /'; }

find_who_has_not() {
  heading "Find: who has not found the feature yet"
  curl -fsS "$url/results.json" -o "$work/results.json"
  digest adoption
  printf '\n'
  say "Half of the people have shared no file. The campaign try-file-share is for those among them who write long notes:"
  sed -n '/"trigger"/,/"holdout"/p' "$source" | sed 's/^ */    /'
}

# A new device with a person and a time of its own; it sends nothing.
ada() {
  "$bin/guidon-terminal" --datafile "$work/v1.datafile" --key "$key" --state "$work/ada" --person ada --seed 1 \
    --now "$1" --script - 2>&1
}

# What the command says of the prompt, from the store on a person's device.
explain_prompt() {
  "$bin/guidon" explain "$work/v1.datafile" --prompt try-file-share --context "$work/who.json" --state "$1" \
    --event "note_created chars=450" --at "$2" | sed 's/^/  /'
}

nudge_one_person() {
  heading "Nudge: what one person saw, and why"
  say "Ada, on a device of her own, has opened the app on two days. Now she writes a long note. The command reads her" \
    "device's store and says what is about to happen:"
  printf '{"units": {"account": "ada"}, "attributes": {"plan": "free"}}\n' >"$work/who.json"
  local day
  log=$work/ada.txt
  for day in 19 20; do printf 'open 1\nflush\n' | ada "2026-01-${day}T10:00:00Z" >"$log"; done
  show "guidon explain v1.datafile --prompt try-file-share --state ada --event …"
  explain_prompt "$work/ada/guidon" 2026-01-21T10:00:00Z
  printf '\n'
  say "She writes it, opens it, and sees:"
  printf 'note-of 450\nopen 2\nprompt 10\nscreen\npress 2\nflush\n' | ada 2026-01-21T10:00:00Z >"$log"
  grep -q 'tooltip at attach_button' "$log"
  sed -n '/ Notes /,/ esc dismiss/p' "$log"
  printf '\n'
  say "She presses 2, Later."
}

why_another_did_not() {
  heading "Why another did not, and when it may next happen"
  say "An hour later Ada writes again:"
  explain_prompt "$work/ada/guidon" 2026-01-21T11:00:00Z | grep -E 'is not shown|wait|cap |next possible'
  # Of the simulated people, the first who closed the prompt in the last days.
  local person='' ledger
  for ledger in "$work"/ledger/*.ledger; do
    [[ $(grep ' prompt ' "$ledger" | tail -n 1) == *:dismissal ]] || continue
    person=$(basename "$ledger" .ledger)
    (($(grep '^prompted ' "$work/people/$person/diary" | tail -n 1 | cut -d ' ' -f 2) >= 16)) && break
  done
  printf '{"units": {"account": "%s"}, "attributes": {"plan": "free"}}\n' "$person" >"$work/who.json"
  printf '\n'
  say "$person, one of the simulated people, closed it. From the store on that person's device, on the last day:"
  explain_prompt "$work/people/$person/guidon" 2026-01-25T23:00:00Z
}

has_forced_unit() {
  curl -fsS "$url/results.json" -o "$work/results.json"
  digest qa | grep -q 'forced: 1 unit '
}

force_for_qa() {
  heading "QA: force anything, pollute nothing"
  local part
  for part in adoption lifecycle campaigns kpis; do digest $part; done >"$work/before.txt"
  "$bin/guidon-terminal" compare --report "$work/report.json" --results "$work/results.json" >>"$work/before.txt" || true
  "$bin/guidon" keygen --out "$work/qa.key" >"$work/keygen.txt"
  local tester=("$bin/guidon-terminal" --datafile "$url/datafile" --datafile "$work/v1.datafile" --key "$key"
    --qa-key "$(public_key)" --collector "$url/v1/logs" --state "$work/qa" --person tester --seed 4
    --now 2026-01-25T12:00:00Z --script -)
  printf '{"experiments": {"attach-button": "labelled"}}\n' >"$work/overrides.json"
  say "A release key signed these rules, so without permission nobody forces anything, by whatever means:"
  show "export GUIDON_FORCE='flag:upload-chunk-kb=64'"
  show "export GUIDON_OVERRIDES_FILE=overrides.json"
  show "guidon-terminal --person tester …"
  log=$work/qa.txt
  export GUIDON_FORCE='flag:upload-chunk-kb=64' GUIDON_OVERRIDES_FILE=$work/overrides.json
  printf 'device\nforced\n' | "${tester[@]}" >"$log" 2>&1
  sed -n '/^> forced/,$p' "$log" | sed '/^>/d' | fold -s -w 76 | quote
  local device
  device=$(sed -n "s/^ *This device's code is \\(.*\\)\\.$/\\1/p" "$log")
  say "A key of its own, for QA alone, makes a token for that device, for a day:"
  show "guidon qa token v1.datafile --key qa.key --device $device --allow '*' --local"
  "$bin/guidon" qa token "$work/v1.datafile" --key "$work/qa.key" --device "$device" --allow '*' --local \
    --now 2026-01-25T11:00:00Z >"$work/token.txt" 2>"$work/token.says"
  quote <"$work/token.says"
  say "With it the tester has forced a flag by the environment, an experiment by a file, and a prompt by a command;" \
    "beside each stands what it would be:"
  printf 'token %s\nopen 1\nforce-prompt try-file-share\nprompt 10\nforced\npress 1\nshare plan.pdf\nscreen\nflush\n' \
    "$(cat "$work/token.txt")" | "${tester[@]}" >"$log" 2>&1
  unset GUIDON_FORCE GUIDON_OVERRIDES_FILE
  grep -A 3 '^> force-prompt' "$log" | fold -s -w 76 | quote
  sed -n '/^> forced/,/^> press/p' "$log" | sed '$d; /^>/d' | quote
  sed -n '/ Why am I seeing this/,/^├─*┤/p' "$log" | sed '$d'
  printf '\n'
  until_true 15 has_forced_unit  # the collector looks at its results again after a moment
  for part in adoption lifecycle campaigns kpis; do digest $part; done >"$work/after.txt"
  "$bin/guidon-terminal" compare --report "$work/report.json" --results "$work/results.json" >>"$work/after.txt" || true
  say "The tester opened the app, was shown variants and a prompt, and shared a file; all of it arrived. The results:"
  digest qa
  cmp "$work/before.txt" "$work/after.txt"
  say "Every other number is what it was before."
}

compare_effects() {
  heading "What the experiments and the nudge did, beside what was planted"
  "$bin/guidon-terminal" compare --report "$work/report.json" --results "$work/results.json" | sed 's/^/  /'
}

measure_growth() {
  heading "Who comes, who stays, and what it is worth"
  digest lifecycle
  printf '\n'
  digest kpis
  printf '\n'
  say "And the campaign's funnel, for people to read:"
  digest campaigns
}

audit_facts() {
  heading "Nothing lost, nothing counted twice"
  say "Every app wrote down, outside of Guidon, each event that Guidon called durable. The audit looks for all of them in" \
    "the collector's database, and for any that are in it twice. (In no ledger are the tester's events, and those of apps" \
    "that were killed between making an event durable and writing that down.)"
  show "guidon-collector audit --db events.db --ledger ledger"
  "$bin/guidon-collector" audit --db "$work/events.db" --ledger "$work/ledger" | quote
}

check_the_checker() {
  heading "Would the audit notice?"
  local id
  id=$(awk '$2 == "tracked" { print $1; exit }' "$work/ledger/p0001.ledger")
  mkdir "$work/copy"
  cp "$work"/events.db* "$work/copy/"  # with its log; nobody writes now
  say "In a copy of the database one event is deleted on purpose:"
  show "guidon-collector drop-event --db copy/events.db --id ${id%%-*}…"
  "$bin/guidon-collector" drop-event --db "$work/copy/events.db" --id "$id" >"$log"
  show "guidon-collector audit --db copy/events.db --ledger ledger"
  local code=0
  "$bin/guidon-collector" audit --db "$work/copy/events.db" --ledger "$work/ledger" >"$work/copy.txt" || code=$?
  tail -n 1 "$work/copy.txt" | quote
  ((code == 1)) && [[ $(tail -n 1 "$work/copy.txt") == 'duplicates 0, lost 1' ]]
}

flip_the_kill_switch() {
  heading "A kill switch, thrown while three apps run"
  "$bin/guidon" build "$source" --previous "$work/v1.datafile" --key "$work/notes.key" --out "$work/v2.datafile" \
    >"$work/v2.txt" 2>&1
  cp "$work/v2.datafile" "$work/next.datafile"
  publish "$work/next.datafile"
  say "Three apps open a note. They listen for newer rules on a stream, and ask once in ten minutes besides."
  local app
  printf 'open 1\nscreen\nawait file-sharing 60\nscreen\n' >"$work/script"
  for app in 1 2 3; do
    "$bin/guidon-terminal" --script "$work/script" --datafile "$url/datafile" --key "$key" --poll 600 \
      --stream "$url/datafile/events" --state "$work/app$app" --person "app$app" >"$work/app$app.txt" 2>&1 </dev/null &
    children[$!]=1
    apps[app]=$!
  done
  log=$work/app1.txt
  for app in 1 2 3; do until_true 15 grep -q 'datafile .* network' "$work/app$app.txt"; done
  # A killed flag is what its default says, whatever its rules are.
  sed -E 's/("file-sharing": *\{)/\1 "kill": true,/' "$source" >"$work/killed.source.json"
  "$bin/guidon" build "$work/killed.source.json" --previous "$work/v2.datafile" --key "$work/notes.key" \
    --out "$work/v3.datafile" >"$work/v3.txt" 2>&1
  say 'file-sharing gets "kill": true; the file is built and published:'
  show "guidon build notes.source.json --previous v2.datafile --key notes.key"
  local published seen
  published=$(milliseconds)
  publish "$work/v3.datafile"
  for app in 1 2 3; do
    log=$work/app$app.txt
    await "${apps[app]}"
    seen=$(grep -oE 'at [0-9]+ file-sharing: on -> off' "$log" | cut -d ' ' -f 2)
    printf '    app%d: off after %s%d ms%s\n' "$app" "$good" $((seen - published)) "$plain"
  done
  printf '\n'
  # The last screen that the first app drew.
  awk '/ Notes / { screen = "" } !/ are kept for the next start/ { screen = screen $0 "\n" } END { printf "%s", screen }' \
    "$work/app1.txt"
}

show_page() {
  heading "The results page"
  mkdir -p "$(dirname "$page")"
  "$bin/guidon-collector" page --db "$work/events.db" --datafile "$work/v1.datafile" --out "$page"
  say "Written to $page"
  if [[ -t 0 && -t 1 ]]; then
    say "Served at $url/ until you press Enter."
    read -r _ || true
  fi
}

# macOS brings an older one; there, a newer bash comes from a package.
if ((BASH_VERSINFO[0] < 5)); then
  echo 'this script needs bash 5 or newer' >&2
  exit 1
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/guidon-demo.XXXXXX")
apps=()
printf '%sGuidon%s: flags, experiments, prompts and events, from end to end\n' "$bold" "$plain"
prepare
write_rules
simulate
explain_one_person
find_who_has_not
nudge_one_person
why_another_did_not
force_for_qa
compare_effects
measure_growth
audit_facts
check_the_checker
flip_the_kill_switch
show_page
printf '\n%sAll of it held%s (%d s)\n' "$good" "$plain" "$SECONDS"
