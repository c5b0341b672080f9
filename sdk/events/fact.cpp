#include "sdk/events/fact.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "guidon/limits.h"
#include "sdk/core/base/text.h"
#include "sdk/core/hash/hash.h"

namespace guidon::events {
namespace {

constexpr std::size_t kAttributeDepth = 8;
constexpr std::size_t kAnswerTextBytes = 4 * limits::kAnswerChars;

bool IsCleanText(std::string_view text) { return text.find('\0') == std::string_view::npos && text::IsUtf8(text); }

bool IsName(std::string_view name, std::size_t most_bytes) {
  return !name.empty() && name.size() <= most_bytes && IsCleanText(name);
}

// What the value takes at least once encoded, or nothing when it may not travel.
std::optional<std::size_t> Weigh(const Value& value, std::size_t depth) {
  switch (value.type()) {
    case Value::Type::kNull:
    case Value::Type::kBool:
    case Value::Type::kInt: return 10;
    case Value::Type::kDouble:
      if (!std::isfinite(*value.AsDouble())) return std::nullopt;
      return 10;
    case Value::Type::kString: {
      const std::string& text = *value.AsString();
      if (text.size() > limits::kEventPropertyBytes || !text::IsUtf8(text)) return std::nullopt;
      return 10 + text.size();
    }
    case Value::Type::kList:
    case Value::Type::kObject: break;
  }
  if (depth == 0) return std::nullopt;
  std::size_t sum = 10;
  const auto add = [&sum, depth](const Value& item) {
    const std::optional<std::size_t> weight = Weigh(item, depth - 1);
    if (weight) sum += *weight;
    return weight.has_value() && sum <= kFactBytes;
  };
  if (const List* list = value.AsList()) {
    return std::all_of(list->begin(), list->end(), add) ? std::optional<std::size_t>(sum) : std::nullopt;
  }
  for (const Member& member : *value.AsObject()) {
    sum += member.name.size();
    if (!text::IsUtf8(member.name) || !add(member.value)) return std::nullopt;
  }
  return sum;
}

// With its name; 0 when one of them may not travel.
std::size_t Weigh(std::string_view name, const Value& value, std::size_t depth) {
  const std::optional<std::size_t> weight = Weigh(value, depth);
  return weight && IsName(name, limits::kAttributeNameBytes) ? *weight + name.size() : 0;
}

// Keeps what fits, in order. `depth` 0: scalars only.
void Sift(std::vector<std::pair<std::string, Value>>* values, std::size_t most, std::size_t depth, std::size_t* budget,
          std::size_t* dropped) {
  std::size_t kept = 0;
  for (auto& entry : *values) {
    const std::size_t weight = Weigh(entry.first, entry.second, depth);
    if (kept == most || weight == 0 || weight > *budget) {
      ++*dropped;
      continue;
    }
    *budget -= weight;
    if (&entry != &(*values)[kept]) (*values)[kept] = std::move(entry);
    ++kept;
  }
  values->resize(kept);
}

bool IsUnit(const Context::UnitId& unit) {
  return IsName(unit.kind, limits::kKeyBytes) && IsName(unit.id, limits::kUnitIdBytes);
}

// Texts that are worth less than their fact: the first of them, or nothing.
void Trim(std::string* text, std::size_t most_bytes) {
  if (!IsCleanText(*text)) return text->clear();
  if (text->size() <= most_bytes) return;
  text->resize(most_bytes);
  while (!text->empty() && !text::IsUtf8(*text)) text->pop_back();
}

bool CheckPrompt(Fact* fact) {
  if (!fact->prompt) return false;
  FactPrompt& prompt = *fact->prompt;
  // The unit may be missing where QA asked for the prompt.
  const bool has_unit = !fact->unit_kind.empty() || !fact->unit_id.empty();
  if ((has_unit || !fact->forced) && !IsUnit({fact->unit_kind, fact->unit_id})) return false;
  if (!IsName(fact->variant, limits::kKeyBytes) || !IsName(prompt.id, limits::kKeyBytes)) return false;
  Trim(&prompt.button, limits::kKeyBytes);
  Trim(&prompt.cause, limits::kKeyBytes);
  Trim(&prompt.trigger, limits::kEventNameBytes);
  prompt.snooze = std::max(prompt.snooze, Duration(0));
  if (prompt.visible) prompt.visible = std::clamp(*prompt.visible, Duration(0), Duration(kMostIdMs));
  if (prompt.what != prompts::What::kAnswer) return true;
  Trim(&prompt.text, kAnswerTextBytes);
  const std::optional<std::size_t> weight = Weigh(prompt.answer, 1);
  return IsName(prompt.question, limits::kKeyBytes) && weight && *weight <= kFactBytes / 2 && prompt.number > 0;
}

}  // namespace

bool MayTravel(std::string_view name, const Value& value) { return Weigh(name, value, kAttributeDepth) > 0; }

bool IsEvent(std::string_view name, const std::optional<double>& value) noexcept {
  return IsName(name, limits::kEventNameBytes) && (!value || std::isfinite(*value));
}

bool MayBeProperty(std::string_view name, const Value& value) noexcept { return Weigh(name, value, 0) > 0; }

std::uint64_t BootOf(std::string_view boot_id) {
  return boot_id.empty() ? 0 : std::max<std::uint64_t>(HashBytes64(boot_id), 1);
}

bool MattersUnreported(const Fact& fact) {
  const bool is_event_alone = fact.kind == EventKind::kTracked || fact.kind == EventKind::kEvaluationSummary;
  return !is_event_alone || fact.is_counted || fact.is_trigger;
}

void Reduce(Fact* fact) {
  Fact left;
  left.kind = fact->kind;
  left.wall = fact->wall;
  left.mono = fact->mono;
  left.boot = fact->boot;
  left.name = std::move(fact->name);
  left.variant = std::move(fact->variant);
  left.unit_kind = std::move(fact->unit_kind);
  left.unit_id = std::move(fact->unit_id);
  left.iteration = fact->iteration;
  left.audience = std::move(fact->audience);
  left.scope = fact->scope;
  left.forced = fact->forced;
  left.is_reported = fact->is_reported;
  left.is_counted = fact->is_counted;
  left.is_urgent = fact->is_urgent;
  left.looks = std::move(fact->looks);
  if (fact->prompt) {
    FactPrompt& prompt = left.prompt.emplace();
    prompt.what = fact->prompt->what;
    prompt.id = std::move(fact->prompt->id);
    prompt.snooze = fact->prompt->snooze;
    prompt.is_forced = fact->prompt->is_forced;
    prompt.number = fact->prompt->number;
  }
  *fact = std::move(left);
}

bool CheckFact(Fact* fact, std::size_t* dropped) {
  *dropped += fact->dropped;
  if (!IsEvent(fact->name, fact->value)) return false;
  const bool is_exposure = fact->kind == EventKind::kExposure || fact->kind == EventKind::kHoldoutExposure;
  if (is_exposure && !(IsUnit({fact->unit_kind, fact->unit_id}) && IsName(fact->variant, limits::kKeyBytes)))
    return false;
  if (fact->kind == EventKind::kPrompt && !CheckPrompt(fact)) return false;
  fact->is_conversion = fact->is_conversion && fact->kind == EventKind::kTracked;
  if (fact->kind != EventKind::kExposure) {
    fact->audience.clear();
    fact->sticky = false;
    fact->propensity = 0;
  }
  if (fact->propensity > kCertain) fact->propensity = 0;
  fact->first = false;
  Trim(&fact->audience, limits::kKeyBytes);
  if (!fact->forced) {
    fact->forced_by.clear();
    fact->overrides.clear();
    fact->natural_variant.reset();
  }
  Trim(&fact->forced_by, limits::kKeyBytes);
  Trim(&fact->overrides, kOverridesBytes);
  if (fact->natural_variant) Trim(&*fact->natural_variant, limits::kKeyBytes);
  for (const std::string* text : {&fact->flag, &fact->datafile_set, &fact->datafile_version, &fact->session}) {
    if (text->size() > 4 * limits::kKeyBytes || !text::IsUtf8(*text)) return false;
  }
  // A unit id that decisions refuse is no reason to lose the event.
  auto& units = fact->units;
  units.erase(std::remove_if(units.begin(), units.end(), [](const auto& unit) { return !IsUnit(unit); }), units.end());
  if (units.size() > limits::kContextUnits) units.resize(limits::kContextUnits);

  std::size_t budget = kFactBytes;
  const std::size_t depth = fact->kind == EventKind::kEvaluationSummary ? kAttributeDepth : 0;
  Sift(&fact->properties, limits::kEventProperties, depth, &budget, dropped);
  Sift(&fact->attributes, limits::kContextAttributes, kAttributeDepth, &budget, dropped);
  return true;
}

}  // namespace guidon::events
