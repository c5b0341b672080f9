// One thing to prove of a bucketing, and what came out. A proof stops at the first thing that does not hold, so that
// mutants cost little; one that holds has looked at everything.
#pragma once

#include <string>
#include <vector>

#include "tests/property/bucketing_under_test.h"
#include "tests/property/line.h"

namespace guidon::property {

struct Finding {
  std::string refutation;  // empty: it holds
  std::string statistics;  // one line each

  bool holds() const { return refutation.empty(); }
};

struct Proof {
  const char* id;  // T0 to T13; the sentences are in proofs_test.cpp
  Finding (*run)(const BucketingUnderTest& bucketing);
};

Finding ProveVectors(const BucketingUnderTest& bucketing);
Finding ProveUniform(const BucketingUnderTest& bucketing);
Finding ProveSmooth(const BucketingUnderTest& bucketing);
Finding ProveShares(const BucketingUnderTest& bucketing);
Finding ProveSaltsIndependent(const BucketingUnderTest& bucketing);
Finding ProvePurposesIndependent(const BucketingUnderTest& bucketing);
Finding ProveNeighboursIndependent(const BucketingUnderTest& bucketing);
Finding ProveAvalanche(const BucketingUnderTest& bucketing);
Finding ProveFraming(const BucketingUnderTest& bucketing);
Finding ProveRamp(const BucketingUnderTest& bucketing);
Finding ProveReweighting(const BucketingUnderTest& bucketing);
Finding ProveLayers(const BucketingUnderTest& bucketing);
Finding ProveHoldout(const BucketingUnderTest& bucketing);
Finding ProveDigest(const BucketingUnderTest& bucketing);

// T0 to T13, in order.
const std::vector<Proof>& Proofs();

// Likewise of what rules and experiments mean, with the deciding as what is proven: T17 to T21.
class Deciding;

struct DecidingProof {
  const char* id;
  Finding (*run)(const Deciding& deciding);
};

Finding ProveSticky(const Deciding& deciding);
Finding ProvePaused(const Deciding& deciding);
Finding ProveShip(const Deciding& deciding);
Finding ProveAudiences(const Deciding& deciding);
Finding ProvePrerequisites(const Deciding& deciding);

const std::vector<DecidingProof>& DecidingProofs();

}  // namespace guidon::property
