#include "sdk/core/base/link.h"

#include <algorithm>

#include "sdk/core/base/ascii.h"

namespace guidon::text {
namespace {

constexpr std::string_view kApp = "app://";
constexpr std::string_view kHttps = "https://";
constexpr std::size_t kHostBytes = 253;
constexpr std::size_t kLabelBytes = 63;

bool IsDigit(char c) noexcept { return c >= '0' && c <= '9'; }
bool StartsWith(std::string_view text, std::string_view with) noexcept { return text.substr(0, with.size()) == with; }

int HexDigit(char c) noexcept {
  if (IsDigit(c)) return c - '0';
  const char lower = LowerAscii(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

const char* WhyNoCharacters(std::string_view link) noexcept {
  for (std::size_t i = 0; i < link.size(); ++i) {
    const char c = link[i];
    const auto code = static_cast<unsigned char>(c);
    if (code <= 0x20 || code >= 0x7F)
      return "an address has no spaces, no control characters and no letters beyond ASCII";
    if (std::string_view("\\\"<>^`{|}").find(c) != std::string_view::npos) {
      return "an address has no quotes, backslashes or brackets; write them percent-encoded";
    }
    if (c != '%') continue;
    const int high = i + 2 < link.size() ? HexDigit(link[i + 1]) : -1;
    const int low = high < 0 ? -1 : HexDigit(link[i + 2]);
    if (low < 0) return "behind % stand two hex digits";
    const int byte = high * 16 + low;
    if (byte < 0x20 || byte == 0x7F) return "it hides a control character";
  }
  return nullptr;
}

bool LiesBelow(std::string_view host, std::string_view above) noexcept {
  return host.size() > above.size() && host.substr(host.size() - above.size()) == above &&
         host[host.size() - above.size() - 1] == '.';
}

const char* WhyNoHost(std::string_view host, const std::vector<std::string>& hosts) {
  if (host.find('@') != std::string_view::npos) return "what stands before the @ is no part of where it leads";
  if (host.find(':') != std::string_view::npos) return "an address names no port";
  if (!IsHostName(host)) return "it leads to no host by name, such as notes.example, in small letters";
  const auto is_allowed = [host](const std::string& each) { return host == each || LiesBelow(host, each); };
  if (!hosts.empty()) {
    return std::any_of(hosts.begin(), hosts.end(), is_allowed) ? nullptr : "it leads to none of \"link_hosts\"";
  }
  const bool is_encoded = StartsWith(host, "xn--") || host.find(".xn--") != std::string_view::npos;
  return is_encoded ? "what the host's name looks like cannot be told from this: list it in \"link_hosts\"" : nullptr;
}

}  // namespace

const char* WhyNoLink(std::string_view link, const std::vector<std::string>& hosts) {
  if (link.size() > kLinkBytes) return "it is longer than 1,000 bytes";
  if (const char* why = WhyNoCharacters(link)) return why;
  if (StartsWith(link, kApp)) return link.size() > kApp.size() ? nullptr : "nothing stands behind app://";
  if (!StartsWith(link, kHttps)) return "it must begin with app:// or https://";
  const std::string_view rest = link.substr(kHttps.size());
  return WhyNoHost(rest.substr(0, rest.find_first_of("/?#")), hosts);
}

bool IsHostName(std::string_view host) noexcept {
  if (host.empty() || host.size() > kHostBytes) return false;
  std::size_t labels = 0;
  bool is_number = false;  // of the last label: 127, 0x7f
  for (std::string_view rest = host; !rest.empty() || labels == 0;) {
    const std::size_t dot = std::min(rest.find('.'), rest.size());
    const std::string_view label = rest.substr(0, dot);
    const bool is_of_letters = std::all_of(label.begin(), label.end(),
                                           [](char c) { return (c >= 'a' && c <= 'z') || IsDigit(c) || c == '-'; });
    if (label.empty() || label.size() > kLabelBytes || !is_of_letters) return false;
    if (label.front() == '-' || label.back() == '-') return false;
    is_number = IsDigit(label.front());
    ++labels;
    if (dot == rest.size()) break;
    rest.remove_prefix(dot + 1);
    if (rest.empty()) return false;
  }
  return labels >= 2 && !is_number;
}

}  // namespace guidon::text
