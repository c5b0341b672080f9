#include "samples/terminal/simulate/life.h"

#include <poll.h>
#include <sys/stat.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <thread>

#include "guidon/default_platform.h"
#include "samples/terminal/app.h"
#include "samples/terminal/ports.h"
#include "samples/terminal/settings.h"
#include "samples/terminal/simulate/diary.h"
#include "samples/terminal/simulate/dice.h"
#include "samples/terminal/ui_queue.h"
#include "sdk/core/base/json.h"

namespace notes::simulate {
namespace {

using guidon::Duration;
using guidon::Status;
using guidon::StatusCode;

const char* ButtonName(AttachLook look) {
  switch (look) {
    case AttachLook::kNone: return "none";
    case AttachLook::kIcon: return "icon";
    case AttachLook::kLabelled: return "label";
  }
  return "";
}

class Life {
 public:
  Life(const Simulation& simulation, int number, const std::function<void(Stage)>& at, LineFile diary, LineFile ledger,
       Progress progress)
      : simulation_(simulation),
        number_(number),
        person_(simulation.seed, number, simulation.days, simulation.behaviour),
        at_(at),
        diary_(std::move(diary)),
        ledger_(std::move(ledger)),
        progress_(std::move(progress)) {}

  Status Run();

 private:
  Status LiveDay(int day, int attempt, bool is_last);
  void UseApp(App& app, guidon::Client& client, UiQueue& ui, int day);
  void WriteAtLength(App& app, guidon::Client& client, UiQueue& ui, int day);
  bool AwaitPrompt(App& app, guidon::Client& client, UiQueue& ui, std::uint64_t asked_before);
  void AnswerPrompt(App& app, bool shares, int day);
  void Count(App& app, int day);
  void OnEvent(const guidon::EventRecord& event, UiQueue& ui);
  Status Deliver(guidon::Client& client, bool is_last);
  // On one of the days anything may be cut short, on the other what has to do with prompts.
  struct KillDays {
    int any = -1;
    int prompting = -1;
  };
  KillDays DrawKillDays() const;
  // A minute or two of the person's time.
  void Step();

