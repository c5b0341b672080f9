// T16. A proof is worth something where a wrong bucketing fails it.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "tests/property/deciding_under_test.h"
#include "tests/property/proof.h"
#include "tests/property/units.h"

using namespace guidon::property;

TEST_CASE("T16: every mutant of the bucketing fails a proof") {
  // By the first proof that tells, or with GUIDON_LONG by all that do.
  const bool is_long = std::getenv("GUIDON_LONG") != nullptr;
  std::string report;
  for (const BucketingUnderTest& mutant : Mutants()) {
    CAPTURE(mutant.name);
    std::string killers;
    std::string first;
    for (const Proof& proof : Proofs()) {
      const Finding finding = proof.run(mutant);
      if (finding.holds()) continue;
      // What the vectors or the digest say holds of every other hash; the rest has to tell on its own.
      const bool is_exact = proof.run == ProveVectors || proof.run == ProveDigest;
      killers += std::string(killers.empty() ? "" : " ") + proof.id;
      if (first.empty() && !is_exact) first = std::string("; ") + proof.id + ": " + finding.refutation;
      if (!is_exact && !is_long) break;
    }
    CHECK(killers != "");
    report += Line("%-33s %s%s\n", mutant.name.c_str(), killers.c_str(), first.c_str());
  }
  MESSAGE("T16, seed " << kSeed << ", " << UnitCount() << " units; killed by\n" << report);
}

TEST_CASE("T16: every mutant of deciding fails the proof that it is made for, and the meaning itself fails none") {
  const bool is_long = std::getenv("GUIDON_LONG") != nullptr;
  for (const DecidingProof& proof : DecidingProofs()) {
    CAPTURE(proof.id);
    CHECK(proof.run(Formula()).refutation == "");
    const auto& mutants = DecidingMutants();
    CHECK(std::any_of(mutants.begin(), mutants.end(), [&](const DecidingMutant& m) { return m.proof == proof.id; }));
  }
  std::string report;
  for (const DecidingMutant& mutant : DecidingMutants()) {
    CAPTURE(mutant.name);
    std::string killers;
    for (const DecidingProof& proof : DecidingProofs()) {
      const bool is_its_own = mutant.proof == proof.id;
      if (!is_its_own && !is_long) continue;
      const Finding finding = proof.run(*mutant.deciding);
      if (is_its_own) CHECK(finding.refutation != "");
      if (is_its_own) report += Line("%-36s %s: %s\n", mutant.name.c_str(), proof.id, finding.refutation.c_str());
      if (!is_its_own && !finding.holds()) killers += std::string(" ") + proof.id;
    }
    if (!killers.empty()) report += Line("%-36s also by%s\n", "", killers.c_str());
  }
  MESSAGE("T16, seed " << kSeed << ", " << People().size() << " people; refuted are\n" << report);
}
