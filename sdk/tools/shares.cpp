#include "sdk/tools/shares.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <thread>
#include <utility>

#include "sdk/core/base/json_writer.h"
#include "sdk/core/evaluation/bucketing.h"
#include "sdk/core/evaluation/evaluate.h"
#include "sdk/core/evaluation/prepared_context.h"

namespace guidon::tools {
namespace {

using evaluation::Exposure;
using evaluation::Outcome;
using ruleset::kNone;
using ruleset::Ruleset;

constexpr std::uint64_t kBlock = 4'096;  // people that a thread takes at a time

// Counts that add up whoever made them.
struct Tally {
  using Values = std::vector<std::pair<const ruleset::FlagValue*, std::uint64_t>>;
  std::vector<Values> flags;                         // by flag
  std::vector<std::vector<std::uint64_t>> variants;  // by experiment; of each audience (the last: none) all variants
  std::vector<std::uint64_t> both;                   // of `overlapping`, a row for each
  std::uint64_t held_out = 0;
  std::uint64_t decisions = 0;

  void Add(const Tally& other) {
    for (std::size_t i = 0; i < flags.size(); ++i) {
      for (const auto& [value, count] : other.flags[i]) AddValue(i, value, count);
    }
    for (std::size_t i = 0; i < variants.size(); ++i) {
      for (std::size_t v = 0; v < variants[i].size(); ++v) variants[i][v] += other.variants[i][v];
    }
    for (std::size_t i = 0; i < both.size(); ++i) both[i] += other.both[i];
    held_out += other.held_out;
    decisions += other.decisions;
  }

  void AddValue(std::size_t flag, const ruleset::FlagValue* value, std::uint64_t count) {
    for (auto& known : flags[flag]) {
      if (known.first == value) return void(known.second += count);
    }
    flags[flag].emplace_back(value, count);
  }
};

class Counting {
 public:
  Counting(const Ruleset& rules, const Crowd& crowd) : rules_(rules), crowd_(crowd) {
    std::size_t valid = 0;
    for (const ruleset::Experiment& experiment : rules.experiments) {
      row_of_.push_back(experiment.is_valid && valid < kOverlapping ? valid++ : kNoRow);
    }
    rows_ = valid;
  }

  Tally Begin() const {
    Tally tally;
    tally.flags.resize(rules_.flags.size());
    for (const ruleset::Experiment& experiment : rules_.experiments) {
      tally.variants.emplace_back((experiment.audiences.size() + 1) * experiment.variants.size(), 0);
    }
    tally.both.assign(rows_ * rows_, 0);
    return tally;
  }

  // Takes blocks until there are none left.
  void Work(Tally* tally, const std::function<void(std::uint64_t)>& progress) {
    std::vector<Context> contexts;
    for (const Profile& profile : crowd_.profiles) contexts.push_back(profile.context);
    Person person;
    for (;;) {
      const std::uint64_t begin = next_.fetch_add(kBlock) + 1;
      if (begin > crowd_.count) return;
      const std::uint64_t end = std::min(begin + kBlock - 1, crowd_.count);
      for (std::uint64_t number = begin; number <= end; ++number) {
        const std::size_t profile = crowd_.ProfileOf(number);
        for (const std::string& kind : rules_.unit_kinds) contexts[profile].Unit(kind, crowd_.UnitId(kind, number));
        Count(crowd_.profiles[profile], contexts[profile], &person, tally);
      }
      if (progress) progress(end);
    }
  }

  Shares Sum(const Tally& tally) const {
    Shares out;
    out.people = crowd_.count;
    out.decisions = tally.decisions;
    out.held_out = tally.held_out;
    for (std::size_t i = 0; i < rules_.experiments.size(); ++i) {
      if (rules_.experiments[i].is_valid) out.experiments.push_back(SharesOf(i, tally.variants[i]));
    }
    for (std::size_t a = 0; a < rows_; ++a) {
      for (std::size_t b = a + 1; b < rows_; ++b) AddOverlap(a, b, tally.both[a * rows_ + b], &out);
    }
    for (std::size_t i = 0; i < rules_.flags.size(); ++i) {
      if (tally.flags[i].size() > 1) out.flags.push_back(SharesOf(rules_.flags[i].key, tally.flags[i]));
    }
    return out;
  }

