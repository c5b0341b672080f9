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

constexpr Sink kOtlp = {"otlp",        "/v1/logs",         kJson, limits::kBatchBytes, otlp::kEnvelopeBytes, kNoBound,
                        &otlp::Encode, &otlp::RecordBytes, false, &otlp::Rejected};
// The service takes 500 kB a request and 32 kB an event, and says 200 of events over that, which it then forgets.
constexpr Sink kSegment = {"segment",        "/v1/batch",           kJson, 500'000, segment::kEnvelopeBytes, 32'000,
                           &segment::Encode, &segment::RecordBytes, true,  nullptr};
// The service takes 1 MB an event.
constexpr Sink kPostHog = {"posthog",
                           "/batch/",
                           kJson,
                           limits::kBatchBytes,
                           posthog::kEnvelopeBytes,
                           1'000'000,
                           &posthog::Encode,
                           &posthog::RecordBytes,
                           true,
                           nullptr};
constexpr Sink kNdjson = {"ndjson",
                          "/",
                          "application/x-ndjson",
                          limits::kBatchBytes,
                          ndjson::kEnvelopeBytes,
                          kNoBound,
                          &ndjson::Encode,
                          &ndjson::RecordBytes,
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
