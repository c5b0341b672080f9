#include "sdk/core/prompts/actions.h"

#include <algorithm>

#include "guidon/limits.h"
#include "sdk/core/base/link.h"
#include "sdk/core/evaluation/prepared_context.h"

namespace guidon::prompts {
namespace {

using ruleset::PromptButton;
using ruleset::PromptText;
using Source = PromptText::Source;

bool IsUnreserved(char c) noexcept {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

void AddEncoded(std::string_view text, std::string* out) {
  constexpr char kHex[] = "0123456789ABCDEF";
  for (const char c : text) {
    if (IsUnreserved(c)) {
      out->push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out->push_back('%');
    out->push_back(kHex[byte >> 4]);
    out->push_back(kHex[byte & 0xF]);
  }
}

// Nothing was cut from it, nor taken out of it.
bool IsWhole(std::string_view text, const Context& context, const ruleset::AttributeSlot& attribute) {
  const Value* value = evaluation::FindAttribute(context, attribute);
  const std::string* given = value == nullptr ? nullptr : value->AsString();
  return given == nullptr || *given == text;
}

// Dots are unreserved, and browsers take %2e for one.
bool IsDots(std::string_view part) noexcept {
  std::size_t dots = 0;
  while (!part.empty()) {
    const bool is_encoded = part.size() >= 3 && part[0] == '%' && part[1] == '2' && (part[2] == 'e' || part[2] == 'E');
    if (part.front() != '.' && !is_encoded) return false;
    part.remove_prefix(is_encoded ? 3 : 1);
    ++dots;
  }
  return dots == 1 || dots == 2;
}

bool HasDotsInPath(std::string_view link) noexcept {
  std::string_view path = link.substr(0, link.find_first_of("?#"));
  path.remove_prefix(std::min(path.find("://") + 3, path.size()));
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    if (IsDots(path.substr(0, slash))) return true;
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return false;
}

}  // namespace

std::optional<std::string> FillLink(const PromptText& link, const Filling& filling,
                                    const std::vector<std::string>& hosts) {
  std::string out;
  for (const PromptText::Piece& piece : link.pieces) {
    switch (piece.source) {
      case Source::kWords: out.append(piece.words); break;
      case Source::kPrompt: AddEncoded(filling.prompt, &out); break;
      case Source::kCampaign: AddEncoded(filling.campaign, &out); break;
      case Source::kVariant: AddEncoded(filling.variant, &out); break;
      case Source::kAttribute: {
        const auto value = ValueText(filling.context, piece.attribute);
        if (value && !IsWhole(*value, filling.context, piece.attribute)) return std::nullopt;
        AddEncoded(value ? *value : piece.words, &out);
        break;
      }
    }
  }
  if (link.pieces.size() > 1 && HasDotsInPath(out)) return std::nullopt;
  if (text::WhyNoLink(out, hosts) != nullptr) return std::nullopt;
  return out;
}

PromptAction FillAction(const ruleset::PromptAction& action, const PromptText& text, const Filling& filling,
                        const std::vector<std::string>& hosts) {
  PromptAction out;
  out.kind = std::string(ruleset::ActionName(action.kind));
  if (!action.link.pieces.empty()) out.link = FillLink(action.link, filling, hosts).value_or("");
  out.text = Fill(text, filling);
  out.name = action.name;
  for (const auto& [name, value] : action.arguments) out.arguments.emplace_back(name, Fill(value, filling));
  return out;
}

std::string FirstUnfilled(const std::vector<PromptButton>& buttons, const Context& context) {
  for (const PromptButton& button : buttons) {
    std::string name = FirstUnfilled(button.action.link, context);
    for (const auto& argument : button.action.arguments) {
      if (name.empty()) name = FirstUnfilled(argument.second, context);
    }
    if (!name.empty()) return name;
  }
  return "";
}

const PromptButton* FirstBadLink(const std::vector<PromptButton>& buttons, const Filling& filling,
                                 const std::vector<std::string>& hosts) {
  const auto bad = std::find_if(buttons.begin(), buttons.end(), [&](const PromptButton& button) {
    return !button.action.link.pieces.empty() && !FillLink(button.action.link, filling, hosts);
  });
  return bad == buttons.end() ? nullptr : &*bad;
}

std::string_view FirstLacking(const std::vector<PromptButton>& buttons, const std::vector<std::string>& actions) {
  for (const PromptButton& button : buttons) {
    const std::string_view needed = button.action.NeededOfHost();
    if (!needed.empty() && std::find(actions.begin(), actions.end(), needed) == actions.end()) return needed;
  }
  return {};
}

}  // namespace guidon::prompts