 private:
  static constexpr std::size_t kNoRow = SIZE_MAX;
  struct Person {
    std::vector<std::uint32_t> met;  // experiments they are in
  };

  void Count(const Profile& profile, const Context& context, Person* person, Tally* tally) const {
    const evaluation::PreparedContext prepared(rules_, context, profile.surroundings(), profile.now);
    person->met.clear();
    for (std::size_t i = 0; i < rules_.flags.size(); ++i) {
      const Outcome outcome = evaluation::Evaluate(rules_, rules_.flags[i], prepared, profile.now);
      ++tally->decisions;
      tally->AddValue(i, outcome.value, 1);
      if (outcome.experiment != kNone && outcome.reason == Reason::kExperiment) Meet(outcome, person, tally);
    }
    for (const std::uint32_t one : person->met) {
      for (const std::uint32_t other : person->met) {
        const bool is_pair = row_of_[one] < row_of_[other] && row_of_[other] != kNoRow;
        if (is_pair) ++tally->both[row_of_[one] * rows_ + row_of_[other]];
      }
    }
    if (IsHeldOut(prepared)) ++tally->held_out;
  }

  void Meet(const Outcome& outcome, Person* person, Tally* tally) const {
    // By any of its flags, once.
    if (std::find(person->met.begin(), person->met.end(), outcome.experiment) != person->met.end()) return;
    person->met.push_back(outcome.experiment);
    const ruleset::Experiment& experiment = rules_.experiments[outcome.experiment];
    std::size_t audience = experiment.audiences.size();
    for (std::uint32_t i = 0; i < outcome.exposure_count; ++i) {
      const Exposure& exposure = outcome.exposures[i];
      const bool is_its = !exposure.is_holdout && exposure.object == outcome.experiment;
      if (is_its && exposure.audience != Exposure::kNoAudience) audience = exposure.audience;
    }
    ++tally->variants[outcome.experiment][audience * experiment.variants.size() + outcome.variant];
  }

  bool IsHeldOut(const evaluation::PreparedContext& prepared) const {
    return std::any_of(rules_.holdouts.begin(), rules_.holdouts.end(), [&](const ruleset::Holdout& holdout) {
      const auto purpose = static_cast<char>(evaluation::Purpose::kHoldout);
      return evaluation::Slot(purpose, holdout.salt, prepared.unit(holdout.unit).id) < holdout.size;
    });
  }

  ExperimentShares SharesOf(std::size_t index, const std::vector<std::uint64_t>& counts) const {
    const ruleset::Experiment& experiment = rules_.experiments[index];
    const std::size_t variants = experiment.variants.size();
    ExperimentShares out;
    out.key = experiment.key;
    out.layer = rules_.layers[experiment.layer].key;
    for (const ruleset::Variant& variant : experiment.variants) {
      out.variants.emplace_back();
      out.variants.back().name = variant.name;
    }
    for (std::size_t audience = 0; audience <= experiment.audiences.size(); ++audience) {
      const auto& split =
          audience < experiment.audiences.size() ? experiment.audiences[audience].split : experiment.split;
      std::uint64_t in = 0;
      for (std::size_t v = 0; v < variants; ++v) in += counts[audience * variants + v];
      out.people += in;
      double all = 0;  // slots that lead to a variant
      std::vector<double> slots(variants, 0);
      for (const ruleset::SlotRange& range : split) {
        slots[range.target] += range.end - range.begin;
        all += range.end - range.begin;
      }
      for (std::size_t v = 0; v < variants; ++v) {
        const double share = all > 0 ? slots[v] / all : 0;
        out.variants[v].people += counts[audience * variants + v];
        out.variants[v].expected += share * static_cast<double>(in);
        out.variants[v].variance += share * (1 - share) * static_cast<double>(in);
      }
    }
    return out;
  }

