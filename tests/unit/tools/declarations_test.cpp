// Declarations of flags in C++: names, literals, and what is read of an app's own.
#include "sdk/tools/declarations.h"

#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <vector>

#include "sdk/tools/files.h"
#include "tests/unit/tools/command.h"
#include "tests/unit/tools/workbench.h"

using namespace guidon;
using namespace guidon::tools;

TEST_CASE("a key becomes a name, and two keys never one") {
  const struct {
    const char* key;
    const char* name;
  } rows[] = {{"upload-chunk-kb", "kUploadChunkKb"},
              {"a.b_c", "kABC"},
              {"2fa", "k2fa"},
              {"x", "kX"},
              {"-", ""},
              {"Ab-cD", "kAbCD"}};
  for (const auto& row : rows) {
    CAPTURE(row.key);
    CHECK(DeclaredName(row.key) == row.name);
  }
  FlagToDeclare one, two;
  one.key = "a-b";
  two.key = "a.b";
  CHECK(WriteDeclarations({one, two}, "about", "flags").status().message() ==
        "flags \"a-b\" and \"a.b\" would both be kAB");
  CHECK_FALSE(IsNamespace("a::"));
  CHECK_FALSE(IsNamespace("2a"));
  CHECK(IsNamespace("notes::flags"));
}

TEST_CASE("what is written is read again, whatever is in the texts") {
  std::vector<FlagToDeclare> flags;
  const auto add = [&flags](const char* key, ruleset::ValueType type, Value fallback, const char* about) {
    FlagToDeclare flag;
    flag.key = key;
    flag.type = type;
    flag.fallback = std::move(fallback);
    flag.comments = {about};
    flags.push_back(flag);
  };
  add("bool", ruleset::ValueType::kBool, Value(true), "ends in \\");
  add("int", ruleset::ValueType::kInt, Value(std::numeric_limits<std::int64_t>::min()), "two\nlines */");
  add("double", ruleset::ValueType::kDouble, Value(1), "");
  add("text", ruleset::ValueType::kString,
      Value(std::string("a\"b\\c\n\x01"
                        "7ä")),
      "Flag<bool> kNone{\"none\", true}");
  add("json", ruleset::ValueType::kJson, Value(List{Value(1), Value("x")}), "");
  const Result<std::string> header = WriteDeclarations(flags, "about", "flags");
  REQUIRE(header.ok());
  CAPTURE(*header);
  CHECK(header->find("{\"int\", -9223372036854775807 - 1}") != std::string::npos);
  CHECK(header->find("{\"double\", 1.0}") != std::string::npos);
  CHECK(header->find(R"({"text", "a\"b\\c\n\0017ä"})") != std::string::npos);
  CHECK(header->find(R"({"json", "[1,\"x\"]"})") != std::string::npos);
  CHECK(header->find("\\\n") == std::string::npos);
  const std::vector<DeclaredFlag> read = ReadDeclarations(*header);
  REQUIRE(read.size() == flags.size());
  for (std::size_t i = 0; i < read.size(); ++i) {
    CHECK(read[i].key == flags[i].key);
    CHECK(IsDeclaredAs(read[i].type, flags[i].type));
  }
}

TEST_CASE("an app's own declarations are read with their lines, and nothing else is") {
  const std::vector<DeclaredFlag> read = ReadDeclarations(R"(// Flag<bool> kOld{"old", true};
/* guidon::Flag<bool> kOlder{"older",
   true}; */
template <class T> void Use(const guidon::Flag<T>& flag);
const char* kText = "Flag<bool> kIn{\"in\", 1}; // not a comment";
inline constexpr guidon::Flag< bool >
    kSharing {
      "file-sharing", false};
constexpr Flag<std::int64_t> kChunk("chunk-kb", 256);
MyFlag<bool> kOther{"other", true};
guidon::Flag<bool> flag = kSharing;)");
  REQUIRE(read.size() == 2);
  CHECK(read[0].key == "file-sharing");
  CHECK(read[0].type == "bool");
  CHECK(read[0].line == 6);
  CHECK(read[1].key == "chunk-kb");
  CHECK(IsDeclaredAs(read[1].type, ruleset::ValueType::kInt));
  CHECK(read[1].line == 9);
}

TEST_CASE("the check names each key that is not there and each type that is another, by its line") {
  const Folder folder;
  REQUIRE(
      WriteFile(folder / "source", SourceWith(R"("flags":{"composer":{"default":"icon"},"size":{"default":1}})")).ok());
  REQUIRE(WriteFile(folder / "good.h", "inline constexpr guidon::Flag<std::string> kComposer{\"composer\", \"x\"};\n")
              .ok());
  REQUIRE(WriteFile(folder / "bad.h",
                    "guidon::Flag<bool> kComposer{\"composer\", true};\n"
                    "guidon::Flag<std::int64_t> kSize{\"sizes\", 1};\n")
              .ok());
  REQUIRE(WriteFile(folder / "none.h", "int main() {}\n").ok());
  const std::string check = "generate " + (folder / "source") + " --check ";
  const Outcome good = Run(check + (folder / "good.h"));
  CAPTURE(good.output);
  CHECK(good.exit_code == 0);
  CHECK(Says(good, "1 declared flag as the source has them"));
  CHECK(Says(good, "flag \"size\" of the source is not declared"));
  const Outcome bad = Run(check + (folder / "bad.h"));
  CAPTURE(bad.output);
  CHECK(bad.exit_code == 1);
  CHECK(Says(bad, "bad.h:1: flag \"composer\" is declared as bool, and in the source it is std::string"));
  CHECK(Says(bad, "bad.h:2: flag \"sizes\" is not in the source; did you mean \"size\"?"));
  CHECK(Run(check + (folder / "none.h")).exit_code == 1);
  CHECK(Run("generate " + (folder / "source") + " --namespace 'a b'").exit_code == 2);
}
