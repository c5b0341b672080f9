#!/usr/bin/env bash
# Runs what a page says to run, and fails where it comes out otherwise than the page shows.
#   page_test.sh PAGE PROGRAM...
#
# A block that begins with ```console has commands, which begin with "$ " (a backslash at the end goes on in the next
# line), each followed by what it prints. There, … within a line stands for anything, and a line that is … alone for any
# number of lines. A block that begins with ```json NAME is written to the file of that name first. All run in one bash
# and one temporary folder, with the programs in the PATH.
set -u
page_name=$1
shift
page_file=$(realpath "$page_name")
for page_program in "$@"; do
  [[ -x $page_program ]] || { echo "$page_program cannot be run" >&2; exit 2; }
  PATH=$(dirname "$(realpath "$page_program")"):$PATH
done
# The root of the source tree, for pages of docs/guide.
guidon=$(realpath "$(dirname "$page_file")/../..")
# What a machine is set to shows in no output.
export LC_ALL=C.UTF-8 TERM=dumb NO_COLOR=1 TZ=UTC
unset GUIDON_FORCE GUIDON_OVERRIDES_FILE GUIDON_NO_OVERRIDES
page_work=$(mktemp -d)
page_finish() {
  local code=$?
  # shellcheck disable=SC2046
  kill $(jobs -p) 2>/dev/null
  wait 2>/dev/null
  rm -rf "$page_work"
  exit "$code"
}
trap page_finish EXIT
cd "$page_work" || exit 2

# Does the line look like the other, in which … stands for anything?
page_line_is() {
  local pattern=$2 special
  for special in \\ '*' '?' '[' ']'; do pattern=${pattern//"$special"/\\"$special"}; done
  # shellcheck disable=SC2053
  [[ $1 == ${pattern//…/*} ]]
}

page_failures=0
page_commands=0
page_number=0
page_command='' page_command_number=0
page_expected=()

# Runs the command that was read, and compares.
page_run() {
  [[ -n $page_command ]] || return 0
  page_commands=$((page_commands + 1))
  eval "$page_command" >page.out 2>&1 </dev/null
  sed -i 's/ *$//' page.out
  local -a page_actual
  mapfile -t page_actual <page.out
  local at=0 i line skips=0
  for ((i = 0; i < ${#page_expected[@]}; ++i)); do
    line=${page_expected[i]}
    if [[ $line == … ]]; then
      skips=1
      continue
    fi
    while ((skips && at < ${#page_actual[@]})) && ! page_line_is "${page_actual[at]}" "$line"; do
      at=$((at + 1))
    done
    if ((at >= ${#page_actual[@]})) || ! page_line_is "${page_actual[at]}" "$line"; then
      break
    fi
    at=$((at + 1))
    skips=0
  done
  if ((i < ${#page_expected[@]} || (!skips && at < ${#page_actual[@]}))); then
    page_failures=$((page_failures + 1))
    echo "$page_name:$page_command_number: \$ $page_command"
    ((i < ${#page_expected[@]})) && echo "  the page shows (line $((i + 1)) of it): ${page_expected[i]}"
    echo "  it printed:"
    sed 's/^/    /' page.out
  fi
  page_command=''
  page_expected=()
}

page_in=''         # which kind of block
page_json=''       # the file that a json block goes to
page_goes_on=false # the command goes on in the next line
while IFS= read -r page_line <&3 || [[ -n $page_line ]]; do
  page_number=$((page_number + 1))
  if [[ -n $page_in && $page_line == '```' ]]; then
    page_run
    page_in=''
  elif [[ $page_in == json ]]; then
    printf '%s\n' "$page_line" >>"$page_json"
  elif [[ $page_in == console ]]; then
    if $page_goes_on; then
      page_command+=$'\n'$page_line
    elif [[ $page_line == '$ '* ]]; then
      page_run
      page_command=${page_line#'$ '}
      page_command_number=$page_number
    else
      page_expected+=("$page_line")
      continue
    fi
    page_goes_on=false
    [[ $page_line == *\\ ]] && page_goes_on=true
  elif [[ $page_line == '```console'* ]]; then
    page_in=console
  elif [[ $page_line == '```json '* ]]; then
    page_in=json
    page_json=${page_line#'```json '}
    : >"$page_json"
  fi
done 3<"$page_file"
if [[ -n $page_in ]]; then
  echo "$page_name: a block does not end"
  page_failures=$((page_failures + 1))
fi
if ((page_commands == 0)); then
  echo "$page_name: there is nothing to run"
  page_failures=$((page_failures + 1))
fi
echo "$page_commands commands, $page_failures failures"
((page_failures == 0))
