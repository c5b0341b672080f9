// A plug-in that embeds the client, as an app loads and unloads it. See unload_test.cpp.
#include <chrono>
#include <memory>

#include "guidon/default_platform.h"
#include "guidon/guidon.h"

namespace {

std::unique_ptr<guidon::Client> client;  // goes with the library at the latest

}  // namespace

#define PLUGIN extern "C" __attribute__((visibility("default")))

PLUGIN void PluginOpen(const char* folder, const char* collector) {
  guidon::Options options;
  options.allow_unsigned = true;
  options.consent = guidon::Consent::kGranted;
  options.collector_url = collector;
  options.close_deadline = std::chrono::minutes(1);
  client = guidon::Client::Open(options, guidon::DefaultPlatform(folder));
}

PLUGIN void PluginTell(int count) {
  for (int i = 0; i < count; ++i) client->Track("tick", {{"n", i}});
}

// How many events were delivered or are kept.
PLUGIN int PluginClose() {
  const guidon::FlushReport report = client->Close(std::chrono::minutes(1));
  client.reset();
  return static_cast<int>(report.delivered + report.kept);
}
