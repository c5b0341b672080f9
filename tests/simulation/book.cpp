#include "tests/simulation/book.h"

#include <algorithm>

#include "sdk/core/base/json.h"
#include "tests/simulation/datafiles.h"

namespace guidon::simulation {
namespace {

using collector::Record;
using collector::RecordKind;

std::uint64_t Total(const std::vector<Ledger::Loss>& losses) {
  std::uint64_t total = 0;
  for (const Ledger::Loss& loss : losses) total += loss.count;
  return total;
}

std::string LedgerText(const Ledger& ledger) {
  std::string text = "accepted " + std::to_string(ledger.accepted) + ", delivered " + std::to_string(ledger.delivered) +
                     ", pending " + std::to_string(ledger.pending);
  for (const Ledger::Loss& loss : ledger.lost) text += ", lost " + loss.cause + " " + std::to_string(loss.count);
  return text;
}

// Between a prompt being asked for and being seen.
constexpr std::int64_t kWindowSlack = 2 * 60 * 1'000;
constexpr std::int64_t kGapSlack = 1'000;
constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kDayMs = 24 * kHourMs;

// Since midnight, by the device's clock as it was so long before.
std::int64_t TimeOfDay(const SeenAt& at, std::int64_t before = 0) {
  return ((at.time_ms + at.zone_ms - before) % kDayMs + kDayMs) % kDayMs;
}
constexpr std::int64_t kExpiryDays = 30;

// Of what was tracked: its value, or a property of its own. 0: none.
std::uint64_t NumberOf(const EventRecord& record) {
  if (record.value) return static_cast<std::uint64_t>(*record.value);
  for (const auto& [name, value] : record.properties) {
    if (name == kNumberProperty && value.AsInt() != nullptr) return static_cast<std::uint64_t>(*value.AsInt());
  }
  return 0;
}

std::uint64_t NumberOf(const Record& record) {
  if (record.value) return static_cast<std::uint64_t>(*record.value);
  const auto properties = json::Document::Parse(record.properties, nullptr);
  return properties ? static_cast<std::uint64_t>(properties->root()[kNumberProperty].AsInt().value_or(0)) : 0;
}

}  // namespace

std::uint64_t Book::Track(bool is_poison, bool is_granted) {
  if (tracked_.empty()) tracked_.emplace_back();  // numbers begin at 1
  Tracked tracked;
  tracked.is_poison = is_poison;
  tracked.is_granted = is_granted;
  tracked_.push_back(std::move(tracked));
  return tracked_.size() - 1;
}

// Of exposures those of the days around the last one are remembered, to send less: who goes to 1970 and back states one
// twice, under one id.
bool Book::MayRepeat(bool is_exposure) const { return is_exposure && allowances.clock_was_wrong; }

void Book::OnEvent(const EventRecord& record, std::uint64_t generation) {
  const auto told = told_.find(record.id);
  const bool is_excused = allowances.rows_were_corrupted || allowances.store_was_down ||
                          MayRepeat(record.kind == EventKind::kExposure || record.kind == EventKind::kHoldoutExposure);
  if (told != told_.end() && told->second.generation == generation && !is_excused) {
    Say("told_twice", "the event " + record.id + " (" + record.name + ") was told to the app twice");
  }
  told_[record.id] = {record.sequence, generation};
  if (record.kind != EventKind::kTracked) return;
  const std::uint64_t number = NumberOf(record);
  if (number == 0 || number >= tracked_.size()) return Say("unknown_told", "an event was told that nobody tracked");
  tracked_[number].is_told = true;
  tracked_[number].is_durable = tracked_[number].is_durable || record.sequence > 0;
}

void Book::Deny() {
  barrier_ = tracked_.empty() ? 0 : tracked_.size() - 1;
  erased_ = barrier_;
  shown_.clear();
}

void Book::Withdraw() {
  process_began_ = tracked_.empty() ? 0 : tracked_.size() - 1;
  for (Tracked& tracked : tracked_) tracked.is_kept = tracked.is_kept && tracked.is_durable;
}

void Book::LosePower() {
  for (Tracked& tracked : tracked_) tracked.is_kept = tracked.is_kept && tracked.is_durable;
}

void Book::LoseStore() {
  for (Tracked& tracked : tracked_) tracked.is_kept = false;
}

void Book::Shown(std::string_view campaign, std::string_view prompt, const SeenAt& at) {
  const CampaignRules* rules = FindCampaign(campaign);
  if (rules == nullptr) return Say("unknown_prompt", "a prompt of no campaign: " + std::string(campaign));
  if (IsHeldOutOf(*rules, unit_)) {
    return Say("held_out_shown", "a prompt of " + std::string(campaign) + " was shown to a unit that is held out");
  }
  if (!seen_.emplace(std::string(prompt), true).second) {
    return Say("shown_twice", "the prompt " + std::string(prompt) + " was shown twice");
  }
  ++shown_count_;
  if (!allowances.rows_were_corrupted) CheckCaps(*rules, at);
  if (!allowances.clock_began_wrong) CheckHours(*rules, at);
  shown_[account_][std::string(campaign)].push_back({std::string(prompt), at, at.time_ms, false});
}

// By what the account has seen until now.
void Book::CheckCaps(const CampaignRules& rules, const SeenAt& at) {
  const std::string campaign(rules.key);
  const std::vector<Showing>& before = shown_[account_][campaign];
  const auto count = [](const std::vector<Showing>& showings, const auto& counts) {
    return static_cast<std::uint64_t>(std::count_if(showings.begin(), showings.end(), counts));
  };
  const bool has_times = !allowances.clock_began_wrong;
  const auto since = [has_times](std::int64_t time_ms) {
    return [=](const Showing& one) { return has_times && !one.was_snoozed && one.at.time_ms > time_ms; };
  };
  const std::uint64_t within = count(before, since(at.time_ms - rules.window.count() + kWindowSlack));
  if (before.size() >= rules.most_ever || within >= rules.most_within) {
    Say("cap", campaign + " was shown above its caps: " + std::to_string(before.size()) + " times before, " +
                   std::to_string(within) + " of them within " + std::to_string(rules.window.count() / kHourMs) + " h");
  }
  const std::int64_t today = at.time_ms - TimeOfDay(at);
  if (rules.is_once_per_day && count(before, since(today + kWindowSlack)) > 0) {
    Say("day_cap", campaign + " was shown twice in a day");
  }
  const auto of_session = [&](const Showing& one) { return !one.was_snoozed && one.at.session == at.session; };
  if (rules.is_once_per_session && count(before, of_session) > 0) {
    Say("session_cap", campaign + " was shown twice in a session");
  }
  std::uint64_t of_all = 0;
  for (const auto& [key, showings] : shown_[account_]) {
    of_all += count(showings, since(at.time_ms - kWindowOfAll.count() + kWindowSlack));
    const auto is_near = [&](const Showing& one) {
      return has_times && one.gone_ms + kGapOfAll.count() - kGapSlack > at.time_ms;
    };
    if (count(showings, is_near) > 0) Say("gap", campaign + " was shown too soon after one of " + key);
  }
  if (of_all >= kMostOfAll) {
    Say("cap", campaign + " was shown above the cap of all campaigns: " + std::to_string(of_all) +
                   " prompts before, within " + std::to_string(kWindowOfAll.count() / kHourMs) + " h");
  }
}

// It may have been decided a moment before.
void Book::CheckHours(const CampaignRules& rules, const SeenAt& at) {
  const auto hour = [&](std::int64_t before) { return TimeOfDay(at, before) / kHourMs; };
  const auto is_open = [&](std::int64_t at_hour) { return at_hour >= rules.opens_at && at_hour < rules.closes_at; };
  const auto is_quiet = [](std::int64_t at_hour) { return at_hour >= kQuietFrom || at_hour < kQuietUntil; };
  if (!is_open(hour(0)) && !is_open(hour(kWindowSlack))) {
    Say("hours", std::string(rules.key) + " was shown at " + std::to_string(hour(0)) + " o'clock");
  }
  if (is_quiet(hour(0)) && is_quiet(hour(kWindowSlack))) {
    Say("quiet_hours", std::string(rules.key) + " was shown at " + std::to_string(hour(0)) + " o'clock");
  }
}

void Book::Gone(std::string_view prompt, std::int64_t time_ms) {
  for (auto& account : shown_) {
    for (auto& campaign : account.second) {
      for (Showing& showing : campaign.second) {
        if (showing.prompt == prompt) showing.gone_ms = time_ms;
      }
    }
  }
}

void Book::Snoozed(std::string_view prompt) {
  Acted(prompt);
  for (auto& account : shown_) {
    for (auto& campaign : account.second) {
      for (Showing& showing : campaign.second) {
        if (showing.prompt == prompt) showing.was_snoozed = true;
      }
    }
  }
}

// As Client::Identify says whose caps count.
void Book::Login(const std::string& account, Carry carry) {
  if (account == account_) return;
  if (carry == Carry::kPrevious) MoveShowings(account_, account);
  if (carry == Carry::kAnonymous && account_.empty()) MoveShowings(std::string(), account);
  account_ = account;
}

void Book::Start(const std::string& account, Carry carry) {
  process_began_ = tracked_.empty() ? 0 : tracked_.size() - 1;
  account_ = account;
  if (!account.empty() && carry != Carry::kNothing) MoveShowings(std::string(), account);
}

void Book::MoveShowings(const std::string& from, const std::string& to) {
  for (auto& campaign : std::exchange(shown_[from], {})) {
    std::vector<Showing>& all = shown_[to][campaign.first];
    all.insert(all.end(), campaign.second.begin(), campaign.second.end());
  }
}

void Book::OnPost(const Post& post, std::size_t body_hash) {
  const auto known = keys_.find(post.key);
  if (known == keys_.end()) {
    keys_[post.key] = {body_hash, 0};
  } else if (known->second.body_hash != body_hash && !allowances.files_failed) {  // the install id is in the body
    Say("retry_differs", "a retry under the key " + post.key + " has other bytes than the first try");
  }
  const bool is_excused = allowances.rows_were_corrupted || allowances.store_was_down;
  for (const Record& record : post.records) {
    CheckRecord(post, record);
    std::string& key = key_of_[std::string(record.id)];
    const bool is_exposure = record.kind == RecordKind::kExposure || record.kind == RecordKind::kHoldoutExposure;
    const bool is_other = !key.empty() && key != post.key && keys_[key].refused == 0;
    if (is_other && !is_excused && !MayRepeat(is_exposure)) {
      Say("batch_changed", "the event " + std::string(record.id) + " went out in the batch " + key +
                               ", which nobody refused, and now goes out in " + post.key);
    }
    key = post.key;
  }
}

void Book::OnRefusal(const Post& post, int status) {
  keys_[post.key].refused = status;
  if (post.records.size() == 1) ++rejected_;
}

void Book::OnTaken(const Post& post, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const Record& record = post.records[i];
    const std::string id(record.id);
    const auto [at, is_new] = got_.emplace(id, Got{0, post.generation, post.key});
    Got& got = at->second;
    const bool is_exposure = record.kind == RecordKind::kExposure || record.kind == RecordKind::kHoldoutExposure;
    if (record.sequence) {
      const auto sequence = static_cast<std::uint64_t>(*record.sequence);
      // Under an install id that could not be removed a unit is exposed once more, after all was erased.
      const bool is_of_another_store = is_exposure && got.generation != post.generation && allowances.files_failed;
      const bool is_excused = allowances.rows_were_corrupted || MayRepeat(is_exposure) || is_of_another_store;
      if (got.sequence != 0 && got.sequence != sequence && !is_excused) {
        Say("two_numbers", "the event " + id + " came as number " + std::to_string(got.sequence) + " and as " +
                               std::to_string(sequence));
      }
      const auto& owner = by_sequence_.emplace(std::make_pair(post.generation, sequence), id).first->second;
      if (owner != id && !allowances.counters_were_corrupted) {
        Say("one_number", "the events " + owner + " and " + id + " both are number " + std::to_string(sequence));
      }
      // Of a batch that cannot be read any more what was answered goes once more.
      if (!is_new && got.sequence == sequence && allowances.rows_were_corrupted) ++restated_;
      // In memory, and the store was back before the collector had what it holds.
      if (is_exposure && !is_new && got.sequence == 0) ++restated_;
      got.sequence = sequence;
    } else if (got.sequence != 0 || (is_exposure && got.key != post.key)) {
      ++restated_;  // in memory, by a process that could not read what the store has, or that found nothing there
      got.key = post.key;
    }
    if (record.kind != RecordKind::kTracked || NumberOf(record) == 0) continue;
    Tracked& tracked = tracked_[NumberOf(record)];
    if (!tracked.id.empty() && tracked.id != id) {
      Say("twice", "what was tracked once came as " + tracked.id + " and as " + id);
    }
    tracked.id = id;
  }
}

