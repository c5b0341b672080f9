#include "samples/collector/flag_results.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "samples/collector/format.h"

namespace guidon::collector {
namespace {

std::uint64_t CountOf(const Statement& row, int column) { return static_cast<std::uint64_t>(row.ColumnInt(column)); }

bool IsBefore(const FlagDecision& a, const FlagDecision& b) {
  return std::tie(b.devices, b.last_ms, a.variant, a.reason) < std::tie(a.devices, a.last_ms, b.variant, b.reason);
}

bool IsShownBefore(const FlagResult& a, const FlagResult& b) {
  return std::tie(a.verdict, b.devices, a.key) < std::tie(b.verdict, a.devices, b.key);
}

std::string InDays() { return "in " + std::to_string(FlagResults::kDays) + " days "; }

// The first `most` of `items`, in order.
template <class Item>
void KeepFirst(std::size_t most, bool (*is_before)(const Item&, const Item&), std::vector<Item>* items) {
  std::sort(items->begin(), items->end(), is_before);
  if (items->size() > most) items->erase(items->begin() + static_cast<std::ptrdiff_t>(most), items->end());
}

// What the decisions of one flag in the last seven days come to.
struct Tally {
  std::uint64_t not_found = 0;   // devices
  std::uint64_t other_type = 0;  // devices
  std::uint64_t answers = 0;     // decisions that a datafile made
  FlagDecision answer;           // one of them

  void Add(const FlagDecision& decision) {
    if (decision.devices == 0) return;
    // Before the first datafile, and after the end, the code's fallback says nothing of the flag.
    if (decision.reason == "not_ready" || decision.reason == "closed") return;
    if (decision.reason == "flag_not_found") not_found += decision.devices;
    if (decision.reason == "type_mismatch") other_type += decision.devices;
    ++answers;
    answer = decision;
  }
};

bool IsOneValue(const Tally& tally, const PublishedFlag& flag) {
  if (tally.answers != 1) return false;
  const FlagDecision& answer = tally.answer;
  if (answer.reason == "static") return answer.devices >= FlagResults::kFewestDevices;
  if (answer.reason != "default" && answer.reason != "rule" && answer.reason != "rollout") return false;
  const auto& mixed = flag.mixed_rules;
  return answer.devices >= FlagResults::kFewestDevicesByRule &&
         std::find(mixed.begin(), mixed.end(), answer.variant) == mixed.end();
}

class Computation {
 public:
  Computation(Database* database, const Published* newest, FlagResults* results)
      : database_(*database), newest_(newest), results_(*results) {}

  void Run(const People& people) {
    Statement times = database_.Prepare("SELECT MIN(first_ms), MAX(last_ms)" + FromCounted());
    if (times.Row() && !times.IsNull(0)) {
      results_.first_ms = times.ColumnInt(0);
      results_.now_ms = std::max(people.last_ms.value_or(0), times.ColumnInt(1));
    }
    times.Reset();
    after_ms_ = results_.now_ms - FlagResults::kDays * kDayMs;
    Statement devices = database_.Prepare("SELECT COUNT(DISTINCT installation)" + FromCounted() + " AND last_ms > ?");
    if (devices.Int(after_ms_).Row()) results_.devices = CountOf(devices, 0);
    devices.Reset();
    if (newest_ != nullptr) {
      for (const auto& item : newest_->flags) unasked_.insert(item.first);
    }
    ReadAsked();
    for (const std::string_view key : unasked_) Take(Named(key), Tally());
    KeepFirst(FlagResults::kMostFlags, IsShownBefore, &results_.flags);
    results_.flags_left_out = taken_ - results_.flags.size();
  }

 private:
  static std::string FromCounted() {
    return std::string(" FROM evaluations WHERE installation NOT IN (") + kForcedInstallations + ")";
  }

