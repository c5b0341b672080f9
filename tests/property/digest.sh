#!/bin/sh
# Compiles the digest of slots and decisions with options that could change it, runs each, and fails when one differs.
# Takes no CMake, so that a cross compiler is enough; nlohmann-json and xxHash have to be among its headers.
#   tests/property/digest.sh [FOLDER]
#   CXX=aarch64-linux-gnu-g++ RUN=qemu-aarch64 tests/property/digest.sh [FOLDER]
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
out=${1:-$root/build/digest}
sources=$(cd "$root" && find sdk/core -name '*.cpp' | sort)
for name in bucketing_under_test decisions digest line; do sources="$sources tests/property/$name.cpp"; done

for flags in "-O0" "-O3 -ffast-math"; do
  folder=$out/$(echo "$flags" | tr -cd '[:alnum:]')
  mkdir -p "$folder"
  rm -f "$folder"/*.o
  # Each object is named by its whole path, since several folders have a file of one name.
  for source in $sources; do echo "$source $folder/$(echo "$source" | tr '/' '_').o"; done |
    (cd "$root" && xargs -P 2 -L 1 sh -c "${CXX:-c++} -std=c++17 $flags -I. -Isdk/include -c \$1 -o \$2" compile)
  ${CXX:-c++} "$folder"/*.o -o "$folder/digest"
  echo "== $flags"
  ${RUN:-} "$folder/digest"
done