  const Simulation& simulation_;
  const int number_;
  const Person person_;
  const std::function<void(Stage)>& at_;
  LineFile diary_;
  LineFile ledger_;
  Progress progress_;
  std::shared_ptr<SimulatedClock> clock_;
  std::optional<Dice> clock_dice_;
  std::atomic<bool> is_ledger_whole_{true};
  bool lingers_ = false;
  bool is_killed_prompting_ = false;
  // Told by the client on its own thread, and handed over by the UI's queue.
  int notes_accepted_ = 0;
  bool is_held_out_ = false;
};

Life::KillDays Life::DrawKillDays() const {
  KillDays days;
  if (!simulation_.IsVictim(number_)) return days;
  Dice dice(simulation_.seed, static_cast<std::uint64_t>(number_), "kill days");
  const auto draw = [&dice](const std::vector<int>& among) {
    return among.empty() ? -1 : among[static_cast<std::size_t>(dice.Below(static_cast<int>(among.size())))];
  };
  days.any = draw(person_.active_days());
  std::vector<int> prompting;
  for (int day : person_.active_days()) {
    if (person_.WritesAtLength(day)) prompting.push_back(day);
  }
  days.prompting = draw(prompting);
  return days;
}

void Life::Step() {
  clock_->Advance(std::chrono::minutes(1) + Duration(clock_dice_->Below(60'000)));
  if (lingers_) std::this_thread::sleep_for(std::chrono::milliseconds(15));
}

Status Life::Run() {
  const KillDays kill_days = DrawKillDays();
  for (int day : person_.active_days()) {
    if (day <= progress_.last_done) continue;
    const int attempt = ++progress_.attempts[day];
    if (attempt > 99) return Status(StatusCode::kInternal, "day " + std::to_string(day) + " ended early 99 times");
    if (!diary_.Append(AttemptLine(day, attempt))) return Status(StatusCode::kOutOfSpace, "the diary takes no more");
    // Who is to be killed takes real time over every step, so that the blow falls there, too, and not only on the disk.
    is_killed_prompting_ = attempt == 1 && day == kill_days.prompting;
    lingers_ = attempt == 1 && day == kill_days.any && !is_killed_prompting_;
    if (lingers_) at_(Stage::kKillMe);
    const Status lived = LiveDay(day, attempt, day == person_.active_days().back());
    if (!lived.ok()) return lived;
    if (!diary_.Append(DoneLine(day))) return Status(StatusCode::kOutOfSpace, "the diary takes no more");
    at_(Stage::kDayDone);
  }
  at_(Stage::kPersonDone);
  return Status();
}

Status Life::LiveDay(int day, int attempt, bool is_last) {
  at_(Stage::kOpening);
  TerminalSettings settings;
  settings.datafile_url = simulation_.datafile_url;
  settings.collector_url = simulation_.collector_url;
  for (const std::string& key : simulation_.keys) settings.keys.push_back({key, guidon::TrustedKey::Role::kRelease});
  settings.allow_unsigned = simulation_.allow_unsigned;
  settings.poll_seconds = 3600;
  guidon::Result<guidon::Options> options = ClientOptions(settings);
  if (!options.ok()) return options.status();

  guidon::Platform platform = guidon::DefaultPlatform(simulation_.PersonDir(person_) + "/guidon");
  clock_ = std::make_shared<SimulatedClock>(platform.clock);
  clock_dice_.emplace(simulation_.seed, static_cast<std::uint64_t>(number_ * 1000 + day), "steps");
  clock_->Set(simulation_.start + std::chrono::hours(24 * day) + std::chrono::minutes(person_.opens_at_minute(day)));
  platform.clock = clock_;
  platform.entropy = std::make_shared<SeededEntropy>(simulation_.seed, static_cast<std::uint64_t>(number_));

  UiQueue ui;
  std::unique_ptr<guidon::Client> client = guidon::Client::Open(*std::move(options), std::move(platform));
  const guidon::Subscription watch =
      client->OnEvent(nullptr, [this, &ui](const guidon::EventRecord& event) { OnEvent(event, ui); });
  if (!client->WaitUntilReady(std::chrono::seconds(10))) {
    const guidon::ClientStatus status = client->status();
    const Status& why = status.datafile.ok() ? status.fetch : status.datafile;
    return Status(StatusCode::kUnavailable, "no datafile: " + why.message());
  }
  // Days, attempts and steps number the events, so that none repeats a number, whenever the app is killed.
  App::Settings app_settings;
  app_settings.person = person_.name();
  app_settings.app_version = "4.3.0";
  std::int64_t next = (std::int64_t{day} * 100 + attempt) * 100;
  app_settings.next_number = [&next] { return next++; };
  App app(*client, ui, std::move(app_settings));
  app.SetAttribute("plan", person_.is_pro() ? "pro" : "free");
  at_(Stage::kTelling);
  const Status started = app.Start();
  if (!started.ok()) return started;
  UseApp(app, *client, ui, day);
  at_(Stage::kDelivering);
  const Status delivered = Deliver(*client, is_last);
  if (!is_ledger_whole_) return Status(StatusCode::kOutOfSpace, "the ledger takes no more");
  return delivered;
}

// On the client's thread.
void Life::OnEvent(const guidon::EventRecord& event, UiQueue& ui) {
  const bool is_exposure = event.kind == guidon::EventKind::kPrompt && PropertyText(event, "what") == "exposure";
  if (is_exposure && !diary_.Append(ArmLine(event.name, event.variant))) is_ledger_whole_ = false;
  const std::string line = LedgerLine(event);
  if (!line.empty() && !ledger_.Append(line)) is_ledger_whole_ = false;
  if (is_exposure && event.variant == "held_out") ui.Post([this] { is_held_out_ = true; });
  if (event.name == "note_created") ui.Post([this] { ++notes_accepted_; });
}

void Life::UseApp(App& app, guidon::Client& client, UiQueue& ui, int day) {
  Step();
  const HomeLook home = app.Home();
  Step();
  if (!app.OpenNote(0).ok()) return;
  const AttachLook look = app.Attach();
  if (progress_.saw_button.empty()) {
    progress_.saw_button = ButtonName(look);
    diary_.Append(SawLine(progress_.saw_button, home.has_checklist, client.status().install_id));
  }
  if (person_.Writes(day, home.has_checklist)) {
    Step();
    if (!app.WriteNote("Something worth keeping, on day " + std::to_string(day)).ok()) return;
    Step();
    if (!app.OpenNote(1).ok()) return;
  }
  if (person_.Shares(day, app.Attach())) {
    Step();
    if (!app.ShareFile("plan.pdf").ok()) return;
  }
  Count(app, day);
  if (person_.WritesAtLength(day)) WriteAtLength(app, client, ui, day);
  Step();
}

void Life::Count(App& app, int day) {
  if (person_.AcceptsInvite(day)) app.AcceptInvite();
  if (person_.Upgrades(day) && !app.Upgrade(4.99).ok()) return;
  if (const int stars = person_.Feedback(day); stars > 0 && !app.GiveFeedback(stars).ok()) return;
}

void Life::WriteAtLength(App& app, guidon::Client& client, UiQueue& ui, int day) {
  Step();
  at_(Stage::kPrompting);
  if (is_killed_prompting_) at_(Stage::kKillMe);
  lingers_ = lingers_ || is_killed_prompting_;
  const std::uint64_t asked_before = app.prompts().times_asked();
  ui.Drain();
  notes_accepted_ = 0;
  is_held_out_ = false;
  // Opened right away: what the note brings up is soon no longer timely.
  if (!app.WriteNote(std::string(Person::kLongNote, 'm')).ok()) return;
  if (!app.OpenNote(app.note_count() - 1).ok()) return;
  const AttachLook look = app.Attach();
  const bool is_shown = AwaitPrompt(app, client, ui, asked_before);
  if (is_shown) {
    app.prompts().Seen();
    if (!diary_.Append(PromptedLine(day))) is_ledger_whole_ = false;
    progress_.prompted.insert(day);
  }
  // Whoever saw it before their app was killed has seen it.
  const bool shares = person_.SharesAtLength(day, look, progress_.prompted.count(day) > 0);
  Step();
  if (is_shown) AnswerPrompt(app, shares, day);
  if (shares && !app.ShareFile("plan.pdf").ok()) return;
}

// True when it is up. Asks and answers cross threads, so this waits for the client to have decided.
bool Life::AwaitPrompt(App& app, guidon::Client& client, UiQueue& ui, std::uint64_t asked_before) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (std::chrono::steady_clock::now() < deadline) {
    ui.Drain();
    if (app.prompts().up() != nullptr) return true;
    if (is_held_out_) return false;
    // Before the host is asked nothing is reserved, so the explanation tells whether it will be.
    if (notes_accepted_ > 0 && app.prompts().times_asked() == asked_before) {
      const auto explained = guidon::json::Document::Parse(client.ExplainPromptJson(kNudge), nullptr);
      const auto why = explained ? explained->root()["why"].AsString() : std::nullopt;
      if (!why || (*why != "may_show" && *why != "host_later" && *why != "busy")) return false;
    }
    pollfd wait = {ui.fd(), POLLIN, 0};
    poll(&wait, 1, 20);
  }
  return false;
}

void Life::AnswerPrompt(App& app, bool shares, int day) {
  const guidon::Prompt* prompt = app.prompts().up();
  if (prompt == nullptr) return;
  const Shrug shrug = person_.Shrugs(day);
  for (std::size_t i = 0; i < prompt->buttons.size(); ++i) {
    const guidon::Prompt::Button& button = prompt->buttons[i];
    const bool snoozes = button.snooze > Duration(0);
    const bool is_meant = shares ? !button.action.kind.empty() : shrug == Shrug::kSnooze && snoozes;
    if (is_meant && app.PressButton(i).ok()) return;
  }
  app.prompts().Dismiss(shrug == Shrug::kLeave ? guidon::DismissCause::kNavigation : guidon::DismissCause::kPerson);
}

Status Life::Deliver(guidon::Client& client, bool is_last) {
  // On the last day nothing may be left behind; before, what is late goes out on a later day.
  if (is_last) {
    for (int i = 0; i < 5 && client.Flush(std::chrono::seconds(5)).kept > 0; ++i) {
    }
  }
  const guidon::FlushReport report = client.Close(std::chrono::seconds(5));
  if (is_last && report.kept > 0) {
    return Status(StatusCode::kUnavailable,
                  std::to_string(report.kept) + " events could not be delivered: " + client.status().sender.message());
  }
  return Status();
}

}  // namespace

Status Live(const Simulation& simulation, int number, const std::function<void(Stage)>& at) {
  const Person person(simulation.seed, number, simulation.days, simulation.behaviour);
  const std::string dir = simulation.PersonDir(person);
  if (mkdir(dir.c_str(), 0700) != 0 && errno != EEXIST) {
    return Status(StatusCode::kUnavailable, dir + ": " + std::strerror(errno));
  }
  guidon::Result<LineFile> diary = LineFile::Open(dir + "/diary");
  if (!diary.ok()) return diary.status();
  guidon::Result<LineFile> ledger = LineFile::Open(simulation.LedgerFile(person));
  if (!ledger.ok()) return ledger.status();
  guidon::Result<std::string> text = ReadFile(dir + "/diary", 1u << 20);
  if (!text.ok()) return text.status();
  return Life(simulation, number, at, *std::move(diary), *std::move(ledger), Progress::Parse(*text)).Run();
}

}  // namespace notes::simulate
