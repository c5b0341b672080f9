// What all events that are tracked within one State of the client have in common, checked and encoded once; so that to
// tell one is to write what is its own between that, without an allocation.
//
// Events that are anything but plain are not written here, and take the slow way: CheckFact, then EncodeFact. What is
// written is what that would write, byte by byte. Test: prepared_fact_test.cpp.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/event.h"
#include "guidon/time.h"
#include "sdk/core/base/bytes.h"
#include "sdk/events/fact.h"

namespace guidon::events {

class PreparedFact {
 public:
  // Of one record. What is encoded in so few is never over kFactBytes: nothing weighs more than ten times what it
  // takes.
  static constexpr std::size_t kRecordBytes = 2u << 10;
  static_assert(10 * kRecordBytes <= kFactBytes, "no event that is written here has to be cut");
  using Record = BasicByteWriter<FixedBytes<kRecordBytes>>;

  // Writes nothing.
  PreparedFact() = default;
  // `common`: a tracked event, but for its times, name, value and properties, of which counts it is, and
  // whether it is a conversion.
  explicit PreparedFact(Fact common);

  // The record of an event, to an empty `record`. False when it has to take the slow way: it may not be recorded, or
  // not all of it, or it is too long. Any thread.
  bool Write(Timestamp wall, MonoTime mono, std::string_view name, const std::optional<double>& value,
             const Properties& properties, const std::vector<behavior::Look>& looks, bool is_conversion,
             Record* record) const noexcept;

 private:
  struct Parts {
    std::string head;  // before the times; empty: nothing was prepared
    std::string run;   // between name and value
    std::string rest;  // between the properties and the looks
  };
  static Parts Encode(const Fact& common);

  Parts plain_;
  Parts conversion_;
  // Likewise, where looks follow.
  Parts looked_at_;
  Parts conversion_looked_at_;
};

}  // namespace guidon::events
