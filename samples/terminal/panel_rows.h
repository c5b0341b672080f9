// A debug panel's content as rows to choose from, each with what there is to say of it and to force. Pure: same
// snapshot, same rows.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/panel.h"
#include "samples/terminal/canvas.h"

namespace notes {

enum class PanelSection { kStatus, kFlags, kExperiments, kPrompts, kPerson, kEvents };
inline constexpr const char* kPanelSections[] = {"status", "flags", "experiments", "prompts", "person", "events"};
std::optional<PanelSection> FindPanelSection(std::string_view name);

struct PanelRow {
  std::string key;  // of what it is about; the same row has it the next time
  Line line;
  std::vector<Line> detail;                      // when it is chosen
  std::optional<guidon::Override::Kind> kind{};  // nothing: there is nothing to force
  std::vector<std::string> choices{};            // what it can be forced to, in turn; empty: any value
  std::string forced{};                          // to which of them it is; empty: to none
};

// Lines fit into `columns`, but for those of `detail`, which are to be wrapped.
std::vector<PanelRow> PanelRows(const guidon::PanelSnapshot& snapshot, PanelSection section, std::size_t columns,
                                bool unicode);

}  // namespace notes
