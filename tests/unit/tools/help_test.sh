#!/usr/bin/env bash
# The command as somebody meets it who has never seen it: every example in every help runs, every command speaks JSON when
# asked to, slips get a suggestion, colours are where they are wanted, and the page of commands says the same as the help.
#   help_test.sh GUIDON SOURCE PAGE
set -u
guidon=$1 source=$2 page=$3
export LC_ALL=C.UTF-8 TERM=dumb
unset NO_COLOR CLICOLOR_FORCE
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
mkdir bin work && ln -s "$guidon" bin/guidon && export PATH=$work/bin:$PATH

failures=0
check() { # WHAT COMMAND...
  local what=$1
  shift
  "$@" > /dev/null 2>&1 && return
  echo "not so: $what"
  failures=$((failures + 1))
}
says() { # TEXT COMMAND...: what it prints has that text.
  local text=$1
  shift
  "$@" 2>&1 | grep -qF -- "$text"
}
exits() { # CODE COMMAND...
  local code=$1
  shift
  "$@" > /dev/null 2>&1
  [[ $? == "$code" ]]
}
# Strict JSON, by the reader that names the first place where it is none.
is_json() { [[ -s $1 ]] && ! guidon lint "$1" --json | grep -q '"code": "not-json"\|"code": "duplicate-name"'; }
# Each line is an object of its own.
are_json() {
  local line
  while IFS= read -r line; do
    printf '%s' "$line" > one.json
    is_json one.json || return 1
  done < "$1"
}

cd work || exit 1
cp "$source" notes.source.json
sed 's/"percent": 10,/"percent": 20,/' notes.source.json > next.source.json
guidon keygen --quiet --out notes.key > notes.pub
guidon keygen --quiet --out next.key > next.pub
guidon keygen --quiet --out qa.key.0 > /dev/null
guidon build notes.source.json --key notes.key --now 2026-11-01T00:00:00Z --out published 2> /dev/null
guidon build next.source.json --key notes.key --previous published --out next 2> /dev/null
mkdir archive && cp published next archive
echo '{"guidon_trace":1}' > decisions.trace
cd ..

read -r -a commands <<< "$(guidon completion bash | sed -n 's/.*compgen -W "\(.*\) help".*/\1/p')"
check "there are commands" test ${#commands[@]} -ge 15

# What serves goes on until it is told to end.
run() { # LINE
  local line=$1
  case $line in
    'guidon dev '* | 'guidon serve '*) line="timeout --preserve-status -s INT 1.5 $line --port 0" ;;
  esac
  bash -c "$line"
}
fresh() {
  rm -rf try && cp -r work try && cd try || exit 1
  [[ $1 == qa ]] && mv qa.key.0 qa.key
}
for command in "${commands[@]}"; do
  check "$command has help" exits 0 guidon "$command" --help
  check "help $command is the same" test "$(guidon help "$command")" = "$(guidon "$command" --help)"
  guidon "$command" --help | sed '1,/^Examples$/d; s/^  //' > examples
  check "$command has an example" test -s examples
  while IFS= read -r line; do
    fresh "$command"
    check "this example of $command runs: $line" run "$line"
    rm -rf .guidon-dev release.key qa.key
    cd ..
    fresh "$command"
    if [[ $command != completion ]]; then
      run "$line --json" > ../out 2> ../err < /dev/null
      cd ..
      grep -q ' >' <<< "$line" && mv "try/$(sed 's/.*>//' <<< "$line")" out
      case $command in
        dev | serve) check "$command --json prints JSON lines" are_json out ;;
        *) check "with --json it prints JSON: $line" is_json out ;;
      esac
    else
      cd ..
      guidon completion bash --json > out
      check "completion --json prints JSON" is_json out
    fi
  done < examples
  # Bad input: nothing that is needed, and a file that is not there.
  for bad in "--json --oops" "nothing --json" "nothing nothing-either --json --key AAAA --context nothing --want a=b --unsigned"; do
    # shellcheck disable=SC2086
    guidon "$command" $bad > out 2> err < /dev/null
    code=$?
    check "$command $bad ends with 1 or 2" test $code -ge 1 -a $code -le 2
    check "$command $bad says why as JSON" is_json err
    check "$command $bad says its exit code" grep -q "\"exit_code\":$code" err
    check "$command $bad prints nothing else" test ! -s out
  done
done
guidon nothing --json 2> err
check "an unknown command is said as JSON" is_json err
guidon lint --color alway --json 2> err
check "so is a colour that is none" is_json err

cd work || exit 1
echo '{"units":{"device":"d-1"}}' > ann.json
check "a command is suggested" says "did you mean 'explain'?" guidon exlpain
check "an option is suggested" says "did you mean --previous?" guidon lint notes.source.json --previos published
check "a flag is suggested" says "did you mean 'composer'?" guidon explain published --context ann.json --flag composr
check "a campaign is suggested" says "did you mean 'try-file-share'?" \
  guidon explain published --context ann.json --prompt try-file-shar
check "what is wanted is suggested" says "did you mean 'attach-button'?" guidon find published --want attach-buton=labelled
check "an audited flag is suggested" says "did you mean 'composer'?" \
  guidon audit archive --key "$(cat notes.pub)" --flag composr --context ann.json
check "a previewed campaign is suggested" says "did you mean 'try-file-share'?" \
  guidon dev notes.source.json --port 0 --preview try-fileshare
check "a value is suggested" says "did you mean always?" guidon lint notes.source.json --color alway
check "a shell is suggested" says "did you mean 'bash'?" guidon completion bsh

escape=$(printf '\033')
check "no colour where there is no terminal" exits 1 says "$escape" guidon help
check "--color always" says "$escape" guidon lint notes.source.json --color always
check "--color=always, before the command" says "$escape" guidon --color=always help
check "CLICOLOR_FORCE" says "$escape" env CLICOLOR_FORCE=1 guidon help
check "CLICOLOR_FORCE=0 forces nothing" exits 1 says "$escape" env CLICOLOR_FORCE=0 guidon help
check "NO_COLOR is stronger" exits 1 says "$escape" env CLICOLOR_FORCE=1 NO_COLOR=1 guidon help
check "--color is stronger still" says "$escape" env NO_COLOR=1 guidon help --color always
check "--color never" exits 1 says "$escape" env CLICOLOR_FORCE=1 guidon help --color never
cd ..

complete_words() { # WORDS...: what bash offers for the last one.
  # shellcheck disable=SC2016
  bash -c 'source <(guidon completion bash); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _guidon; echo "${COMPREPLY[@]}"' \
    bash "$@"
}
check "commands are completed" test "$(complete_words guidon li)" = lint
check "options are completed" test "$(complete_words guidon lint x --prev)" = --previous

# The page and the help say the same.
guidon help | sed -n 's/^  \([a-z]\{2,10\}\)   *\([a-z].*\)$/| `\1` | \2 |/p' > rows
check "the overview has every command" test "$(wc -l < rows)" = ${#commands[@]}
while IFS= read -r row; do check "the page has the row: $row" grep -qF -- "$row" "$page"; done < rows
check "the page has no further command" \
  test "$(sed '/^## Exit codes/q' "$page" | grep -c '^| `')" = ${#commands[@]}
for command in "${commands[@]}"; do
  for option in $(guidon "$command" --help | sed -n 's/^  \(--[a-z-]*\).*/\1/p'); do
    check "the page tells of $command $option" grep -q "^\`$command\`.*\`$option\`" "$page"
  done
done

if ((failures > 0)); then
  cat rows
  exit 1
fi
