#include "sdk/tools/profiles.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string_view>
#include <utility>

#include "sdk/core/base/json.h"
#include "sdk/core/base/text.h"
#include "sdk/tools/context_file.h"
#include "sdk/tools/files.h"

namespace guidon::tools {
namespace {

constexpr std::uint64_t kMostUnits = 10'000'000;
constexpr std::size_t kProfileBytes = 16u << 20;
constexpr std::size_t kMostContexts = 10'000;
constexpr std::size_t kPrefixBytes = 64;

std::optional<std::uint64_t> ReadUnits(const std::string& text) {
  std::uint64_t units = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), units);
  if (error != std::errc() || end != text.data() + text.size() || units == 0 || units > kMostUnits) return std::nullopt;
  return units;
}

Status AddProfile(std::string_view text, const std::string& where, const std::optional<Timestamp>& at, Timestamp clock,
                  const std::vector<const ruleset::Ruleset*>& rules, Crowd* out) {
  if (out->profiles.size() == kMostContexts) {
    return Status(StatusCode::kTooLarge, where + ": at most " + std::to_string(kMostContexts) + " contexts");
  }
  Result<ContextFile> file = ReadContextFile(text);
  if (!file.ok()) return Status(file.status().code(), where + ": " + file.status().message());
  if (!file->context.units().empty()) {
    return Status(StatusCode::kInvalidArgument, where + ": unit ids are made up here, so leave out 'units'");
  }
  Profile profile;
  profile.context = std::move(file->context);
  profile.utc_offset = file->utc_offset;
  profile.now = at ? *at : file->now.value_or(clock);
  const Status session = CheckSession(*file, profile.now);
  if (!session.ok()) return Status(session.code(), where + ": " + session.message());
  profile.session = file->session;
  if (file->history) {
    profile.behavior.emplace();
    prompts::Showings showings;  // caps are not asked
    Remember(*file->history, rules, profile.utc_offset, profile.session, &*profile.behavior, &showings);
  }
  out->profiles.push_back(std::move(profile));
  return Status();
}

}  // namespace

std::string ReadCrowd(const Arguments& arguments, const char* units, Crowd* out) {
  const std::optional<std::uint64_t> count = ReadUnits(arguments.Get("--units", units));
  if (!count) return "--units needs a whole number from 1 to 10000000";
  out->count = *count;
  out->prefix = arguments.Get("--prefix");
  const bool is_good = out->prefix.size() <= kPrefixBytes && text::IsUtf8(out->prefix);
  return is_good ? std::string() : "--prefix needs a text of at most 64 bytes";
}

Status ReadProfiles(const std::string& path, const std::optional<Timestamp>& at, Timestamp clock,
                    const std::vector<const ruleset::Ruleset*>& rules, Crowd* out) {
  const Result<std::string> text = ReadFile(path, kProfileBytes);
  if (!text.ok()) return text.status();
  const std::size_t first_end = text->find('\n');
  const bool is_list = first_end != std::string::npos &&
                       text->find_first_not_of(" \t\r\n", first_end) != std::string::npos &&
                       json::Document::Parse(std::string_view(*text).substr(0, first_end), nullptr).has_value();
  if (!is_list) return AddProfile(*text, path, at, clock, rules, out);
  std::size_t line = 1;
  for (std::size_t begin = 0; begin < text->size(); ++line) {
    const std::size_t end = std::min(text->find('\n', begin), text->size());
    const std::string_view words = std::string_view(*text).substr(begin, end - begin);
    begin = end + 1;
    if (words.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const Status added = AddProfile(words, path + ":" + std::to_string(line), at, clock, rules, out);
    if (!added.ok()) return added;
  }
  return Status();
}

}  // namespace guidon::tools
