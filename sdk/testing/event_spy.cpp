#include "guidon/testing/event_spy.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "sdk/core/base/json_writer.h"
#include "sdk/testing/event_line.h"

namespace guidon::testing {

struct EventSpy::State {
  std::function<void()> settle;
  std::mutex mutex;
  std::vector<EventRecord> seen;
  std::function<void(const EventRecord&)> on_each;
  std::vector<Subscription> watches;
};

namespace {

std::optional<double> NumberIn(const Value& value) {
  if (const double* real = value.AsDouble()) return *real;
  if (const std::int64_t* whole = value.AsInt()) return static_cast<double>(*whole);
  return std::nullopt;
}

// 3 is what a test writes for 3.0.
bool IsSame(const Value& a, const Value& b) {
  const std::optional<double> left = NumberIn(a);
  const std::optional<double> right = NumberIn(b);
  return left && right ? !(*left < *right) && !(*right < *left) : a == b;
}

std::string CountText(std::size_t count) { return count == 1 ? "once" : std::to_string(count) + " times"; }

std::string WantedText(Times times) {
  if (times.most == 0) return "never";
  if (times.least == times.most) return CountText(times.least);
  return times.least <= 1 ? "at least once" : "at least " + CountText(times.least);
}

// No kind: all of them.
bool IsOfKind(const EventRecord& record, std::optional<EventKind> kind) {
  if (kind == EventKind::kExposure && record.kind == EventKind::kHoldoutExposure) return true;
  return !kind || record.kind == *kind;
}

std::string PluralOf(std::optional<EventKind> kind) {
  if (kind == EventKind::kTracked) return "tracked events";
  if (kind == EventKind::kPrompt) return "prompts";
  return kind ? "exposures" : "events";
}

// Equal lines once, with how often, in the order in which they came first.
std::string Seen(const std::vector<std::string>& lines) {
  constexpr std::size_t kMostLines = 20;
  std::vector<std::pair<std::string, std::size_t>> counted;
  for (const std::string& line : lines) {
    const auto same =
        std::find_if(counted.begin(), counted.end(), [&](const auto& each) { return each.first == line; });
    if (same == counted.end()) {
      counted.emplace_back(line, 1);
    } else {
      ++same->second;
    }
  }
  std::string text;
  for (std::size_t i = 0; i < counted.size() && i < kMostLines; ++i) {
    text += "\n  " + counted[i].first + (counted[i].second == 1 ? "" : ", " + CountText(counted[i].second));
  }
  if (counted.size() > kMostLines) text += "\n  and " + std::to_string(counted.size() - kMostLines) + " others";
  return text;
}

}  // namespace

EventSpy::EventSpy(std::function<void()> settle) : state_(std::make_shared<State>()) {
  state_->settle = std::move(settle);
}

EventSpy::~EventSpy() { state_->watches.clear(); }

void EventSpy::Watch(Client& client) {
  state_->watches.push_back(client.OnEvent(nullptr, [state = std::weak_ptr<State>(state_)](const EventRecord& record) {
    const auto alive = state.lock();
    if (alive == nullptr) return;
    std::function<void(const EventRecord&)> on_each;
    {
      const std::lock_guard<std::mutex> lock(alive->mutex);
      alive->seen.push_back(record);
      on_each = alive->on_each;
    }
    if (on_each) on_each(record);
  }));
}

void EventSpy::OnEach(std::function<void(const EventRecord&)> seen) {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  state_->on_each = std::move(seen);
}

std::vector<EventRecord> EventSpy::All() const {
  if (state_->settle) state_->settle();
  const std::lock_guard<std::mutex> lock(state_->mutex);
  return state_->seen;
}

void EventSpy::Clear() {
  if (state_->settle) state_->settle();
  const std::lock_guard<std::mutex> lock(state_->mutex);
  state_->seen.clear();
}

Verdict EventSpy::Look(std::string_view wanted, std::optional<EventKind> kind, Times times,
                       const std::function<bool(const EventRecord&)>& is_it) const {
  std::size_t count = 0;
  std::vector<std::string> lines;
  for (const EventRecord& record : All()) {
    if (!IsOfKind(record, kind)) continue;
    lines.push_back(EventLine(record));
    if (is_it(record)) ++count;
  }
  const bool is_yes = count >= times.least && count <= times.most;
  std::string text = std::string(wanted) + ": " + (count == 0 ? "never" : CountText(count));
  if (!is_yes) text += " instead of " + WantedText(times);
  text += lines.empty() ? "; there are no " + PluralOf(kind) : "; all " + PluralOf(kind) + ":" + Seen(lines);
  return {is_yes, std::move(text)};
}

Verdict EventSpy::Exposed(std::string_view experiment, std::string_view variant, Times times) const {
  return Look("exposed to " + std::string(variant) + " of " + std::string(experiment), EventKind::kExposure, times,
              [&](const EventRecord& record) { return record.name == experiment && record.variant == variant; });
}

Verdict EventSpy::Tracked(std::string_view name, Object properties, Times times) const {
  std::string wanted = "tracked " + std::string(name);
  if (!properties.empty()) wanted += " with " + json::ToText(Value(properties));
  return Look(wanted, EventKind::kTracked, times, [&](const EventRecord& record) {
    return record.name == name && std::all_of(properties.begin(), properties.end(), [&](const Member& member) {
             const Value* value = PropertyOf(record, member.name);
             return value != nullptr && IsSame(*value, member.value);
           });
  });
}

Verdict EventSpy::PromptShown(std::string_view campaign, Times times) const {
  return Look(
      "prompt of " + std::string(campaign) + " shown", EventKind::kPrompt, times,
      [&](const EventRecord& record) { return record.name == campaign && TextOf(record, "what") == "impression"; });
}

Verdict EventSpy::PromptPressed(std::string_view campaign, std::string_view button, Times times) const {
  return Look(std::string(button) + " pressed in the prompt of " + std::string(campaign), EventKind::kPrompt, times,
              [&](const EventRecord& record) { return record.name == campaign && TextOf(record, "button") == button; });
}

Verdict EventSpy::PromptDismissed(std::string_view campaign, Times times) const {
  return Look(
      "prompt of " + std::string(campaign) + " dismissed", EventKind::kPrompt, times,
      [&](const EventRecord& record) { return record.name == campaign && TextOf(record, "what") == "dismissal"; });
}

Verdict EventSpy::PromptAnswered(std::string_view campaign, std::string_view question, const Value& answer,
                                 Times times) const {
  return Look(std::string(question) + " of " + std::string(campaign) + " answered " + json::ToText(answer),
              EventKind::kPrompt, times, [&](const EventRecord& record) {
                if (record.name != campaign || TextOf(record, "question") != question) return false;
                const Value* said = PropertyOf(record, "answer");
                if (said == nullptr) said = PropertyOf(record, "text");
                return said != nullptr && IsSame(*said, answer);
              });
}

Verdict EventSpy::Any(std::string_view what, const std::function<bool(const EventRecord&)>& is_it, Times times) const {
  return Look(what, std::nullopt, times, is_it);
}

}  // namespace guidon::testing
