// What differs between the formats that collectors take: how events are written, how much a request and a record may
// hold, and which answers acknowledge. A table with a row for each; what is sent when, and what becomes of an answer,
// is the same for all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "guidon/options.h"
#include "sdk/core/base/json.h"
#include "sdk/events/event.h"

namespace guidon::events {

// Who sends.
struct Resource {
  std::string app_name;
  std::string app_version;
  std::string install_id;
  std::string key;  // of the collector's service, where it stands in the body
  bool are_units_hashed = false;
  std::string os_name{};
};

struct Sink {
  std::string_view name;          // part of idempotency keys: permanent
  std::string_view path;          // of a collector's URL that has none
  std::string_view content_type;  // of a request
  std::size_t request_bytes;      // before compression, envelope included
  std::size_t envelope_bytes;     // what a request takes beside its records, at most
  std::size_t event_bytes;        // of one record
  // One request that carries `count` events: the same bytes for the same arguments, at any time.
  std::string (*encode)(const Resource& resource, const Event* events, std::size_t count);
  // What one event adds to a request, its separator included.
  std::size_t (*record_bytes)(const Resource& resource, const Event& event);
  // A 2xx with plain text acknowledges as well as one with JSON.
  bool takes_text;
  // How many of a request's events a 2xx answer says it did not take. Null: such answers do not say.
  std::uint64_t (*rejected)(json::Node answer);
};

const Sink& SinkOf(EventSink sink) noexcept;

// The collector's URL as it is asked: with the sink's path where it has none.
std::string RequestUrl(const std::string& collector_url, const Sink& sink);

}  // namespace guidon::events
