#include "sdk/tools/short_forms.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "guidon/limits.h"
#include "sdk/core/base/text.h"
#include "sdk/tools/words.h"

namespace guidon::tools {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kLongestGoalMs = 90 * kDayMs;
constexpr std::int64_t kLongestMs = 400 * kDayMs;
constexpr std::size_t kActionBytes = 1'000;

bool StartsWith(std::string_view text, std::string_view start) { return text.substr(0, start.size()) == start; }

std::vector<Word> WordsOf(std::string_view text) {
  std::vector<Word> words;
  std::size_t at = 0;
  while ((at = text.find_first_not_of(' ', at)) != std::string_view::npos) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    words.push_back({at, text.substr(at, end - at)});
    at = end;
  }
  return words;
}

bool IsEventName(std::string_view text) { return !text.empty() && text.size() <= limits::kEventNameBytes; }

// Digits alone, not more than make sense anywhere; nothing otherwise.
std::optional<std::int64_t> NumberOf(std::string_view text) {
  if (text.empty() || text.size() > 6) return std::nullopt;
  std::int64_t number = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  return number;
}

// The way a time is written here, for one who wrote "week", "2 weeks", "1 day", "24hours": "7d", "14d", "1d", "24h". A
// calendar's month has no fixed length; 30 days is what people mean.
std::string TimeMeant(std::string_view text) {
  std::string letters;
  std::string digits;
  for (char c : text) {
    if (c >= '0' && c <= '9') digits += c;
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c >= 'a' && c <= 'z') letters += c;
  }
  if (letters.size() > 1 && letters.back() == 's') letters.pop_back();
  const std::int64_t number = digits.empty() ? 1 : NumberOf(digits).value_or(0);
  const struct {
    std::string_view word;
    std::int64_t times;
    char unit;
  } kWords[] = {{"second", 1, 's'},  {"sec", 1, 's'},     {"minute", 1, 'm'}, {"min", 1, 'm'},  {"hour", 1, 'h'},
                {"hr", 1, 'h'},      {"day", 1, 'd'},     {"daily", 1, 'd'},  {"week", 7, 'd'}, {"weekly", 7, 'd'},
                {"month", 30, 'd'},  {"mo", 30, 'd'},     {"year", 365, 'd'}, {"y", 365, 'd'},  {"quarter", 90, 'd'},
                {"session", 1, 'd'}, {"monthly", 30, 'd'}};
  for (const auto& row : kWords) {
    if (row.word == letters && number > 0) return std::to_string(number * row.times) + row.unit;
  }
  return "";
}

// 1 for "once", 2 for "twice" or "2x"; 0 when it is no count.
std::int64_t CountMeant(std::string_view text) {
  if (IsOneOf(text, {"once", "one", "a"})) return 1;
  if (IsOneOf(text, {"twice", "two"})) return 2;
  if (text == "three") return 3;
  const std::size_t end = text.find_first_not_of("0123456789");
  const bool is_times = end != std::string_view::npos && IsOneOf(text.substr(end), {"x", "times", "×"});
  return is_times ? NumberOf(text.substr(0, end)).value_or(0) : 0;
}

// The words from `first` on, as one.
std::string_view RestFrom(std::string_view text, const Word& first) { return text::Trim(text.substr(first.offset)); }

// The time that stands at the end, as TimeMeant says it: "month", "3 days", "7d". The first word is none.
std::string TimeAtEnd(const std::vector<Word>& words) {
  if (words.size() < 2) return "";
  const std::string last(words.back().text);
  if (text::ParseDuration(last)) return last;
  const Word& before = words[words.size() - 2];
  const bool has_number = words.size() > 2 && NumberOf(before.text).has_value();
  return TimeMeant(has_number ? std::string(before.text) + last : last);
}

// What is wrong with a time for which `text` stands.
std::string TimeAdvice(std::string_view text, const std::string& before, std::string_view otherwise) {
  const std::string meant = TimeMeant(text);
  return "write \"" + before + (meant.empty() ? std::string(otherwise) : meant) + "\"";
}

}  // namespace

