// The far side of the network: the server of datafiles and the collector, as all devices of a story share them. The
// collector reads bodies with the real one's reader and checks exposures as it does; in some stories the real one gets
// every request, too, and has to come to the same.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "samples/collector/archive.h"
#include "samples/collector/datafile_reader.h"
#include "samples/collector/ingest.h"
#include "samples/collector/store.h"
#include "sdk/core/base/json.h"
#include "tests/simulation/book.h"
#include "tests/simulation/network.h"

namespace guidon::simulation {

// A request of events, read. Its records point into its document.
struct ReadPost {
  Post post;
  std::string body;  // not compressed
  bool was_compressed = false;
  std::unique_ptr<json::Document> document;
};

class Servers {
 public:
  // With `real_seed` there is a real collector, on a database of its own; the seed tells databases apart.
  Servers(Findings* findings, std::optional<std::uint64_t> real_seed, std::string rules_without);
  ~Servers();
  Servers(const Servers&) = delete;  // devices point at it
  Servers& operator=(const Servers&) = delete;

  void Publish(std::int64_t version);
  std::int64_t version() const { return version_; }

  // `now_ms`: the right time, in ms since 1970.
  ServerAnswer Datafile(const HttpRequest& request, Fate fate, std::int64_t now_ms);

  // Null, and a finding, when it is not what a client may send.
  std::shared_ptr<ReadPost> Read(int device, const HttpRequest& request);
  ServerAnswer Take(Book* book, const ReadPost& post, Fate fate, std::int64_t now_ms);

  // What the real collector has, if there is one; `received`: all events of all devices, each once.
  void CheckEnd(std::uint64_t received);

 private:
  struct Real;
  ServerAnswer Refuse(Book* book, const ReadPost& post, int status);

  Findings* const findings_;
  const std::string rules_without_;
  std::int64_t version_ = 0;
  std::map<std::int64_t, std::string> texts_;
  std::map<std::string, collector::Published, std::less<>> published_;  // by "epoch.version"
  std::unordered_map<std::string, int> owners_;                         // of event ids: the device
  std::unique_ptr<Real> real_;
};

}  // namespace guidon::simulation
