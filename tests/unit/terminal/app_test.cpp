// The app on a whole client, in one thread: the test turns the pump, answers the requests and moves the clock.
#include "samples/terminal/app.h"

#include <doctest/doctest.h>

#include <sstream>

#include "guidon/platform_parts.h"
#include "samples/terminal/session.h"
#include "tests/support/fake_clock.h"
#include "tests/support/scripted_http.h"

using namespace notes;
using namespace std::chrono_literals;

namespace {

std::string Datafile(int version, bool killed) {
  return R"({"format": "guidon/1", "project": "notes", "environment": "test", "epoch": 1, "version": )" +
         std::to_string(version) + R"(, "issued_at": "2026-11-21T09:00:00Z", "expires_at": "2027-11-21T09:00:00Z",
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

// A running app whose server answers with whatever stands in `datafile`.
struct World {
  std::shared_ptr<guidon::test::FakeClock> clock = std::make_shared<guidon::test::FakeClock>();
  std::shared_ptr<guidon::test::ScriptedHttp> http = std::make_shared<guidon::test::ScriptedHttp>();
  std::string datafile = Datafile(1, false);
  Running running;
  guidon::Subscription watch;
  std::vector<guidon::EventRecord> events;

  World() {
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
    options.consent = guidon::Consent::kGranted;
    guidon::Platform platform;
    platform.clock = clock;
    platform.entropy = guidon::OsEntropy();
    platform.storage = guidon::MemoryStorage();
    running.http = std::make_shared<SwitchHttp>(http);
    platform.http = running.http;
    running.client = guidon::Client::Open(std::move(options), std::move(platform));
    watch = running.client->OnEvent(nullptr, [this](const guidon::EventRecord& event) { events.push_back(event); });
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

  int Count(guidon::EventKind kind, const std::string& name) const {
    int count = 0;
    for (const guidon::EventRecord& event : events) count += event.kind == kind && event.name == name ? 1 : 0;
    return count;
  }
};

bool Has(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("the app shows and does what its flags say") {
  World world;
  const std::string out = world.Script("screen\nnote hello\nopen 2\nscreen\nshare plan.pdf\nscreen\n");
  CHECK(Has(out, "| Good to see you. "));
  CHECK(Has(out, "x Look around   o Write a note   o Share a file"));
  CHECK(Has(out, "| [ + ] "));
  CHECK(Has(out, "| Files: plan.pdf "));
  CHECK(Has(out, "| upload-chunk-kb  256 "));
  world.Pass(200ms);
  CHECK(world.Count(guidon::EventKind::kTracked, "app_open") == 1);
  CHECK(world.Count(guidon::EventKind::kTracked, "note_created") == 1);
  CHECK(world.Count(guidon::EventKind::kTracked, "file_shared") == 1);
}

TEST_CASE("only who comes to see the button is exposed to it") {
  World world;
  world.Script("screen\nwhy composer\nscreen\n");
  world.Pass(200ms);
  CHECK(world.Count(guidon::EventKind::kExposure, "attach-button") == 0);
  world.Script("open 1\nscreen\n");
  world.Pass(200ms);
  CHECK(world.Count(guidon::EventKind::kExposure, "attach-button") == 1);
}

TEST_CASE("a kill switch published while the app runs takes the button away, and says so") {
  World world;
  CHECK(Has(world.Script("open 1\nscreen\n"), "| [ + ] "));
  world.datafile = Datafile(2, true);
  world.Pass(70s);
  const std::string out = world.Script("await file-sharing 1\nscreen\nshare plan.pdf\n", 1);
  CHECK(Has(out, " file-sharing: on -> off (killed)"));
  CHECK(Has(out, "Sharing files was just switched off."));
  CHECK(Has(out, "Sharing files is not available."));
  CHECK_FALSE(Has(out, "[ + ]"));
  CHECK(Has(out, "datafile 1.2 network, unsigned"));
  CHECK(Has(out, "failed: sharing files is not available"));
  world.Pass(200ms);
  CHECK(world.Count(guidon::EventKind::kTracked, "file_shared") == 0);
}

TEST_CASE("attributes and forced variants show at once, and clearing brings the natural one back") {
  World world;
  std::string out = world.Script("set plan pro\nforce attach-button labelled\nopen 1\nscreen\n");
  CHECK(Has(out, "me - plan=pro"));
  CHECK(Has(out, "| upload-chunk-kb  1024 "));
  CHECK(Has(out, "[ + Attach a file ]"));
  CHECK(Has(out, "forced"));
  out = world.Script("clear\nunset plan\nscreen\n");
  CHECK(Has(out, "| upload-chunk-kb  256 "));
  CHECK(Has(out, "| [ + ] "));
  CHECK_FALSE(Has(out, "forced attach-button"));
  out = world.Script("force attach-button purple\nforce-flag composer 3\n", 2);
}

TEST_CASE("somebody else finds their own notes and no attributes") {
  World world;
  const std::string out = world.Script("note mine alone\nset plan pro\nperson p2\nscreen\nperson ../p3\n", 1);
  CHECK(Has(out, "- p2 -"));
  CHECK_FALSE(Has(out.substr(out.find("Hello, p2")), "mine alone"));
  CHECK(Has(out, "failed: a person's id is"));
}

TEST_CASE("offline, events wait; online again, they are delivered") {
  World world;
  world.Pass(15s);
  world.Script("offline\nnote written underground\n");
  const std::uint64_t before = world.running.client->status().ledger.delivered;
  world.Pass(15s);
  const std::string out = world.Script("screen\n");
  CHECK(Has(out, "- offline"));
  CHECK(world.running.client->status().ledger.delivered == before);
  CHECK(world.running.client->status().ledger.pending > 0);
  world.Script("online\n");
  for (int i = 0; i < 20; ++i) world.Pass(60s);
  CHECK(world.running.client->status().ledger.pending == 0);
}

TEST_CASE("a command that cannot be obeyed says why, and the script goes on") {
  struct Row {
    const char* command;
    const char* reason;
  };
  const Row rows[] = {{"open", "open needs the number of a note"},
                      {"open 0", "open needs the number of a note"},
                      {"open 7", "there is no note 7"},
                      {"share plan.pdf", "open a note first"},
                      {"note", "a note needs a text"},
                      {"force attach-button", "force needs a name and what to force it to"},
                      {"set ../x 1", "an attribute needs a name and a value"},
                      {"await file-sharing", "await needs a flag and 1 to 3600 seconds"},
                      {"dance", "there is no command dance"}};
  World world;
  for (const Row& row : rows) {
    CAPTURE(row.command);
    CHECK(Has(world.Script(std::string(row.command) + "\n# comment\n\nscreen\n", 1), row.reason));
  }
}
