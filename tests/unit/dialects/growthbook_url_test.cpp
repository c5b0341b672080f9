#include "sdk/core/dialects/growthbook/url_targeting.h"

#include <doctest/doctest.h>

#include <string>

#include "guidon/platform_parts.h"

namespace guidon::dialects::growthbook {
namespace {

bool IsTargeted(const std::string& url, const std::string& targets) {
  const auto document = json::Document::Parse(targets, nullptr);
  REQUIRE(document);
  return IsUrlTargeted(url, document->root(), Re2Patterns().get());
}

bool IsLike(const std::string& url, const std::string& pattern) {
  return IsTargeted(url, R"([{"type": "simple", "include": true, "pattern": ")" + pattern + "\"}]");
}

}  // namespace

TEST_CASE("a simple pattern compares host and path in full, and what it says of query and fragment") {
  struct Row {
    const char* url;
    const char* pattern;
    bool matches;
  };
  const Row rows[] = {
      {"https://www.example.com/home", "https://www.example.com/home", true},
      {"https://www.example.com/home/", "https://www.example.com/home", true},
      {"https://www.example.com/home", "https://www.example.com/home/", true},
      {"https://www.example.com/HOME", "https://WWW.example.com/home", true},
      {"http://www.example.com/home", "https://www.example.com/home", true},
      {"https://www.example.com/home", "www.example.com/home", true},
      {"https://www.example.com/home", "/home", true},
      {"https://other.example.com/home", "www.example.com/home", false},
      {"https://www.example.com/home/more", "https://www.example.com/home", false},
      {"https://www.example.com/home/more", "https://www.example.com/home/*", true},
      {"https://www.example.com/a/b/c", "*.example.com/a/*/c", true},
      {"https://www.example.com/home?x=1&y=2", "https://www.example.com/home", true},
      {"https://www.example.com/home?x=1&y=2", "https://www.example.com/home?y=2", true},
      {"https://www.example.com/home?x=1", "https://www.example.com/home?y=2", false},
      {"https://www.example.com/home?y=a+b", "https://www.example.com/home?y=a%20b", true},
      {"https://www.example.com/home?y=anything", "https://www.example.com/home?y=a*", true},
      {"https://www.example.com/home#top", "https://www.example.com/home", true},
      {"https://www.example.com/home#top", "https://www.example.com/home#top", true},
      {"https://www.example.com/home", "https://www.example.com/home#top", false},
      {"https://www.example.com/aXb", "https://www.example.com/a.b", false},
      {"", "https://www.example.com/", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.url);
    CAPTURE(row.pattern);
    CHECK(IsLike(row.url, row.pattern) == row.matches);
  }
}

TEST_CASE("a page is targeted by an including pattern, unless an excluding one matches") {
  const std::string page = "https://shop.example.com/cart?step=2";
  CHECK(IsTargeted(page, R"([{"type": "regex", "include": true, "pattern": "^/cart"}])"));
  CHECK(IsTargeted(page, R"([{"type": "regex", "include": true, "pattern": "shop\\.example.*step=2$"}])"));
  CHECK_FALSE(IsTargeted(page, R"([{"type": "regex", "include": true, "pattern": "("}])"));
  CHECK_FALSE(IsTargeted(
      page,
      R"([{"type": "regex", "include": true, "pattern": "cart"}, {"type": "regex", "include": false, "pattern": "step"}])"));
  CHECK(IsTargeted(page, R"([{"type": "regex", "include": false, "pattern": "checkout"}])"));
  CHECK(IsTargeted(page, R"([])"));
  CHECK_FALSE(IsTargeted(page, R"([{"type": "what", "include": true, "pattern": "cart"}])"));
}

TEST_CASE("a redirect keeps its own query, and takes along what it lacks") {
  CHECK(WithQueryOf("https://a.example/x?p=1&q=2", "https://b.example/y") == "https://b.example/y?p=1&q=2");
  CHECK(WithQueryOf("https://a.example/x?p=1&q=2", "https://b.example/y?q=3#end") == "https://b.example/y?q=3&p=1#end");
  CHECK(WithQueryOf("https://a.example/x", "https://b.example/y#end") == "https://b.example/y#end");
  CHECK(WithQueryOf("https://a.example/x?a%20b=1&c=%26", "https://b.example/?a+b=2") ==
        "https://b.example/?a+b=2&c=%26");
}

}  // namespace guidon::dialects::growthbook
