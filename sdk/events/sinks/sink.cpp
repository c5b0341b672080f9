#include "sdk/events/sinks/sink.h"

#include "guidon/limits.h"
#include "sdk/events/sinks/ndjson.h"
#include "sdk/events/sinks/otlp.h"
#include "sdk/events/sinks/posthog.h"
#include "sdk/events/sinks/segment.h"

namespace guidon::events {
namespace {

constexpr std::size_t kNoBound = SIZE_MAX / 2;
constexpr std::string_view kJson = "application/json";

constexpr Sink kOtlp = {"otlp",
                        "/v1/logs",
                        kJson,
                        limits::kBatchBytes,
                        otlp::kEnvelopeBytes,
                        kNoBound,
                        &otlp::WriteHead,
                        &otlp::WriteRecord,
                        ",",
                        otlp::kTail,
                        false,
                        &otlp::Rejected};
// The service takes 500 kB a request and 32 kB an event, and says 200 of events over that, which it then forgets.
constexpr Sink kSegment = {
    "segment", "/v1/batch", kJson, 500'000, segment::kEnvelopeBytes, 32'000, &segment::WriteHead, &segment::WriteRecord,
    ",",       "]}",        true,  nullptr};
// The service takes 1 MB an event.
constexpr Sink kPostHog = {"posthog",
                           "/batch/",
                           kJson,
                           limits::kBatchBytes,
                           posthog::kEnvelopeBytes,
                           1'000'000,
                           &posthog::WriteHead,
                           &posthog::WriteRecord,
                           ",",
                           "]}",
                           true,
                           nullptr};
constexpr Sink kNdjson = {"ndjson",
                          "/",
                          "application/x-ndjson",
                          limits::kBatchBytes,
                          0,
                          kNoBound,
                          [](const Resource&, std::string*) {},
                          &ndjson::WriteLine,
                          "",
                          "",
                          true,
                          nullptr};

}  // namespace

const Sink& SinkOf(EventSink sink) noexcept {
  switch (sink) {
    case EventSink::kOtlp: return kOtlp;
    case EventSink::kSegment: return kSegment;
    case EventSink::kPostHog: return kPostHog;
    case EventSink::kNdjson: return kNdjson;
  }
  return kOtlp;
}

std::size_t Records::Add(const Resource& resource, const Event& event) {
  sink_->record(resource, event, &bytes_);
  bytes_.append(sink_->between);
  ends_.push_back(bytes_.size());
  return BytesOf(ends_.size() - 1);
}

void Records::Keep(std::size_t count) {
  ends_.resize(count);
  bytes_.resize(Begin(count));
}

std::string Records::ToRequest(const Resource& resource, std::size_t from, std::size_t to) const {
  std::string request;
  request.reserve(ends_[to - 1] - Begin(from) + sink_->envelope_bytes);
  sink_->head(resource, &request);
  request.append(bytes_, Begin(from), ends_[to - 1] - Begin(from) - sink_->between.size());
  return request.append(sink_->tail);
}

std::string EncodeRequest(const Sink& sink, const Resource& resource, const Event* events, std::size_t count) {
  Records records(sink);
  for (std::size_t i = 0; i < count; ++i) (void)records.Add(resource, events[i]);
  return records.ToRequest(resource, 0, count);
}

std::string RequestUrl(const std::string& collector_url, const Sink& sink) {
  const std::size_t host = collector_url.find("://");
  if (host == std::string::npos) return collector_url;
  const std::size_t path = collector_url.find_first_of("/?#", host + 3);
  if (path == std::string::npos) return collector_url + std::string(sink.path);
  if (path + 1 == collector_url.size() && collector_url[path] == '/') {
    return collector_url.substr(0, path) + std::string(sink.path);
  }
  return collector_url;
}

}  // namespace guidon::events
