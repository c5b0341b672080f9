// The smallest app: docs/guide/start.md walks through it.
#include <guidon/default_platform.h>
#include <guidon/guidon.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>

inline constexpr guidon::Flag<bool> kFileSharing{"file-sharing", false};
inline constexpr guidon::Flag<std::int64_t> kChunkKb{"upload-chunk-kb", 256};

int main(int argc, char** argv) {
  if (argc < 3) return std::fprintf(stderr, "usage: %s DATAFILE PUBLIC_KEY [COLLECTOR_URL]\n", argv[0]), 2;
  std::ifstream file(argv[1], std::ios::binary);

  guidon::Options options;
  options.bundled_datafile.assign(std::istreambuf_iterator<char>(file), {});  // in force until something newer arrives
  options.trusted_keys = {{argv[2]}};
  options.collector_url = argc > 3 ? argv[3] : "";
  options.consent = guidon::Consent::kGranted;  // the default, kUnknown, stores and sends nothing
  auto client = guidon::Client::Open(std::move(options), guidon::DefaultPlatform("start-state"));

  client->Identify(guidon::Context().Unit("account", "u-42").Set("plan", "pro"));
  if (client->Get(kFileSharing)) std::puts("[ + Attach a file ]");
  std::printf("uploads go in pieces of %lld KiB\n", static_cast<long long>(client->Get(kChunkKb)));
  client->Track("file_shared", {{"kind", "pdf"}});

  const guidon::FlushReport report = client->Close(std::chrono::seconds(2));
  std::printf("%llu events delivered, %llu kept for later\n", static_cast<unsigned long long>(report.delivered),
              static_cast<unsigned long long>(report.kept));
}
