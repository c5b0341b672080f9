#include "sdk/events/event_encoding.h"

#include <utility>

namespace guidon::events {
namespace {

// Permanent. To a kind's byte these are added when what is known of the enrollment, then of forcing, and then what came
// later, follows the event's other members.
constexpr std::uint8_t kWithEnrollment = 0x20;
constexpr std::uint8_t kWithForcing = 0x40;
constexpr std::uint8_t kWithMore = 0x80;

// Permanent: the bits of the number that what came later begins with.
constexpr std::uint64_t kIsConversion = 0x01;
constexpr std::uint64_t kIsFirst = 0x02;
constexpr std::uint64_t kHasPropensity = 0x04;
constexpr std::uint64_t kHasBoot = 0x08;
constexpr std::uint64_t kHasIdTime = 0x10;
constexpr std::uint64_t kHasVisible = 0x20;
constexpr std::uint64_t kHasLooks = 0x40;
enum KindByte : std::uint8_t {
  kTrackedByte = 1,
  kExposureByte = 2,
  kHoldoutByte = 3,
  kReportByte = 4,
  kPromptByte = 5,
  kDeletionByte = 6,
  kSummaryByte = 7
};

KindByte ToByte(EventKind kind) {
  switch (kind) {
    case EventKind::kTracked: return kTrackedByte;
    case EventKind::kExposure: return kExposureByte;
    case EventKind::kHoldoutExposure: return kHoldoutByte;
    case EventKind::kPrompt: return kPromptByte;
    case EventKind::kLossReport: return kReportByte;
    case EventKind::kDeletionRequest: return kDeletionByte;
    case EventKind::kEvaluationSummary: return kSummaryByte;
  }
  return kTrackedByte;
}

EventKind ToKind(std::uint8_t byte, ByteReader* in) {
  switch (byte) {
    case kTrackedByte: return EventKind::kTracked;
    case kExposureByte: return EventKind::kExposure;
    case kHoldoutByte: return EventKind::kHoldoutExposure;
    case kReportByte: return EventKind::kLossReport;
    case kPromptByte: return EventKind::kPrompt;
    case kDeletionByte: return EventKind::kDeletionRequest;
    case kSummaryByte: return EventKind::kEvaluationSummary;
    default: in->Fail(); return EventKind::kTracked;
  }
}

void WriteExposure(const Fact& fact, std::uint64_t repeated, ByteWriter* out) {
  out->Text(fact.variant);
  out->Text(fact.flag);
  out->Text(fact.unit_kind);
  out->Text(fact.unit_id);
  out->Signed(fact.iteration);
  out->Signed(fact.layer_slot);
  out->Signed(fact.slot);
  out->Text(fact.datafile_set);
  out->Text(fact.datafile_version);
  out->Number(repeated);
}

void ReadExposure(Event* event, ByteReader* in) {
  Fact& fact = event->fact;
  fact.variant = in->Text();
  fact.flag = in->Text();
  fact.unit_kind = in->Text();
  fact.unit_id = in->Text();
  fact.iteration = in->Signed();
  const std::int64_t layer_slot = in->Signed();
  const std::int64_t slot = in->Signed();
  if (layer_slot < -1 || layer_slot > INT32_MAX || slot < -1 || slot > INT32_MAX) in->Fail();
  fact.layer_slot = static_cast<std::int32_t>(layer_slot);
  fact.slot = static_cast<std::int32_t>(slot);
  fact.datafile_set = in->Text();
  fact.datafile_version = in->Text();
  event->repeated = in->Number();
}

prompts::What ToWhat(std::uint8_t byte, ByteReader* in) {
  switch (byte) {
    case 1: return prompts::What::kExposure;
    case 2: return prompts::What::kImpression;
    case 3: return prompts::What::kAction;
    case 4: return prompts::What::kDismissal;
    case 5: return prompts::What::kSnooze;
    case 6: return prompts::What::kFailure;
    case 7: return prompts::What::kUnknown;
    case 8: return prompts::What::kAnswer;
    case 9: return prompts::What::kCompletion;
    case 10: return prompts::What::kViewable;
    default: in->Fail(); return prompts::What::kUnknown;
  }
}

void WritePrompt(const FactPrompt& prompt, ByteWriter* out) {
  out->Byte(WhatByte(prompt.what));
  out->Text(prompt.id);
  out->Number(prompt.ordinal);
  out->Text(prompt.button);
  out->Text(prompt.cause);
  out->Text(prompt.trigger);
  out->Signed(prompt.snooze.count());
  out->Bool(prompt.is_forced);
  if (prompt.what != prompts::What::kAnswer) return;
  out->Text(prompt.question);
  WriteValue(prompt.answer, out);
  out->Text(prompt.text);
  out->Number(prompt.number);
}

FactPrompt ReadPrompt(ByteReader* in) {
  FactPrompt prompt;
  prompt.what = ToWhat(in->Byte(), in);
  prompt.id = in->Text();
  prompt.ordinal = in->Number();
  prompt.button = in->Text();
  prompt.cause = in->Text();
  prompt.trigger = in->Text();
  prompt.snooze = Duration(in->Signed());
  prompt.is_forced = in->Bool();
  if (prompt.what != prompts::What::kAnswer) return prompt;
  prompt.question = in->Text();
  prompt.answer = ReadValue(in);
  prompt.text = in->Text();
  prompt.number = in->Number();
  return prompt;
}

bool HasEnrollment(const Fact& fact) {
  return fact.kind == EventKind::kExposure && (!fact.audience.empty() || fact.sticky);
}

void WriteEnrollment(const Fact& fact, ByteWriter* out) {
  out->Text(fact.audience);
  out->Bool(fact.sticky);
}

void ReadEnrollment(Fact* fact, ByteReader* in) {
  fact->audience = in->Text();
  fact->sticky = in->Bool();
  if (!HasEnrollment(*fact)) in->Fail();  // an event has one encoding
}

bool HasForcing(const Fact& fact) {
  return !fact.forced_by.empty() || !fact.overrides.empty() || fact.natural_variant.has_value();
}

void WriteForcing(const Fact& fact, ByteWriter* out) {
  out->Text(fact.forced_by);
  out->Text(fact.overrides);
  out->Bool(fact.natural_variant.has_value());
  if (fact.natural_variant) out->Text(*fact.natural_variant);
}

void ReadForcing(Fact* fact, ByteReader* in) {
  fact->forced_by = in->Text();
  fact->overrides = in->Text();
  if (in->Bool()) fact->natural_variant = std::string(in->Text());
  if (!HasForcing(*fact)) in->Fail();
}

// Which of what came later an event of that kind may have.
std::uint64_t MoreOfKind(EventKind kind) {
  switch (kind) {
    case EventKind::kTracked: return kIsConversion | kHasBoot | kHasIdTime | kHasLooks;
    case EventKind::kEvaluationSummary: return kHasBoot | kHasIdTime;
    case EventKind::kExposure: return kIsFirst | kHasPropensity | kHasBoot;
    case EventKind::kPrompt: return kHasBoot | kHasVisible | kHasLooks;
    case EventKind::kHoldoutExposure:
    case EventKind::kLossReport:
    case EventKind::kDeletionRequest: return kHasBoot;
  }
  return 0;
}

std::uint64_t MoreOf(const Fact& fact) {
  std::uint64_t more = 0;
  if (fact.is_conversion) more |= kIsConversion;
  if (fact.first) more |= kIsFirst;
  if (fact.propensity != 0) more |= kHasPropensity;
  if (fact.boot != 0) more |= kHasBoot;
  if (fact.id_ms != 0) more |= kHasIdTime;
  if (fact.prompt && fact.prompt->visible) more |= kHasVisible;
  if (!fact.looks.empty()) more |= kHasLooks;
  return more & MoreOfKind(fact.kind);
}

void WriteMore(const Fact& fact, ByteWriter* out) {
  const std::uint64_t more = MoreOf(fact);
  out->Number(more);
  if ((more & kHasPropensity) != 0) out->Number(fact.propensity);
  if ((more & kHasBoot) != 0) out->Fixed(fact.boot);
  if ((more & kHasIdTime) != 0) out->Number(fact.id_ms);
  if ((more & kHasVisible) != 0) out->Number(static_cast<std::uint64_t>(fact.prompt->visible->count()));
}

// Each part once: whoever applies it relies on that.
void ReadLooks(Fact* fact, ByteReader* in) {
  std::uint64_t before = 0;
  for (std::size_t left = in->Count(); left > 0 && in->ok(); --left) {
    const std::uint64_t part = in->Fixed();
    if (part <= before) in->Fail();
    before = part;
    fact->looks.push_back({part, in->Bool()});
  }
}

void ReadMore(Fact* fact, ByteReader* in) {
  const std::uint64_t more = in->Number();
  fact->is_conversion = (more & kIsConversion) != 0;
  fact->first = (more & kIsFirst) != 0;
  if ((more & kHasPropensity) != 0) fact->propensity = in->Number();
  if ((more & kHasBoot) != 0) fact->boot = in->Fixed();
  if ((more & kHasIdTime) != 0) fact->id_ms = in->Number();
  if ((more & kHasVisible) != 0 && fact->prompt) {
    const std::uint64_t visible_ms = in->Number();
    if (visible_ms > kMostIdMs) in->Fail();
    fact->prompt->visible = Duration(static_cast<std::int64_t>(visible_ms));
  }
  if ((more & kHasLooks) != 0) ReadLooks(fact, in);
  if (more == 0 || more != MoreOf(*fact) || fact->propensity > kCertain || fact->id_ms > kMostIdMs) in->Fail();
}

}  // namespace

std::uint8_t WhatByte(prompts::What what) {
  switch (what) {
    case prompts::What::kExposure: return 1;
    case prompts::What::kImpression: return 2;
    case prompts::What::kAction: return 3;
    case prompts::What::kDismissal: return 4;
    case prompts::What::kSnooze: return 5;
    case prompts::What::kFailure: return 6;
    case prompts::What::kUnknown: return 7;
    case prompts::What::kAnswer: return 8;
    case prompts::What::kCompletion: return 9;
    case prompts::What::kViewable: return 10;
  }
  return 7;
}

std::uint8_t KindByteOf(const Fact& fact) {
  const int with = (HasEnrollment(fact) ? kWithEnrollment : 0) + (HasForcing(fact) ? kWithForcing : 0) +
                   (MoreOf(fact) != 0 ? kWithMore : 0);
  return static_cast<std::uint8_t>(ToByte(fact.kind) + with);
}

void WriteRecordHead(const Fact& fact, ByteWriter* out) {
  if (fact.is_reported && fact.is_counted) {
    out->Byte(kEventRecord);
  } else {
    out->Byte(kWithheldRecord);
    out->Byte(static_cast<std::uint8_t>((fact.is_reported ? 0 : kUnreported) | (fact.is_counted ? 0 : kUncounted)));
  }
  out->Number(fact.scope);
  out->Byte(KindByteOf(fact));
}

void WriteRun(const Fact& fact, ByteWriter* out) {
  out->Text(fact.session);
  out->Bool(fact.forced);
}

void WriteRest(const Fact& fact, std::uint64_t repeated, ByteWriter* out) {
  out->Number(fact.units.size());
  for (const Context::UnitId& unit : fact.units) {
    out->Text(unit.kind);
    out->Text(unit.id);
  }
  WriteNamed(fact.attributes, out);
  if (HasUnit(fact.kind)) WriteExposure(fact, repeated, out);
  if (fact.kind == EventKind::kPrompt) WritePrompt(fact.prompt ? *fact.prompt : FactPrompt(), out);
  if (HasEnrollment(fact)) WriteEnrollment(fact, out);
  if (HasForcing(fact)) WriteForcing(fact, out);
  if (MoreOf(fact) != 0) WriteMore(fact, out);
}

void WriteBody(const Fact& fact, std::uint64_t repeated, ByteWriter* out) {
  WriteMoment(fact.wall, fact.mono, fact.name, out);
  WriteRun(fact, out);
  WriteDetails(fact.value, fact.properties, out);
  WriteRest(fact, repeated, out);
  WriteLooks(fact.looks, out);
}

void ReadBody(std::uint8_t kind_byte, Event* event, ByteReader* in) {
  Fact& fact = event->fact;
  fact.kind = ToKind(static_cast<std::uint8_t>(kind_byte & ~(kWithEnrollment | kWithForcing | kWithMore)), in);
  fact.wall = Timestamp(Duration(in->Signed()));
  fact.mono = MonoTime(Duration(in->Signed()));
  fact.name = in->Text();
  fact.session = in->Text();
  fact.forced = in->Bool();
  if (in->Bool()) fact.value = in->Double();
  ReadNamed(&fact.properties, in);
  for (std::size_t left = in->Count(); left > 0 && in->ok(); --left) {
    std::string kind(in->Text());
    fact.units.push_back({std::move(kind), std::string(in->Text())});
  }
  ReadNamed(&fact.attributes, in);
  if (HasUnit(fact.kind)) ReadExposure(event, in);
  if (fact.kind == EventKind::kPrompt) fact.prompt = ReadPrompt(in);
  if ((kind_byte & kWithEnrollment) != 0) ReadEnrollment(&fact, in);
  if ((kind_byte & kWithForcing) != 0) ReadForcing(&fact, in);
  if ((kind_byte & kWithMore) != 0) ReadMore(&fact, in);
}

}  // namespace guidon::events
