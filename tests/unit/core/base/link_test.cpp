#include "sdk/core/base/link.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/unit/core/prompts/campaigns.h"

using namespace guidon;
using namespace guidon::testing;
using text::WhyNoLink;

namespace {

struct Row {
  std::string name;
  std::string link;
  std::string says;  // empty: it may be used
};

// Input 36 of the bad ones: where people would be led elsewhere than they read, and what could run instead of open.
const Row kBad[] = {
    {"script", "javascript:alert(1)", "must begin with"},
    {"script in capitals", "JaVaScRiPt:alert(1)", "must begin with"},
    {"script, encoded", "%6aavascript:alert(1)", "must begin with"},
    {"a user before the host", "https://good.com@evil.com", "before the @"},
    {"the good host as a label", "https://good.com.evil.com", "none of \"link_hosts\""},
    {"the good host as a path", "https://evil.com/good.com", "none of \"link_hosts\""},
    {"backslashes", "https:\\\\good.com", "backslashes"},
    {"a backslash behind the host", "https://evil.com\\.good.com", "backslashes"},
    {"no scheme", "//evil.com", "must begin with"},
    {"an Android intent", "intent://good.com#Intent;scheme=http;end", "must begin with"},
    {"a zero byte", "https://good.com%00.evil.com", "hides a control character"},
    {"a tab in the scheme", "https:\t//good.com", "no spaces"},
    {"a line end", "https://good.com/\nx", "no spaces"},
    {"a name that looks like it", "https://xn--god-jma.com", "none of \"link_hosts\""},
    {"letters that look like them", "https://g\u043E\u043Ed.com", "no letters beyond ASCII"},
    {"data", "data:text/html,x", "must begin with"},
    {"a file", "file:///etc/passwd", "must begin with"},
    {"http", "http://good.com", "must begin with"},
    {"capitals in the scheme", "HTTPS://good.com", "must begin with"},
    {"a port", "https://good.com:8443/", "no port"},
    {"a number", "https://127.0.0.1/", "no host by name"},
    {"a number in hex", "https://0x7f.1/", "no host by name"},
    {"one number", "https://2130706433/", "no host by name"},
    {"IPv6", "https://[::1]/", "no port"},
    {"an encoded host", "https://good%2Ecom/", "no host by name"},
    {"a dot at the end", "https://good.com./", "no host by name"},
    {"two dots", "https://a..good.com/", "no host by name"},
    {"one label", "https://localhost/", "no host by name"},
    {"a dash in front", "https://-a.good.com/", "no host by name"},
    {"a host that only ends so", "https://notgood.com/", "none of \"link_hosts\""},
    {"a query at once", "https://evil.com?good.com", "none of \"link_hosts\""},
    {"no host", "https:///good.com", "no host by name"},
    {"half an escape", "https://good.com/%4", "two hex digits"},
    {"no escape", "https://good.com/%zz", "two hex digits"},
    {"markup", "https://good.com/<b>", "brackets"},
    {"nothing in the app", "app://", "nothing stands behind"},
    {"a control character for the app", "app://a%0Ab", "hides a control character"},
};

}  // namespace

TEST_CASE("input 36: an address that leads elsewhere than it reads is refused, and its campaign shows nothing") {
  for (const Row& row : kBad) {
    CAPTURE(row.name);
    const char* why = WhyNoLink(row.link, {"good.com"});
    REQUIRE(why != nullptr);
    CHECK(std::string(why).find(row.says) != std::string::npos);
    std::string json;
    for (const char c : row.link) {
      if (c == '\\')
        json += "\\\\";
      else if (c == '\t')
        json += "\\t";
      else if (c == '\n')
        json += "\\n";
      else
        json += c;
    }
    const auto loaded = dialects::LoadNative(Datafile(
        R"("link_hosts":["good.com"],"campaigns":{"c":)" +
        CampaignJson(
            {{"show", R"({"kind":"modal","title":"t","buttons":[{"id":"b","label":"l","do":")" + json + R"("}]})"}}) +
        "}"));
    REQUIRE(loaded.rules.get() != nullptr);
    CHECK_FALSE(loaded.rules->FindCampaign("c")->is_valid);
    CHECK(ToText(loaded.problems).find("/campaigns/c/show/buttons/0/do: cannot be opened: ") != std::string::npos);
  }
}

TEST_CASE("addresses of the app and of hosts that are listed, or that lie below one, may be used") {
  const std::vector<std::string> hosts = {"good.com", "notes.example", "xn--bcher-kva.example"};
  for (const char* link : {"app://composer/attach", "app://x?a=b&c=%20d#e", "https://good.com", "https://good.com/",
                           "https://www.good.com/a/b?c=d#e", "https://a.b.good.com?x=https://evil.com/",
                           "https://notes.example/%C3%BC@:8443", "https://xn--bcher-kva.example/"}) {
    CAPTURE(std::string(link));
    CHECK(WhyNoLink(link, hosts) == nullptr);
  }
  CHECK(WhyNoLink("https://anywhere.example/", {}) == nullptr);
  CHECK(WhyNoLink("https://www.xn--god-jma.com/", {}) != nullptr);
  CHECK(WhyNoLink("https://good.com/" + std::string(text::kLinkBytes - 17, 'x'), hosts) == nullptr);
  CHECK(WhyNoLink("https://good.com/" + std::string(text::kLinkBytes - 16, 'x'), hosts) != nullptr);
}

TEST_CASE("a list of hosts with an error allows no more than what of it is good") {
  const struct {
    std::string hosts, problem;
    bool is_valid;
  } rows[] = {
      {R"(["good.com"])", "", true},
      {R"(["https://other.com","good.com"])",
       "/link_hosts/0: must be a host's name in small letters, such as \"notes.example\", not \"https://other.com\"\n",
       true},
      {R"(["Good.com"])",
       "/link_hosts/0: must be a host's name in small letters, such as \"notes.example\", not \"Good.com\"\n", false},
      {R"([7])", "/link_hosts/0: must be", false},
  };
  for (const auto& row : rows) {
    CAPTURE(row.hosts);
    const auto loaded = dialects::LoadNative(Datafile(
        R"("link_hosts":)" + row.hosts + R"(,"campaigns":{"c":)" +
        CampaignJson(
            {{"show",
              R"({"kind":"modal","title":"t","buttons":[{"id":"b","label":"l","do":"https://www.good.com/a"}]})"}}) +
        "}"));
    REQUIRE(loaded.rules.get() != nullptr);
    CHECK(loaded.rules->FindCampaign("c")->is_valid == row.is_valid);
    CHECK(ToText(loaded.problems).substr(0, row.problem.size()) == row.problem);
  }
}
