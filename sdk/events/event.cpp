#include "sdk/events/event.h"

#include <utility>

#include "guidon/limits.h"
#include "sdk/core/base/text.h"
#include "sdk/events/scopes.h"

namespace guidon::events {
namespace {

constexpr std::uint8_t kChunkVersion = 1;
constexpr int kValueDepth = 16;

// Permanent. To a kind's byte these are added when what is known of the enrollment, and then of forcing, follows the
// event's other members.
constexpr std::uint8_t kWithEnrollment = 0x20;
constexpr std::uint8_t kWithForcing = 0x40;
enum KindByte : std::uint8_t {
  kTrackedByte = 1,
  kExposureByte = 2,
  kHoldoutByte = 3,
  kReportByte = 4,
  kPromptByte = 5,
  kDeletionByte = 6
};
enum ValueByte : std::uint8_t {
  kNull = 0,
  kFalse = 1,
  kTrue = 2,
  kInt = 3,
  kDouble = 4,
  kString = 5,
  kList = 6,
  kObject = 7
};

KindByte ToByte(EventKind kind) {
  switch (kind) {
    case EventKind::kTracked: return kTrackedByte;
    case EventKind::kExposure: return kExposureByte;
    case EventKind::kHoldoutExposure: return kHoldoutByte;
    case EventKind::kPrompt: return kPromptByte;
    case EventKind::kLossReport: return kReportByte;
    case EventKind::kDeletionRequest: return kDeletionByte;
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
    default: in->Fail(); return EventKind::kTracked;
  }
}

void WriteValue(const Value& value, ByteWriter* out) {
  switch (value.type()) {
    case Value::Type::kNull: out->Byte(kNull); break;
    case Value::Type::kBool: out->Byte(*value.AsBool() ? kTrue : kFalse); break;
    case Value::Type::kInt:
      out->Byte(kInt);
      out->Signed(*value.AsInt());
      break;
    case Value::Type::kDouble:
      out->Byte(kDouble);
      out->Double(*value.AsDouble());
      break;
    case Value::Type::kString:
      out->Byte(kString);
      out->Text(*value.AsString());
      break;
    case Value::Type::kList:
      out->Byte(kList);
      out->Number(value.AsList()->size());
      for (const Value& item : *value.AsList()) WriteValue(item, out);
      break;
    case Value::Type::kObject:
      out->Byte(kObject);
      out->Number(value.AsObject()->size());
      for (const Member& member : *value.AsObject()) {
        out->Text(member.name);
        WriteValue(member.value, out);
      }
      break;
  }
}

Value ReadValue(ByteReader* in, int depth) {
  const std::uint8_t type = in->Byte();
  if (!in->ok() || (type >= kList && depth == 0)) {
    in->Fail();
    return Value();
  }
  switch (type) {
    case kNull: return Value();
    case kFalse: return Value(false);
    case kTrue: return Value(true);
    case kInt: return Value(in->Signed());
    case kDouble: return Value(in->Double());
    case kString: return Value(in->Text());
    case kList: {
      List list;
      for (std::size_t left = in->Count(); left > 0 && in->ok(); --left) list.push_back(ReadValue(in, depth - 1));
      return Value(std::move(list));
    }
    case kObject: {
      Object object;
      for (std::size_t left = in->Count(); left > 0 && in->ok(); --left) {
        std::string name(in->Text());
        object.push_back({std::move(name), ReadValue(in, depth - 1)});
      }
      return Value(std::move(object));
    }
    default: in->Fail(); return Value();
  }
}

void WriteNamed(const std::vector<std::pair<std::string, Value>>& values, ByteWriter* out) {
  out->Number(values.size());
  for (const auto& entry : values) {
    out->Text(entry.first);
    WriteValue(entry.second, out);
  }
}

void ReadNamed(std::vector<std::pair<std::string, Value>>* values, ByteReader* in) {
  for (std::size_t left = in->Count(); left > 0 && in->ok(); --left) {
    std::string name(in->Text());
    values->emplace_back(std::move(name), ReadValue(in, kValueDepth));
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

// Permanent.
std::uint8_t ToByte(prompts::What what) {
  switch (what) {
    case prompts::What::kExposure: return 1;
    case prompts::What::kImpression: return 2;
    case prompts::What::kAction: return 3;
    case prompts::What::kDismissal: return 4;
    case prompts::What::kSnooze: return 5;
    case prompts::What::kFailure: return 6;
    case prompts::What::kUnknown: return 7;
  }
  return 7;
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
    default: in->Fail(); return prompts::What::kUnknown;
  }
}

void WritePrompt(const FactPrompt& prompt, ByteWriter* out) {
  out->Byte(ToByte(prompt.what));
  out->Text(prompt.id);
  out->Number(prompt.ordinal);
  out->Text(prompt.button);
  out->Text(prompt.cause);
  out->Text(prompt.trigger);
  out->Signed(prompt.snooze.count());
  out->Bool(prompt.is_forced);
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

std::uint8_t KindByteOf(const Fact& fact) {
  const int with = (HasEnrollment(fact) ? kWithEnrollment : 0) + (HasForcing(fact) ? kWithForcing : 0);
  return static_cast<std::uint8_t>(ToByte(fact.kind) + with);
}

// All but the kind, the id and the number.
void WriteBody(const Fact& fact, std::uint64_t repeated, ByteWriter* out) {
  out->Signed(ToMs(fact.wall));
  out->Signed(ToMs(fact.mono));
  out->Text(fact.name);
  out->Text(fact.session);
  out->Bool(fact.forced);
  out->Bool(fact.value.has_value());
  if (fact.value) out->Double(*fact.value);
  WriteNamed(fact.properties, out);
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
}

void ReadBody(std::uint8_t kind_byte, Event* event, ByteReader* in) {
  Fact& fact = event->fact;
  fact.kind = ToKind(static_cast<std::uint8_t>(kind_byte & ~(kWithEnrollment | kWithForcing)), in);
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
}

// What a record of the journal is. Permanent, as are the numbers of Carry.
constexpr std::uint8_t kEventRecord = 1;
constexpr std::uint8_t kChangeRecord = 2;

std::uint8_t ToByte(Carry carry) {
  switch (carry) {
    case Carry::kNothing: return 0;
    case Carry::kAnonymous: return 1;
    case Carry::kPrevious: return 2;
  }
  return 0;
}

Carry ToCarry(std::uint8_t byte, ByteReader* in) {
  switch (byte) {
    case 0: return Carry::kNothing;
    case 1: return Carry::kAnonymous;
    case 2: return Carry::kPrevious;
    default: in->Fail(); return Carry::kNothing;
  }
}

}  // namespace

Hash128 PromptEventId(const FactPrompt& prompt) {
  ByteWriter what;
  what.Byte('o');
  what.Text(prompt.id);
  what.Byte(ToByte(prompt.what));
  return HashId(what.bytes());
}

Hash128 HashId(std::string_view bytes) {
  Hash128 id = HashBytes128(bytes);
  id.high = (id.high & ~std::uint64_t{0xF000}) | std::uint64_t{8} << 12;
  id.low = (id.low & 0x3FFF'FFFF'FFFF'FFFFu) | 0x8000'0000'0000'0000u;
  return id;
}

std::string EncodeEvent(const Event& event) {
  ByteWriter out;
  out.Byte(KindByteOf(event.fact));
  out.Fixed(event.id.high);
  out.Fixed(event.id.low);
  out.Number(event.sequence);
  WriteBody(event.fact, event.repeated, &out);
  return out.Take();
}

std::optional<Event> DecodeEvent(std::string_view bytes) {
  ByteReader in(bytes);
  Event event;
  const std::uint8_t kind_byte = in.Byte();
  event.id.high = in.Fixed();
  event.id.low = in.Fixed();
  event.sequence = in.Number();
  ReadBody(kind_byte, &event, &in);
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return event;
}

std::string EncodeFact(const Fact& fact) {
  ByteWriter out;
  if (fact.identity) {
    out.Byte(kChangeRecord);
    out.Text(fact.identity->from);
    out.Text(fact.identity->to);
    out.Byte(ToByte(fact.identity->carry));
    out.Number(fact.identity->number);
    return out.Take();
  }
  out.Byte(kEventRecord);
  out.Number(fact.scope);
  out.Byte(KindByteOf(fact));
  WriteBody(fact, 0, &out);
  return out.Take();
}

std::optional<Fact> DecodeFact(std::string_view bytes) {
  ByteReader in(bytes);
  Event event;
  const std::uint8_t record = in.Byte();
  if (record == kEventRecord) {
    event.fact.scope = in.Number();
    const std::uint8_t kind_byte = in.Byte();
    ReadBody(kind_byte, &event, &in);
    if (event.repeated != 0) in.Fail();
  } else if (record == kChangeRecord) {
    IdentityChange change;
    change.from = in.Text();
    change.to = in.Text();
    change.carry = ToCarry(in.Byte(), &in);
    change.number = in.Number();
    event.fact.identity = std::make_shared<const IdentityChange>(std::move(change));
  } else {
    return std::nullopt;
  }
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return std::move(event.fact);
}

bool IsEncodedEvent(std::string_view bytes) noexcept {
  return bytes.empty() || static_cast<std::uint8_t>(bytes[0]) != kChangeRecord;
}

void AppendToChunk(const std::string& encoded_event, std::string* chunk) {
  if (chunk->empty()) chunk->push_back(static_cast<char>(kChunkVersion));
  ByteWriter out;
  out.Text(encoded_event);
  chunk->append(out.bytes());
}

std::optional<std::vector<Event>> DecodeChunk(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.Byte() != kChunkVersion) return std::nullopt;
  std::vector<Event> events;
  while (!in.at_end()) {
    const std::string_view text = in.Text();
    if (!in.ok() || events.size() == limits::kBatchEvents) return std::nullopt;
    std::optional<Event> event = DecodeEvent(text);
    if (!event) return std::nullopt;
    events.push_back(std::move(*event));
  }
  return events;
}

std::string IdText(const Hash128& id) {
  return text::FormatUuid(id.high, id.low, static_cast<int>(id.high >> 12 & 0xF));
}

EventRecord ToRecord(const Event& event) {
  EventRecord record;
  record.id = IdText(event.id);
  record.kind = event.fact.kind;
  record.name = event.fact.name;
  record.variant = event.fact.variant;
  record.time = event.fact.wall;
  record.value = event.fact.value;
  record.properties = event.fact.properties;
  record.sequence = event.sequence;
  record.forced = event.fact.forced;
  record.earlier_process = event.is_replayed;
  if (!event.fact.prompt) return record;
  const FactPrompt& prompt = *event.fact.prompt;
  record.properties.emplace_back("what", Value(prompts::WhatName(prompt.what)));
  record.properties.emplace_back("prompt", Value(prompt.id));
  record.properties.emplace_back("ordinal", Value(static_cast<std::int64_t>(prompt.ordinal)));
  if (!prompt.button.empty()) record.properties.emplace_back("button", Value(prompt.button));
  if (!prompt.cause.empty()) record.properties.emplace_back("cause", Value(prompt.cause));
  if (!prompt.trigger.empty()) record.properties.emplace_back("trigger", Value(prompt.trigger));
  return record;
}

}  // namespace guidon::events
