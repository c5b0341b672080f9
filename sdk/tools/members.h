// Reading members of a source's objects, each fault reported where it stands. Shared by the readers of flags,
// experiments and the rest.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/time.h"
#include "sdk/core/expression/expression.h"
#include "sdk/core/expression/parser.h"
#include "sdk/tools/located_json.h"
#include "sdk/tools/problems.h"
#include "sdk/tools/source.h"

namespace guidon::tools {

// "an integer", "a text", … as messages say it.
std::string Describe(const Located& at);
// The value as written, cut where it is long.
std::string Shown(const Value& value);
// Slots of a million as a percentage: "50", "12.5".
std::string PercentText(std::int64_t slots);
// `'composer', 'checklist'`, cut where there are many.
std::string NameList(const std::vector<std::string_view>& names);
// "did you mean 'x'?" where one is near, else "there is 'a', 'b'", else `otherwise`.
std::string Suggest(std::string_view word, const std::vector<std::string_view>& known, const std::string& otherwise);

// Something@somewhere.tld, or a run that reads like a telephone number.
bool LooksPersonal(std::string_view text);

// A word of other tools, or a member that stands at another place, and what to write instead.
struct Synonym {
  std::string_view wrong;
  std::string_view advice;
};

class Members {
 public:
  // `text` is the whole source.
  Members(std::string_view text, Problems* problems) : text_(text), problems_(problems) {}

  Problems& problems() const { return *problems_; }

  // False, with an error, when it is of another type. `example` shows what would be right.
  bool Want(const Located& at, json::Type type, const std::string& example) const;
  // Reports members that are not among `known`. `synonyms` are those of this kind of object; there are general ones,
  // too.
  void CheckKnown(const Located& object, std::initializer_list<std::string_view> known, std::string_view what,
                  std::initializer_list<Synonym> synonyms = {}) const;
  // Letters, digits, '.', '_' and '-', at most 128 bytes.
  bool CheckName(std::string_view name, const Located& at, bool is_member, std::string_view what) const;

  // What the member says; nothing when it is absent or, with an error, wrong.
  std::optional<std::string> Text(const Located& object, std::string_view member) const;
  std::optional<bool> Bool(const Located& object, std::string_view member) const;
  std::optional<std::int64_t> Int(const Located& object, std::string_view member, std::int64_t least,
                                  std::int64_t most) const;
  std::optional<std::string> Unit(const Located& object) const;
  std::optional<Timestamp> Date(const Located& object, std::string_view member) const;
  std::optional<SourceTime> Moment(const Located& object, std::string_view member) const;
  // A percentage as slots of a million.
  std::optional<std::int64_t> Percent(const Located& at) const;
  std::optional<expression::Tree> Condition(const Located& at) const;
  // A fault within the text at `at`, with the text and a caret.
  void ErrorWithin(const char* code, const Located& at, const expression::Error& error) const;

  // Of an expression that was read otherwise.
  void LookForPersonalData(const Located& at, const expression::Tree& tree) const;

 private:
  std::string_view text_;
  Problems* problems_;
};

}  // namespace guidon::tools
