// The head of an answer, gathered line by line.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "guidon/ports/http.h"
#include "guidon/status.h"

namespace guidon {

class HeadReader {
 public:
  enum class Seen {
    kMore,   // the head goes on
    kEnd,    // it is whole
    kExtra,  // a line behind the head: a trailer
    kTooLarge,
  };

  // One line, with or without its line end. A new status line begins a new head: what came before was of an interim
  // answer.
  Seen Line(std::string_view line);

  // For the next answer.
  void Clear();

  int http_status() const noexcept { return status_; }
  const HttpHeaders& headers() const noexcept { return headers_; }

  // Ok, and `*is_gzip` said, when the body comes as it is or as gzip, once; else kUnsupported.
  Status CheckEncoding(bool* is_gzip) const;
  // The head as of a body that was never encoded.
  void ForgetEncoding();

 private:
  int status_ = 0;
  bool is_whole_ = false;
  std::size_t bytes_ = 0;
  HttpHeaders headers_;
};

}  // namespace guidon