  static FlagShares SharesOf(const std::string& key, const Tally::Values& values) {
    FlagShares out;
    out.key = key;
    for (const auto& [value, count] : values) {
      std::string text = value == nullptr ? std::string() : json::ToText(ruleset::ToValue(*value));
      const auto same = std::find_if(out.values.begin(), out.values.end(),
                                     [&](const ValueShare& share) { return share.value == text; });
      if (same == out.values.end()) {
        out.values.push_back({std::move(text), count});
      } else {
        same->people += count;
      }
    }
    std::sort(out.values.begin(), out.values.end(), [](const ValueShare& a, const ValueShare& b) {
      return a.people != b.people ? a.people > b.people : a.value < b.value;
    });
    return out;
  }

  void AddOverlap(std::size_t a, std::size_t b, std::uint64_t people, Shares* out) const {
    const ExperimentShares& one = out->experiments[a];
    const ExperimentShares& other = out->experiments[b];
    if (one.people == 0 || other.people == 0) return;
    const double by_chance =
        static_cast<double>(one.people) * static_cast<double>(other.people) / static_cast<double>(crowd_.count);
    out->overlaps.push_back({a, b, people, by_chance, one.layer == other.layer});
  }

  const Ruleset& rules_;
  const Crowd& crowd_;
  std::vector<std::size_t> row_of_;  // by experiment
  std::size_t rows_ = 0;
  std::atomic<std::uint64_t> next_{0};
};

std::string PartText(double part, double whole) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f %%", whole > 0 ? 100 * part / whole : 0.0);
  return text;
}

}  // namespace

double VariantShare::sigmas() const {
  return variance > 0 ? (static_cast<double>(people) - expected) / std::sqrt(variance) : 0;
}

Shares CountShares(const Ruleset& rules, const Crowd& crowd, const std::function<void(std::uint64_t)>& progress) {
  Counting counting(rules, crowd);
  const std::size_t most = std::max(1u, std::thread::hardware_concurrency());
  const auto needed = static_cast<std::size_t>((crowd.count + kBlock - 1) / kBlock);
  std::vector<Tally> tallies(std::min(most, needed), counting.Begin());
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < tallies.size(); ++i) {
    threads.emplace_back([&counting, tally = &tallies[i]] { counting.Work(tally, nullptr); });
  }
  counting.Work(&tallies[0], progress);
  for (std::thread& thread : threads) thread.join();
  for (std::size_t i = 1; i < tallies.size(); ++i) tallies[0].Add(tallies[i]);
  return counting.Sum(tallies[0]);
}

std::vector<std::string> SharesOff(const Shares& shares) {
  std::vector<std::string> out;
  for (const ExperimentShares& experiment : shares.experiments) {
    for (const VariantShare& variant : experiment.variants) {
      const bool is_impossible = variant.variance == 0 && static_cast<double>(variant.people) != variant.expected;
      if (std::abs(variant.sigmas()) <= kMostSigmas && !is_impossible) continue;
      const auto whole = static_cast<double>(experiment.people);
      out.push_back("'" + variant.name + "' of " + experiment.key + " has " +
                    PartText(static_cast<double>(variant.people), whole) + " of its people, and should have " +
                    PartText(variant.expected, whole));
    }
  }
  for (const Overlap& overlap : shares.overlaps) {
    if (!overlap.is_exclusive || overlap.people == 0) continue;
    out.push_back(std::to_string(overlap.people) + " people are in " + shares.experiments[overlap.a].key + " and in " +
                  shares.experiments[overlap.b].key + ", which share a layer and exclude each other");
  }
  return out;
}

}  // namespace guidon::tools