void Book::CheckRecord(const Post& post, const Record& record) {
  if (!record.reason.empty()) {
    return Say("refused_record",
               "the collector would quarantine a record: " + std::string(record.reason) + ": " + record.detail);
  }
  if (told_.count(std::string(record.id)) == 0 && record.kind == RecordKind::kLossReport) return;
  if (record.kind == RecordKind::kTracked) return CheckTracked(post, record);
  if (record.kind == RecordKind::kLossReport || record.kind == RecordKind::kEvaluationSummary) return;
  if (record.unit_id != unit_) {
    // What an earlier run left open is told of the installation, where no rules are in force.
    if (record.kind == RecordKind::kPrompt && record.what == "unknown") return;
    return Say("other_unit", "an exposure of the unit " + std::string(record.unit_id) + ", the device is " + unit_);
  }
  if (record.kind == RecordKind::kExposure && IsHeldOutOfExperiments(unit_)) {
    return Say("held_out_exposed", "an exposure to " + std::string(record.name) + " of a unit that is held out");
  }
  if (record.kind == RecordKind::kPrompt) CheckPrompt(record);
}

void Book::CheckTracked(const Post& post, const Record& record) {
  const std::uint64_t number = NumberOf(record);
  if (number == 0 || number >= tracked_.size()) {
    return Say("never_tracked", "an event left the device that nobody tracked: " + std::string(record.name));
  }
  const Tracked& tracked = tracked_[number];
  if (!tracked.is_granted) return Say("no_consent", "what was tracked without consent left the device");
  if (number <= post.barrier) {
    return Say("erased", "event " + std::to_string(number) + ", told before consent was denied, left the device after");
  }
}

