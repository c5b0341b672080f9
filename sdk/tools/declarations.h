// Flags as an app declares them in C++: written from a source, and read back to see that both agree.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/status.h"
#include "guidon/value.h"
#include "sdk/core/ruleset/value.h"

namespace guidon::tools {

struct FlagToDeclare {
  std::string key;
  ruleset::ValueType type = ruleset::ValueType::kBool;
  Value fallback;
  std::vector<std::string> comments;  // a paragraph each
  std::string decided;                // "shipped: always true"; empty: it is not
};

// A whole header. `about` is its first paragraph. kInvalidArgument where two keys have one name in C++, or one has
// none.
Result<std::string> WriteDeclarations(const std::vector<FlagToDeclare>& flags, const std::string& about,
                                      const std::string& name_space);

// "upload-chunk-kb" is kUploadChunkKb. Empty when nothing of the key can be in a name.
std::string DeclaredName(std::string_view key);
// One or several identifiers of C++, with :: between them.
bool IsNamespace(std::string_view text);

struct DeclaredFlag {
  std::string key;
  std::string type;  // as it is written: "bool", "std::int64_t", "guidon::Json"
  std::size_t line = 0;
};

// Each `Flag<TYPE> NAME{"KEY", …}` of a C++ text that is not within a comment, also with round brackets.
std::vector<DeclaredFlag> ReadDeclarations(std::string_view text);

// Whether that type in C++ is the flag's.
bool IsDeclaredAs(std::string_view type, ruleset::ValueType flag) noexcept;
// "bool", "std::int64_t", "double", "std::string", "guidon::Json".
std::string_view DeclaredType(ruleset::ValueType type) noexcept;

}  // namespace guidon::tools
