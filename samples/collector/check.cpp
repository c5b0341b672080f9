#include "samples/collector/check.h"

#include <cmath>
#include <string>

#include "sdk/core/evaluation/bucketing.h"
#include "sdk/core/ruleset/campaign.h"

namespace guidon::collector {
namespace {

constexpr std::int64_t kSlots = 1'000'000;

std::string Quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

// True when the slot stated is the one computed; of a unit whose id is hashed it has to be stated.
bool CheckSlot(const char* what, char purpose, std::string_view salt, std::optional<std::int64_t> stated,
               Record* record) {
  if (record->are_units_hashed && stated && *stated >= 0 && *stated < kSlots) return true;
  const std::uint32_t slot = evaluation::Slot(purpose, salt, record->unit_id);
  if (stated && *stated == slot) return true;
  record->Reject("slot_mismatch", std::string(what) + " is " + (stated ? std::to_string(*stated) : "missing") +
                                      ", computed from the salt it is " + std::to_string(slot));
  return false;
}

bool CheckUnit(std::string_view unit, Record* record) {
  if (record->unit_kind == unit) return true;
  record->Reject("wrong_unit", "the unit is " + Quoted(record->unit_kind) + ", the datafile says " + Quoted(unit));
  return false;
}

// Neither layer nor split is asked again of a unit that keeps its variant, so a version may say otherwise by now. That
// it met the variant before is for the results to see: its first exposure may still be on its way.
void CheckSticky(const PublishedExperiment& experiment, Record* record) {
  if (!experiment.is_sticky && experiment.status != "paused") {
    return record->Reject("variant_mismatch", "the experiment is not sticky, so no enrollment serves in it");
  }
  if (record->layer_slot && !CheckSlot("guidon.layer_slot", 'l', experiment.layer_salt, record->layer_slot, record)) {
    return;
  }
  if (record->slot) CheckSlot("guidon.slot", 's', experiment.salt, record->slot, record);
}

void CheckPropensity(const PublishedShares& shares, const PublishedVariant& variant, Record* record) {
  if (!record->propensity) return;
  double layer_slots = 0;
  for (const auto& [begin, end] : shares.layer_slots) layer_slots += end - begin;
  const double expected = layer_slots * variant.weight / (kSlots * kSlots);
  if (std::abs(*record->propensity - expected) < 1e-9) return;
  record->Reject("propensity_mismatch", "the propensity is " + std::to_string(*record->propensity) +
                                            ", by the shares it is " + std::to_string(expected));
}

void CheckAssignment(const PublishedExperiment& experiment, const PublishedShares& shares, Record* record) {
  if (experiment.status == "paused") {
    return record->Reject("variant_mismatch", "the experiment is paused, and nobody new enters");
  }
  if (!CheckSlot("guidon.layer_slot", 'l', experiment.layer_salt, record->layer_slot, record)) return;
  if (!CheckSlot("guidon.slot", 's', experiment.salt, record->slot, record)) return;
  if (!Holds(shares.layer_slots, static_cast<std::uint32_t>(*record->layer_slot))) {
    return record->Reject("variant_mismatch", "the layer's slot is none of the experiment's");
  }
  const PublishedVariant* variant = shares.FindVariant(record->variant);
  if (variant == nullptr || !Holds(variant->slots, static_cast<std::uint32_t>(*record->slot))) {
    return record->Reject("variant_mismatch", "the slot belongs to another variant than " + Quoted(record->variant));
  }
  CheckPropensity(shares, *variant, record);
}

void CheckExperiment(const Published& published, Record* record) {
  const auto found = published.experiments.find(record->name);
  if (found == published.experiments.end()) {
    return record->Reject("unknown_experiment", "the datafile has no experiment " + Quoted(record->name));
  }
  const PublishedExperiment& experiment = found->second;
  if (*record->iteration != experiment.iteration) {
    return record->Reject("unknown_iteration", "the iteration is " + std::to_string(*record->iteration) +
                                                   ", the datafile says " + std::to_string(experiment.iteration));
  }
  if (experiment.own.FindVariant(record->variant) == nullptr) {
    return record->Reject("unknown_variant", "the experiment has no variant " + Quoted(record->variant));
  }
  const PublishedShares* shares = experiment.SharesOf(record->audience);
  if (shares == nullptr) {
    return record->Reject("unknown_audience", "the experiment has no audience " + Quoted(record->audience));
  }
  if (!CheckUnit(experiment.unit, record) || record->forced.value_or(false)) return;
  if (experiment.status == "ended") {
    return record->Reject("variant_mismatch", "the experiment has ended, and exposes nobody");
  }
  record->sticky.value_or(false) ? CheckSticky(experiment, record) : CheckAssignment(experiment, *shares, record);
}

void CheckHoldout(const Published& published, Record* record) {
  const auto found = published.holdouts.find(record->name);
  if (found == published.holdouts.end()) {
    return record->Reject("unknown_holdout", "the datafile has no holdout " + Quoted(record->name));
  }
  const PublishedHoldout& holdout = found->second;
  const bool is_held_out = record->variant == "held_out";
  if (!is_held_out && record->variant != "comparison") {
    return record->Reject("unknown_variant", "a holdout has held_out and comparison, not " + Quoted(record->variant));
  }
  if (!CheckUnit(holdout.unit, record) || record->forced.value_or(false)) return;
  if (!CheckSlot("guidon.slot", 'h', holdout.salt, record->slot, record)) return;
  const std::uint32_t from = is_held_out ? 0 : holdout.size;
  if (!Holds({{from, from + holdout.size}}, static_cast<std::uint32_t>(*record->slot))) {
    record->Reject("variant_mismatch", "the slot is not in the group " + Quoted(record->variant));
  }
}

void CheckAnswer(const PublishedCampaign& campaign, Record* record) {
  const auto asked = campaign.questions.find(record->variant);
  const PublishedQuestion* question =
      asked == campaign.questions.end() ? nullptr : FindQuestion(asked->second, record->question);
  if (question == nullptr) {
    record->Reject("unknown_question", "the campaign has no question " + Quoted(record->question));
  } else if (!question->Takes(record->answer)) {
    record->Reject("answer_mismatch", "the question " + Quoted(record->question) + " does not take that answer");
  }
}

// What follows a showing may say less than its exposure did; what it says must be right.
void CheckCampaign(const Published& published, Record* record) {
  const auto found = published.campaigns.find(record->name);
  if (found == published.campaigns.end()) {
    return record->Reject("unknown_campaign", "the datafile has no campaign " + Quoted(record->name));
  }
  const PublishedCampaign& campaign = found->second;
  if (*record->iteration != campaign.iteration) {
    return record->Reject("unknown_iteration", "the iteration is " + std::to_string(*record->iteration) +
                                                   ", the datafile says " + std::to_string(campaign.iteration));
  }
  const PublishedVariant* variant = campaign.FindVariant(record->variant);
  if (variant == nullptr && record->variant != ruleset::kHeldOutArm) {
    return record->Reject("unknown_variant", "the campaign has no variant " + Quoted(record->variant));
  }
  if (record->what == "answer") CheckAnswer(campaign, record);
  if (!CheckUnit(campaign.unit, record) || record->forced.value_or(false)) return;
  const bool may_lack_slot = record->what != "exposure" && !record->slot;
  if (may_lack_slot || !CheckSlot("guidon.slot", 'c', campaign.salt, record->slot, record)) return;
  if ((*record->slot < campaign.holdout) != (record->variant == ruleset::kHeldOutArm)) {
    return record->Reject("variant_mismatch", "the slot is not in the arm " + Quoted(record->variant));
  }
  // Of a unit whose id is hashed nobody can say which variant its own slot gives.
  if (variant == nullptr || !campaign.has_variants() || record->are_units_hashed) return;
  if (!Holds(variant->slots, evaluation::Slot('v', campaign.salt, record->unit_id))) {
    record->Reject("variant_mismatch", "the unit's content is another one than " + Quoted(record->variant));
  }
}

bool CheckHeldOut(Record* record) {
  if (record->variant != ruleset::kHeldOutArm || record->what == "exposure") return true;
  record->Reject("variant_mismatch", "held_out is shown nothing, so there is no " + std::string(record->what));
  return false;
}

}  // namespace

bool IsMismatch(const Record& record) {
  return record.kind == RecordKind::kExposure &&
         (record.reason == "slot_mismatch" || record.reason == "variant_mismatch");
}

void CheckExposure(const Published* published, Record* record) {
  if (record->kind == RecordKind::kPrompt) {
    if (!CheckHeldOut(record)) return;
    // Reported at the next start, when the datafile may be gone. It counts beside its exposure, which is checked.
    if (record->what != "exposure" && record->datafile_version.empty()) return;
  }
  if (published == nullptr) {
    return record->Reject("unknown_version",
                          "the datafile " + Quoted(record->datafile_version) + " was never served by this collector");
  }
  const std::string set_id = published->project + "/" + published->environment;
  if (!record->set_id.empty() && record->set_id != set_id) {
    return record->Reject("other_project", "the datafile is of " + Quoted(set_id) + ", not " + Quoted(record->set_id));
  }
  switch (record->kind) {
    case RecordKind::kExposure: return CheckExperiment(*published, record);
    case RecordKind::kHoldoutExposure: return CheckHoldout(*published, record);
    case RecordKind::kPrompt: return CheckCampaign(*published, record);
    case RecordKind::kTracked:
    case RecordKind::kLossReport:
    case RecordKind::kDeletionRequest:
    case RecordKind::kEvaluationSummary: return;
  }
}

}  // namespace guidon::collector
