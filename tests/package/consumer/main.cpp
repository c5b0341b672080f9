// Decides one flag, tells one event, closes, and finds the event again at the next start. Exits with the number of the
// first check that fails.
#include <guidon/default_platform.h>
#include <guidon/guidon.h>

#include <cstdio>

namespace {

constexpr guidon::Flag<bool> kSharing{"file-sharing", false};
constexpr guidon::Flag<std::int64_t> kMissing{"no-such-flag", 7};

std::unique_ptr<guidon::Client> Open(const char* state_dir) {
  guidon::Options options;
  options.bundled_datafile = R"({"format": "guidon/1", "project": "notes", "environment": "production",
    "epoch": 1, "version": 1, "issued_at": "2026-11-21T10:00:00Z", "expires_at": "2036-11-21T10:00:00Z",
    "flags": {"file-sharing": {"type": "bool", "default": true}}})";
  options.allow_unsigned = true;
  options.consent = guidon::Consent::kGranted;
  return guidon::Client::Open(std::move(options), guidon::DefaultPlatform(state_dir));
}

int Check(const char* state_dir) {
  {
    const auto client = Open(state_dir);
    if (!client->Get(kSharing)) return 1;
    if (client->Get(kMissing) != 7) return 2;
    if (client->Decide(kMissing).reason() != guidon::Reason::kFlagNotFound) return 3;
    client->Track("file_shared", 1.0, {{"kind", "pdf"}});
    const guidon::FlushReport report = client->Close(std::chrono::seconds(30));
    // The event, and the summary of what was evaluated.
    if (!report.in_time || report.kept != 2 || report.volatile_lost != 0) return 4;
    if (client->Get(kSharing)) return 5;
  }
  const auto client = Open(state_dir);
  const guidon::FlushReport report = client->Close(std::chrono::seconds(30));
  return report.kept == 2 ? 0 : 6;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 99;
  const int failed = Check(argv[1]);
  if (failed == 0) {
    std::puts("guidon " GUIDON_VERSION " works");
  } else {
    std::printf("check %d failed\n", failed);
  }
  return failed;
}
