// What the readers of short forms share: words with their places, and errors that point at them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "sdk/core/expression/parser.h"

namespace guidon::tools {

struct Word {
  std::size_t offset = 0;
  std::string_view text;

  std::size_t end() const { return offset + text.size(); }
};

inline std::nullopt_t Fail(expression::Error* error, std::size_t offset, std::size_t size, std::string reason,
                           std::string advice) {
  *error = {offset, size, std::move(reason), std::move(advice)};
  return std::nullopt;
}

inline std::nullopt_t FailAt(expression::Error* error, const Word& word, std::string reason, std::string advice) {
  return Fail(error, word.offset, word.text.size(), std::move(reason), std::move(advice));
}

inline bool IsOneOf(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace guidon::tools
