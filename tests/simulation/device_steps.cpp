// What happens to a device step by step.
#include <utility>

#include "tests/simulation/datafiles.h"
#include "tests/simulation/device.h"
#include "tests/simulation/device_process.h"
#include "tests/simulation/dice.h"

namespace guidon::simulation {
namespace {

constexpr Flag<std::string> kComposer{"composer", "icon"};
constexpr Flag<bool> kSharing{"sharing", false};
constexpr Flag<std::int64_t> kChunk{"chunk-kb", 256};

}  // namespace

void Device::Take(const Step& step) {
  PassUntil(step.at);
  if (findings_->first()) return;
  DoLife(step);
  DoTrouble(step);
  if (is_running()) Turn();
  Check();
}

void Device::DoLife(const Step& step) {
  switch (step.what) {
    case Do::kStart: return Start();
    case Do::kClose: return Close(step.a);
    case Do::kForeground: return Foreground();
    case Do::kBackground: return Background();
    case Do::kIdle: return Idle(step.a);
    case Do::kConsent: return Agree(static_cast<Consent>(step.a));
    default: break;
  }
  if (!is_running()) return;
  switch (step.what) {
    case Do::kTrack: return Track(EventName(step.a), false);
    case Do::kBurst:
      for (std::int64_t i = 0; i < step.a; ++i) Track("searched", false);
      return;
    case Do::kInvalid: return process_->client->Track("", 1.0);
    case Do::kPoison: return Track("poison", true);
    case Do::kRead: return Read();
    case Do::kPress:
    case Do::kDismiss:
    case Do::kSnooze: return React(step.what);
    case Do::kBusy: busy_until_ = now_ + step.a; return;
    case Do::kUndrawn: cannot_draw_ = true; return;
    case Do::kLogin:
    case Do::kLogout: return Identify(step);
    case Do::kFlush: (void)process_->client->Flush(Duration(0)); return;
    default: return;
  }
}

void Device::DoTrouble(const Step& step) {
  const auto count = static_cast<std::uint64_t>(step.a);
  Allowances& allowances = book_.allowances;
  switch (step.what) {
    case Do::kKill:
      if (process_ != nullptr) Kill();
      return;
    case Do::kKillAtTask: kill_in_tasks_ = is_running() ? count : 0; return;
    case Do::kKillAtDisk: return disk_.KillAtCall(count, static_cast<Disk::Crash>(step.b));
    case Do::kKillAtRequest: return link_.KillAtRequest(count, step.b != 0);
    case Do::kPowerCut: return CutPower(step.a, step.salt);
    case Do::kOffline: return link_.GoOffline(now_ + step.a);
    case Do::kSlow: return link_.GoSlow(now_ + step.a);
    case Do::kAnswer: return link_.Meet(static_cast<Fate>(step.a), static_cast<std::uint64_t>(step.b));
    case Do::kDiskFails:
      allowances.store_was_down = true;
      return disk_.FailCalls(static_cast<std::uint64_t>(step.b), static_cast<DiskFault>(step.a));
    case Do::kDiskDown:
      allowances.store_was_down = true;
      return disk_.FailUntil(now_ + step.b, static_cast<DiskFault>(step.a));
    case Do::kFilesFail: allowances.files_failed = true; return disk_.FailFilesUntil(now_ + step.a);
    case Do::kCorruptRow:
      if (!disk_.CorruptRow(RowKind(step.a), step.salt)) return;
      allowances.rows_were_corrupted = true;
      if (std::string_view(RowKind(step.a)) == "n/counters") allowances.counters_were_corrupted = true;
      return;
    case Do::kCorruptStore:
      disk_.CorruptStore();
      allowances.rows_were_corrupted = true;
      return;
    case Do::kClockStep:
    case Do::kClockLost:
      allowances.clock_was_wrong = true;
      wall_is_off_by_ = step.what == Do::kClockLost ? -began_ms_ - booted_at_ : wall_is_off_by_ + step.a;
      return SetTime(now_);
    case Do::kClockSet: wall_is_off_by_ = 0; return SetTime(now_);
    case Do::kZone: zone_ms_ = step.a; return SetTime(now_);
    default: return;
  }
}

void Device::Track(const char* name, bool is_poison) {
  const bool is_granted = options_.consent == Consent::kGranted;
  const std::uint64_t number = book_.Track(is_poison, is_granted);
  // Those with a value are conversions, which are committed at once; the others wait for company.
  if (number % 4 == 0) {
    process_->client->Track(name, static_cast<double>(number));
  } else {
    process_->client->Track(name, {{kNumberProperty, static_cast<std::int64_t>(number)}});
  }
  if (is_granted && process_->client->status().journal.ok()) book_.Accepted(number);
}

void Device::Read() {
  Client& client = *process_->client;
  (void)client.Get(kComposer);
  (void)client.Get(kChunk);
  const bool sharing = client.Get(kSharing);
  const auto version = static_cast<std::int64_t>(client.status().datafile_version);
  if (sharing == IsSharingKilled(version)) {
    Say("kill_switch",
        std::string("the flag is ") + (sharing ? "on" : "off") + " under version " + std::to_string(version));
  }
}

void Device::React(Do what) {
  if (!lease_) return;
  PromptLease lease = std::move(*lease_);
  lease_.reset();
  book_.Gone(shown_prompt_, SeenTime());
  if (what == Do::kPress) {
    book_.Acted(shown_prompt_);
    lease.Action("b1");
  } else if (what == Do::kSnooze) {
    book_.Snoozed(shown_prompt_);
    lease.Action("b2");
  } else {
    lease.Dismissed(DismissCause::kPerson);
  }
}

void Device::Identify(const Step& step) {
  Client& client = *process_->client;
  if (step.what == Do::kLogout) {
    account_.clear();
    book_.Login(account_, Carry::kAnonymous);
    return client.Identify(Context().Unit("device", unit_));  // keeps the app's own id, which Logout would not
  }
  // A merge made without consent is kept nowhere until there is some, so it may be lost with the process.
  const bool may_merge = options_.consent == Consent::kGranted;
  const auto carry = may_merge ? static_cast<Carry>(step.b) : Carry::kNothing;
  account_ = "account-" + std::to_string(step.a) + "-of-" + unit_;
  book_.Login(account_, carry);
  options_.carry = carry == Carry::kNothing ? Carry::kNothing : Carry::kAnonymous;
  client.Identify(Context().Unit("device", unit_).Unit("account", account_), carry);
}

// The app remembers the answer; it is told to a client that runs, and to the next one.
void Device::Agree(Consent consent) {
  if (!is_running()) return;
  const bool may_begin = std::exchange(options_.consent, consent) != Consent::kGranted;
  if (may_begin && IsClockWrong()) book_.allowances.clock_began_wrong = true;
  if (consent != Consent::kGranted) book_.Withdraw();
  if (consent == Consent::kDenied) {
    book_.Deny();
    owes_erasure_ = disk_.is_broken();
  }
  process_->client->SetConsent(consent);
}

Admission Device::MayPresent(const Prompt&) { return now_ < busy_until_ ? Admission::kLater : Admission::kNow; }

void Device::Present(const Prompt& prompt, PromptLease lease) {
  if (process_ == nullptr || process_->life->is_dead) return;
  if (std::exchange(cannot_draw_, false)) return lease.Failed("no room");
  book_.Shown(prompt.campaign, prompt.id, {SeenTime(), zone_ms_, session_});
  shown_prompt_ = prompt.id;
  lease.Presented();
  lease_ = std::move(lease);
}

void Device::Retract(std::string_view prompt_id) {
  // When a prompt went that consent took away may not be remembered.
  if (options_.consent == Consent::kGranted) book_.Gone(prompt_id, SeenTime());
  lease_.reset();
}

}  // namespace guidon::simulation
