// What the search for a witness goes through: the things that do not depend on each other, and the ways each can be.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "sdk/tools/event_totals.h"
#include "sdk/tools/witness.h"

namespace guidon::tools {

// One of the ways that what a variable stands for can be.
struct Prover::Choice {
  std::vector<Truths> truths;  // by Variable::atoms
  bool is_real = true;
  std::optional<Value> value;  // of an attribute
  std::optional<EventWay> event;
  std::optional<Timestamp> moment;
};

struct Prover::Variable {
  std::string name;
  bool is_of_event = false;
  std::vector<std::size_t> atoms;
  std::vector<Choice> choices;  // real ones first
};

}  // namespace guidon::tools
