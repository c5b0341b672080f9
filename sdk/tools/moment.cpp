#include "sdk/tools/moment.h"

#include <algorithm>

#include "sdk/core/base/text.h"

namespace guidon::tools {
namespace {

constexpr std::string_view kLocal = "local";

// "2026-12-24", "2026-12-24T18:00" or "2026-12-24T18:00:00", as if it were UTC.
std::optional<Timestamp> ParseClock(std::string_view text) {
  switch (text.size()) {
    case 10: return text::ParseTimestamp(text);
    case 16: return text::ParseTimestamp(std::string(text) + ":00Z");
    case 19: return text::ParseTimestamp(std::string(text) + "Z");
    default: return std::nullopt;
  }
}

std::optional<SourceTime> ParseLocal(std::string_view text) {
  if (text.size() <= kLocal.size() || text.substr(text.size() - kLocal.size()) != kLocal) return std::nullopt;
  text.remove_suffix(kLocal.size());
  if (text.back() != ' ') return std::nullopt;
  const std::optional<Timestamp> time = ParseClock(text::Trim(text));
  if (!time) return std::nullopt;
  return SourceTime{true, *time};
}

std::string Quoted(const std::string& text) { return "\"" + text + "\""; }

// The longest date, or date and time, that the text begins with; empty when there is none.
std::string ClockAtFront(std::string text) {
  if (text.size() > 10 && text[10] == ' ') text[10] = 'T';
  for (const std::size_t size : {std::size_t{19}, std::size_t{16}, std::size_t{10}}) {
    if (text.size() >= size && ParseClock(text.substr(0, size))) return text.substr(0, size);
  }
  return "";
}

}  // namespace

std::optional<SourceTime> ParseMoment(std::string_view text, std::string* reason, std::string* advice) {
  if (const std::optional<Timestamp> time = text::ParseTimestamp(text)) return SourceTime{false, *time};
  if (const std::optional<SourceTime> local = ParseLocal(text)) return local;
  *reason = "is not a date";
  *advice = "write \"2026-12-01\", \"2026-12-01T09:00:00Z\" or \"2026-12-01T09:00 local\"";
  const std::string clock = ClockAtFront(std::string(text));
  if (clock.empty()) return std::nullopt;
  std::string rest(text::Trim(text.substr(clock.size())));
  std::transform(rest.begin(), rest.end(), rest.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  const std::string full = clock.size() == 10 ? clock + "T00:00:00" : clock.size() == 16 ? clock + ":00" : clock;
  if (text::ParseTimestamp(full + std::string(text.substr(clock.size())))) {
    *reason = "lacks the seconds";
    *advice = "write " + Quoted(full + std::string(text.substr(clock.size())));
  } else if (rest.empty()) {
    *reason = "does not say on whose clock";
    *advice = "write " + Quoted(full + "Z") + " for UTC, " + Quoted(full + "+01:00") + " for another offset, or " +
              Quoted(clock + " local") + " for the clock of each device";
  } else if (rest.find(kLocal) != std::string::npos || rest.find("device") != std::string::npos) {
    *advice = "write " + Quoted(clock + " local");
  } else {
    *reason = "names a zone in a way that is not read here";
    *advice = "write the offset, as in " + Quoted(full + "+01:00") + ", or " + Quoted(clock + " local") +
              " for the clock of each device";
  }
  return std::nullopt;
}

void PublishMoment(const SourceTime& moment, json::Writer& out) {
  std::string text = text::FormatTimestamp(moment.time);
  if (!moment.is_local) {
    out.String(text);
    return;
  }
  text.pop_back();  // the Z
  out.BeginObject().Key("local").String(text).End();
}

}  // namespace guidon::tools
