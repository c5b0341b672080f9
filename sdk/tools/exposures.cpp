#include "sdk/tools/exposures.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>
#include <unordered_set>
#include <utility>

#include "sdk/core/evaluation/bucketing.h"
#include "sdk/core/hash/hash.h"
#include "sdk/tools/exposure_line.h"

namespace guidon::tools {
namespace {

const ruleset::SlotRange* RangeWith(const std::vector<ruleset::SlotRange>& ranges, std::int64_t slot) {
  for (const ruleset::SlotRange& range : ranges) {
    if (slot >= range.begin && slot < range.end) return &range;
  }
  return nullptr;
}

// What an exposure is wrong in, and how; ok: nothing.
struct Wrong {
  const char* what = nullptr;
  std::string how;
  bool ok() const { return what == nullptr; }
};

// One exposure and the rules of the version it names.
class Judgment {
 public:
  Judgment(const ruleset::Ruleset& rules, const ExposureLine& line) : rules_(rules), line_(line) {}

  Wrong Decide() {
    experiment_ = rules_.FindExperiment(line_.experiment);
    if (experiment_ == nullptr || !experiment_->is_valid)
      return {"of an experiment that its version does not have", ""};
    if (experiment_->iteration != line_.iteration) {
      return {"of another iteration than its version has", "says iteration " + std::to_string(line_.iteration) +
                                                               ", it is " + std::to_string(experiment_->iteration)};
    }
    if (rules_.unit_kinds[experiment_->unit] != line_.unit_kind) {
      return {"by another kind of unit than its version has",
              "says " + line_.unit_kind + ", it is by " + rules_.unit_kinds[experiment_->unit]};
    }
    if (std::none_of(experiment_->variants.begin(), experiment_->variants.end(),
                     [this](const ruleset::Variant& variant) { return variant.name == line_.variant; })) {
      return {"of a variant that its version does not have", "says " + line_.variant};
    }
    if (!FindShares()) return {"of an audience that its version does not have", "says " + line_.audience};
    if (experiment_->status == ruleset::ExperimentStatus::kEnded) return {"of an experiment that has ended", ""};
    if (Wrong wrong = CheckHoldouts(); !wrong.ok()) return wrong;
    return line_.is_sticky ? DecideSticky() : DecideNew();
  }

  bool is_undecided() const { return is_undecided_; }

 private:
  bool FindShares() {
    slots_ = &experiment_->slots;
    split_ = &experiment_->split;
    if (line_.audience.empty()) return true;
    for (const ruleset::Audience& audience : experiment_->audiences) {
      if (audience.name != line_.audience) continue;
      slots_ = &audience.slots;
      split_ = &audience.split;
      return true;
    }
    return false;
  }

  // Of holdouts by another kind of unit the exposure does not tell the id.
  Wrong CheckHoldouts() const {
    if (line_.is_hashed) return {};
    for (const std::uint16_t i : experiment_->holdouts) {
      const ruleset::Holdout& holdout = rules_.holdouts[i];
      if (holdout.unit != experiment_->unit) continue;
      const std::uint32_t slot = SlotBy(evaluation::Purpose::kHoldout, holdout.salt);
      if (slot < holdout.size) {
        return {"of a unit that is held out", "is in the holdout " + holdout.key + ", by slot " + std::to_string(slot)};
      }
    }
    return {};
  }

  // Of a unit that keeps its variant neither layer nor split is asked again.
  Wrong DecideSticky() {
    if (!experiment_->is_sticky && experiment_->status != ruleset::ExperimentStatus::kPaused)
      return {"kept by an enrollment, where there is none", ""};
    std::int64_t slot = 0;
    if (line_.layer_slot) {
      if (Wrong wrong = FindSlot("layer slot", evaluation::Purpose::kLayer, LayerSalt(), line_.layer_slot, &slot);
          !wrong.ok())
        return wrong;
    }
    return line_.slot ? FindSlot("slot", evaluation::Purpose::kSplit, experiment_->salt, line_.slot, &slot) : Wrong();
  }

  Wrong DecideNew() {
    if (experiment_->status == ruleset::ExperimentStatus::kPaused) return {"let into an experiment that is paused", ""};
    std::int64_t layer_slot = 0;
    std::int64_t slot = 0;
    if (line_.is_hashed && (!line_.layer_slot || !line_.slot)) {
      is_undecided_ = true;
      return {};
    }
    if (Wrong wrong = FindSlot("layer slot", evaluation::Purpose::kLayer, LayerSalt(), line_.layer_slot, &layer_slot);
        !wrong.ok())
      return wrong;
    if (Wrong wrong = FindSlot("slot", evaluation::Purpose::kSplit, experiment_->salt, line_.slot, &slot); !wrong.ok())
      return wrong;
    if (RangeWith(*slots_, layer_slot) == nullptr) {
      return {"outside the experiment's share of its layer",
              "layer slot " + std::to_string(layer_slot) + " is none of its slots"};
    }
    const ruleset::SlotRange* range = RangeWith(*split_, slot);
    const std::string given = range == nullptr ? "nobody" : experiment_->variants[range->target].name;
    if (given == line_.variant) return {};
    return {"of another variant than the split gives",
            "says " + line_.variant + ", slot " + std::to_string(slot) + " gives " + given};
  }