void Book::CheckPrompt(const Record& record) {
  const CampaignRules* rules = FindCampaign(record.name);
  if (rules == nullptr) return Say("unknown_prompt", "an event of no campaign: " + std::string(record.name));
  const std::string prompt(record.prompt_id);
  const bool is_held_out = record.variant == "held_out";
  if (record.what == "exposure" && is_held_out != IsHeldOutOf(*rules, unit_)) {
    return Say("wrong_arm", "the unit is said to be " + std::string(record.variant));
  }
  if (is_held_out && record.what != "exposure") return Say("wrong_arm", "an outcome of a unit that is held out");
  if (record.what == "impression" && seen_.count(prompt) == 0) {
    return Say("never_shown", "the prompt " + prompt + " is said to have been seen, and nobody saw it");
  }
  if ((record.what == "action" || record.what == "snooze") && acted_.count(prompt) == 0) {
    Say("never_acted", "the prompt " + prompt + " is said to have been answered, and nobody did");
  }
}

void Book::CheckLedger(const ClientStatus& status, std::uint64_t generation, bool is_synced) {
  const Ledger& ledger = status.ledger;
  if (ledger.accepted != ledger.delivered + ledger.pending + Total(ledger.lost)) {
    return Say("ledger", "the ledger does not add up: " + LedgerText(ledger));
  }
  if (status.durability != Durability::kMachine) return;
  const bool is_same = last_ledger_ && last_generation_ == generation && !allowances.counters_were_corrupted;
  // Not `accepted`: an exposure in the journal is taken off again when it is found to have been told that day.
  if (is_same && (ledger.delivered < last_ledger_->delivered || Total(ledger.lost) < Total(last_ledger_->lost))) {
    Say("ledger_went_back", "from " + LedgerText(*last_ledger_) + " to " + LedgerText(ledger));
  }
  if (!is_synced) return;  // what a killed process wrote last may be read, and is gone after a power cut
  last_ledger_ = ledger;
  last_generation_ = generation;
}

