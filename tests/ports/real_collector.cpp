#include "tests/ports/real_collector.h"

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <utility>

#include "sdk/core/base/json.h"

namespace guidon::test {
namespace {

constexpr Duration kPlenty = std::chrono::seconds(60);  // only what hangs takes that long
constexpr int kDripMs = 20;

// Never answers, and is no network either.
class NoNetwork final : public Http {
 public:
  void Start(std::uint64_t, HttpRequest, std::shared_ptr<HttpSink>) override {}
  void Cancel(std::uint64_t) noexcept override {}
  bool Stop(MonoTime) noexcept override { return true; }
};

std::string TextOf(json::Node node) { return std::string(node.AsString().value_or(std::string_view())); }

void AddLines(const std::string& body, std::vector<std::string>* ids) {
  for (std::size_t from = 0; from < body.size();) {
    const std::size_t end = body.find('\n', from);
    const auto line = json::Document::Parse(body.substr(from, end - from), nullptr);
    if (!line || end == std::string::npos) return ids->clear();
    ids->push_back(TextOf(line->root()["id"]));
    from = end + 1;
  }
}

}  // namespace

std::vector<std::string> EventIds(EventSink sink, const std::string& body) {
  std::vector<std::string> ids;
  if (sink == EventSink::kNdjson) {
    AddLines(body, &ids);
    return ids;
  }
  json::Limits limits;
  limits.nodes = 1'000'000;
  const auto document = json::Document::Parse(body, nullptr, limits);
  if (!document) return ids;
  const json::Node root = document->root();
  for (const json::Node event : root["batch"]) {
    ids.push_back(TextOf(event[sink == EventSink::kSegment ? "messageId" : "uuid"]));
  }
  for (const json::Node record : root["resourceLogs"].First()["scopeLogs"].First()["logRecords"]) {
    for (const json::Node attribute : record["attributes"]) {
      if (attribute["key"].AsString() == "log.record.uid") ids.push_back(TextOf(attribute["value"].First()));
    }
  }
  return ids;
}

void SharedAudit::Accepted(const std::string& id) {
  With([&](FactsAudit& audit) { audit.Accepted(id); });
}

void SharedAudit::Received(const std::vector<std::string>& ids, FactsAudit::Reply reply) {
  With([&](FactsAudit& audit) { audit.Received(ids, reply); });
}

std::string HttpReply(int status, const std::string& body, const std::string& type) {
  return "HTTP/1.1 " + std::to_string(status) + " Status\r\nContent-Type: " + type +
         "\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

TcpServer::TcpServer(std::function<int()> body_percent, Handler handler)
    : body_percent_(std::move(body_percent)), handler_(std::move(handler)) {
  REQUIRE(pipe(stop_) == 0);
  socket_ = socket(AF_INET, SOCK_STREAM, 0);
  REQUIRE(socket_ >= 0);
  struct sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  REQUIRE(bind(socket_, reinterpret_cast<struct sockaddr*>(&address), size) == 0);
  REQUIRE(listen(socket_, 16) == 0);
  REQUIRE(getsockname(socket_, reinterpret_cast<struct sockaddr*>(&address), &size) == 0);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Serve(); });
}

TcpServer::~TcpServer() {
  close(stop_[1]);
  thread_.join();
  close(stop_[0]);
  close(socket_);
}

// False when the server is to end.
static bool WaitFor(int fd, int stop, int most_ms, bool* is_ready) {
  struct pollfd both[] = {{fd, POLLIN | POLLRDHUP, 0}, {stop, POLLIN, 0}};
  *is_ready = poll(both, 2, most_ms) > 0 && both[0].revents != 0;
  return both[1].revents == 0;
}

void TcpServer::Serve() {
  for (;;) {
    bool is_ready = false;
    if (!WaitFor(socket_, stop_[0], -1, &is_ready)) return;
    const int connection = accept(socket_, nullptr, nullptr);
    if (connection < 0) continue;
    Talk(connection);
    close(connection);
  }
}

