#include "tests/unit/client/world.h"

#include <doctest/doctest.h>

#include "sdk/core/base/json.h"
#include "tests/support/http_date.h"

namespace guidon::test {
namespace {

std::string TextOf(json::Node value) {
  const json::Node only = value.First();
  if (only.AsString()) return std::string(*only.AsString());
  return only.ToText();
}

class Lasting final : public Storage {
 public:
  void Open(std::function<void(Result<StorageOpened>)> done) override {
    memory_->Open([done = std::move(done)](Result<StorageOpened> opened) {
      if (opened.ok()) opened->durability = Durability::kMachine;
      done(std::move(opened));
    });
  }
  void Commit(StorageBatch batch, std::function<void(Status)> done) override {
    memory_->Commit(std::move(batch), std::move(done));
  }
  void Read(std::string from, std::string to, std::size_t most_bytes,
            std::function<void(Result<std::vector<Row>>)> done) override {
    memory_->Read(std::move(from), std::move(to), most_bytes, std::move(done));
  }
  void EraseAll(std::function<void(Status)> done) override { memory_->EraseAll(std::move(done)); }
  void Close(std::function<void()> done) override { memory_->Close(std::move(done)); }

 private:
  const std::shared_ptr<Storage> memory_ = MemoryStorage();
};

}  // namespace

std::shared_ptr<Storage> LastingStorage() { return std::make_shared<Lasting>(); }

World::World() : http(std::make_shared<ScriptedHttp>()) {
  options.datafile_url = "https://rules.example/notes";
  options.collector_url = "https://collect.example/v1/logs";
  options.allow_unsigned = true;
  options.consent = Consent::kGranted;
  options.app_name = "notes";
}

// The collector answers no more, so there is no waiting for it.
World::~World() {
  if (client_ != nullptr) (void)client_->Close(Duration(0));
}

Client& World::Open() {
  client_.reset();
  http = std::make_shared<ScriptedHttp>();
  http->SetHandler([this](const HttpRequest& request) { return Answer(request); });
  Platform platform;
  platform.clock = clock;
  platform.entropy = entropy_;
  platform.http = http;
  platform.storage = storage;
  platform.journal = journal;
  platform.files = files;
  platform.crypto = OpenSslCrypto();
  platform.local_overrides = local_overrides;
  platform.os_name = os_name;
  client_ = Client::Open(options, platform);
  return *client_;
}

void World::Kill() {
  // Never turned again, and its store is copied away from under it: what it does at its end reaches nothing.
  auto copy = LastingStorage();
  std::vector<Row> rows;
  storage->Open([](auto) {});
  storage->Read("", std::string(64, '\xFF'), std::size_t{64} << 20, [&](Result<std::vector<Row>> read) {
    if (read.ok()) rows = *std::move(read);
  });
  copy->Open([](auto) {});
  StorageBatch batch;
  batch.put = std::move(rows);
  copy->Commit(std::move(batch), [](const Status& status) { REQUIRE(status.ok()); });
  copy->Close([] {});
  storage = copy;
  const bool was_online = is_online;
  is_online = false;
  client_->Close(Duration(0));
  client_.reset();
  is_online = was_online;
}

void World::Settle() {
  for (int i = 0; i < 10'000; ++i) {
    const MonoTime logic = client_->Pump(Lane::kLogic, std::chrono::seconds(1));
    const MonoTime disk = client_->Pump(Lane::kDisk, std::chrono::seconds(1));
    const std::size_t delivered = http->Deliver();
    if (delivered == 0 && logic > clock->Monotonic() && disk > clock->Monotonic()) return;
  }
  FAIL("the client never comes to rest");
}

void World::Pass(Duration by, Duration step) {
  for (Duration passed{0}; passed < by; passed += step) {
    clock->Advance(step);
    Settle();
  }
}

ScriptedAnswer World::Answer(const HttpRequest& request) {
  if (!is_online) return ScriptedAnswer::Failed();
  HttpHeaders headers = more_headers;
  if (server_time) headers.emplace_back("date", HttpDate(server_time()));
  if (request.method == "GET") {
    ++datafile_requests;
    if (published.empty()) return ScriptedAnswer::Of(404);
    const std::string etag = "\"" + std::to_string(std::hash<std::string>()(published)) + "\"";
    for (const auto& [name, value] : request.headers) {
      if ((name == "If-None-Match" || name == "if-none-match") && value == etag) {
        ++not_modified;
        return ScriptedAnswer::Of(304, {}, headers);
      }
    }
    headers.emplace_back("etag", etag);
    return ScriptedAnswer::Of(200, published, headers);
  }
  if (collector_status == 200) Collect(request.body);
  return ScriptedAnswer::Of(collector_status, collector_status == 200 ? collector_says : "", headers);
}

void World::Collect(const std::string& body) {
  json::Limits limits;
  limits.string_bytes = limits.items = limits.nodes = 10'000'000;
  const auto document = json::Document::Parse(body, nullptr, limits);
  REQUIRE(document);
  const json::Node logs = document->root()["resourceLogs"].First();
  resource.clear();
  for (const json::Node attribute : logs["resource"]["attributes"]) {
    resource[std::string(*attribute["key"].AsString())] = TextOf(attribute["value"]);
  }
  const json::Node scope = logs["scopeLogs"].First();
  for (const json::Node record : scope["logRecords"]) {
    Received received;
    received.event = std::string(record["eventName"].AsString().value_or(""));
    for (const json::Node attribute : record["attributes"]) {
      received.attributes[std::string(*attribute["key"].AsString())] = TextOf(attribute["value"]);
    }
    const std::string id = received.attributes["log.record.uid"];
    REQUIRE_FALSE(id.empty());
    if (!collected_.emplace(id, std::move(received)).second) ++duplicates_;
  }
}

std::vector<Received> World::CollectedOf(std::string_view event) const {
  std::vector<Received> result;
  for (const auto& [id, received] : collected_) {
    if (received.event == event) result.push_back(received);
  }
  return result;
}

std::vector<std::string> World::PromptSteps(std::string_view campaign) const {
  std::map<std::uint64_t, std::string> steps;
  for (const auto& [id, received] : collected_) {
    if (received.event != "guidon.prompt") continue;
    const auto& attributes = received.attributes;
    if (!campaign.empty() && attributes.at("guidon.campaign.key") != campaign) continue;
    std::string step = attributes.at("guidon.prompt.what");
    for (const char* more : {"guidon.prompt.button", "guidon.prompt.cause", "guidon.prompt.question",
                             "guidon.prompt.answer", "guidon.prompt.text"}) {
      if (attributes.count(more) != 0) step += " " + attributes.at(more);
    }
    if (attributes.at("guidon.campaign.variant") != "prompt") step += " " + attributes.at("guidon.campaign.variant");
    steps[std::stoull(attributes.at("guidon.seq"))] = std::move(step);
  }
  std::vector<std::string> result;
  for (auto& [sequence, step] : steps) result.push_back(std::move(step));
  return result;
}

std::string DatafileText(int version, const std::string& members) {
  return R"({"format":"guidon/1","project":"notes","environment":"test","epoch":1,"version":)" +
         std::to_string(version) + R"(,"issued_at":"2025-10-01T10:00:00Z")" + (members.empty() ? "" : ",") + members +
         "}";
}

std::string NotesDatafile(int version, bool kill_sharing) {
  return DatafileText(version, R"("event_attributes":["plan"],
    "layers":{"default":{"unit":"device","salt":"default.1"}},
    "experiments":{"attach-button":{"iteration":1,"status":"running","layer":"default","slots":[[0,1000000]],
      "salt":"attach-button.1","variants":{"control":{"slots":[[0,500000]],"flags":{"composer":"icon"}},
      "labelled":{"slots":[[500000,1000000]],"flags":{"composer":"icon-and-text"}}}}},
    "flags":{"file-sharing":{"type":"bool","default":)" +
                                   std::string(kill_sharing ? "false,\"kill\":true" : "true") + R"(,"rules":[]},
      "chunk-kb":{"type":"int","default":256,"rules":[
        {"id":"pro","when":{"op":"==","attribute":"plan","value":"pro"},"serve":1024}]},
      "ratio":{"type":"double","default":0.5},
      "secret":{"type":"bool","default":false,"protected":true},
      "layout":{"type":"json","default":{"columns":[1,2]}},
      "composer":{"type":"string","default":"icon","rules":[{"id":"r1","experiment":"attach-button"}]}})");
}

std::string CampaignSpec::Text() const {
  return "\"" + key + R"(":{"iteration":1,"status":")" + status + R"(","unit":")" + unit + R"(","salt":")" + key +
         R"(.1","holdout":)" + std::to_string(holdout) + R"(,"trigger":)" + trigger +
         (when.empty() ? "" : R"(,"when":)" + when) + R"(,"priority":)" + std::to_string(priority) +
         R"(,"valid_for":")" + valid_for + R"(","caps":)" + caps + R"(,"waits":{"dismissal":")" + dismissal +
         (dismissal_up_to.empty() ? "" : R"(","dismissal_up_to":")" + dismissal_up_to) + R"(","action":")" + action +
         "\"}" + members + R"(,"show":{"kind":")" +
         (questions.empty() ? kind + "\"" : "survey\",\"in\":\"" + kind + "\",\"questions\":" + questions) +
         R"(,"anchor":"attach_button","title":")" + title + R"(","body":"It is long.","buttons":[)" + button + R"(,
           {"id":"b2","label":"Later","snooze":"1d"},{"id":"b3","label":"No thanks"}])" +
         (translations.empty() ? "" : R"(,"language":"en","translations":)" + translations) + "}}";
}

std::string CampaignsDatafile(int version, const std::vector<CampaignSpec>& campaigns, const std::string& more) {
  std::string text;
  for (const CampaignSpec& campaign : campaigns) text += (text.empty() ? "" : ",") + campaign.Text();
  return DatafileText(version,
                      R"("event_attributes":["plan"],"campaigns":{)" + text + "}" + (more.empty() ? "" : "," + more));
}

}  // namespace guidon::test
