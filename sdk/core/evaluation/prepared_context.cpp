#include "sdk/core/evaluation/prepared_context.h"

#include <algorithm>

#include "sdk/core/base/javascript.h"
#include "sdk/core/base/local_time.h"
#include "sdk/core/evaluation/bucketing.h"

namespace guidon::evaluation {

PreparedContext::PreparedContext(const ruleset::Ruleset& rules, const Context& context,
                                 const Surroundings& surroundings, Timestamp now, Preparation preparation)
    : rules_(rules),
      context_(context),
      crypto_(surroundings.crypto),
      expires_at_(surroundings.expires_at.value_or(rules.header.expires_at)),
      enrolled_count_(now >= expires_at_ ? rules.remembered.size() : rules.always_remembered),
      slots_(slot_room_.For(rules.slots.size())),
      units_(unit_room_.For(rules.unit_kinds.size())),
      totals_(total_room_.For(rules.behavior_terms.size())),
      enrolled_(enrolled_room_.For(enrolled_count_)),
      local_times_(local_time_room_.For(rules.local_times.size())) {
  for (std::uint32_t i = 0; i < rules.slots.size(); ++i) slots_[i].tag = SlotValue::Tag::kUnread;
  for (std::uint32_t i = 0; i < rules.unit_kinds.size(); ++i) units_[i].is_read = false;
  if (preparation == Preparation::kAtOnce) {
    for (std::uint32_t i = 0; i < rules.slots.size(); ++i) ReadSlot(i);
    for (std::uint32_t i = 0; i < rules.unit_kinds.size(); ++i) ReadUnit(i);
  }
  const behavior::Behavior* behavior = surroundings.behavior;
  for (std::size_t i = 0; i < rules.behavior_terms.size(); ++i) {
    totals_[i] = behavior == nullptr
                     ? behavior::Behavior::Unknown()
                     : behavior->Ask(rules.behavior_terms[i], now, surroundings.utc_offset, surroundings.session);
  }
  if (enrolled_count_ > 0) FillEnrolled(surroundings.enrollments);
  for (std::size_t i = 0; i < rules.local_times.size(); ++i) {
    local_times_[i] = WhenClockReads(rules.local_times[i], surroundings.utc_offset);
  }
}

void PreparedContext::ReadUnit(std::uint32_t index) const {
  const std::string& kind = rules_.unit_kinds[index];
  const std::string* id = context_.FindUnit(kind);
  UnitValue& unit = units_[index];
  unit.is_read = true;
  unit.state = UnitValue::State::kMissing;
  unit.id = {};
  if (id == nullptr && rules_.units_are_attributes) id = AttributeId(kind);
  if (id == nullptr) return;
  unit.id = *id;
  unit.state = IsValidUnitId(*id) ? UnitValue::State::kValid : UnitValue::State::kInvalid;
}

// An attribute's JavaScript text; null for what is falsy.
const std::string* PreparedContext::AttributeId(const std::string& name) const {
  for (const Context::Attribute& attribute : context_.attributes()) {
    if (attribute.name != name || !attribute.kind.empty()) continue;
    if (!javascript::IsTruthy(attribute.value)) return nullptr;
    if (attribute.value.AsString() != nullptr) return attribute.value.AsString();
    return &room_.texts.emplace_front(javascript::ToText(attribute.value));
  }
  return nullptr;
}

void PreparedContext::FillEnrolled(const enrollment::Enrollments* enrollments) {
  std::fill_n(enrolled_, enrolled_count_, Enrolled{ruleset::kNone, ruleset::kNone, false});
  if (enrollments == nullptr || enrollments->empty()) return;
  for (std::size_t i = 0; i < enrolled_count_; ++i) {
    const ruleset::Experiment& experiment = rules_.experiments[rules_.remembered[i]];
    AddEnrollment(experiment, experiment.unit, *enrollments, &enrolled_[i]);
    if (experiment.fallback != ruleset::Bucket::kNoUnit) {
      AddEnrollment(experiment, experiment.fallback, *enrollments, &enrolled_[i]);
    }
  }
}

// Of the unit that is asked first, where both have one.
void PreparedContext::AddEnrollment(const ruleset::Experiment& experiment, std::uint16_t unit_kind,
                                    const enrollment::Enrollments& enrollments, Enrolled* enrolled) const {
  const UnitValue& unit = this->unit(unit_kind);
  if (unit.state != UnitValue::State::kValid) return;
  const enrollment::Enrollment* found = enrollments.Find(rules_.unit_kinds[unit_kind], unit.id, experiment.key);
  if (found == nullptr) return;
  enrolled->is_blocked = enrolled->is_blocked || found->iteration < experiment.least_iteration;
  if (found->iteration != experiment.iteration || enrolled->variant != ruleset::kNone) return;
  for (std::uint32_t variant = 0; variant < experiment.variants.size(); ++variant) {
    if (experiment.variants[variant].name == found->variant) enrolled->variant = variant;
  }
  for (std::uint32_t audience = 0; audience < experiment.audiences.size(); ++audience) {
    if (experiment.audiences[audience].name == found->audience) enrolled->audience = audience;
  }
}

void PreparedContext::ReadSlot(std::uint32_t index) const {
  const ruleset::AttributeSlot& attribute = rules_.slots[index];
  SlotValue* const slot = &slots_[index];
  if (attribute.is_unit) return ConvertUnit(rules_, attribute, context_, crypto_, slot);
  slot->tag = SlotValue::Tag::kOther;
  if (attribute.is_local) return;  // nothing of the context's
  Convert(rules_, attribute, FindAttribute(context_, attribute), crypto_, &room_, slot);
}

}  // namespace guidon::evaluation
