// The app on a whole client, in one thread: the test turns the pump, answers the requests and moves the clock.
#pragma once

#include <doctest/doctest.h>

#include <sstream>
#include <string>
#include <vector>

#include "guidon/platform_parts.h"
#include "samples/terminal/session.h"
#include "tests/support/fake_clock.h"
#include "tests/support/scripted_http.h"

namespace notes::test {

using namespace std::chrono_literals;

inline std::string CampaignMember(const std::string& kind) {
  if (kind.empty()) return "";
  return R"(, "campaigns": {"try-file-share": {"iteration": 1, "status": "running", "unit": "device",
    "salt": "try-file-share.1", "holdout": 0, "valid_for": "60s", "caps": [{"count": 1, "per": "7d"}, {"count": 3}],
    "waits": {"dismissal": "7d", "action": "30d"},
    "trigger": {"event": "note_created", "where": {"op": ">=", "attribute": "chars", "kind": "event", "value": 400}},
    "goals": [{"event": "file_shared", "within": "7d"}],
    "show": {"kind": ")" +
         kind + R"(",)" + (kind == "tooltip" ? R"( "anchor": "attach_button",)" : "") +
         R"( "title": "Drop the file in", "body": "Share it right here.", "buttons": [
      {"id": "b1", "label": "Attach a file", "do": "app://composer/attach", "primary": true},
      {"id": "b2", "label": "Later", "snooze": "1d"}, {"id": "b3", "label": "No thanks"}]}}})";
}

// With a campaign of that kind when one is named; it shows to everybody who writes 400 characters.
inline std::string Datafile(int version, bool killed, const std::string& campaign_kind = "") {
  return R"({"format": "guidon/1", "project": "notes", "environment": "test", "epoch": 1, "version": )" +
         std::to_string(version) + CampaignMember(campaign_kind) +
         R"(, "issued_at": "2026-11-21T09:00:00Z", "expires_at": "2027-11-21T09:00:00Z",
  "layers": {"default": {"unit": "device", "salt": "default.1"}},
  "experiments": {"attach-button": {"iteration": 1, "status": "running", "layer": "default", "slots": [[0, 1000000]],
    "salt": "attach-button.1", "variants": {
      "control": {"slots": [[0, 1000000]], "flags": {"composer": "icon"}},
      "labelled": {"slots": [], "flags": {"composer": "icon-and-text"}}}, "goals": [{"event": "file_shared"}]}},
  "flags": {
    "checklist": {"type": "bool", "default": true},
    "composer": {"type": "string", "default": "icon", "rules": [{"id": "r1", "experiment": "attach-button"}]},
    "file-sharing": {"type": "bool", "default": false, "kill": )" +
         (killed ? "true" : "false") + R"(, "rules": [{"id": "all", "serve": true}]},
    "upload-chunk-kb": {"type": "int", "default": 256, "rules": [
      {"id": "pro", "when": {"op": "==", "attribute": "plan", "value": "pro"}, "serve": 1024}]},
    "welcome-text": {"type": "string", "default": "Good to see you."}}})";
}

// A store in memory that is taken for a file: prompts are shown only where it can be remembered that they were.
class KeptMemory final : public guidon::Storage {
 public:
  void Open(std::function<void(guidon::Result<guidon::StorageOpened>)> done) override {
    inner_->Open([done = std::move(done)](guidon::Result<guidon::StorageOpened> opened) {
      if (opened.ok()) opened->durability = guidon::Durability::kProcess;
      done(std::move(opened));
    });
  }
  void Commit(guidon::StorageBatch batch, std::function<void(guidon::Status)> done) override {
    inner_->Commit(std::move(batch), std::move(done));
  }
  void Read(std::string from, std::string to, std::size_t most_bytes,
            std::function<void(guidon::Result<std::vector<guidon::Row>>)> done) override {
    inner_->Read(std::move(from), std::move(to), most_bytes, std::move(done));
  }
  void EraseAll(std::function<void(guidon::Status)> done) override { inner_->EraseAll(std::move(done)); }
  void Close(std::function<void()> done) override { inner_->Close(std::move(done)); }

