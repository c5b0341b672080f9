#include "sdk/tools/simulated_device.h"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>

#include "guidon/platform.h"
#include "guidon/platform_parts.h"
#include "sdk/client/looks.h"
#include "sdk/client/pins.h"
#include "sdk/core/base/lanes.h"
#include "sdk/core/hash/hash.h"
#include "sdk/events/delivery.h"
#include "sdk/tools/made_up_people.h"
#include "sdk/tools/tool_ports.h"

namespace guidon::tools {
namespace {

constexpr Duration kAnsweredAfter = std::chrono::seconds(5);
constexpr Duration kVanishesAfter = std::chrono::minutes(1);
constexpr Duration kSnoozedFor = std::chrono::hours(24);
constexpr MonoTime kBooted{Duration(3'600'000)};

// What happens is to be remembered, and nothing is to be sent.
Consents Agreed() { return Consents(Consent::kGranted).With(Purpose::kAnalytics, Consent::kDenied); }

}  // namespace

// Named, since what is made of them is.
namespace simulated {

class MovedClock final : public Clock {
 public:
  MovedClock(Timestamp at, Duration ahead) : utc_offset(ahead), began_(at) {}
  Timestamp Now() noexcept override { return began_ + (mono - kBooted); }
  MonoTime Monotonic() noexcept override { return mono; }
  std::string BootId() override { return "simulated"; }
  Duration UtcOffset(Timestamp) noexcept override { return utc_offset; }

  MonoTime mono = kBooted;
  Duration utc_offset;

 private:
  const Timestamp began_;
};

// The same ids in every run.
class CountedEntropy final : public Entropy {
 public:
  bool Fill(unsigned char* out, std::size_t size) noexcept override {
    for (std::size_t i = 0; i < size; ++i) {
      state_ = state_ * 6'364'136'223'846'793'005u + 1'442'695'040'888'963'407u;
      out[i] = static_cast<unsigned char>(state_ >> 56);
    }
    return true;
  }

 private:
  std::uint64_t state_ = 1;
};

// Both lanes are one, and it waits for nobody.
class QueuedLanes final : public Lanes {
 public:
  void PostLogic(Task task) override { due_.push_back(std::move(task)); }
  void PostDisk(Task task) override { due_.push_back(std::move(task)); }
  void PostLogicAt(MonoTime when, Task task) override { later_.emplace(when, std::move(task)); }

  void Run() {
    while (!due_.empty()) {
      const Task task = std::move(due_.front());
      due_.pop_front();
      task();
    }
  }
  MonoTime next() const { return later_.empty() ? MonoTime::max() : later_.begin()->first; }
  void MakeDue(MonoTime now) {
    while (!later_.empty() && later_.begin()->first <= now) {
      due_.push_back(std::move(later_.begin()->second));
      later_.erase(later_.begin());
    }
  }

 private:
  std::deque<Task> due_;
  std::multimap<MonoTime, Task> later_;  // of equals the first posted is first
};

// Without a store that lasts no prompt is shown; here nothing ends before it does.
class LastingMemory final : public Storage {
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

}  // namespace simulated

class SimulatedDevice::Parts final : public PromptHost {
 public:
  Parts(std::shared_ptr<const client::Datafile> datafile, const std::string& person, Context context, Timestamp at,
        Duration utc_offset, Answers answers, Watcher watcher)
      : clock_(std::make_shared<simulated::MovedClock>(at, utc_offset)),
        answers_(std::move(answers)),
        watcher_(std::move(watcher)),
        dice_(HashBytes64(person)) {
    for (const std::string& kind : datafile->rules->unit_kinds) {
      if (context.FindUnit(kind) == nullptr) context.Unit(kind, person);
    }
    inputs_.datafile = std::move(datafile);
    inputs_.is_simulated = true;
    inputs_.context = std::move(context);
    inputs_.install_id = person;
    inputs_.consent = Agreed();
    inputs_.crypto = std::shared_ptr<Crypto>(std::shared_ptr<Crypto>(), ToolCrypto());
    inputs_.enrollments = std::make_shared<const enrollment::Enrollments>();
    inputs_.clock = clock_;
    inputs_.session = "simulated";
    pins_ = std::make_shared<client::Pins>(std::make_unique<const client::State>(inputs_, clock_->Now(), ++states_));
    Platform platform;
    platform.clock = clock_;
    platform.entropy = std::make_shared<simulated::CountedEntropy>();
    platform.storage = std::make_shared<simulated::LastingMemory>();
    events::DeliverySettings settings;
    settings.install_id = person;
    settings.session = inputs_.session;
    const auto happened = [this](const EventRecord& record) { prompter_->OnAccepted(record); };
    delivery_ = std::make_unique<events::Delivery>(settings, platform, lanes_, happened);
    delivery_->SetHeard(happened);
    delivery_->SetRemembered([this](const events::Memory& memory) { prompter_->OnMemory(memory); });
    delivery_->SetConsent(Agreed());
    MakePrompter();
    delivery_->Start();
    prompter_->SetHost(this, nullptr);
    prompter_->StateChanged();
    lanes_->Run();
  }

