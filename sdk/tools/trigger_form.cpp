#include "sdk/tools/trigger_form.h"

#include <algorithm>
#include <utility>

#include "guidon/limits.h"
#include "sdk/core/base/text.h"
#include "sdk/tools/tool_ports.h"
#include "sdk/tools/words.h"

namespace guidon::tools {
namespace {

using ruleset::TriggerKind;

// Words stand between spaces; what is in quotes is of one word.
std::vector<Word> QuotedWordsOf(std::string_view text) {
  std::vector<Word> words;
  char quote = 0;
  std::size_t begin = std::string_view::npos;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ' ';
    const bool is_end = i == text.size() || (c == ' ' && quote == 0);
    if (is_end) {
      if (begin != std::string_view::npos) words.push_back({begin, text.substr(begin, i - begin)});
      begin = std::string_view::npos;
      continue;
    }
    if (begin == std::string_view::npos) begin = i;
    if (quote != 0 && c == '\\') {
      ++i;
    } else if (c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
    }
  }
  return words;
}

std::string Quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

struct Range {
  Duration least;
  Duration most;
  const char* text;
};

constexpr Range kWithin{Duration(1'000), Duration(24 * 3'600'000), "1s to 24h, such as 10m"};
constexpr Range kScreen{Duration(0), Duration(600'000), "0s to 10m, such as 5s"};
constexpr Range kIdle{Duration(5'000), Duration(1'800'000), "5s to 30m, such as 1m"};

bool ParseTime(const Word& word, const Range& range, Duration* out, expression::Error* error) {
  const std::optional<Duration> time = word.text == "0s" ? Duration(0) : text::ParseDuration(word.text);
  if (time && *time >= range.least && *time <= range.most) {
    *out = *time;
    return true;
  }
  FailAt(error, word,
         "'" + std::string(word.text) + "' is " + (time ? "out of range" : "no time: a whole number and s, m or h"),
         std::string("write ") + range.text);
  return false;
}

// EVENT, or EVENT where EXPRESSION, of which `text` is a part beginning at `base`.
std::optional<TriggerStepForm> ParseStep(std::string_view text, std::size_t base, expression::Error* error) {
  const std::vector<Word> words = QuotedWordsOf(text);
  const auto shift = [&] { error->offset += base; };
  if (words.empty()) {
    return Fail(error, base, 0, "the trigger is empty", "write the event that starts it: \"message_sent\"");
  }
  TriggerStepForm out;
  out.event = std::string(words[0].text);
  if (out.event.size() > limits::kEventNameBytes) {
    FailAt(error, words[0], "an event's name has at most 128 bytes", "shorten it");
    return shift(), std::nullopt;
  }
  if (words.size() == 1) return out;
  if (words[1].text != "where") {
    if (words[1].text.find_first_of("<>=!") != std::string_view::npos) {
      FailAt(error, words[0], "a trigger begins with the event that starts it",
             "write \"EVENT where CONDITION\", such as \"message_sent where " + std::string(text::Trim(text)) + "\"");
      return shift(), std::nullopt;
    }
    const bool has_word = IsOneOf(words[1].text, {"when", "if", "with", "and", "&&", "WHERE", "Where"});
    const Word& condition = words[has_word && words.size() > 2 ? 2 : 1];
    FailAt(error, words[1], "a trigger's condition begins with `where`",
           "write " + Quoted(out.event + " where " + std::string(text::Trim(text.substr(condition.offset)))));
    return shift(), out;
  }
  if (words.size() == 2) {
    Fail(error, text.size(), 0, "there is no condition behind `where`",
         "write one, such as \"" + out.event + " where chars >= 1500\", or leave `where` out");
    return shift(), out;
  }
  const std::size_t begin = words[2].offset;
  out.where = expression::Parse(text.substr(begin), error, ToolPatterns());
  if (!out.where) error->offset += base + begin;
  return out;
}

// Behind a sequence's last step.
bool EndsWithTime(const std::vector<Word>& words) {
  return words.size() > 2 && words[words.size() - 2].text == "within";
}

std::optional<TriggerForm> ParseSequence(std::string_view text, const std::vector<Word>& words,
                                         expression::Error* error) {
  const std::size_t last = words.size() - 2;  // `within`
  TriggerForm out;
  std::vector<std::size_t> between;
  for (std::size_t i = 1; i < last; ++i) {
    if (IsOneOf(words[i].text, {"then", "and"})) between.push_back(i);
  }
  if (between.empty()) {
    return FailAt(error, words[last], "`within` says in which time several events happen, and this is one",
                  "write " + Quoted(std::string(text::Trim(text.substr(0, words[last].offset)))) +
                      ", or \"EVENT then EVENT within TIME\"");
  }
  const bool is_then = words[between[0]].text == "then";
  out.kind = is_then ? TriggerKind::kThen : TriggerKind::kAll;
  for (const std::size_t i : between) {
    if ((words[i].text == "then") != is_then) {
      return FailAt(error, words[i], "`then` and `and` do not go together",
                    "write `then` for events in their order, `and` for any order");
    }
    if (i + 1 >= last || words[i + 1].text != "not") continue;
    if (is_then) return FailAt(error, words[i], "what does not happen is written `and not`", "write `and not`");
    if (between.size() > 1) {
      return FailAt(error, words[i + 1], "`and not` follows a single event",
                    "write \"EVENT and not EVENT within TIME\"");
    }
    out.kind = TriggerKind::kAbsent;
  }
  if (between.size() + 1 > ruleset::kTriggerSteps) {
    return FailAt(error, words[between[ruleset::kTriggerSteps - 1]], "more than 5 events", "leave some of them out");
  }
  between.push_back(last);
  std::size_t begin = 0;
  for (const std::size_t i : between) {
    const bool is_absent = out.kind == TriggerKind::kAbsent && !out.steps.empty();
    const std::size_t from = begin + (is_absent ? 1 : 0);
    if (from >= i) {
      return FailAt(error, words[i], "an event is missing in front of `" + std::string(words[i].text) + "`",
                    "write \"note_created then note_opened within 10m\"");
    }
    const std::size_t offset = words[from].offset;
    std::optional<TriggerStepForm> step = ParseStep(text.substr(offset, words[i - 1].end() - offset), offset, error);
    if (!step) return std::nullopt;
    out.steps.push_back(*std::move(step));
    begin = i + 1;
  }
  expression::Error in_time;
  if (ParseTime(words.back(), kWithin, &out.time, error->reason.empty() ? error : &in_time)) return out;
  return std::nullopt;
}

// What is said without a time though it takes one.
bool LooksLikeSequence(const std::vector<Word>& words) {
  const bool has_where = words.size() > 1 && words[1].text == "where";
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i].text == "then") return true;
    if (words[i].text != "and") continue;
    if (i + 1 < words.size() && words[i + 1].text == "not") return true;
    const bool compares = i + 2 < words.size() && words[i + 2].text.find_first_of("<>=!") != std::string_view::npos;
    if (!has_where && !compares) return true;
  }
  return false;
}

}  // namespace

std::optional<TriggerForm> ParseTrigger(std::string_view text, expression::Error* error) {
  const std::vector<Word> words = QuotedWordsOf(text);
  TriggerForm out;
  const bool has_where = words.size() > 1 && words[1].text == "where";
  if (!words.empty() && words[0].text == "session_start") {
    out.kind = TriggerKind::kSessionStart;
    if (words.size() == 1) return out;
    return FailAt(error, words[1], "session_start stands alone: it is no event of the app's",
                  "write \"session_start\", and put conditions into \"when\"");
  }
  if (words.size() > 1 && words[0].text == "screen" && !has_where) {
    out.kind = TriggerKind::kScreen;
    if (words.size() != 4 || words[2].text != "for" || words[1].text.size() > limits::kKeyBytes) {
      return FailAt(error, words[1], "a screen is written screen NAME for TIME", "write \"screen editor for 5s\"");
    }
    out.screen = std::string(words[1].text);
    if (!ParseTime(words[3], kScreen, &out.time, error)) return std::nullopt;
    return out;
  }
  if (words.size() == 2 && words[0].text == "idle") {
    out.kind = TriggerKind::kIdle;
    if (!ParseTime(words[1], kIdle, &out.time, error)) return std::nullopt;
    return out;
  }
  if (EndsWithTime(words)) return ParseSequence(text, words, error);
  if (LooksLikeSequence(words)) {
    return Fail(error, text.size(), 0, "the sequence does not say in which time it happens",
                "write " + Quoted(std::string(text::Trim(text)) + " within 10m"));
  }
  std::optional<TriggerStepForm> step = ParseStep(text, 0, error);
  if (!step) return std::nullopt;
  out.steps.push_back(*std::move(step));
  return out;
}

}  // namespace guidon::tools
