// A host whose event loop turns the pump and whose network carries the requests: docs/guide/hosts.md walks through it.
#include <guidon/default_platform.h>
#include <guidon/guidon.h>

#include <QCoreApplication>
#include <QTimer>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "qt_ports.h"

inline constexpr guidon::Flag<bool> kFileSharing{"file-sharing", false};

int main(int argc, char** argv) {
  QCoreApplication app(argc, argv);
  if (argc < 4) return std::fprintf(stderr, "usage: %s DATAFILE PUBLIC_KEY COLLECTOR_URL\n", argv[0]), 2;
  std::ifstream file(argv[1], std::ios::binary);

  guidon::Options options;
  options.bundled_datafile.assign(std::istreambuf_iterator<char>(file), {});
  options.trusted_keys = {{argv[2]}};
  options.collector_url = argv[3];
  options.consent = guidon::Consent::kGranted;
  guidon::Platform platform = guidon::DefaultPlatform("qt-state");
  platform.waker = std::make_shared<QtWaker>(platform.clock);
  platform.http = std::make_shared<QtHttp>(platform.clock);
  const auto client = guidon::Client::Open(std::move(options), std::move(platform));

  std::printf("sharing is %s\n", client->Get(kFileSharing) ? "on" : "off");
  client->Track("window_opened", {{"widgets", 3}});

  // Close would wait for the network, which lives in the event loop. So the loop delivers before it ends.
  QTimer ends;
  int looks = 0;
  QObject::connect(&ends, &QTimer::timeout, &app, [&] {
    (void)client->Flush(guidon::Duration(0));
    if (client->status().ledger.pending == 0 || ++looks == 50) QCoreApplication::quit();
  });
  ends.start(100);
  const int result = QCoreApplication::exec();

  const guidon::Ledger ledger = client->status().ledger;
  (void)client->Close(std::chrono::milliseconds(100));
  std::printf("%llu events delivered, %llu kept\n", static_cast<unsigned long long>(ledger.delivered),
              static_cast<unsigned long long>(ledger.pending));
  return result;
}