void TcpServer::Talk(int connection) {
  Request request;
  std::string bytes;
  const auto read_until = [&](auto is_enough) {
    while (!is_enough()) {
      bool is_ready = false;
      if (!WaitFor(connection, stop_[0], -1, &is_ready)) return false;
      char piece[4096];
      const ssize_t got = recv(connection, piece, sizeof(piece), 0);
      if (got <= 0) return false;
      bytes.append(piece, static_cast<std::size_t>(got));
    }
    return true;
  };
  if (!read_until([&] { return bytes.find("\r\n\r\n") != std::string::npos; })) return;
  request.head = bytes.substr(0, bytes.find("\r\n\r\n") + 4);
  bytes.erase(0, request.head.size());
  const std::size_t length_at = request.head.find("Content-Length: ");
  const std::size_t length =
      length_at == std::string::npos ? 0 : std::strtoul(request.head.c_str() + length_at + 16, nullptr, 10);
  const auto percent = static_cast<std::size_t>(body_percent_());
  if (!read_until([&] { return bytes.size() >= length * percent / 100; })) return;
  request.is_whole = percent == 100;
  if (request.is_whole && !ZlibCodec()->Gunzip(bytes, 8u << 20, &request.body).ok()) request.body = bytes;
  const Manner manner = handler_(request);
  if (!request.is_whole) {
    const struct linger reset = {1, 0};
    setsockopt(connection, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    return;
  }
  bool is_gone = false;
  if (manner.hangs) {
    (void)WaitFor(connection, stop_[0], -1, &is_gone);
    return;
  }
  const std::size_t step = manner.drips ? 1 : manner.reply.size();
  for (std::size_t at = 0; at < manner.reply.size() && !is_gone;) {
    if (manner.drips && !WaitFor(connection, stop_[0], kDripMs, &is_gone)) return;
    const ssize_t sent = send(connection, manner.reply.data() + at, step, MSG_NOSIGNAL);
    if (sent <= 0) return;
    at += static_cast<std::size_t>(sent);
  }
}

RealClient::RealClient(const std::string& collector_url) {
  options.collector_url = collector_url;
  options.consent = Consent::kGranted;
  options.allow_unsigned = true;
  options.batch_interval = std::chrono::hours(1'000);  // only when told to
}

Client& RealClient::Open(std::shared_ptr<Http> http) {
  if (client_ != nullptr) (void)client_->Close(Duration(0));
  client_.reset();
  Platform platform;
  platform.clock = clock;
  platform.entropy = OsEntropy();
  platform.http = http != nullptr ? std::move(http) : CurlHttp(clock, curl);
  platform.storage = SqliteStorage(folder.Path("state.db"));
  platform.files = DiskFiles(folder.path());
  platform.crypto = OpenSslCrypto();
  platform.codec = ZlibCodec();
  client_ = Client::Open(options, platform);
  accepted_ = client_->OnEvent(nullptr, [this](const EventRecord& record) { audit.Accepted(record.id); });
  return *client_;
}

void RealClient::Track(int count) {
  for (int i = 0; i < count; ++i) client_->Track("e" + std::to_string(tracked_++), {{"size", i}});
}

void RealClient::Flush() { CHECK(client_->Flush(kPlenty).in_time); }

void RealClient::Drain() {
  for (int i = 0; i < 20; ++i) {
    Flush();
    if (client_->status().ledger.pending == 0) return;
    clock->Skip(std::chrono::minutes(15));
  }
  FAIL("events are still pending after five hours");
}

void RealClient::Check() {
  const Ledger ledger = client_->status().ledger;
  audit.With([&](FactsAudit& facts) { facts.Check(ledger); });
  const Ledger next = [&] {
    Open(std::make_shared<NoNetwork>());
    for (int i = 0; i < 100 && client_->status().durability == Durability::kNone; ++i) {
      (void)client_->Pump(Lane::kLogic, std::chrono::seconds(1));
      (void)client_->Pump(Lane::kDisk, std::chrono::seconds(1));
    }
    return client_->status().ledger;
  }();
  audit.With([&](FactsAudit& facts) { facts.Check(ledger, [&] { return next; }); });
}

}  // namespace guidon::test
