// One person's notes and the files attached to them, kept in one text file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "guidon/status.h"

namespace notes {

struct Note {
  std::string text;
  std::vector<std::string> files;
};

class Notebook {
 public:
  static constexpr std::size_t kMostNotes = 500;
  static constexpr std::size_t kMostFiles = 20;    // of one note
  static constexpr std::size_t kMostBytes = 4000;  // of one note's text

  // Empty path: kept in memory. A file that is not there yet is an empty notebook.
  static guidon::Result<Notebook> Open(std::string path);

  // Refused when there is no text, too much of it, or no room.
  guidon::Status Add(std::string_view text);
  guidon::Status Attach(std::size_t index, std::string_view file);

  const std::vector<Note>& notes() const noexcept { return notes_; }

 private:
  guidon::Status Save() const;

  std::string path_;
  std::vector<Note> notes_;
};

}  // namespace notes
