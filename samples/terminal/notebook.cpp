// The file has one line a note: its text, then each file behind a tab. Texts are clean, so they hold neither.
#include "samples/terminal/notebook.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "samples/terminal/text.h"

namespace notes {

using guidon::Status;
using guidon::StatusCode;

guidon::Result<Notebook> Notebook::Open(std::string path) {
  Notebook book;
  book.path_ = std::move(path);
  if (book.path_.empty()) return book;
  std::ifstream file(book.path_);
  if (!file) {
    if (errno == ENOENT) return book;
    return Status(StatusCode::kUnavailable, book.path_ + " cannot be read: " + std::strerror(errno));
  }
  std::string line;
  while (std::getline(file, line) && book.notes_.size() < kMostNotes) {
    Note note;
    for (std::size_t start = 0; start <= line.size();) {
      const std::size_t end = std::min(line.find('\t', start), line.size());
      const std::string part = Clean(std::string_view(line).substr(start, end - start));
      if (start == 0) {
        note.text = part;
      } else if (note.files.size() < kMostFiles) {
        note.files.push_back(part);
      }
      start = end + 1;
    }
    if (!note.text.empty()) book.notes_.push_back(std::move(note));
  }
  return book;
}

Status Notebook::Add(std::string_view text) {
  std::string clean = Clean(text);
  if (clean.find_first_not_of(' ') == std::string::npos) {
    return Status(StatusCode::kInvalidArgument, "a note needs a text");
  }
  if (clean.size() > kMostBytes) return Status(StatusCode::kTooLarge, "a note holds 4000 bytes at most");
  if (notes_.size() >= kMostNotes) return Status(StatusCode::kTooLarge, "the notebook is full (500 notes)");
  notes_.push_back({std::move(clean), {}});
  return Save();
}

Status Notebook::Attach(std::size_t index, std::string_view file) {
  if (index >= notes_.size()) return Status(StatusCode::kNotFound, "there is no such note");
  if (notes_[index].files.size() >= kMostFiles) return Status(StatusCode::kTooLarge, "a note holds 20 files at most");
  notes_[index].files.push_back(Clean(file));
  return Save();
}

Status Notebook::Save() const {
  if (path_.empty()) return Status();
  const std::string next = path_ + ".new";
  {
    std::ofstream file(next, std::ios::trunc);
    for (const Note& note : notes_) {
      file << note.text;
      for (const std::string& name : note.files) file << '\t' << name;
      file << '\n';
    }
    file.flush();
    if (!file) return Status(StatusCode::kUnavailable, next + " cannot be written: " + std::strerror(errno));
  }
  if (std::rename(next.c_str(), path_.c_str()) != 0) {
    return Status(StatusCode::kUnavailable, path_ + " cannot be replaced: " + std::strerror(errno));
  }
  return Status();
}

}  // namespace notes
