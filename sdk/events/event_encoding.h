// How the members of an event are written: what rows of the store and records of the journal have in common. Permanent
// (docs/formats/storage.md).
#pragma once

#include <cstdint>

#include "sdk/core/base/bytes.h"
#include "sdk/core/prompts/showings.h"
#include "sdk/events/event.h"

namespace guidon::events {

// What an event begins with: its kind, and which of the members that come last it has.
std::uint8_t KindByteOf(const Fact& fact);
// All but the kind, the id and the number.
void WriteBody(const Fact& fact, std::uint64_t repeated, ByteWriter* out);
void ReadBody(std::uint8_t kind_byte, Event* event, ByteReader* in);

std::uint8_t WhatByte(prompts::What what);

}  // namespace guidon::events
