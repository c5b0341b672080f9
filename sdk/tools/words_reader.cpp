#include "sdk/tools/words_reader.h"

#include <algorithm>

#include "guidon/limits.h"
#include "sdk/core/base/text.h"
#include "sdk/core/prompts/content.h"

namespace guidon::tools {
namespace {

// A word in double braces, as other tools write a place; here these are braces.
std::string_view DoubleBracesIn(std::string_view text) {
  const std::size_t open = text.find("{{");
  const std::size_t close = open == std::string_view::npos ? open : text.find("}}", open);
  if (close == std::string_view::npos || close == open + 2) return {};
  const std::string_view inside = text.substr(open + 2, close - open - 2);
  return inside.find_first_of(" {}") == std::string_view::npos ? inside : std::string_view();
}

bool IsPlainLine(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return (c >= 0 && c < 0x20) || c == 0x7F; });
}

}  // namespace

std::string ReadText(const Members& members, const Located& object, const char* member, std::size_t most,
                     bool is_required) {
  Problems& problems = members.problems();
  const Located* at = object.Find(member);
  if (at == nullptr) {
    if (is_required) {
      problems.Error("missing-member", object, std::string("\"") + member + "\" is missing",
                     std::string("write \"") + member + "\": the words that people read");
    }
    return "";
  }
  if (!members.Want(*at, json::Type::kString, "the words that people read, in quotes")) return "";
  std::string text(at->Text());
  if (is_required && text::Trim(text).empty()) {
    problems.Error("empty-text", *at, std::string("the ") + member + " is empty", "say in a few words what this is");
  } else if (text.size() > most) {
    problems.Error("text-too-long", *at,
                   std::to_string(text.size()) + " bytes, and a " + member + " has at most " + std::to_string(most),
                   "say it in fewer words; people read the first ten");
  }
  std::string lines = text;
  lines.erase(std::remove(lines.begin(), lines.end(), '\n'), lines.end());
  if (!IsPlainLine(most == limits::kPromptBodyBytes ? lines : text)) {
    problems.Error("control-character", *at, std::string("the ") + member + " has characters that nobody can read",
                   "take them out; only a body may have lines (\\n)");
  }
  CheckPlaces(members, *at, text);
  return text;
}

void CheckPlaces(const Members& members, const Located& at, const std::string& text) {
  expression::Error error;
  const std::optional<ruleset::PromptText> words = ruleset::ParsePromptText(text, &error.reason, &error.offset);
  if (!words) {
    error.size = 1;
    return members.ErrorWithin("bad-place", at, error);
  }
  if (const std::string_view word = DoubleBracesIn(text); !word.empty()) {
    members.problems().Warning("braces", at, "people would read {" + std::string(word) + "}, with the braces",
                               "to fill something in write {" + std::string(word) + "|friend}");
  }
  for (const ruleset::PromptText::Piece& piece : words->pieces) {
    if (piece.has_fallback || piece.source != ruleset::PromptText::Source::kAttribute) continue;
    const std::string name = prompts::PlaceName(piece.attribute);
    members.problems().Warning("place-without-fallback", at, "whoever has no '" + name + "' is not shown the prompt",
                               "say what is read then: {" + name + "|friend}; or keep it so if that is meant");
  }
}

}  // namespace guidon::tools
