#include "sdk/events/prepared_fact.h"

#include <algorithm>
#include <utility>

#include "guidon/limits.h"
#include "sdk/events/event_encoding.h"

namespace guidon::events {

PreparedFact::PreparedFact(Fact common) {
  common.name = "any";
  std::size_t dropped = 0;
  // What is dropped is counted with each event.
  if (!CheckFact(&common, &dropped) || dropped > 0) return;
  common.is_conversion = false;
  plain_ = Encode(common);
  common.is_conversion = true;
  conversion_ = Encode(common);
  common.looks.emplace_back();
  conversion_looked_at_ = Encode(common);
  common.is_conversion = false;
  looked_at_ = Encode(common);
}

PreparedFact::Parts PreparedFact::Encode(const Fact& common) {
  ByteWriter head, run, rest;
  WriteRecordHead(common, &head);
  WriteRun(common, &run);
  WriteRest(common, 0, &rest);
  return {head.Take(), run.Take(), rest.Take()};
}

bool PreparedFact::Write(Timestamp wall, MonoTime mono, std::string_view name, const std::optional<double>& value,
                         const Properties& properties, const std::vector<behavior::Look>& looks, bool is_conversion,
                         Record* record) const noexcept {
  const Parts& unseen = is_conversion ? conversion_ : plain_;
  const Parts& seen = is_conversion ? conversion_looked_at_ : looked_at_;
  const Parts& parts = looks.empty() ? unseen : seen;
  const auto may_travel = [](const Property& property) { return MayBeProperty(property.name, property.value); };
  if (parts.head.empty() || !IsEvent(name, value) || properties.size() > limits::kEventProperties ||
      !std::all_of(properties.begin(), properties.end(), may_travel)) {
    return false;
  }
  record->Raw(parts.head);
  WriteMoment(wall, mono, name, record);
  record->Raw(parts.run);
  WriteDetails(value, properties, record);
  record->Raw(parts.rest);
  WriteLooks(looks, record);
  return !record->bytes().is_full();
}

}  // namespace guidon::events