  ~Parts() override {
    prompter_->Stop();
    lease_.reset();
    delivery_->Close();
    lanes_->Run();
  }

  void AdvanceTo(Timestamp at) {
    const MonoTime target = clock_->mono + std::max(at - clock_->Now(), Duration(0));
    while (lanes_->next() <= target) {
      clock_->mono = std::max(clock_->mono, lanes_->next());
      lanes_->MakeDue(clock_->mono);
      lanes_->Run();
    }
    clock_->mono = target;
  }

  void Publish() {
    auto state = std::make_unique<const client::State>(inputs_, clock_->Now(), ++states_);
    (void)pins_->Publish(&state);  // nobody keeps one
    (void)pins_->Sweep();
    prompter_->StateChanged();
    lanes_->Run();
  }

  void Track(std::string_view event, const std::vector<std::pair<std::string, Value>>& properties) {
    Append(event, properties);
    lanes_->Run();
  }

  // What is posted is done.
  template <class Call>
  void Do(Call call) {
    call(*prompter_);
    lanes_->Run();
  }

  bool Give(PromptAnswer answer, std::string_view button) {
    if (!lease_) return false;
    const auto is_meant = [&](const Prompt::Button& one) {
      if (!button.empty()) return one.id == button || one.label == button;
      return (one.snooze > Duration(0)) == (answer == PromptAnswer::kSnooze);
    };
    const auto found = std::find_if(up_.buttons.begin(), up_.buttons.end(), is_meant);
    if (answer == PromptAnswer::kPress && button.empty() && !up_.questions.empty()) {
      Complete();
    } else if (answer != PromptAnswer::kSnooze && answer != PromptAnswer::kPress) {
      const bool is_ignored = answer == PromptAnswer::kIgnore;
      End(is_ignored ? "timed_out" : "dismissed", {},
          [&](PromptLease& lease) { lease.Dismissed(is_ignored ? DismissCause::kTimeout : DismissCause::kPerson); });
    } else if (found != up_.buttons.end()) {
      End(found->snooze > Duration(0) ? "snoozed" : "pressed", found->label,
          [&](PromptLease& lease) { lease.Action(found->id); });
    } else if (answer == PromptAnswer::kSnooze && button.empty()) {
      End("snoozed", {}, [&](PromptLease& lease) { lease.Snoozed(kSnoozedFor); });
    } else {
      return false;
    }
    lanes_->Run();
    return true;
  }

  Status Answer(std::string_view question, const Value& answer) {
    if (!lease_) return Status(StatusCode::kNotFound, "no prompt is on screen");
    const Status status = lease_->Answer(question, answer);
    lanes_->Run();
    return status;
  }
  Status CompleteAsAnswered() {
    if (!lease_) return Status(StatusCode::kNotFound, "no prompt is on screen");
    Status status = lease_->Completed();
    if (!status.ok()) return status;
    End("completed", {}, [](PromptLease&) {});
    lanes_->Run();
    return status;
  }

  std::vector<std::string> Kinds() const override { return {"tooltip", "banner", "card", "modal", "full_screen"}; }
  std::vector<std::string> Questions() const override { return {"nps", "csat", "choice", "choices", "text"}; }
  std::vector<std::string> Actions() const override {
    std::vector<std::string> actions;
    for (const ruleset::Campaign& campaign : inputs_.datafile->rules->campaigns) {
      for (const ruleset::CampaignVariant& variant : campaign.variants) {
        for (const ruleset::PromptButton& button : variant.content.buttons) {
          actions.emplace_back(button.action.NeededOfHost());
        }
      }
    }
    return actions;
  }
  Admission MayPresent(const Prompt&) override { return Admission::kNow; }
  void Present(const Prompt& prompt, PromptLease lease) override {
    up_ = prompt;
    lease_.emplace(std::move(lease));
    lease_->Presented();
    Note(nullptr, {}, {});
    const PromptAnswer answer = answers_(prompt);
    const Duration after = answer == PromptAnswer::kIgnore ? kVanishesAfter : kAnsweredAfter;
    lanes_->PostLogicAt(clock_->mono + after, [this, answer, id = prompt.id] {
      if (lease_ && up_.id == id && !Give(answer, {})) (void)Give(PromptAnswer::kDismiss, {});  // it has no such button
    });
  }
  void Retract(std::string_view) override {
    if (lease_) Note(nullptr, "retracted", {});
    lease_.reset();
  }

  Timestamp now() const { return clock_->Now(); }
  client::Inputs& inputs() { return inputs_; }
  simulated::MovedClock& clock() { return *clock_; }

 private:
  void Append(std::string_view event, const std::vector<std::pair<std::string, Value>>& properties) {
    const client::Pins::Pin pin = pins_->Acquire();
    events::Fact fact = client::MakeFact(*pin, pin->context, clock_->Now(), clock_->Monotonic());
    fact.kind = EventKind::kTracked;
    fact.name = std::string(event);
    fact.is_trigger = pin->rules()->IsTrigger(event);
    fact.is_urgent = fact.is_trigger;
    fact.properties = properties;
    fact.looks = client::LooksAt(*pin, fact);
    prompter_->NoteActivity();
    (void)delivery_->Append(std::move(fact));
  }

