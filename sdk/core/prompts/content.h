// The words of a prompt for one person: in a language that the person reads, with every place filled in.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "guidon/context.h"
#include "sdk/core/ruleset/prompt_content.h"

namespace guidon::prompts {

// The attribute that says which languages the person reads: a language tag, or several with commas between them, the
// best first ("de-AT, en").
inline constexpr char kLanguageAttribute[] = "language";

// The texts in the first language of those for which there are any, by BCP 47 lookup (RFC 4647, 3.4): "de-AT" takes
// what there is for "de-AT", else for "de". Without any the campaign's first ones.
const ruleset::PromptTexts& TextsFor(const ruleset::PromptContent& content, const Context& context);

struct Filling {
  const Context& context;  // with the event
  std::string_view prompt;
  std::string_view campaign;
  std::string_view variant;
};

// The texts as people read them. Of a value at most limits::kPromptValueBytes are taken; it is one line. Nothing that
// could turn the direction of what follows, nor any control character but the end of a line, is left.
std::string Fill(const ruleset::PromptText& text, const Filling& filling);

// A place's value as a text: of at most limits::kPromptValueBytes, readable, in one line. Nothing where it has none.
std::optional<std::string> ValueText(const Context& context, const ruleset::AttributeSlot& attribute);

// The first place that nothing fills, as rules would name it; empty when there is none. `context` with the event.
std::string FirstUnfilled(const ruleset::PromptText& text, const Context& context);
std::string FirstUnfilled(const ruleset::PromptTexts& texts, const Context& context);

// A place's name as it is written: "first_name", "event.chars".
std::string PlaceName(const ruleset::AttributeSlot& attribute);

}  // namespace guidon::prompts
