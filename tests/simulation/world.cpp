#include "tests/simulation/world.h"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "tests/simulation/dice.h"
#include "tests/simulation/servers.h"

namespace guidon::simulation {
namespace {

// Somewhen in 2026 or 2027, after the datafiles were issued: leap days are none, month and year ends are.
std::int64_t BeginOf(std::uint64_t seed) {
  constexpr std::int64_t kFebruary2026 = 1'769'904'000'000;
  return kFebruary2026 + Dice(seed, 5).Between(0, 500 * kDay);
}

Story Filter(const Story& story, const std::function<bool(std::size_t, const Step&)>& keeps) {
  Story result = story;
  result.steps.clear();
  for (std::size_t i = 0; i < story.steps.size(); ++i) {
    if (keeps(i, story.steps[i])) result.steps.push_back(story.steps[i]);
  }
  return result;
}

class Shrinking {
 public:
  Shrinking(Story story, std::string check, int runs, const RunOptions& options)
      : story_(std::move(story)), check_(std::move(check)), runs_(runs), options_(options) {}

  Story Go() {
    const Outcome first = Run(story_, options_);
    if (first.finding && first.finding->device >= 0) {
      const int device = first.finding->device;
      Try(Filter(story_,
                 [&](std::size_t, const Step& step) { return step.device == device || step.device == kEverybody; }));
    }
    Days();
    for (unsigned fault = 1; fault < kFaults; ++fault) {
      Try(Filter(story_,
                 [&](std::size_t, const Step& step) { return FaultOf(step.what) != static_cast<Fault>(fault); }));
    }
    // Ever smaller pieces, until no single step can go.
    for (std::size_t piece = std::max<std::size_t>(story_.steps.size() / 2, 1); runs_ > 0;) {
      const bool is_shorter = Pieces(piece);
      if (piece == 1 && !is_shorter) break;
      if (piece > 1) piece /= 2;
    }
    return story_;
  }

 private:
  bool Try(Story candidate) {
    if (runs_ <= 0 || candidate.steps.size() >= story_.steps.size()) return false;
    --runs_;
    const Outcome outcome = Run(candidate, options_);
    if (!outcome.finding || outcome.finding->check != check_) return false;
    // What comes after the finding is of no matter.
    if (outcome.step + 1 < candidate.steps.size()) candidate.steps.resize(outcome.step + 1);
    story_ = std::move(candidate);
    return true;
  }

  void Days() {
    const Outcome outcome = Run(story_, options_);
    if (outcome.finding && outcome.step + 1 < story_.steps.size()) story_.steps.resize(outcome.step + 1);
    for (int days = story_.days / 2; days >= 1; days /= 2) {
      Story shorter = Filter(story_, [&](std::size_t, const Step& step) { return step.at < days * kDay; });
      shorter.days = days;
      if (!Try(std::move(shorter))) break;
    }
  }

  bool Pieces(std::size_t piece) {
    bool is_shorter = false;
    for (std::size_t from = 0; from < story_.steps.size() && runs_ > 0;) {
      const bool is_gone =
          Try(Filter(story_, [&](std::size_t i, const Step&) { return i < from || i >= from + piece; }));
      is_shorter = is_shorter || is_gone;
      if (!is_gone) from += piece;
    }
    return is_shorter;
  }

  Story story_;
  const std::string check_;
  int runs_;
  const RunOptions options_;
};

}  // namespace

Outcome Run(const Story& story, const RunOptions& options) {
  Findings findings;
  std::optional<std::uint64_t> real_seed;
  if (options.real_collector_in > 0 && story.seed % options.real_collector_in == 0) real_seed = story.seed;
  Servers servers(&findings, real_seed, options.plant == nullptr ? std::string() : options.plant->rules_without);
  const std::int64_t began = BeginOf(story.seed);
  std::set<int> numbers;  // of devices that anything happens to
  for (const Step& step : story.steps) {
    if (step.device != kEverybody) numbers.insert(step.device);
  }
  std::vector<std::unique_ptr<Device>> devices(static_cast<std::size_t>(story.devices));
  for (const int number : numbers) {
    devices[static_cast<std::size_t>(number)] =
        std::make_unique<Device>(&findings, &servers, story.seed, number, began, options.plant);
  }

  Outcome outcome;
  for (; outcome.step < story.steps.size() && !findings.first(); ++outcome.step) {
    const Step& step = story.steps[outcome.step];
    if (step.what == Do::kPublish) {
      servers.Publish(step.a);
    } else {
      devices[static_cast<std::size_t>(step.device)]->Take(step);
    }
    if (findings.first()) break;
  }
  std::uint64_t received = 0;
  for (const auto& device : devices) {
    if (device == nullptr) continue;
    if (!findings.first()) device->End(story.days);
    received += device->received();
  }
  if (!findings.first()) servers.CheckEnd(received);
  for (const auto& device : devices) {
    if (device != nullptr) outcome.totals += device->totals();
  }
  outcome.finding = findings.first();
  return outcome;
}

Story Shrink(const Story& story, const std::string& check, int most_runs, const RunOptions& options) {
  return Shrinking(story, check, most_runs, options).Go();
}

std::string Report(const Story& story, const Outcome& outcome) {
  std::string text =
      "seed " + std::to_string(story.seed) + ": " + outcome.finding->check + ": " + outcome.finding->detail + "\n";
  if (outcome.finding->device >= 0) text += "  on device " + std::to_string(outcome.finding->device);
  if (outcome.step < story.steps.size()) {
    text += "  at step " + std::to_string(outcome.step) + ": " + Describe(story.steps[outcome.step]) + "\n";
  } else {
    text += "  at the end, with everything in order again\n";
  }
  return text + "  again: guidon-simulation --seed " + std::to_string(story.seed) + " --device-days 1 --shrink\n";
}

std::string Tell(const Story& story) {
  std::string text;
  for (std::size_t i = 0; i < story.steps.size(); ++i) text += "  " + Describe(story.steps[i]) + "\n";
  return text;
}

}  // namespace guidon::simulation