  void MakePrompter() {
    client::Prompter::Ports ports;
    ports.clock = clock_;
    ports.lanes = lanes_;
    ports.pins = pins_;
    ports.begin_session = [this](MonoTime began) { delivery_->BeginSession(began); };
    ports.append = [this](events::Fact fact) {
      fact.looks = client::LooksAt(*pins_->Acquire(), fact);
      return delivery_->Append(std::move(fact));
    };
    ports.track = [this](std::string_view event, const std::string& prompt) { Append(event, {{"prompt", prompt}}); };
    ports.commit = [this](std::function<void()> done) { delivery_->Commit(std::move(done)); };
    ports.durability = [this] { return delivery_->durability(); };
    ports.told = [this](const client::PromptStep& step) { Note(&step, {}, {}); };
    prompter_ = std::make_shared<client::Prompter>(std::move(ports));
  }

  void Note(const client::PromptStep* step, std::string_view end, std::string_view button) {
    watcher_({clock_->Now(), clock_->utc_offset, step, step == nullptr ? &up_ : nullptr, end, button});
  }

  // Each question on the way, by one draw after the other.
  void Complete() {
    const auto below = [this](std::size_t bound) { return static_cast<std::size_t>(dice_.Below(bound)); };
    Value given;
    std::string_view after;
    while (const SurveyQuestion* question = NextQuestion(up_.questions, after, given)) {
      after = question->id;
      if (question->type == "choice" || question->type == "choices") {
        const Value option(question->options[below(question->options.size())].id);
        given = question->type == "choice" ? option : Value(List{option});
      } else if (question->type == "text") {
        given = Value("simulated");
      } else {
        given = Value(question->least +
                      static_cast<int>(below(static_cast<std::size_t>(question->most - question->least) + 1)));
      }
      (void)lease_->Answer(question->id, given);  // it fits
    }
    End("completed", {}, [](PromptLease& lease) { (void)lease.Completed(); });
  }

  template <class Say>
  void End(std::string_view how, std::string_view button, Say say) {
    Note(nullptr, how, button);
    PromptLease lease = std::move(*lease_);
    lease_.reset();
    say(lease);
  }

  const std::shared_ptr<simulated::MovedClock> clock_;
  const std::shared_ptr<simulated::QueuedLanes> lanes_ = std::make_shared<simulated::QueuedLanes>();
  const Answers answers_;
  const Watcher watcher_;
  client::Inputs inputs_;
  std::uint64_t states_ = 0;
  Dice dice_;  // for answers to questions
  std::shared_ptr<client::Pins> pins_;
  std::unique_ptr<events::Delivery> delivery_;
  std::shared_ptr<client::Prompter> prompter_;
  Prompt up_;
  std::optional<PromptLease> lease_;  // of `up_`, while it is
};

SimulatedDevice::SimulatedDevice(std::shared_ptr<const client::Datafile> datafile, const std::string& person,
                                 Context context, Timestamp at, Duration utc_offset, Answers answers, Watcher watcher)
    : parts_(std::make_unique<Parts>(std::move(datafile), person, std::move(context), at, utc_offset,
                                     std::move(answers), std::move(watcher))) {}

SimulatedDevice::~SimulatedDevice() = default;

void SimulatedDevice::AdvanceTo(Timestamp at) { parts_->AdvanceTo(at); }

Timestamp SimulatedDevice::now() const { return parts_->now(); }

void SimulatedDevice::SetUtcOffset(Duration offset) {
  if (parts_->clock().utc_offset == offset) return;
  parts_->clock().utc_offset = offset;
  parts_->Publish();
}

void SimulatedDevice::Track(std::string_view event, const std::vector<std::pair<std::string, Value>>& properties) {
  parts_->Track(event, properties);
}

void SimulatedDevice::SetAttributes(const std::vector<std::pair<std::string, Value>>& attributes) {
  for (const auto& [name, value] : attributes) parts_->inputs().context.Set(name, value);
  parts_->Publish();
}

void SimulatedDevice::Background() {
  parts_->Do([](client::Prompter& prompter) { prompter.Background(); });
}

void SimulatedDevice::Foreground() {
  parts_->Do([](client::Prompter& prompter) { prompter.Foreground(); });
}

void SimulatedDevice::SetScreen(std::string_view name) {
  parts_->Do([name](client::Prompter& prompter) { prompter.SetScreen(name); });
}

void SimulatedDevice::NoteActivity() {
  parts_->Do([](client::Prompter& prompter) { prompter.NoteActivity(); });
}

bool SimulatedDevice::Give(PromptAnswer answer, std::string_view button) { return parts_->Give(answer, button); }

Status SimulatedDevice::Answer(std::string_view question, const Value& answer) {
  return parts_->Answer(question, answer);
}

Status SimulatedDevice::Complete() { return parts_->CompleteAsAnswered(); }

}  // namespace guidon::tools
