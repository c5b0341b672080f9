// A host that turns the pump itself, once a frame, with an Http port of its own: docs/guide/hosts.md walks through it.
#include <guidon/default_platform.h>
#include <guidon/guidon.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <thread>

#include "frame_http.h"

inline constexpr guidon::Flag<bool> kFileSharing{"file-sharing", false};
using std::chrono::milliseconds;

int main(int argc, char** argv) {
  if (argc < 4) return std::fprintf(stderr, "usage: %s DATAFILE PUBLIC_KEY COLLECTOR_URL\n", argv[0]), 2;
  std::ifstream file(argv[1], std::ios::binary);

  guidon::Options options;
  options.bundled_datafile.assign(std::istreambuf_iterator<char>(file), {});
  options.trusted_keys = {{argv[2]}};
  options.collector_url = argv[3];
  options.consent = guidon::Consent::kGranted;
  guidon::Platform platform = guidon::DefaultPlatform("game-state");
  const auto http = std::make_shared<FrameHttp>(platform.clock);
  platform.http = http;
  platform.waker = nullptr;  // nobody but this loop turns the pump, so nothing runs beside it
  const auto client = guidon::Client::Open(std::move(options), std::move(platform));

  int frames_with_sharing = 0;
  for (int frame = 0; frame < 60; ++frame) {
    if (client->Get(kFileSharing)) ++frames_with_sharing;  // costs a frame nothing
    if (frame == 30) client->Track("level_done", {{"level", 1}});
    http->Turn();
    (void)client->Pump(guidon::Lane::kLogic, milliseconds(1));
    (void)client->Pump(guidon::Lane::kDisk,
                       milliseconds(2));  // a loop that must not wait for a disk has a thread do this
    std::this_thread::sleep_for(milliseconds(8));
  }
  const guidon::FlushReport report = client->Close(milliseconds(2'000));  // turns the network while it waits
  std::printf("%d frames of 60 with sharing, %llu events delivered, %llu kept\n", frames_with_sharing,
              static_cast<unsigned long long>(report.delivered), static_cast<unsigned long long>(report.kept));
}
