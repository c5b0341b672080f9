// Lays out text for a person: marked lines whose notes stand below each other, pairs, at most kColumns wide. Whatever
// is put on it comes out without control characters.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/core/evaluation/explain.h"

namespace guidon::evaluation {

class TextPage {
 public:
  static constexpr std::size_t kColumns = 90;

  explicit TextPage(Letters letters) : letters_(letters) {}

  // `first` and `second` on one line where they fit, else `second` on its own.
  void Heading(std::string_view first, std::string_view second);
  // Wrapped; further lines hang by two columns.
  void Line(std::size_t indent, std::string_view text);
  // A line of the current block: "mark text   note". `mark` may be empty.
  void Row(std::size_t indent, std::string_view mark, std::string_view text, std::string_view note = {});
  // Ends the block: its notes begin in one column.
  void EndBlock();
  // "name  text", the texts of all pairs below each other.
  void Pair(std::string_view name, std::string_view text);

  std::string Take();

 private:
  struct RowParts {
    std::size_t indent;
    std::string text;  // with its mark
    std::string note;
  };

  std::string Clean(std::string_view text) const;
  void Wrap(std::size_t first_indent, std::size_t indent, std::string_view text);

  Letters letters_;
  std::string out_;
  std::vector<RowParts> block_;
};

// The beginning of `text`, at most `most` characters, with … where something is missing.
std::string Shortened(std::string_view text, std::size_t most);

}  // namespace guidon::evaluation
