#include "guidon/testing/test_client.h"

#include <algorithm>
#include <utility>

#include "guidon/testing/framework.h"
#include "sdk/testing/test_client_impl.h"

namespace guidon::testing {
namespace {

constexpr char kDatafileUrl[] = "https://datafile.test/app";
constexpr char kStreamUrl[] = "https://datafile.test/stream";
constexpr char kCollectorUrl[] = "https://collector.test/v1/logs";
// Longer than anything waits for company before it is committed.
constexpr Duration kMostSettling = std::chrono::seconds(3);
// Longer than it takes until what was announced is fetched, also where the stream has to be opened again first.
constexpr Duration kMostPublishing = std::chrono::minutes(1);
constexpr int kMostTurns = 10'000;

// Differs from draw to draw, and is the same in every run.
class FakeEntropy final : public Entropy {
 public:
  bool Fill(unsigned char* out, std::size_t size) noexcept override {
    for (std::size_t i = 0; i < size; ++i) {
      state_ = state_ * 6'364'136'223'846'793'005u + 1'442'695'040'888'963'407u;
      out[i] = static_cast<unsigned char>(state_ >> 56);
    }
    return true;
  }

 private:
  std::atomic<std::uint64_t> state_{7};
};

}  // namespace

TestClient::Impl::Impl(Datafile its_datafile)
    : datafile(std::move(its_datafile)), clock(std::make_shared<FakeClock>(datafile.StartTime())) {
  options.consent = Consent::kGranted;
  options.app_name = "test";
  options.poll_interval = std::chrono::hours(24);  // what is published is announced
  platform.entropy = std::make_shared<FakeEntropy>();
  http->SetServers([this](Server server, const HttpRequest& request) { return Serve(server, request); });
  prompts.Attach([this] { Settle(); }, [this](std::string_view campaign) { return Opened().ExplainPrompt(campaign); });
  spy.OnEach([this](const EventRecord& record) { NoteSummary(record); });
}

TestClient::Impl::~Impl() {
  if (client_ != nullptr) {
    (void)client_->Close(Duration(0));  // says what was evaluated
    client_.reset();
  }
  TellMisses();
}

Client& TestClient::Impl::Opened() {
  if (client_ != nullptr) return *client_;
  was_opened_ = true;
  TellProblems();
  CheckSignature();
  Options now = options;
  if (is_ready) now.bundled_datafile = BytesToServe();
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    served_ = now.bundled_datafile;
  }
  now.datafile_url = kDatafileUrl;
  now.datafile_stream_url = kStreamUrl;
  now.collector_url = kCollectorUrl;
  const bool has_to_be_signed = datafile.is_signed() && !datafile.is_changed() && !options.trusted_keys.empty();
  now.allow_unsigned = !has_to_be_signed;
  Platform ports = platform;
  ports.clock = clock;
  ports.waker = nullptr;
  ports.http = http;
  ports.storage = store;
  ports.journal = nullptr;
  ports.files = files;
  http->Restart();
  client_ = Client::Open(std::move(now), std::move(ports));
  spy.Watch(*client_);
  client_->SetPromptHost(&prompts);
  Settle();
  TellProblems();
  return *client_;
}

void TestClient::Impl::Close() {
  if (client_ == nullptr) return;
  (void)client_->Close(options.close_deadline);
  client_.reset();
  prompts.Clear();
}

// Where nothing was set the bytes are the app's own, and a client that has keys looks at their signature.
std::string TestClient::Impl::BytesToServe() const {
  return datafile.Bytes(published_, options.project, options.environment);
}

// What is set breaks a signature; so that of the bytes handed in is looked at by itself.
void TestClient::Impl::CheckSignature() {
  if (!datafile.is_signed() || !datafile.is_changed() || options.trusted_keys.empty()) return;
  Options scratch;
  scratch.bundled_datafile = datafile.original();
  scratch.trusted_keys = options.trusted_keys;
  Platform ports;
  ports.clock = clock;
  ports.entropy = platform.entropy;
  ports.crypto = platform.crypto;
  ports.patterns = platform.patterns;
  const auto reader = Client::Open(std::move(scratch), std::move(ports));
  const ClientStatus status = reader->status();
  if (!status.ready) Fail("the datafile was refused: " + status.datafile.message());
}

void TestClient::Impl::TellProblems() {
  for (; told_problems_ < datafile.problems().size(); ++told_problems_) Fail(datafile.problems()[told_problems_]);
  if (client_ == nullptr) return;
  const ClientStatus status = client_->status();
  if (!status.datafile.ok()) Fail("the datafile was refused: " + status.datafile.message());
  for (const guidon::Problem& problem : client_->Problems()) {
    if (problem.is_error) Fail("the datafile has an error: " + problem.pointer + " " + problem.reason);
  }
}

void TestClient::Impl::Changed() {
  if (was_opened_) ++published_;
  if (client_ != nullptr && is_ready) Publish();
}

void TestClient::Impl::Publish() {
  is_ready = true;
  if (client_ == nullptr) return;
  {
    std::string bytes = BytesToServe();
    const std::lock_guard<std::mutex> lock(mutex_);
    if (bytes == served_) return;
    served_ = std::move(bytes);
  }
  const std::size_t fetches = http->Requests(Server::kDatafile).size();
  const auto is_over = [this, fetches, before = client_->status()] {
    const ClientStatus now = client_->status();
    return now.datafile_version != before.datafile_version ||
           now.datafile_waiting_version != before.datafile_waiting_version || !now.datafile.ok() ||
           (!now.fetch.ok() && http->Requests(Server::kDatafile).size() > fetches);
  };
  Settle();
  http->Announce();
  const MonoTime most = clock->Monotonic() + kMostPublishing;
  for (Settle(); !is_over() && clock->Monotonic() < most; Settle()) {
    clock->Advance(std::max(Duration(1), std::min(Turn(), most) - clock->Monotonic()));
  }
  TellProblems();
}

