#!/usr/bin/env bash
# Builds everything and runs every test: first the suites in which sanitizers find something, then all of them as they ship.
# Ends with ctest's own summary.
#   tests/run.sh          what a change has to pass
#   tests/run.sh --all    the long properties, too, and the digests of other processors whose compilers are there
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

patience=()
case "${1:-}" in
  "") ;;
  --all)
    export GUIDON_LONG=1
    patience=(--timeout 3600)
    ;;
  *) echo "usage: tests/run.sh [--all]" >&2; exit 2 ;;
esac

packages=(g++ cmake ninja-build pkg-config nlohmann-json3-dev doctest-dev libxxhash-dev libcurl4-openssl-dev libssl-dev
          libsqlite3-dev zlib1g-dev libre2-dev libcpp-httplib-dev libqrencode-dev curl libgtest-dev catch2 libvalijson-dev)

install_missing() {
  if ! command -v dpkg-query > /dev/null; then
    echo "Not Debian or Ubuntu: the build will say what it misses. There the packages are called: ${packages[*]}"
    return
  fi
  local missing=() package
  for package in "${packages[@]}"; do
    [[ $(dpkg-query -W -f '${Status}' "$package" 2> /dev/null) == *"ok installed" ]] || missing+=("$package")
  done
  (( ${#missing[@]} )) || return 0
  if [[ $(id -u) != 0 ]]; then
    echo "Please run first: sudo apt-get install -y ${missing[*]}" >&2
    exit 1
  fi
  echo "Installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get -qq -o DPkg::Lock::Timeout=300 update
  apt-get -qq -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "${missing[@]}" > /dev/null
}

# quietly LOG COMMAND...: its output only when it fails.
quietly() {
  local log=$1
  shift
  if ! "$@" > "$log" 2>&1; then
    grep -n -m 20 -E "error:|ERROR|CMake Error|FAILED|SUMMARY|\*\*\*" "$log" || true
    tail -n 40 "$log"
    echo "failed: $*" >&2
    exit 1
  fi
}

# prepare PRESET [TARGET...]: configured and built, everything or those targets.
prepare() {
  local preset=$1 target
  shift
  echo "== $preset: building"
  mkdir -p "build/$preset"
  quietly "build/$preset/configure.log" cmake --preset "$preset"
  local wanted=()
  for target in "$@"; do
    wanted+=(--target "$target")
  done
  quietly "build/$preset/build.log" cmake --build "build/$preset" --parallel "$(nproc)" "${wanted[@]}"
}

# sanitized PRESET SUITE...: those suites only.
sanitized() {
  local preset=$1 suites
  shift
  prepare "$preset" "${@/%/_test}"
  suites=$(IFS='|'; echo "$*")
  echo "== $preset: running $*"
  quietly "build/$preset/test.log" ctest --preset "$preset" -R "^($suites)\$" --no-tests=error "${patience[@]}"
  tail -n 2 "build/$preset/test.log"
}

install_missing
prepare ci
long=()
[[ -z ${GUIDON_LONG:-} ]] || long=(teardown)
sanitized asan core expression datafile events client "${long[@]}"
sanitized tsan events client ports "${long[@]}"
if [[ -n ${GUIDON_LONG:-} ]]; then
  echo "== digests"
  tests/property/digest.sh --all
fi
conformance=${GUIDON_CONFORMANCE:-../shared/conformance}
if [[ -d $conformance ]]; then
  echo "== conformance"
  build/ci/bin/guidon-conformance "$conformance"
else
  echo "== CONFORMANCE SKIPPED: there are no vendors' cases in $conformance; GUIDON_CONFORMANCE may name another folder"
fi
echo "== ci: running"
ctest --preset ci --no-tests=error "${patience[@]}"
