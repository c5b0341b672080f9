// Prints the digests of 100,000 slots, of 102,000 decisions and of a trace of them, made again; ends with 1 when they are not what they have to be.
#include <cstdio>

#include "tests/property/decisions.h"

int main() {
  using namespace guidon::property;
  const std::string slots = SlotsDigest(OurBucketing());
  const std::string decisions = DecisionsDigest();
  const std::string replay = ReplayDigest();
  const bool is_as_ever = slots == kSlotsDigest && decisions == kDecisionsDigest && replay == kReplayDigest;
  std::printf("slots     %s\ndecisions %s\nreplay    %s\n%s\n", slots.c_str(), decisions.c_str(), replay.c_str(),
              is_as_ever ? "as they have to be" : "NOT what they have to be");
  return is_as_ever ? 0 : 1;
}
