// What a person types, or a script says, one line at a time: "note hello", "open 1", "share plan.pdf", "why composer".
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "samples/terminal/app.h"
#include "samples/terminal/panel.h"
#include "samples/terminal/switch_http.h"
#include "samples/terminal/ui_queue.h"

namespace notes {

class Commands {
 public:
  struct Reply {
    guidon::Status status;  // why it was not done
    std::string text;       // what to tell, in a line
    std::string page;       // what to read, in several: help, explanations
    bool show_screen = false;
    bool quit = false;
  };

  Commands(App& app, guidon::Client& client, UiQueue& ui, SwitchHttp& http, DebugPanel& panel)
      : app_(app), client_(client), ui_(ui), http_(http), panel_(panel) {}

  Reply Run(std::string_view line);

  static std::string Help();

 private:
  std::optional<Reply> RunNotes(std::string_view verb, std::string_view rest);
  std::optional<Reply> RunPrompts(std::string_view verb, std::string_view rest);
  std::optional<Reply> RunForcing(std::string_view verb, std::string_view rest);
  Reply Prompt(std::string_view seconds);
  Reply Share(std::string_view file);
  Reply Set(std::string_view name, std::string_view value);
  Reply Force(std::string_view what, std::string_view value);
  Reply Forced();
  Reply Clear(std::string_view what);
  Reply Token(std::string_view text);
  Reply Await(std::string_view flag, std::string_view seconds);
  Reply Flush();
  Reply Record(std::string_view file);
  // Turns the UI's queue until `is_so`, at most that long.
  bool WaitUntil(const std::function<bool()>& is_so, std::chrono::milliseconds most);

  App& app_;
  guidon::Client& client_;
  UiQueue& ui_;
  SwitchHttp& http_;
  DebugPanel& panel_;
  guidon::Subscription recording_;
};

// "true" and "false", whole numbers, numbers; everything else is text.
guidon::Value ParseValue(std::string_view text);

}  // namespace notes
