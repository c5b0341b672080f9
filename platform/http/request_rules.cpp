#include "platform/http/request_rules.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>

namespace guidon {
namespace {

// RFC 9110's tchar.
bool IsToken(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

bool IsFieldValue(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f); });
}

}  // namespace

bool IsLoopback(const std::string& host) {
  if (host == "localhost" || host == "[::1]") return true;
  struct in_addr address = {};
  return inet_pton(AF_INET, host.c_str(), &address) == 1 && (ntohl(address.s_addr) >> 24) == 127;
}

Status CheckRequest(const HttpRequest& request) {
  if (!IsToken(request.method)) return Status(StatusCode::kInvalidArgument, "method: not an HTTP method");
  for (const auto& header : request.headers) {
    if (!IsToken(header.first)) return Status(StatusCode::kInvalidArgument, "headers: a name that is not a token");
    if (!IsFieldValue(header.second)) {
      return Status(StatusCode::kInvalidArgument, "headers: '" + header.first + "' has a control character");
    }
  }
  return Status();
}

bool MayRedirect(int http_status, std::string_view method) {
  if (http_status == 307 || http_status == 308) return true;
  return (http_status == 301 || http_status == 302 || http_status == 303) && (method == "GET" || method == "HEAD");
}

}  // namespace guidon
