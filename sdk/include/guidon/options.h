// Everything an app sets when it opens a client. A plain struct: fill in what differs from the defaults.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "guidon/consent.h"
#include "guidon/context.h"
#include "guidon/limits.h"
#include "guidon/ports/log.h"
#include "guidon/time.h"

namespace guidon {

// A public key that may sign datafiles. `guidon keygen` prints it, ready to paste.
struct TrustedKey {
  enum class Role {
    kRelease,      // protected flags and experiments cannot be overridden on the device
    kDevelopment,  // everything can be overridden
    kQa,           // signs no datafile: it is for who may test what
  };
  std::string public_key;  // 32 bytes of Ed25519, base64
  Role role = Role::kRelease;
  // From then on, by the device's clock, no datafile comes from a server by this key alone. What is in force, kept or
  // bundled stays good.
  Timestamp not_after = Timestamp::max();
};

// When a newer datafile that was fetched is put in force. What a client opens with (bundled, or kept by an earlier
// start) and the first datafile of one that has none are in force at once, and so are kill switches in any case: a flag
// that a waiting datafile kills answers with that datafile's default, or with its own where the types differ, and
// `kKilled`.
enum class ApplyWhen {
  kAtOnce,
  kNextForeground,  // when the app comes back: at OnForeground after OnBackground, or at the next start
  kNextLaunch,      // at the next start
};

// What the collector takes. docs/formats/events.md says how each looks.
enum class EventSink {
  kOtlp,     // OpenTelemetry collectors: OTLP/HTTP logs in JSON
  kSegment,  // Segment's HTTP API and those that speak it: a batch of `track` calls
  kPostHog,  // PostHog's batch endpoint
  kNdjson,   // one JSON object a line
};

struct Options {
  // Where the datafile is fetched. Empty: never; the bundled or cached one stays in force. https, or http to a loopback
  // address.
  std::string datafile_url;
  // How often to ask for a newer one while in the foreground; each wait is ±10 %, but the first one after a start or an
  // outage anything from 10 % to 110 %, so that apps do not come all at once. At least 1 s.
  Duration poll_interval = std::chrono::minutes(5);
  // Where a server announces changes of the datafile, as server-sent events; then one reaches running apps within about
  // two seconds, kill switches too. Only that something changed is believed: it is fetched from `datafile_url` and
  // verified as ever, and polling goes on. In the background nothing is listened to. Empty: polling alone. The same
  // kinds of address, and the same headers, as for `datafile_url`.
  std::string datafile_stream_url;
  // Shipped with the app, in force until something newer is there. The bytes `guidon build` wrote.
  std::string bundled_datafile;
  // One to four. A datafile must carry a good signature by one of them.
  std::vector<TrustedKey> trusted_keys;
  // Take datafiles without a signature. Status and events say so.
  bool allow_unsigned = false;
  // When set, a datafile of another project or environment is refused.
  std::string project;
  std::string environment;
  // So that nothing changes under a person's eyes. What waits is checked and kept for the next start; status() tells.
  ApplyWhen apply = ApplyWhen::kAtOnce;

  // Where events go. Empty: they are kept on the device, within the bounds. A URL without a path gets the one that is
  // usual for the sink: /v1/logs, /v1/batch, /batch/ or /.
  std::string collector_url;
  EventSink sink = EventSink::kOtlp;
  // What the service calls write key (Segment) or project API key (PostHog); the other sinks need none. Never logged.
  std::string collector_key;
  // Sent with every request to the collector, and to the datafile's server; an API key, say. Never logged.
  std::vector<std::pair<std::string, std::string>> collector_headers;
  std::vector<std::pair<std::string, std::string>> datafile_headers;
  // How long committed events wait for company before a batch is sent.
  Duration batch_interval = std::chrono::seconds(10);
  // Says within the hour which flags were evaluated and what they gave, each once, so that the collector can tell who
  // gets what, and which flags nobody asks for any more. A device on which anything is forced says nothing.
  bool evaluation_summaries = true;
  // What may wait on the device for the collector; beyond, the oldest tracked events go first, then conversions
  // (guidon/costs.h), exposures and prompts last, and the ledger says how many. At least a batch (500 events, 1 MiB),
  // at most 1,000,000 events and 640 MiB.
  std::uint64_t outbox_events = limits::kOutboxEvents;
  std::uint64_t outbox_bytes = limits::kOutboxBytes;
  // Names the app in events: service.name and service.version.
  std::string app_name = "app";
  std::string app_version;

  // One answer for all purposes (`Consent::kGranted`), or one for each:
  // `Consents(Consent::kGranted).With(Purpose::kPersonalization, Consent::kDenied)`. What is denied is erased before
  // anything of it is used.
  Consents consent = Consent::kUnknown;
  // Who is here at the start, so that the first decisions are right. Where that is an account, what was done on the
  // device while nobody was logged in is that account's, unless `carry` is kNothing.
  Context context;
  Carry carry = Carry::kAnonymous;

  // Attributes of the context that never leave the device, also where the datafile lists them in `event_attributes`;
  // explanations say that they are private instead of what they are. Rules see them.
  std::vector<std::string> private_attributes;
  // When set, unit ids and the install id leave the device only as HMAC-SHA-256 under this key, as
  // docs/formats/events.md says; at least 16 bytes, kept by the app. Deciding uses the plain ones. Where the platform
  // has no such digest, or the key is shorter, nothing is sent and `ClientStatus::sender` says why. The same for as
  // long as results are to be compared. Never logged.
  std::string unit_key;

  // Messages below this level are not built at all. See Client::SetLogLevel.
  LogLevel log_level = LogLevel::kWarning;

  // How long the destructor may take when `Close` was not called.
  Duration close_deadline = std::chrono::seconds(1);
};

}  // namespace guidon
