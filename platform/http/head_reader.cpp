#include "platform/http/head_reader.h"

#include <algorithm>
#include <utility>

namespace guidon {
namespace {

constexpr std::size_t kMostHeadBytes = 64u << 10;
constexpr std::size_t kMostHeaders = 200;

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

// "HTTP/1.1 204 No Content"; 0 when it has no number.
int StatusOf(std::string_view line) {
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos || line.size() < space + 4) return 0;
  int status = 0;
  for (const char digit : line.substr(space + 1, 3)) {
    if (digit < '0' || digit > '9') return 0;
    status = status * 10 + (digit - '0');
  }
  return status;
}

}  // namespace

HeadReader::Seen HeadReader::Line(std::string_view line) {
  if (line.substr(0, 5) == "HTTP/" && (status_ == 0 || (is_whole_ && status_ < 200))) {
    Clear();
    status_ = StatusOf(line);
    return Seen::kMore;
  }
  if (is_whole_) return Seen::kExtra;
  bytes_ += line.size();
  if (bytes_ > kMostHeadBytes || headers_.size() >= kMostHeaders) return Seen::kTooLarge;
  const std::string_view text = Trim(line);
  if (text.empty()) {
    is_whole_ = true;
    return status_ < 200 ? Seen::kMore : Seen::kEnd;
  }
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos && colon != 0) {
    headers_.emplace_back(Lower(Trim(text.substr(0, colon))), std::string(Trim(text.substr(colon + 1))));
  }
  return Seen::kMore;
}

void HeadReader::Clear() { *this = HeadReader(); }

Status HeadReader::CheckEncoding(bool* is_gzip) const {
  *is_gzip = false;
  for (const auto& header : headers_) {
    if (header.first != "content-encoding") continue;
    const std::string encoding = Lower(header.second);
    if (encoding.empty() || encoding == "identity") continue;
    if ((encoding != "gzip" && encoding != "x-gzip") || *is_gzip) {
      return Status(StatusCode::kUnsupported,
                    "the answer is encoded as '" + encoding.substr(0, 40) + "', which was not asked for");
    }
    *is_gzip = true;
  }
  return Status();
}

void HeadReader::ForgetEncoding() {
  headers_.erase(std::remove_if(headers_.begin(), headers_.end(),
                                [](const auto& header) {
                                  return header.first == "content-encoding" || header.first == "content-length";
                                }),
                 headers_.end());
}

}  // namespace guidon