std::optional<CapForm> ParseCap(std::string_view text, expression::Error* error) {
  const std::vector<Word> words = WordsOf(text);
  const char* kShape = "write \"1 per 7d\" or \"3 ever\"";
  if (words.empty()) return Fail(error, 0, 0, "the cap is empty", kShape);
  const std::optional<std::int64_t> count = NumberOf(words[0].text);
  if (!count) {
    const std::string said = words.size() == 1 ? TimeMeant(words[0].text) : TimeAtEnd(words);
    const std::int64_t meant = CountMeant(words[0].text);
    const std::string advice =
        !said.empty() ? "write \"" + std::to_string(std::max<std::int64_t>(meant, 1)) + " per " + said + "\""
        : meant > 0   ? "write \"" + std::to_string(meant) + " ever\""
                      : kShape;
    return FailAt(error, words[0], "a cap begins with how many showings it allows, a whole number", advice);
  }
  if (*count == 0) {
    return FailAt(error, words[0], "a cap of 0 allows no showing at all",
                  "to stop the campaign write \"status\": \"paused\"");
  }
  if (*count > static_cast<std::int64_t>(limits::kCapCount)) {
    return FailAt(error, words[0], "a cap allows at most 100 showings",
                  "nobody wants that many: " + std::string(kShape));
  }
  const std::string number = std::to_string(*count);
  CapForm out;
  out.count = *count;
  if (words.size() == 2 && words[1].text == "ever") return out;
  if (words.size() < 2) {
    return Fail(error, text.size(), 0, "the cap does not say in which time",
                "write \"" + number + " ever\", or \"" + number + " per 7d\"");
  }
  // "2 times per week", "2x a week", "2/week": the time is the last word.
  const std::string before = number + " per ";
  if (words[1].text != "per" || words.size() < 3) {
    const std::string meant = TimeAtEnd(words);
    return FailAt(error, words[1], "a cap is written N per TIME, or N ever",
                  meant.empty() ? kShape : "write \"" + before + meant + "\"");
  }
  const std::string_view time = RestFrom(text, words[2]);
  const Word place{words[2].offset, time};
  if (time == "day" || time == "session") {
    out.per = time == "day" ? ruleset::Cap::Per::kDay : ruleset::Cap::Per::kSession;
    return out;
  }
  const std::optional<Duration> window = text::ParseDuration(time);
  if (!window) {
    return FailAt(error, place,
                  "'" + std::string(time) + "' is no time here: a whole number and m, h, d or w, as in 7d",
                  TimeAdvice(time, before, "7d"));
  }
  if (window->count() < kMinuteMs || window->count() > kLongestMs) {
    return FailAt(
        error, place, "a cap's time is from 1m to 400d",
        window->count() > kLongestMs ? "write \"" + number + " ever\"" : "write \"" + before + "1m\" or more");
  }
  out.window = *window;
  return out;
}

std::optional<GoalForm> ParseGoal(std::string_view text, expression::Error* error) {
  const std::vector<Word> words = WordsOf(text);
  const std::string shown = "'" + std::string(text.substr(0, 60)) + "'";
  const bool is_by_prompt = words.size() > 2 && words[1].text == "by" && words[2].text == "prompt";
  const std::size_t within = is_by_prompt ? 3 : 1;
  if (words.empty() || !IsEventName(words[0].text) || words.size() == within + 1 ||
      (words.size() > within && words[within].text != "within")) {
    const std::string event = words.empty() ? "file_shared" : std::string(words[0].text.substr(0, 60));
    const std::string meant = TimeAtEnd(words);
    const bool has_more = words.size() > within;
    return Fail(error, has_more ? words[within].offset : 0, has_more ? words[within].text.size() : 0,
                shown + " is no goal",
                meant.empty() ? "write \"file_shared\" or \"file_shared within 7d\""
                              : "write \"" + event + (is_by_prompt ? " by prompt" : "") + " within " + meant + "\"");
  }
  GoalForm out{std::string(words[0].text), "", is_by_prompt};
  if (words.size() == within) return out;
  out.within = std::string(RestFrom(text, words[within + 1]));
  const std::optional<Duration> window = text::ParseDuration(out.within);
  if (!window || window->count() > kLongestGoalMs) {
    const std::string meant = TimeMeant(out.within);
    return FailAt(error, {words[within + 1].offset, RestFrom(text, words[within + 1])},
                  "'" + out.within + "' is no time between a second and 90 days",
                  "write it like 12h or 7d: \"" + out.event + (is_by_prompt ? " by prompt" : "") + " within " +
                      (meant.empty() ? "7d" : meant) + "\"");
  }
  return out;
}

std::optional<GuardrailForm> ParseGuardrail(std::string_view text, expression::Error* error) {
  const std::vector<Word> words = WordsOf(text);
  const bool is_begun = words.size() > 2 && words[0].text == "no";
  const bool may_not_rise = is_begun && words[1].text == "more";
  if (!may_not_rise && !(is_begun && words[1].text == "less")) {
    const std::size_t n = words.size();
    const bool is_measured = n > 2 && words[n - 2].text == "within";
    const std::string meant = is_measured ? std::string(text.substr(words[n - 3].offset)) : "error_shown within 10m";
    return Fail(error, 0, text.size(), "a guardrail says what must not rise, or must not fall",
                "write \"no more " + meant + "\" or \"no less " + (is_measured ? meant : "app_open within 7d") + "\"");
  }
  std::optional<GoalForm> measure = ParseGoal(text.substr(words[2].offset), error);
  if (measure && !measure->is_by_prompt && !measure->within.empty()) {
    return GuardrailForm{*std::move(measure), may_not_rise};
  }
  const std::string meant = TimeAtEnd({words.begin() + 2, words.end()});
  const std::string advice = "write \"no " + std::string(words[1].text) + " " + std::string(words[2].text) +
                             " within " + (meant.empty() ? "7d" : meant) + "\"";
  if (measure) {
    return FailAt(error, {words[2].offset, text.substr(words[2].offset)},
                  measure->is_by_prompt
                      ? "whoever is held out brings nobody by a prompt, so there is nothing to compare with"
                      : "the guardrail says no time, so whoever was shown it first has had the longest",
                  advice);
  }
  return Fail(error, error->offset + words[2].offset, error->size, error->reason, advice);
}

