// How the members of an event are written: what rows of the store and records of the journal have in common. Permanent
// (docs/formats/storage.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "guidon/time.h"
#include "sdk/core/base/bytes.h"
#include "sdk/core/behavior/series.h"
#include "sdk/core/prompts/showings.h"
#include "sdk/events/event.h"
#include "sdk/events/value_encoding.h"

namespace guidon::events {

// What an event begins with: its kind, and which of the members that come last it has.
std::uint8_t KindByteOf(const Fact& fact);
// All but the kind, the id and the number: the parts below, in their order.
void WriteBody(const Fact& fact, std::uint64_t repeated, ByteWriter* out);
void ReadBody(std::uint8_t kind_byte, Event* event, ByteReader* in);

// What differs from one tracked event to the next, and between it what does not while the client's State is the same
// (prepared_fact.h): a member that is added belongs to one or the other.
template <class Out>
void WriteMoment(Timestamp wall, MonoTime mono, std::string_view name, Out* out) {
  out->Signed(ToMs(wall));
  out->Signed(ToMs(mono));
  out->Text(name);
}
void WriteRun(const Fact& fact, ByteWriter* out);
template <class Out, class Named>
void WriteDetails(const std::optional<double>& value, const Named& properties, Out* out) {
  out->Bool(value.has_value());
  if (value) out->Double(*value);
  WriteNamed(properties, out);
}
void WriteRest(const Fact& fact, std::uint64_t repeated, ByteWriter* out);
// At the end, where there are any.
template <class Out>
void WriteLooks(const std::vector<behavior::Look>& looks, Out* out) {
  if (looks.empty()) return;
  out->Number(looks.size());
  for (const behavior::Look& look : looks) {
    out->Fixed(look.part);
    out->Bool(look.is_of_it);
  }
}

std::uint8_t WhatByte(prompts::What what);

// What a record of the journal begins with. Permanent.
inline constexpr std::uint8_t kEventRecord = 1;
inline constexpr std::uint8_t kChangeRecord = 2;
inline constexpr std::uint8_t kWithheldRecord = 3;  // as 1, but first what it is not to be used for
inline constexpr std::uint8_t kUnreported = 1;
inline constexpr std::uint8_t kUncounted = 2;
// Of an event; its body follows.
void WriteRecordHead(const Fact& fact, ByteWriter* out);

}  // namespace guidon::events
