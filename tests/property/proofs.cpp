#include "tests/property/decisions.h"
#include "tests/property/proof.h"

namespace guidon::property {

Finding ProveDigest(const BucketingUnderTest& bucketing) {
  const std::string slots = SlotsDigest(bucketing);
  if (slots != kSlotsDigest) return {"slots " + slots, ""};
  // Decisions are the evaluator's, which has no other bucketing than ours.
  if (!bucketing.is_ours) return {};
  const std::string decisions = DecisionsDigest();
  return {decisions == kDecisionsDigest ? "" : "decisions " + decisions, "decisions " + decisions + "\n"};
}

const std::vector<Proof>& Proofs() {
  static const std::vector<Proof> proofs = {
      {"T0", ProveVectors},
      {"T1", ProveUniform},
      {"T2", ProveSmooth},
      {"T3", ProveShares},
      {"T4", ProveSaltsIndependent},
      {"T5", ProvePurposesIndependent},
      {"T6", ProveNeighboursIndependent},
      {"T7", ProveAvalanche},
      {"T8", ProveFraming},
      {"T9", ProveRamp},
      {"T10", ProveReweighting},
      {"T11", ProveLayers},
      {"T12", ProveHoldout},
      {"T13", ProveDigest},
  };
  return proofs;
}

const std::vector<DecidingProof>& DecidingProofs() {
  static const std::vector<DecidingProof> proofs = {
      {"T17", ProveSticky},    {"T18", ProvePaused},        {"T19", ProveShip},
      {"T20", ProveAudiences}, {"T21", ProvePrerequisites},
  };
  return proofs;
}

}  // namespace guidon::property
