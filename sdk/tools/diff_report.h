// What `guidon diff` prints: for people in 80 columns, and for programs.
#pragma once

#include <string>
#include <vector>

#include "sdk/tools/edits.h"
#include "sdk/tools/moves.h"
#include "sdk/tools/terminal.h"

namespace guidon::tools {

struct DiffReport {
  std::string new_path;
  const ruleset::Header* before = nullptr;
  const ruleset::Header* after = nullptr;
  std::vector<Edit> edits;
  Moves moves;
  const Crowd* crowd = nullptr;
  std::string context_path;  // empty: none was given
};

// A line each, in a table.
std::string EditsTable(const std::vector<Edit>& edits);

std::string ToText(const DiffReport& report, const Style& style);
std::string ToJson(const DiffReport& report);

}  // namespace guidon::tools