void Book::CheckSaved(const char* when) {
  for (std::size_t number = std::max(process_began_, barrier_) + 1; number < tracked_.size(); ++number) {
    if (!tracked_[number].is_granted || tracked_[number].is_told) continue;
    return Say("not_saved", "event " + std::to_string(number) + " is not durable when the app is " + when);
  }
}

void Book::CheckLosses(const Ledger& ledger, int days) {
  for (const Ledger::Loss& loss : ledger.lost) {
    bool is_explained = false;
    if (loss.cause == "expired") is_explained = allowances.clock_was_wrong || days >= kExpiryDays;
    if (loss.cause == "rejected_by_collector") is_explained = loss.count <= rejected_;
    if (loss.cause == "corrupt") is_explained = allowances.rows_were_corrupted || allowances.journal_was_torn;
    if (is_explained || loss.count == 0) continue;
    Say("unexplained_loss", "nothing happened that explains it: " + LedgerText(ledger) + "; the collector rejected " +
                                std::to_string(rejected_));
  }
}

void Book::CheckEnd(const ClientStatus& status, std::uint64_t generation, int days) {
  const Ledger& ledger = status.ledger;
  CheckLedger(status, generation, true);
  if (status.durability != Durability::kMachine) return Say("not_durable", "the store does not come back");
  if (ledger.pending != 0) return Say("stuck", "what is pending is never delivered: " + LedgerText(ledger));
  CheckLosses(ledger, days);

  const std::uint64_t lost = Total(ledger.lost);
  std::uint64_t numbered = 0;
  std::uint64_t greatest = 0;
  for (auto one = by_sequence_.lower_bound({generation, 0}); one != by_sequence_.end(); ++one) {
    if (one->first.first != generation) break;
    ++numbered;
    greatest = one->first.second;
  }
  std::uint64_t unnumbered = restated_;
  for (const auto& entry : got_) unnumbered += entry.second.sequence == 0 ? 1 : 0;
  const std::string counts = LedgerText(ledger) + "; the collector has " + std::to_string(numbered) +
                             " numbers up to " + std::to_string(greatest) + ", and " + std::to_string(unnumbered) +
                             " without";
  if (!allowances.counters_were_corrupted) {
    if (numbered > ledger.accepted) Say("more_than_accepted", counts);
    if (ledger.accepted > numbered + unnumbered + lost) Say("silent_loss", counts);
    if (!allowances.store_was_down && greatest > ledger.accepted) Say("hole", counts);
    if (!allowances.rows_were_corrupted && ledger.delivered > numbered + unnumbered) Say("never_delivered", counts);
  }

  std::uint64_t missing = 0;
  std::string example;
  for (const auto& entry : told_) {
    if (entry.second.generation != generation || entry.second.sequence == 0 || got_.count(entry.first) != 0) continue;
    ++missing;
    example = entry.first;
  }
  if (missing > lost && !allowances.counters_were_corrupted) {
    Say("durable_lost",
        std::to_string(missing) + " events that were durable never came, such as " + example + "; " + counts);
  }
  std::uint64_t gone = 0;
  for (std::size_t number = barrier_ + 1; number < tracked_.size(); ++number) {
    if (!tracked_[number].is_kept || !tracked_[number].id.empty()) continue;
    ++gone;
    example = std::to_string(number);
  }
  if (gone > lost && !allowances.counters_were_corrupted) {
    Say("accepted_lost",
        std::to_string(gone) + " events that were accepted never came, such as number " + example + "; " + counts);
  }
}

}  // namespace guidon::simulation