 private:
  std::shared_ptr<guidon::Storage> inner_ = guidon::MemoryStorage();
};

// A running app whose server answers with whatever stands in `datafile`.
struct World {
  std::shared_ptr<guidon::test::FakeClock> clock = std::make_shared<guidon::test::FakeClock>();
  std::shared_ptr<guidon::test::ScriptedHttp> http = std::make_shared<guidon::test::ScriptedHttp>();
  std::string datafile;
  Running running;
  guidon::Subscription watch;
  std::vector<guidon::EventRecord> events;

  explicit World(std::string first = Datafile(1, false)) : datafile(std::move(first)) {
    http->SetHandler([this](const guidon::HttpRequest& request) {
      if (request.url == "http://127.0.0.1:9/") return guidon::test::ScriptedAnswer::Failed();  // unplugged
      const bool is_datafile = request.method == "GET";
      return guidon::test::ScriptedAnswer::Of(200, is_datafile ? datafile : std::string("{}"));
    });
    guidon::Options options;
    options.datafile_url = "http://127.0.0.1/datafile";
    options.collector_url = "http://127.0.0.1/v1/logs";
    options.bundled_datafile = datafile;
    options.allow_unsigned = true;
    options.poll_interval = 60s;
    options.close_deadline = 0s;  // nobody answers requests at the end
    options.consent = guidon::Consent::kGranted;
    guidon::Platform platform;
    platform.clock = clock;
    platform.entropy = guidon::OsEntropy();
    platform.storage = std::make_shared<KeptMemory>();
    running.http = std::make_shared<SwitchHttp>(http);
    platform.http = running.http;
    running.client = guidon::Client::Open(std::move(options), std::move(platform));
    watch = running.client->OnEvent(nullptr, [this](const guidon::EventRecord& event) { events.push_back(event); });
    running.panel = std::make_unique<DebugPanel>(*running.client);
    App::Settings settings;
    settings.person = "me";
    settings.app_version = "4.3.0";
    settings.has_collector = true;
    settings.next_number = [next = std::int64_t{0}]() mutable { return next++; };
    running.app = std::make_unique<App>(*running.client, running.ui, std::move(settings));
    REQUIRE(running.app->Start().ok());
    Turn();
  }

  void Turn() {
    for (int i = 0; i < 20; ++i) {
      running.client->Pump(guidon::Lane::kLogic, 10ms);
      running.client->Pump(guidon::Lane::kDisk, 10ms);
      http->Deliver();
    }
    running.ui.Drain();
  }
  void Pass(guidon::Duration time) {
    clock->Advance(time);
    Turn();
  }

  std::string Script(const std::string& lines, int expected_failures = 0) {
    Theme theme;
    theme.unicode = false;
    std::istringstream in(lines);
    std::ostringstream out;
    CHECK(RunScript(in, out, running, theme) == expected_failures);
    return out.str();
  }

  // What became of prompts, in order: "exposure impression action:b1".
  std::string Prompted() const {
    std::string story;
    for (const guidon::EventRecord& event : events) {
      if (event.kind != guidon::EventKind::kPrompt) continue;
      std::string what, detail;
      for (const auto& property : event.properties) {
        const std::string* text = property.second.AsString();
        if (property.first == "what" && text != nullptr) what = *text;
        if (property.first == "button" || property.first == "cause") detail = text != nullptr ? ":" + *text : "";
      }
      story += (story.empty() ? "" : " ") + what + detail + (event.forced ? "!" : "");
    }
    return story;
  }

  int Count(guidon::EventKind kind, const std::string& name) const {
    int count = 0;
    for (const guidon::EventRecord& event : events) count += event.kind == kind && event.name == name ? 1 : 0;
    return count;
  }
};

inline bool Has(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

}  // namespace notes::test
