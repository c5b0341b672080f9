// Addresses that a prompt may send people to. Whoever reads one must know where it leads, and so must whatever opens
// it: what two programs could read in two ways is refused (RFC 3986, less what only confuses).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace guidon::text {

inline constexpr std::size_t kLinkBytes = 1'000;

// Null when the address may be used, else why not. It may when it is
// - app:// and something behind it, for the app to make sense of, or
// - https:// and a host by name: no user, no port, no number for a name, and nothing in it that is encoded. The host is
//   one of `hosts` or lies below one; where there are none, any whose labels are not encoded (xn--).
// Printable ASCII without spaces, quotes, backslashes and brackets; what is percent-encoded is no control character.
const char* WhyNoLink(std::string_view link, const std::vector<std::string>& hosts);

// Lower-case letters, digits, dashes and dots, two labels at least, of which the last is no number.
bool IsHostName(std::string_view host) noexcept;

}  // namespace guidon::text