namespace {

std::optional<ActionForm> ParseSnooze(std::string_view text, const std::vector<Word>& words, expression::Error* error) {
  if (words.size() < 2) {
    return Fail(error, text.size(), 0, "a snooze says for how long", "write \"snooze 1d\"");
  }
  const std::size_t from = words[1].text == "for" && words.size() > 2 ? 2 : 1;
  const std::string_view time = RestFrom(text, words[from]);
  const std::optional<Duration> wait = from == 1 ? text::ParseDuration(time) : std::nullopt;
  if (!wait) {
    const bool is_time = text::ParseDuration(time).has_value();
    return FailAt(
        error, {words[1].offset, RestFrom(text, words[1])},
        "'" + std::string(RestFrom(text, words[1])) + "' is no time: a whole number and m, h, d or w, as in 1d",
        is_time ? "write \"snooze " + std::string(time) + "\"" : TimeAdvice(time, "snooze ", "1d"));
  }
  if (wait->count() < kMinuteMs || wait->count() > kLongestMs) {
    return FailAt(error, {words[1].offset, time}, "a snooze lasts from 1m to 400d", "write \"snooze 1d\"");
  }
  return ActionForm{"", *wait};
}

}  // namespace

std::optional<ActionForm> ParseAction(std::string_view text, expression::Error* error) {
  const std::vector<Word> words = WordsOf(text);
  const char* kShape = "write an address of the app such as \"app://composer/attach\", \"snooze 1d\", or \"dismiss\"";
  if (words.empty()) return Fail(error, 0, 0, "the button does nothing", kShape);
  const std::string_view first = words[0].text;
  if (first == "snooze") return ParseSnooze(text, words, error);
  if (first == "dismiss" && words.size() == 1) return ActionForm{};
  for (std::string_view scheme : {"app://", "https://"}) {
    if (!StartsWith(first, scheme)) continue;
    if (words.size() > 1 || words[0].offset > 0 || text.size() != first.size()) {
      return Fail(error, words.size() > 1 ? words[0].offset + first.size() : 0, 1, "an address has no spaces",
                  "write %20 for a space");
    }
    const bool has_control = std::any_of(text.begin(), text.end(), [](char c) { return c > 0 && c < 0x20; });
    if (first.size() == scheme.size() || first.size() > kActionBytes || has_control) {
      return FailAt(error, words[0], "this is no address", kShape);
    }
    return ActionForm{std::string(first), Duration(0)};
  }
  if (IsOneOf(first, {"close", "cancel", "no", "none", "hide", "nothing", "dismissed", "Dismiss", "x"})) {
    return FailAt(error, words[0], "'" + std::string(first) + "' is nothing a button can do",
                  "to close the prompt write \"dismiss\"");
  }
  if (IsOneOf(first, {"later", "remind", "postpone", "delay", "wait", "Snooze"})) {
    const std::string meant = TimeAtEnd(words);
    return FailAt(error, words[0], "'" + std::string(first) + "' is nothing a button can do",
                  "write \"snooze " + (meant.empty() ? "1d" : meant) + "\"");
  }
  if (StartsWith(first, "http://")) {
    return FailAt(error, {0, "http://"}, "anybody on the way can read and change what http answers",
                  "write \"https://" + std::string(first.substr(7)) + "\"");
  }
  if (first.find(':') != std::string_view::npos) {
    return FailAt(error, {0, first.substr(0, first.find(':') + 1)},
                  "a button opens app:// and https:// addresses, nothing else", kShape);
  }
  const bool is_path = words.size() == 1 && first.find('/') != std::string_view::npos;
  const std::string path(first.substr(is_path && first[0] == '/' ? 1 : 0));
  return FailAt(error, words[0], "'" + std::string(text.substr(0, 60)) + "' is nothing a button can do",
                is_path ? "write \"app://" + path + "\" for a place in the app" : kShape);
}

std::string DurationText(Duration time) {
  const std::int64_t ms = time.count();
  const struct {
    std::int64_t ms;
    char unit;
  } kUnits[] = {{kDayMs, 'd'}, {3'600'000, 'h'}, {kMinuteMs, 'm'}};
  for (const auto& row : kUnits) {
    if (ms > 0 && ms % row.ms == 0) return std::to_string(ms / row.ms) + row.unit;
  }
  return std::to_string(ms / 1000) + "s";
}

}  // namespace guidon::tools
