#include "tests/unit/events/world.h"

#include <doctest/doctest.h>

#include "sdk/core/base/json.h"

namespace guidon::events::test {

using guidon::test::ManualLanes;
using guidon::test::ScriptedAnswer;
using guidon::test::ScriptedHttp;

std::string Header(const HttpRequest& request, std::string_view name) {
  for (const auto& header : request.headers) {
    if (header.first == name) return header.second;
  }
  return std::string();
}

std::vector<Received> Collector::Read(const HttpRequest& request) {
  std::string body = request.body;
  if (Header(request, "Content-Encoding") == "gzip") body = body.substr(5);
  json::Error error;
  json::Limits limits;
  limits.nodes = 1'000'000;
  const std::optional<json::Document> document = json::Document::Parse(body, &error, limits);
  REQUIRE_MESSAGE(document, error.ToText());
  std::vector<Received> events;
  const json::Node records = document->root()["resourceLogs"].First()["scopeLogs"].First()["logRecords"];
  for (json::Node record : records) {
    Received event;
    for (json::Node attribute : record["attributes"]) {
      const json::Node value = attribute["value"].First();
      const auto text = value.AsString();
      event[std::string(*attribute["key"].AsString())] = text ? std::string(*text) : value.ToText();
    }
    events.push_back(std::move(event));
  }
  return events;
}

ScriptedAnswer Collector::Take(const HttpRequest& request) {
  for (Received& event : Read(request)) {
    ++received;
    const std::string id = event["log.record.uid"];
    const auto known = events.find(id);
    if (known == events.end()) {
      events.emplace(id, std::move(event));
    } else {
      CHECK(known->second["guidon.event.name"] == event["guidon.event.name"]);
    }
  }
  return ScriptedAnswer::Of(200, "{\"partialSuccess\":{}}", {{"content-type", "application/json"}});
}

World::World(std::shared_ptr<Storage> store)
    : storage(std::make_shared<guidon::test::FaultyStorage>(std::move(store))) {
  // The clock lives in the world; ports only borrow it.
  ports.clock = std::shared_ptr<Clock>(std::shared_ptr<Clock>(), &clock);
  ports.storage = storage;
  ports.codec = std::make_shared<PrefixCodec>();
  settings.collector_url = "https://collect.example.com/v1/logs";
  settings.headers = {{"Authorization", "key"}};
  settings.app_name = "notes";
  settings.app_version = "4.2.0";
  settings.install_id = "0198f3a2-7c11-7000-8000-000000000001";
}

World::~World() { Kill(); }

void World::Begin(Consent consent) {
  lanes = std::make_shared<ManualLanes>(&clock);
  http = std::make_shared<ScriptedHttp>(lanes.get());
  http->SetHandler([this](const HttpRequest& request) { return answer ? answer(request) : collector.Take(request); });
  ports.http = http;
  delivery = std::make_unique<Delivery>(settings, ports, lanes, [this](const EventRecord& record) {
    accepted.push_back(record);
    told.push_back(record.name);
  });
  remembered = Memory();
  told.clear();
  identifies = 0;
  delivery->SetRemembered([this](const Memory& memory) {
    CHECK((memory.scopes == nullptr) == (memory.enrollments == nullptr));
    remembered = memory;
    told.push_back(memory.scopes ? "memory" : "null");
  });
  delivery->SetConsent(consent);
  delivery->Start();
}

void World::Kill() {
  if (lanes) lanes->Close();
  delivery.reset();
  if (http) (void)http->Stop(MonoTime());  // what hangs would keep itself alive
  http.reset();
  ports.http.reset();
  lanes.reset();
}

Fact World::MakeFact(EventKind kind, std::string name) const {
  Fact fact;
  fact.kind = kind;
  fact.wall = ports.clock->Now();
  fact.mono = ports.clock->Monotonic();
  fact.name = std::move(name);
  fact.units = {{"device", settings.install_id}};
  fact.session = "session-1";
  fact.scope = ScopeOf(account);
  return fact;
}

bool World::Track(const std::string& name, std::optional<double> value) {
  Fact fact = MakeFact(EventKind::kTracked, name);
  fact.value = value;
  return delivery->Append(std::move(fact));
}

void World::TrackMany(int count) {
  for (int i = 0; i < count; ++i) Track("e" + std::to_string(i));
}

bool World::Identify(const std::string& to, Carry carry) {
  const bool is_taken = delivery->ChangeIdentity({account, to, carry, ++identifies});
  account = to;
  return is_taken;
}

bool World::Expose(const std::string& experiment, const std::string& variant) {
  Fact fact = MakeFact(EventKind::kExposure, experiment);
  fact.variant = variant;
  fact.flag = "composer";
  fact.unit_kind = "device";
  fact.unit_id = settings.install_id;
  fact.iteration = 1;
  fact.layer_slot = 4;
  fact.slot = 2;
  fact.datafile_set = "notes/production";
  fact.datafile_version = "1.1187";
  return delivery->Append(std::move(fact));
}

Fact World::MakePrompt(prompts::What what, const std::string& prompt, const std::string& arm) const {
  Fact fact = MakeFact(EventKind::kPrompt, "try-file-share");
  fact.variant = arm;
  fact.unit_kind = "device";
  fact.unit_id = settings.install_id;
  fact.iteration = 1;
  fact.slot = 2;
  fact.datafile_set = "notes/production";
  fact.datafile_version = "1.1187";
  fact.prompt = FactPrompt();
  fact.prompt->what = what;
  fact.prompt->id = prompt;
  fact.prompt->ordinal = 1;
  return fact;
}

bool World::Prompt(prompts::What what, const std::string& prompt, const std::string& arm) {
  return delivery->Append(MakePrompt(what, prompt, arm));
}

std::uint64_t World::Did(const std::string& name, const std::string& of) const {
  const behavior::Series* series = Mine(of) ? Mine(of)->behavior->Find(name) : nullptr;
  return series == nullptr ? 0 : series->ever;
}

std::shared_ptr<const prompts::CampaignShowings> World::Shown(const std::string& of) const {
  return Mine(of) ? Mine(of)->showings->Of("try-file-share") : std::make_shared<const prompts::CampaignShowings>();
}

void World::Commit() {
  auto done = std::make_shared<int>(0);
  delivery->Commit([done] { ++*done; });
  Run();
  CHECK(*done == 1);
}

void World::Deliver() {
  auto done = std::make_shared<int>(0);
  delivery->Deliver([done] { ++*done; });
  Run();
  CHECK(*done == 1);
}

Status World::Erase() {
  auto result = std::make_shared<std::optional<Status>>();
  delivery->Erase([result](Status status) { *result = std::move(status); });
  Run();
  REQUIRE(result->has_value());
  return **result;
}

std::uint64_t Count(const std::vector<Ledger::Loss>& losses, std::string_view cause) {
  for (const Ledger::Loss& loss : losses) {
    if (loss.cause == cause) return loss.count;
  }
  return 0;
}

std::uint64_t World::Lost(std::string_view cause) const { return Count(delivery->ledger().lost, cause); }
std::uint64_t World::Refused(std::string_view cause) const { return Count(delivery->ledger().refused, cause); }

bool World::Balances() const {
  const Ledger ledger = delivery->ledger();
  std::uint64_t lost = 0;
  for (const Ledger::Loss& loss : ledger.lost) lost += loss.count;
  CAPTURE(ledger.accepted);
  CAPTURE(ledger.delivered);
  CAPTURE(ledger.pending);
  CAPTURE(lost);
  return ledger.accepted == ledger.delivered + ledger.pending + lost;
}

}  // namespace guidon::events::test
