// What differs between the formats that collectors take: how events are written, how much a request and a record may
// hold, and which answers acknowledge. A table with a row for each; what is sent when, and what becomes of an answer,
// is the same for all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

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
  // A request is its head, records with `between` from one to the next, and its tail: the same bytes for the same
  // arguments, at any time.
  void (*head)(const Resource& resource, std::string* out);
  void (*record)(const Resource& resource, const Event& event, std::string* out);
  std::string_view between;
  std::string_view tail;
  // A 2xx with plain text acknowledges as well as one with JSON.
  bool takes_text;
  // How many of a request's events a 2xx answer says it did not take. Null: such answers do not say.
  std::uint64_t (*rejected)(json::Node answer);
};

const Sink& SinkOf(EventSink sink) noexcept;

// Events in the format of one sink, each encoded once.
class Records {
 public:
  explicit Records(const Sink& sink) : sink_(&sink) {}

  // Returns what it adds to a request, its separator included.
  std::size_t Add(const Resource& resource, const Event& event);
  // Of those that were added the first ones.
  void Keep(std::size_t count);

  std::size_t count() const noexcept { return ends_.size(); }
  std::size_t BytesOf(std::size_t at) const noexcept { return ends_[at] - Begin(at); }
  // Those from `from` to before `to`, which are at least one.
  std::string ToRequest(const Resource& resource, std::size_t from, std::size_t to) const;

 private:
  std::size_t Begin(std::size_t at) const noexcept { return at == 0 ? 0 : ends_[at - 1]; }

  const Sink* sink_;
  std::string bytes_;  // with separators, also after the last
  std::vector<std::size_t> ends_;
};

// One request that carries `count` events, at least one.
std::string EncodeRequest(const Sink& sink, const Resource& resource, const Event* events, std::size_t count);

// The collector's URL as it is asked: with the sink's path where it has none.
std::string RequestUrl(const std::string& collector_url, const Sink& sink);

}  // namespace guidon::events
