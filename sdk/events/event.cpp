#include "sdk/events/event.h"

#include <utility>

#include "guidon/limits.h"
#include "sdk/core/base/text.h"
#include "sdk/events/event_encoding.h"
#include "sdk/events/scopes.h"

namespace guidon::events {
namespace {

constexpr std::uint8_t kChunkVersion = 1;

// Permanent.
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
  what.Byte(WhatByte(prompt.what));
  if (prompt.what == prompts::What::kAnswer) what.Number(prompt.number);
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
  WriteRecordHead(fact, &out);
  WriteBody(fact, 0, &out);
  return out.Take();
}

std::optional<Fact> DecodeFact(std::string_view bytes) {
  ByteReader in(bytes);
  Event event;
  const std::uint8_t record = in.Byte();
  if (record == kEventRecord || record == kWithheldRecord) {
    const std::uint8_t withheld = record == kWithheldRecord ? in.Byte() : std::uint8_t{0};
    event.fact.is_reported = (withheld & kUnreported) == 0;
    event.fact.is_counted = (withheld & kUncounted) == 0;
    if (withheld > (kUnreported | kUncounted) || (record == kWithheldRecord && withheld == 0)) in.Fail();
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
  if (bytes.empty()) return true;
  const auto record = static_cast<std::uint8_t>(bytes[0]);
  const bool is_unreported =
      record == kWithheldRecord && bytes.size() > 1 && (static_cast<std::uint8_t>(bytes[1]) & kUnreported) != 0;
  return record != kChangeRecord && !is_unreported;
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
  if (prompt.visible) record.properties.emplace_back("visible_ms", Value(prompt.visible->count()));
  if (!prompt.question.empty()) record.properties.emplace_back("question", Value(prompt.question));
  if (!prompt.answer.is_null()) record.properties.emplace_back("answer", prompt.answer);
  if (!prompt.text.empty()) record.properties.emplace_back("text", Value(prompt.text));
  return record;
}

}  // namespace guidon::events