HttpAnswer TestClient::Impl::Serve(Server server, const HttpRequest& request) const {
  if (server == Server::kCollector) return HttpAnswer::Of(200, {{"content-type", "application/json"}}, "{}");
  const std::lock_guard<std::mutex> lock(mutex_);
  if (served_.empty()) return HttpAnswer::Of(404);
  const std::string etag = "\"" + std::to_string(std::hash<std::string>()(served_)) + "\"";
  for (const auto& [header, value] : request.headers) {
    if ((header == "If-None-Match" || header == "if-none-match") && value == etag) return HttpAnswer::Of(304);
  }
  return HttpAnswer::Of(200, {{"etag", etag}}, served_);
}

MonoTime TestClient::Impl::Turn() {
  for (int i = 0; i < kMostTurns; ++i) {
    const MonoTime logic = client_->Pump(Lane::kLogic, std::chrono::seconds(1));
    const MonoTime disk = client_->Pump(Lane::kDisk, std::chrono::seconds(1));
    const std::size_t delivered = http->Deliver();
    const MonoTime next = std::min({logic, disk, http->NextDue()});
    if (delivered == 0 && next > clock->Monotonic()) return next;
  }
  Fail("the client never comes to rest");
  return MonoTime::max();
}

void TestClient::Impl::Settle() {
  if (client_ == nullptr || is_settling_) return;  // a callback of the client's looks
  is_settling_ = true;
  const MonoTime most = clock->Monotonic() + kMostSettling;
  MonoTime next = Turn();
  while (next <= most && client_->status().at_risk > 0) {
    clock->Advance(next - clock->Monotonic());
    next = Turn();
  }
  is_settling_ = false;
}

void TestClient::Impl::Advance(Duration by) {
  (void)Opened();
  const MonoTime end = clock->Monotonic() + by;
  for (MonoTime next = Turn(); next <= end; next = Turn()) clock->Advance(next - clock->Monotonic());
  clock->Advance(end - clock->Monotonic());
  Settle();
}

// What could not be decided as it was asked: a mistake of the app's, or of the test's datafile.
void TestClient::Impl::NoteSummary(const EventRecord& record) {
  if (record.kind != EventKind::kEvaluationSummary || record.properties.empty()) return;
  const List* evaluations = record.properties.front().second.AsList();
  if (evaluations == nullptr) return;
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const Value& evaluation : *evaluations) {
    const Value* flag = evaluation.Find("flag");
    const Value* reason = evaluation.Find("reason");
    if (flag == nullptr || reason == nullptr || datafile.missing().count(*flag->AsString()) > 0) continue;
    const std::string asked = "the flag \"" + *flag->AsString() + "\" was asked for, ";
    if (*reason == Value("flag_not_found")) {
      misses_.insert(asked + "which the datafile does not have; say Missing(\"" + *flag->AsString() +
                     "\") where that is meant");
    }
    if (*reason == Value("type_mismatch")) misses_.insert(asked + "which is of another type in the datafile");
  }
}

void TestClient::Impl::TellMisses() {
  std::set<std::string> misses;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    misses.swap(misses_);
  }
  for (const std::string& miss : misses) Fail(name.empty() ? miss : name + ": " + miss);
}

TestClient::TestClient(Datafile datafile) : impl_(std::make_unique<Impl>(std::move(datafile))) {}
TestClient::~TestClient() = default;

Datafile& TestClient::datafile() { return impl_->datafile; }

TestClient& TestClient::Changed() {
  impl_->Changed();
  return *this;
}

TestClient& TestClient::Flag(const std::string& key, Value value) {
  datafile().Flag(key, std::move(value));
  return Changed();
}

TestClient& TestClient::Missing(const std::string& flag) {
  datafile().Missing(flag);
  return Changed();
}

TestClient& TestClient::Variant(const std::string& experiment, const std::string& variant, const Object& flags) {
  datafile().Variant(experiment, variant, flags);
  return Changed();
}

TestClient& TestClient::Experiment(const std::string& key, const std::vector<TestVariant>& variants) {
  datafile().Experiment(key, variants);
  return Changed();
}

TestClient& TestClient::Prompt(const std::string& campaign) {
  datafile().Prompt(campaign);
  return Changed();
}

TestClient& TestClient::Prompt(const std::string& campaign, const TestPrompt& prompt) {
  datafile().Prompt(campaign, prompt);
  return Changed();
}

TestClient& TestClient::NotReady() {
  impl_->is_ready = false;
  return *this;
}

void TestClient::Publish() { impl_->Publish(); }
Options& TestClient::options() { return impl_->options; }
Platform& TestClient::platform() { return impl_->platform; }
Client& TestClient::client() { return impl_->Opened(); }
void TestClient::Restart() { impl_->Close(); }
void TestClient::Settle() { impl_->Settle(); }
void TestClient::Advance(Duration by) { impl_->Advance(by); }
FakeClock& TestClient::clock() { return *impl_->clock; }
FakeHttp& TestClient::http() { return *impl_->http; }
FakeStore& TestClient::store() { return *impl_->store; }
EventSpy& TestClient::events() { return impl_->spy; }
FakePromptHost& TestClient::prompts() { return impl_->prompts; }
const std::string& TestClient::name() const { return impl_->name; }
void TestClient::SetName(std::string name) { impl_->name = std::move(name); }

}  // namespace guidon::testing