  // The slot by id and salt, which is the one stated, where any is; of an id that is hashed the one stated.
  Wrong FindSlot(const char* name, evaluation::Purpose purpose, const std::string& salt,
                 std::optional<std::int64_t> stated, std::int64_t* slot) const {
    *slot = line_.is_hashed ? *stated : SlotBy(purpose, salt);
    if (!stated || *stated == *slot) return {};
    return {"with another slot than id and salt give",
            "says " + std::string(name) + " " + std::to_string(*stated) + ", it is " + std::to_string(*slot)};
  }

  const std::string& LayerSalt() const { return rules_.layers[experiment_->layer].salt; }
  std::uint32_t SlotBy(evaluation::Purpose purpose, const std::string& salt) const {
    return evaluation::Slot(static_cast<char>(purpose), salt, line_.unit_id);
  }

  const ruleset::Ruleset& rules_;
  const ExposureLine& line_;
  const ruleset::Experiment* experiment_ = nullptr;
  const std::vector<ruleset::SlotRange>* slots_ = nullptr;
  const std::vector<ruleset::SlotRange>* split_ = nullptr;
  bool is_undecided_ = false;
};

// One exposure that counts, as small as can be. Units are told apart by 64 bits of hash: two of a million are taken for
// one in one audit of thirty million.
struct Met {
  std::uint64_t unit = 0;
  std::uint32_t experiment = 0;  // of ExposureAudit::experiments
  std::uint16_t variant = 0;     // of its counts
  bool is_sticky = false;

  auto Key() const { return std::tie(experiment, unit, variant); }
};

std::uint64_t HashOfUnit(std::string_view kind, std::string_view id) {
  return HashBytes64(std::string(kind) + '\x1f' + std::string(id));
}

class Recount {
 public:
  explicit Recount(const Chain& chain) {
    for (const ChainLink& link : chain.links) {
      const ruleset::Header& header = link.rules->header;
      versions_.emplace(std::to_string(header.epoch) + "." + std::to_string(header.version), link.rules.get());
    }
  }

  Result<ExposureAudit> Run(LineFile* file) {
    std::string text;
    while (file->Next(&text)) {
      Result<ExposureLine> line = ReadExposureLine(text);
      if (!line.ok()) {
        Report({"that cannot be read", line.status().message()}, "line " + std::to_string(file->number()));
        continue;
      }
      Take(*line);
      if (met_.size() + forced_.size() > kMostExposures || audit_.experiments.size() > kMostIterations) {
        return Status(StatusCode::kTooLarge, "more than " + std::to_string(kMostExposures) + " exposures, or than " +
                                                 std::to_string(kMostIterations) + " iterations of experiments");
      }
    }
    if (!file->status().ok()) return file->status();
    if (file->number() == 0)
      return Status(StatusCode::kNotFound, "there is nothing in what guidon-collector export wrote");
    CountAll();
    return std::move(audit_);
  }

 private:
  void Take(const ExposureLine& line) {
    if (line.kind == ExposureLine::Kind::kResult) {
      RecountedExperiment& experiment = audit_.experiments[IndexOf(line)];
      experiment.said = ExposureCounts{line.counts, line.exposures};
      for (const auto& [variant, count] : line.counts) VariantOf(variant, &experiment);
      return;
    }
    if (line.is_forced) {
      for (const auto& [kind, id] : line.units) forced_.insert(HashOfUnit(kind, id));
      if (!line.unit_kind.empty()) forced_.insert(HashOfUnit(line.unit_kind, line.unit_id));
    }
    if (line.kind != ExposureLine::Kind::kExposure) return;
    // Of one that was forced only the unit matters, in what others are in, too.
    if (line.is_forced && indexes_.count({line.experiment, line.iteration}) == 0) return;
    if (!line.is_forced) {
      ++audit_.exposures;
      if (!Judge(line)) return;
    }
    Met met;
    met.unit = HashOfUnit(line.unit_kind, line.unit_id);
    met.experiment = IndexOf(line);
    met.variant = VariantOf(line.variant, &audit_.experiments[met.experiment]);
    met.is_sticky = line.is_sticky;
    met_.push_back(met);
  }

