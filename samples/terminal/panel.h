// The debug panel: everything that QA may look at and force, on a page of its own. All it knows is guidon/panel.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "guidon/panel.h"
#include "samples/terminal/panel_rows.h"
#include "samples/terminal/screen.h"

namespace notes {

class DebugPanel {
 public:
  explicit DebugPanel(guidon::Client& client) : panel_(client) {}

  bool is_open() const noexcept { return is_open_; }

  // "flags", "experiments attach-button", "next", "previous", "force VALUE", "force" (the next in turn), "clear",
  // "clear-all", "refetch", "send", "off". Not ok: why it was not done.
  guidon::Status Run(std::string_view command);
  // What is to be said to `force`, where there is no next in turn: asked once.
  std::optional<std::string> TakeQuestion() { return std::exchange(question_, std::nullopt); }

  // All lines of the screen. Where rows are few, those around the chosen one. `entry`: what is being typed.
  std::string Draw(const Theme& theme, const std::string& notice, bool is_trouble, const std::string& entry);

 private:
  std::vector<PanelRow> Rows() const;
  std::optional<PanelRow> Chosen();
  guidon::Status Choose(std::string_view key);
  void Move(int by);
  guidon::Status Force(std::string_view value);

  guidon::Panel panel_;
  bool is_open_ = false;
  PanelSection section_ = PanelSection::kStatus;
  std::string chosen_;  // a row's key
  std::optional<std::string> question_;
};

}  // namespace notes