  // Both queries come by flag, in the same order, so that neither is held in memory.
  void ReadAsked() {
    Statement flags =
        database_.Prepare("SELECT flag, COUNT(DISTINCT CASE WHEN last_ms > ? THEN installation END), MAX(last_ms)" +
                          FromCounted() + " GROUP BY flag ORDER BY flag");
    Statement decisions =
        database_.Prepare("SELECT flag, variant, reason, SUM(last_ms > ?), MAX(last_ms)" + FromCounted() +
                          " GROUP BY flag, variant, reason ORDER BY flag, variant, reason");
    flags.Int(after_ms_);
    decisions.Int(after_ms_);
    bool has_decision = decisions.Row();
    while (flags.Row()) {
      FlagResult flag = Named(flags.ColumnText(0));
      unasked_.erase(flag.key);
      flag.devices = CountOf(flags, 1);
      flag.last_ms = flags.ColumnInt(2);
      Tally tally;
      std::uint64_t n = 0;
      for (; has_decision && decisions.ColumnText(0) == flag.key; has_decision = decisions.Row(), ++n) {
        FlagDecision decision{std::string(decisions.ColumnText(1)), std::string(decisions.ColumnText(2)),
                              CountOf(decisions, 3), decisions.ColumnInt(4)};
        tally.Add(decision);
        flag.decisions.push_back(std::move(decision));
        if (flag.decisions.size() >= 2 * FlagResults::kMostDecisions) {
          KeepFirst(FlagResults::kMostDecisions, IsBefore, &flag.decisions);
        }
      }
      KeepFirst(FlagResults::kMostDecisions, IsBefore, &flag.decisions);
      flag.decisions_left_out = n - flag.decisions.size();
      Take(std::move(flag), tally);
    }
  }

  FlagResult Named(std::string_view key) const {
    FlagResult flag;
    flag.key = key;
    flag.is_in_datafile = newest_ != nullptr && newest_->flags.count(key) > 0;
    return flag;
  }

  void Take(FlagResult flag, const Tally& tally) {
    Judge(tally, &flag);
    results_.flags.push_back(std::move(flag));
    ++taken_;
    if (results_.flags.size() >= 2 * FlagResults::kMostFlags) {
      KeepFirst(FlagResults::kMostFlags, IsShownBefore, &results_.flags);
    }
  }

  void Judge(const Tally& tally, FlagResult* flag) const {
    if (newest_ != nullptr && !flag->is_in_datafile && tally.not_found > 0) {
      flag->verdict = FlagVerdict::kNotInDatafile;
      flag->sentence = "Not in the datafile: " + InDays() + Plural(tally.not_found, "device", "devices") +
                       " asked for it and got the fallback in the code.";
    } else if (tally.other_type > 0) {
      flag->verdict = FlagVerdict::kOtherType;
      flag->sentence = "Asked with another type than it has: " + InDays() +
                       Plural(tally.other_type, "device", "devices") + " got the fallback in the code.";
    } else if (IsStale(*flag)) {
      flag->verdict = FlagVerdict::kNobodyAsked;
      flag->sentence = "Nobody asked in " + std::to_string(FlagResults::kStaleDays) + " days" +
                       (flag->last_ms ? "; last on " + Date(*flag->last_ms) + "." : ".");
    } else if (flag->is_in_datafile && IsOneValue(tally, newest_->flags.find(flag->key)->second)) {
      flag->verdict = FlagVerdict::kOneValue;
      flag->sentence = "One value for everybody: " + InDays() + "all " + Thousands(tally.answer.devices) +
                       " devices got " + tally.answer.variant + " (" + tally.answer.reason +
                       "). It may go from the code.";
    }
  }

  // Without any summary nothing can be said.
  bool IsStale(const FlagResult& flag) const {
    return flag.is_in_datafile && results_.first_ms &&
           flag.last_ms.value_or(INT64_MIN) < results_.now_ms - FlagResults::kStaleDays * kDayMs;
  }

  Database& database_;
  const Published* newest_;
  FlagResults& results_;
  std::int64_t after_ms_ = 0;
  std::set<std::string_view> unasked_;  // of the datafile
  std::uint64_t taken_ = 0;
};

}  // namespace

std::string_view FlagVerdictName(FlagVerdict verdict) {
  switch (verdict) {
    case FlagVerdict::kNotInDatafile: return "not_in_datafile";
    case FlagVerdict::kOtherType: return "other_type";
    case FlagVerdict::kNobodyAsked: return "nobody_asked";
    case FlagVerdict::kOneValue: return "one_value";
    case FlagVerdict::kNone: return "none";
  }
  return "";
}

FlagResults ComputeFlags(Database* database, const Published* newest, const People& people) {
  FlagResults results;
  Computation(database, newest, &results).Run(people);
  return results;
}

}  // namespace guidon::collector