  bool Judge(const ExposureLine& line) {
    const auto version = versions_.find(line.version);
    Wrong wrong{"of a version that is not in the chain", ""};
    if (version != versions_.end()) {
      Judgment judgment(*version->second, line);
      wrong = judgment.Decide();
      if (judgment.is_undecided()) ++audit_.undecided;
    }
    if (wrong.ok()) return true;
    const std::string where = line.experiment + ", version " + line.version;
    Report({wrong.what, where + (wrong.how.empty() ? "" : ": " + wrong.how)},
           "event " + line.id + ", " + line.unit_kind + " " + line.unit_id);
    return false;
  }

  void Report(Wrong wrong, std::string event) {
    for (ExposureFault& fault : audit_.faults) {
      if (fault.what == wrong.what) return void(++fault.count);
    }
    audit_.faults.push_back({wrong.what, 1, std::move(wrong.how), std::move(event)});
  }

  std::uint32_t IndexOf(const ExposureLine& line) {
    const auto next = static_cast<std::uint32_t>(audit_.experiments.size());
    const auto [found, is_new] = indexes_.emplace(std::make_pair(line.experiment, line.iteration), next);
    if (is_new) {
      audit_.experiments.emplace_back();
      audit_.experiments.back().key = line.experiment;
      audit_.experiments.back().iteration = line.iteration;
    }
    return found->second;
  }

  static std::uint16_t VariantOf(const std::string& name, RecountedExperiment* experiment) {
    auto& units = experiment->derived.units;
    const auto found = std::find_if(units.begin(), units.end(), [&](const auto& each) { return each.first == name; });
    const std::ptrdiff_t at = found - units.begin();
    if (found == units.end()) units.emplace_back(name, 0);
    return static_cast<std::uint16_t>(at);
  }

  void CountAll() {
    std::sort(met_.begin(), met_.end(), [](const Met& a, const Met& b) { return a.Key() < b.Key(); });
    for (std::size_t begin = 0, end = 0; begin < met_.size(); begin = end) {
      while (end < met_.size() && met_[end].experiment == met_[begin].experiment && met_[end].unit == met_[begin].unit)
        ++end;
      CountUnit(&met_[begin], end - begin);
    }
  }

  // As results count: by unit, of whom no exposure was forced, who met one variant, and was seen to enter what it
  // keeps.
  void CountUnit(const Met* met, std::size_t count) {
    RecountedExperiment& experiment = audit_.experiments[met->experiment];
    if (forced_.count(met->unit) != 0) return void(++experiment.forced_units);
    experiment.derived.exposures += count;
    bool is_backed = true;
    std::size_t variants = 0;
    for (std::size_t begin = 0, end = 0; begin < count; begin = end, ++variants) {
      bool is_entered = false;
      for (; end < count && met[end].variant == met[begin].variant; ++end) is_entered |= !met[end].is_sticky;
      is_backed = is_backed && is_entered;
    }
    if (!is_backed) {
      ++experiment.unbacked_units;
    } else if (variants > 1) {
      ++experiment.two_variant_units;
    } else {
      ++experiment.derived.units[met->variant].second;
    }
  }

  std::map<std::string, const ruleset::Ruleset*> versions_;
  std::map<std::pair<std::string, std::int64_t>, std::uint32_t> indexes_;
  std::unordered_set<std::uint64_t> forced_;
  std::vector<Met> met_;
  ExposureAudit audit_;
};

}  // namespace

bool operator==(const ExposureCounts& a, const ExposureCounts& b) {
  const auto none_missing = [](const ExposureCounts& from, const ExposureCounts& in) {
    return std::all_of(from.units.begin(), from.units.end(), [&in](const auto& units) {
      return units.second == 0 || std::find(in.units.begin(), in.units.end(), units) != in.units.end();
    });
  };
  return a.exposures == b.exposures && none_missing(a, b) && none_missing(b, a);
}

std::uint64_t ExposureAudit::wrong() const {
  std::uint64_t count = 0;
  for (const ExposureFault& fault : faults) count += fault.count;
  return count;
}

std::size_t ExposureAudit::disagreements() const {
  return static_cast<std::size_t>(std::count_if(experiments.begin(), experiments.end(),
                                                [](const RecountedExperiment& each) { return !each.agrees(); }));
}

Result<ExposureAudit> AuditExposures(const Chain& chain, const std::string& path) {
  Result<LineFile> file = LineFile::Open(path);
  if (!file.ok()) return file.status();
  return Recount(chain).Run(&*file);
}

}  // namespace guidon::tools
