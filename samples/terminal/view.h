// What is on the screen, as plain data: the app fills it in, screen.h draws it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "samples/terminal/notebook.h"

namespace notes {

// How the way to attach a file looks; what people react to.
enum class AttachLook { kNone, kIcon, kLabelled };

// A prompt that is up.
struct PromptView {
  struct Button {
    std::string label;
    bool is_primary = false;
    bool is_score = false;  // its number says it all
  };
  std::string kind;  // "tooltip", "banner", "modal"
  std::string anchor;
  std::string title;
  std::string body;
  std::string image;  // what it shows, in words: a terminal draws none; empty: there is none
  std::vector<Button> buttons;
  std::size_t answers = 0;  // how many of them, the first ones, answer the question
  std::string question;     // that is asked now; empty: none
  std::size_t first = 1;    // the number of the first button; 0 where they are scores from 0
  std::size_t focus = 0;    // the button that Enter presses
  bool forced = false;      // by QA
};

struct View {
  struct Step {
    std::string label;
    bool done = false;
  };
  struct FlagRow {
    std::string key;
    std::string value;
    std::string variant;
    std::string reason;
    std::string experiment;
    bool forced = false;
    std::string natural{};  // when forced: the value as it would be
  };
  struct State {
    bool ready = false;
    std::string datafile;  // "1.3": epoch and version
    std::string source;    // "network", "cache", "bundle"
    bool is_signed = false;
    bool expired = false;
    std::uint64_t pending = 0;
    std::uint64_t delivered = 0;
    std::uint64_t lost = 0;
    bool online = true;
    bool has_collector = false;
    std::string qa;       // the QA token that is in force, and until when; empty: none
    std::string trouble;  // the most pressing failure, if any
  };

  bool is_panel = false;  // the debug panel is in front of all of it
  std::string person;
  std::string attributes;  // "plan=pro"
  std::string welcome;
  std::vector<Step> checklist;  // empty: not shown
  std::vector<Note> notes;
  std::optional<std::size_t> open;  // which note; none: the list
  AttachLook attach = AttachLook::kNone;
  std::optional<PromptView> prompt;

  std::vector<FlagRow> flags;
  std::string why;  // what is explained, a flag or a prompt; empty: all flags in a table
  std::vector<std::string> explanation;
  State state;
  std::string notice;
  bool is_trouble = false;  // the notice says what went wrong
  std::string entry;        // what is being typed, with its question; empty: the keys are shown
};

}  // namespace notes
