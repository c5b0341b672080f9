#include "sdk/tools/preview.h"

#include <algorithm>
#include <utility>

#include "sdk/core/base/text.h"
#include "sdk/core/prompts/content.h"

namespace guidon::tools {
namespace {

using ruleset::PromptContent;
using ruleset::PromptTexts;

constexpr std::size_t kWidestWords = 52;
constexpr std::size_t kBannerColumns = 76;

std::string WordsOf(const ruleset::PromptText& text) {
  using Source = ruleset::PromptText::Source;
  std::string out;
  for (const auto& piece : text.pieces) {
    switch (piece.source) {
      case Source::kWords: out += piece.words; break;
      case Source::kAttribute:
        out += piece.has_fallback ? piece.words : "{" + prompts::PlaceName(piece.attribute) + "}";
        break;
      case Source::kPrompt: out += "{prompt.id}"; break;
      case Source::kCampaign: out += "{prompt.campaign}"; break;
      case Source::kVariant: out += "{prompt.variant}"; break;
    }
  }
  return out;
}

// Lines as wide as that at most, also of words that have no place to break at.
std::vector<std::string> Lines(std::string_view text, std::size_t columns) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string wrapped = Wrap(Plain(text.substr(0, end)), 0, columns);
    for (std::size_t at = 0; at < wrapped.size();) {
      const std::size_t newline = wrapped.find('\n', at);
      std::string line = wrapped.substr(at, newline - at);
      while (Width(line) > columns) {
        std::size_t cut = 0;
        for (std::size_t seen = 0; seen < columns; ++seen) {
          do ++cut;
          while (cut < line.size() && (static_cast<unsigned char>(line[cut]) & 0xC0) == 0x80);
        }
        out.push_back(line.substr(0, cut));
        line.erase(0, cut);
      }
      out.push_back(std::move(line));
      at = newline + 1;
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

struct Button {
  std::string label;
  bool is_primary = false;
};

// What stands within the frame: plain text, and how it is painted once it has been padded.
struct Row {
  std::string plain;
  std::string painted;
};

std::vector<Row> ButtonRows(const std::vector<Button>& buttons, std::size_t columns, const Style& style) {
  std::vector<Row> rows;
  for (const Button& button : buttons) {
    const std::string text = "[ " + Plain(button.label) + " ]";
    if (rows.empty() || Width(rows.back().plain) + 1 + Width(text) > columns) {
      rows.emplace_back();
    } else {
      rows.back().plain += " ";
      rows.back().painted += " ";
    }
    rows.back().plain += text;
    rows.back().painted += button.is_primary ? style.Bold(style.Cyan(text)) : text;
  }
  return rows;
}

void AddQuestion(const ruleset::CampaignQuestion& question, const std::vector<ruleset::PromptText>& texts,
                 std::size_t first, std::size_t columns, const Style& style, std::vector<Row>* rows) {
  if (!rows->empty()) rows->emplace_back();
  for (std::string& line : Lines(WordsOf(texts[first]) + (question.is_required ? " *" : ""), columns)) {
    rows->push_back({line, style.Bold(line)});
  }
  if (question.type == ruleset::QuestionType::kText) {
    const std::string field(std::min<std::size_t>(columns, 40), '_');
    rows->push_back({field, style.Dim(field)});
    return;
  }
  std::vector<Button> answers;
  if (ruleset::HasOptions(question.type)) {
    for (std::size_t i = 0; i < question.options.size(); ++i) answers.push_back({WordsOf(texts[first + 1 + i]), false});
  } else {
    const ruleset::ScoreRange range = ruleset::RangeOf(question.type);
    for (int score = range.least; score <= range.most; ++score) answers.push_back({std::to_string(score), false});
  }
  for (Row& row : ButtonRows(answers, columns, style)) rows->push_back(std::move(row));
}

std::vector<Row> Inside(const PromptContent& content, const PromptTexts& texts, std::size_t columns,
                        const Style& style) {
  std::vector<Row> rows;
  if (!content.image.empty()) {
    for (std::string& line : Lines("[image: " + WordsOf(texts.alt) + "]", columns))
      rows.push_back({line, style.Dim(line)});
  }
  for (std::string& line : Lines(WordsOf(texts.body), columns)) rows.push_back({line, line});
  std::size_t at = 0;
  for (const ruleset::CampaignQuestion& question : content.questions) {
    AddQuestion(question, texts.survey, at, columns, style, &rows);
    at += ruleset::TextsOf(question);
  }
  std::vector<Button> buttons;
  for (std::size_t i = 0; i < content.buttons.size(); ++i) {
    buttons.push_back({WordsOf(texts.labels[i]), content.buttons[i].is_primary});
  }
  if (!buttons.empty() && !rows.empty()) rows.emplace_back();
  for (Row& row : ButtonRows(buttons, columns, style)) rows.push_back(std::move(row));
  return rows;
}

std::string Repeat(std::string_view what, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += what;
  return out;
}

std::vector<std::string> BannerLines(const std::string& title, const std::vector<Row>& rows, const Style& style) {
  const std::string bar = style.Cyan("▌") + " ";
  std::vector<std::string> out;
  for (const std::string& line : Lines(title, kBannerColumns)) out.push_back(bar + style.Bold(line));
  for (const Row& row : rows) out.push_back(bar + row.painted);
  return out;
}

std::vector<std::string> BoxLines(const std::string& title, const std::vector<Row>& rows, const Style& style) {
  const std::vector<std::string> titles = Lines(title, kWidestWords);
  std::size_t columns = 20;
  for (const std::string& line : titles) columns = std::max(columns, Width(line) + 2);
  for (const Row& row : rows) columns = std::max(columns, Width(row.plain));
  const std::string side = style.Dim("│");
  const std::string first = titles.empty() ? "" : " " + titles.front() + " ";
  std::vector<std::string> out;
  out.push_back(style.Dim("╭─") + style.Bold(first) + style.Dim(Repeat("─", columns + 1 - Width(first)) + "╮"));
  const auto add = [&](const std::string& plain, const std::string& painted) {
    out.push_back(side + " " + painted + std::string(columns - Width(plain), ' ') + " " + side);
  };
  for (std::size_t i = 1; i < titles.size(); ++i) add(titles[i], style.Bold(titles[i]));
  for (const Row& row : rows) add(row.plain, row.painted);
  if (rows.empty()) add("", "");
  out.push_back(style.Dim("╰" + Repeat("─", columns + 2) + "╯"));
  return out;
}

// The anchor, a pointer, and the box beside it.
std::vector<std::string> TooltipLines(const std::string& anchor, std::vector<std::string> box, const Style& style) {
  const std::string pointer = style.Cyan(" ◂─");
  const std::size_t indent = Width(anchor) + 3;
  for (std::size_t i = 0; i < box.size(); ++i) {
    box[i] = (i == 1 ? style.Cyan(anchor) + pointer : std::string(indent, ' ')) + box[i];
  }
  return box;
}

std::string ActionText(const ruleset::PromptButton& button, const PromptTexts& texts, std::size_t index) {
  using What = ruleset::PromptAction::Kind;
  const ruleset::PromptAction& action = button.action;
  std::string out;
  switch (action.kind) {
    case What::kNone:
      out = button.snooze.count() > 0 ? "asks again in " + text::FormatDuration(button.snooze) : "closes";
      break;
    case What::kOpen: out = "opens " + WordsOf(action.link); break;
    case What::kShare: out = "shares \"" + WordsOf(texts.action_texts[index]) + "\" " + WordsOf(action.link); break;
    case What::kCopy: out = "copies \"" + WordsOf(texts.action_texts[index]) + "\""; break;
    case What::kReview: out = "asks for a review"; break;
    case What::kCustom: out = "calls " + action.name; break;
  }
  if (!button.track.empty()) out += ", tracks " + button.track;
  return out;
}

std::vector<std::string> Draw(const PromptContent& content, const PromptTexts& texts, const Style& style) {
  const std::string title = Plain(WordsOf(texts.title));
  std::vector<std::string> out;
  if (content.kind == "banner") {
    out = BannerLines(title, Inside(content, texts, kBannerColumns, style), style);
  } else {
    out = BoxLines(title, Inside(content, texts, kWidestWords, style), style);
    if (content.kind == "tooltip") out = TooltipLines(Plain(content.anchor), std::move(out), style);
  }
  for (std::size_t i = 0; i < content.buttons.size(); ++i) {
    const std::string does = Plain(WordsOf(texts.labels[i]) + " → " + ActionText(content.buttons[i], texts, i));
    for (const std::string& line : Lines(does, kBannerColumns)) out.push_back(style.Dim(line));
  }
  return out;
}

}  // namespace

std::vector<Preview> PreviewsOf(const ruleset::Campaign& campaign, const Style& style) {
  std::vector<Preview> out;
  if (!campaign.is_valid) return out;
  for (const ruleset::CampaignVariant& variant : campaign.variants) {
    for (const PromptTexts& texts : variant.content.texts) {
      out.push_back({campaign.has_variants() ? variant.name : "", texts.language, variant.content.kind,
                     Draw(variant.content, texts, style)});
    }
  }
  return out;
}

}  // namespace guidon::tools
