#!/usr/bin/env bash
# The runner of vendors' cases, on cases of our own: it counts, names what failed, and says what it leaves out.
#   runner_test.sh GUIDON_CONFORMANCE
set -u
runner=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

failures=0
check() { # WHAT COMMAND...
  local what=$1
  shift
  "$@" > /dev/null 2>&1 && return
  echo "not so: $what"
  failures=$((failures + 1))
}
# ends CODE TEXT ARGUMENT...: with that code, and says that.
ends() {
  local code=$1 text=$2 ended
  shift 2
  "$runner" "$@" > out 2>&1
  ended=$?
  [[ $ended == "$code" ]] && grep -qF -- "$text" out
}

mkdir -p cases/growthbook
cat > cases/growthbook/ours.json <<'CASES'
{ "specVersion": "1",
  "hash": [["my-test", "user-1", 1, 0.401], ["my-test", "user-1", 2, 0.0323], ["my-test", "user-1", 7, null], ["a", 12, 1, 0.729]],
  "getEqualWeights": [[4, [0.25, 0.25, 0.25, 0.25]], [3, [0.33333333, 0.33333333, 0.33333333]]],
  "getBucketRange": [["thirds", [3, 0.3, null], [[0, 0.1], [0.333333333, 0.433333333], [0.666666666, 0.766666666]]]],
  "somethingNew": [["what nobody knows yet", 1]] }
CASES
check "what holds is counted" ends 0 "growthbook: 7 passed, 0 failed, 1 skipped" cases
check "what it knows nothing of is skipped, with the reason" ends 0 "skipped 1: somethingNew: not built yet" cases
check "and named on demand" ends 0 "somethingNew 1: what nobody knows yet" -v cases
check "a suite without a dialect is no failure" ends 0 "eppo: no dialect yet" cases
check "one suite alone is run when it is asked for" ends 0 "configcat: no dialect yet" --suite configcat cases
check "and no other" test "$(wc -l < out)" = 1

mkdir -p planted/growthbook
sed 's/0.0323/0.0324/' cases/growthbook/ours.json > planted/growthbook/theirs.json
check "a case that does not hold fails" ends 1 "growthbook: 6 passed, 1 failed, 1 skipped" planted
check "and is named, with what was expected" ends 1 "expected 0.0324" -v planted
check "and what came" ends 1 "actual   0.0323" -v planted

mkdir empty
check "a suite that is not there is said to be skipped" ends 0 "growthbook: SKIPPED, there is no folder empty/growthbook" empty
mkdir -p broken/growthbook && echo '{' > broken/growthbook/x.json
check "one that cannot be read fails" ends 1 "growthbook: cannot be read: broken/growthbook/x.json: line" broken
check "a folder that is not there is wrong usage" ends 2 "there is no folder nowhere" nowhere
check "a suite that nobody knows, too" ends 2 "there is no suite split; there are growthbook" --suite split cases

if ((failures > 0)); then
  cat out
  exit 1
fi
