#!/usr/bin/env bash
# Compiles the digest of slots and decisions with options that could change it, runs each, and fails when one differs.
# Takes no CMake, so that a cross compiler is enough. Installs nothing: what is missing is skipped, and said.
#   tests/property/digest.sh [FOLDER]         for this machine
#   tests/property/digest.sh --all [FOLDER]   for other processors, too, 32 bits and big-endian among them, by emulation
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

export WINEDEBUG=-all  # of what it says about its windows, nothing is asked
is_all=
if [[ ${1:-} == --all ]]; then
  is_all=1
  shift
fi
out=${1:-build/digest}
host=${CXX:-c++}

# What deciding takes: no explanations, no prompts, no expressions.
mapfile -t sources < <(find sdk/core -name '*.cpp' -not -path '*/prompts/*' -not -path '*/expression/*' \
  -not -name 'expla*' -not -name 'condition_text.cpp' -not -name 'text_page.cpp' | sort)
for name in bucketing_under_test decisions digest line; do sources+=("tests/property/$name.cpp"); done
sources+=(sdk/tools/replayed.cpp sdk/tools/asked.cpp)

# Cross compilers do not look where this machine keeps its headers; these two are the same everywhere.
headers=$out/headers
mkdir -p "$headers"
header_path() { echo "#include <$1>" | "$host" -x c++ -M - | tr ' ' '\n' | grep -m 1 "/$1\$"; }
ln -sfn "$(header_path xxhash.h)" "$headers/xxhash.h"
ln -sfn "$(dirname "$(header_path nlohmann/json.hpp)")" "$headers/nlohmann"

failures=0
runs=0
skipped=()

# digest NAME RUNNER COMPILER...: with each of the options.
digest() {
  local name=$1 runner=$2 options folder
  shift 2
  for options in "-O0" "-O3" "-O3 -ffast-math"; do
    folder=$out/$name$(tr -d ' ' <<< "$options")
    rm -rf "$folder"
    mkdir -p "$folder"
    # Each object is named by its whole path, since several folders have a file of one name.
    for source in "${sources[@]}"; do echo "$source $folder/${source//\//_}.o"; done |
      xargs -P "$(nproc)" -L 1 sh -c "$* -std=c++17 $options -I. -Isdk/include -isystem $headers -c \$1 -o \$2" compile
    "$@" "$folder"/*.o -o "$folder/digest.exe"  # a name that every system runs
    echo "== $name $options"
    $runner "$folder/digest.exe" || failures=$((failures + 1))
    runs=$((runs + 1))
  done
}

# emulated NAME COMPILER EMULATOR
emulated() {
  local runner
  runner=$(command -v "$3" || command -v "$3-static" || true)
  if ! command -v "$2" > /dev/null; then
    skipped+=("$1: there is no $2")
  elif [[ -z $runner ]]; then
    skipped+=("$1: there is no $3")
  else
    digest "$1" "$runner" "$2" -static
  fi
}

digest "$(uname -m)" "" "$host"
if [[ -n $is_all ]]; then
  emulated i386 i686-linux-gnu-g++ qemu-i386
  emulated aarch64 aarch64-linux-gnu-g++ qemu-aarch64
  emulated s390x s390x-linux-gnu-g++ qemu-s390x
  emulated windows x86_64-w64-mingw32-g++-posix wine
fi
for reason in "${skipped[@]}"; do echo "SKIPPED $reason"; done
echo "$runs ways to build and run it, $failures of them wrong, ${#skipped[@]} processors skipped"
(( failures == 0 ))
