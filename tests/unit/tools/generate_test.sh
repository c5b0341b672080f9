#!/bin/sh
# What `guidon generate` writes compiles, has the keys, types and fallbacks of the source, and has the compiler name each
# place where a decided flag is used.
#   generate_test.sh GUIDON COMPILER INCLUDE
set -eu
guidon=$1 compiler=$2 include=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/source.json" <<'SOURCE'
{"format":"guidon-source/1","project":"notes","environment":"test","flags":{
  "sharing":{"about":"Ends in a backslash \\","default":false},
  "upload-chunk-kb":{"default":-9223372036854775808},
  "ratio":{"type":"double","default":1},
  "welcome":{"about":"Two\nlines */","default":"a \"b\" \\ \n ä \u0001 7 ??/"},
  "layout":{"type":"json","default":{"columns":[1,2],"name":"x\"y"}},
  "composer":{"about":"How the button looks","default":"icon"},
  "done":{"default":false,"rules":[{"percent":100,"serve":true}]}},
 "experiments":{"look":{"hypothesis":"h","owner":"o","decide_by":"2027-01-15","percent":30,"goals":["g within 7d"],
  "status":"ended","ship":{"variant":"labelled","percent":100},
  "variants":{"control":{"composer":"icon"},"labelled":{"composer":"text"}}}}}
SOURCE
"$guidon" generate "$work/source.json" --now 2026-11-22 --namespace notes::flags --out "$work/flags.h" 2>"$work/says"
grep -q '7 flags in .*flags.h, of which 2 decided' "$work/says" || { cat "$work/says"; exit 1; }
cat >"$work/main.cpp" <<'CODE'
#include "flags.h"

#include <cstdio>
#include <type_traits>

template <class T>
void Print(const guidon::Flag<T>& flag, const char* type) {
  std::printf("%s %s ", std::string(flag.key).c_str(), type);
}
int main() {
  using namespace notes::flags;
  static_assert(std::is_same_v<decltype(kComposer), const guidon::Flag<std::string>>);
  Print(kSharing, "bool"), std::printf("%d\n", kSharing.fallback);
  Print(kUploadChunkKb, "int"), std::printf("%lld\n", static_cast<long long>(kUploadChunkKb.fallback));
  Print(kRatio, "double"), std::printf("%g\n", kRatio.fallback);
  Print(kWelcome, "string"), std::printf("%zu\n", kWelcome.fallback.size());
  Print(kLayout, "json"), std::printf("%s\n", std::string(kLayout.fallback).c_str());
  Print(kComposer, "string"), std::printf("%s\n", std::string(kComposer.fallback).c_str());
  Print(kDone, "bool"), std::printf("%d\n", kDone.fallback);
}
CODE
"$compiler" -std=c++17 -I"$include" -I"$work" -Wall -Wextra "$work/main.cpp" -o "$work/main" 2>"$work/warnings"
"$work/main" >"$work/printed"
cat >"$work/expected" <<'EXPECTED'
sharing bool 0
upload-chunk-kb int -9223372036854775808
ratio double 1
welcome string 20
layout json {"columns":[1,2],"name":"x\"y"}
composer string icon
done bool 0
EXPECTED
diff "$work/expected" "$work/printed"
grep -q 'shipped: always "text"\|shipped: always \\"text\\"' "$work/warnings" || { cat "$work/warnings"; exit 1; }
grep -q 'rolled out: always true' "$work/warnings" || { cat "$work/warnings"; exit 1; }
grep -v -i 'deprecated\|note:\|main.cpp\|flags.h\|^ ' "$work/warnings" | grep -i 'warning' && { cat "$work/warnings"; exit 1; }
"$guidon" generate "$work/source.json" --now 2026-11-22 --check "$work/flags.h" >/dev/null
"$guidon" generate "$work/source.json" --now 2026-11-22 --namespace notes::flags | cmp - "$work/flags.h"
echo "compiles, and says what is decided"
