// Every proof on the bucketing that ships. Inputs are fixed, so nothing here is left to chance.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "tests/property/deciding_under_test.h"
#include "tests/property/proof.h"
#include "tests/property/units.h"

using namespace guidon::property;

namespace {

void Prove(const std::string& id) {
  const auto& proofs = Proofs();
  const auto proof = std::find_if(proofs.begin(), proofs.end(), [&](const Proof& p) { return p.id == id; });
  REQUIRE(proof != proofs.end());
  const Finding finding = proof->run(OurBucketing());
  CAPTURE(kSeed);
  CAPTURE(UnitCount());
  MESSAGE(id << ", seed " << kSeed << ", " << UnitCount() << " units\n" << finding.statistics);
  CHECK(finding.refutation == "");
}

void ProveDeciding(const std::string& id) {
  const auto& proofs = DecidingProofs();
  const auto proof = std::find_if(proofs.begin(), proofs.end(), [&](const DecidingProof& p) { return p.id == id; });
  REQUIRE(proof != proofs.end());
  const Finding finding = proof->run(OurDeciding());
  CAPTURE(kSeed);
  MESSAGE(id << ", seed " << kSeed << ", " << People().size() << " people\n" << finding.statistics);
  CHECK(finding.refutation == "");
}

}  // namespace

TEST_CASE("T0: units land in the slots of the published vectors") { Prove("T0"); }
TEST_CASE("T1: slots are uniform for every kind of id and every salt, in a thousand parts") { Prove("T1"); }
TEST_CASE("T2: slots are uniform at every scale") { Prove("T2"); }
TEST_CASE("T3: splits have the shares they say, down to one in ten thousand") { Prove("T3"); }
TEST_CASE("T4: two salts that differ in one character are independent") { Prove("T4"); }
TEST_CASE("T5: two purposes of one salt are independent") { Prove("T5"); }
TEST_CASE("T6: neighbouring ids are not neighbours in their slots") { Prove("T6"); }
TEST_CASE("T7: one bit of an id changes every bit of its hash half of the time") { Prove("T7"); }
TEST_CASE("T8: salt and id cannot be mistaken for each other, nor a salt for one it begins") { Prove("T8"); }
TEST_CASE("T9: a ramp up and down moves nobody it need not and changes nobody's variant") { Prove("T9"); }
TEST_CASE("T10: other shares of a rollout move as few as possible, and only from losers to gainers") { Prove("T10"); }
TEST_CASE("T11: nobody is in two experiments of a layer, and each has its share") { Prove("T11"); }
TEST_CASE("T12: whoever is held out is in no experiment, and holdouts are independent of splits") { Prove("T12"); }
TEST_CASE("T13: 100,000 slots and decisions are the same on every machine") { Prove("T13"); }
TEST_CASE(
    "T17: whoever is enrolled in a sticky experiment stays, and all others are split as if there were nobody else") {
  ProveDeciding("T17");
}
TEST_CASE("T18: paused keeps exactly the enrolled; nobody can tell the others from those who never had it") {
  ProveDeciding("T18");
}
TEST_CASE("T19: a winner is taken from nobody and given to others by chance alone; more only adds") {
  ProveDeciding("T19");
}
TEST_CASE("T20: audiences have their shares, one draw splits all of them, and a ramp moves one alone") {
  ProveDeciding("T20");
}
TEST_CASE("T21: what rests on a variant, flag or rollout is split anew, and each arm of it is exposed alike") {
  ProveDeciding("T21");
}
