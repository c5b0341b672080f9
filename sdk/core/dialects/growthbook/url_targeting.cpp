#include "sdk/core/dialects/growthbook/url_targeting.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "sdk/core/base/ascii.h"

namespace guidon::dialects::growthbook {
namespace {

using Query = std::vector<std::pair<std::string, std::string>>;

struct Url {
  std::string_view origin;  // "https://host"
  std::string_view host;
  std::string_view path;
  std::string_view query;     // without "?"
  std::string_view fragment;  // without "#"
};

Url Split(std::string_view text) {
  Url url;
  const std::string_view whole = text;
  const std::size_t hash = std::min(text.find('#'), text.size());
  url.fragment = text.substr(std::min(hash + 1, text.size()));
  text = text.substr(0, hash);
  const std::size_t question = std::min(text.find('?'), text.size());
  url.query = text.substr(std::min(question + 1, text.size()));
  text = text.substr(0, question);
  const std::size_t scheme = text.find("://");
  if (scheme == std::string_view::npos) return url.path = text, url;
  const std::size_t host = scheme + 3;
  const std::size_t path = std::min(text.find('/', host), text.size());
  url.origin = whole.substr(0, path);
  url.host = text.substr(host, path - host);
  url.path = text.substr(path);
  return url;
}

int HexDigit(char c) noexcept {
  const char lower = text::LowerAscii(c);
  if (lower >= '0' && lower <= '9') return lower - '0';
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// As forms are read: "+" is a space.
std::string Decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? HexDigit(text[i + 1]) : -1;
    const int low = high < 0 ? -1 : HexDigit(text[i + 2]);
    if (low >= 0) {
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      decoded += text[i] == '+' ? ' ' : text[i];
    }
  }
  return decoded;
}

// Each part between "&" with its name; `is_decoded`: and its value, else as it is written.
Query Parts(std::string_view query, bool is_decoded) {
  Query parts;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view part = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (part.empty()) continue;
    const std::size_t equals = std::min(part.find('='), part.size());
    const std::string_view value = part.substr(std::min(equals + 1, part.size()));
    parts.emplace_back(Decoded(part.substr(0, equals)), is_decoded ? Decoded(value) : std::string(part));
  }
  return parts;
}

// The first part of that name, or nothing.
const std::string* Find(const Query& parts, std::string_view name) {
  const auto at = std::find_if(parts.begin(), parts.end(), [&](const auto& part) { return part.first == name; });
  return at == parts.end() ? nullptr : &at->second;
}

// In full, whatever the capitals; "*" stands for anything.
bool IsLike(std::string_view text, std::string_view pattern) noexcept {
  std::size_t t = 0, p = 0, star = std::string_view::npos, from = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      from = t;
    } else if (p < pattern.size() && text::LowerAscii(pattern[p]) == text::LowerAscii(text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++from;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

// A path may have or lack a slash at either end.
std::string_view Bare(std::string_view path) noexcept {
  if (!path.empty() && path.front() == '/') path.remove_prefix(1);
  if (!path.empty() && path.back() == '/') path.remove_suffix(1);
  return path;
}

bool BeginsWithHost(std::string_view pattern) noexcept {
  const std::size_t end = std::min(pattern.find_first_of(":/?"), pattern.size());
  return pattern.substr(0, end).find('.') != std::string_view::npos;
}

bool MatchesSimply(const Url& url, std::string_view pattern) {
  const std::string with_scheme = (BeginsWithHost(pattern) ? "https://" : "") + std::string(pattern);
  const Url wanted = Split(with_scheme);
  if (!wanted.origin.empty() && !IsLike(url.host, wanted.host)) return false;
  if (!IsLike(Bare(url.path), Bare(wanted.path))) return false;
  if (!wanted.fragment.empty() && !IsLike(url.fragment, wanted.fragment)) return false;
  const Query asked = Parts(wanted.query, true);
  const Query there = Parts(url.query, true);
  return std::all_of(asked.begin(), asked.end(), [&](const auto& part) {
    const std::string* value = Find(there, part.first);
    return IsLike(value == nullptr ? std::string_view() : *value, part.second);
  });
}

bool MatchesPattern(std::string_view url, const Url& parts, const std::string& pattern, Patterns* patterns) {
  if (patterns == nullptr) return false;
  const auto compiled = patterns->Compile(pattern);
  if (!compiled.ok() || *compiled == nullptr) return false;
  return (*compiled)->Matches(url) || (*compiled)->Matches(url.substr(parts.origin.size()));
}

}  // namespace

bool IsUrlTargeted(std::string_view url, json::Node targets, Patterns* patterns) {
  const Url parts = Split(url);
  bool includes_some = false, is_included = false;
  for (const json::Node target : targets) {
    const std::string pattern(target.Find("pattern").AsString().value_or(""));
    const std::string_view type = target.Find("type").AsString().value_or("");
    const bool matches = type == "regex"    ? MatchesPattern(url, parts, pattern, patterns)
                         : type == "simple" ? MatchesSimply(parts, pattern)
                                            : false;
    if (target.Find("include").AsBool() == false) {
      if (matches) return false;
    } else {
      includes_some = true;
      is_included = is_included || matches;
    }
  }
  return is_included || !includes_some;
}

std::string WithQueryOf(std::string_view url, std::string_view target) {
  const Query own = Parts(Split(target).query, false);
  std::string query(Split(target).query);
  for (const auto& [name, part] : Parts(Split(url).query, false)) {
    if (Find(own, name) == nullptr) query += (query.empty() ? "" : "&") + part;
  }
  const std::size_t end = std::min(target.find_first_of("?#"), target.size());
  const std::size_t hash = std::min(target.find('#'), target.size());
  return std::string(target.substr(0, end)) + (query.empty() ? "" : "?" + query) + std::string(target.substr(hash));
}

}  // namespace guidon::dialects::growthbook
