// Runs vendors' published cases against our dialects.
//
//   guidon-conformance [--suite NAME] [-v] DIR     DIR has a folder for each vendor
//
// A line for each suite; with -v the cases that failed, with what was expected and what came, and those that were
// skipped. Ends with 1 when a case failed or a suite cannot be read, with 2 on wrong usage.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/conformance/suite.h"
#include "tests/conformance/text_file.h"

namespace guidon::conformance {

void Outcome::Compare(const std::string& name, const std::string& expected, const std::string& actual) {
  if (expected == actual) {
    ++passed;
  } else {
    failures.push_back({name, expected, actual});
  }
}

std::size_t Outcome::skipped_count() const {
  std::size_t count = 0;
  for (const auto& entry : skipped) count += entry.second.size();
  return count;
}

std::optional<json::Document> ReadJson(const std::string& path, std::string* why) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return *why = path + ": cannot be read", std::nullopt;
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  json::Limits limits;
  limits.string_bytes = limits.items = limits.nodes = 50'000'000;
  json::Error error;
  auto document = json::Document::Parse(text, &error, limits);
  if (!document) *why = path + ": " + error.ToText();
  return document;
}

namespace {

struct Suite {
  const char* name;
  Outcome (*run)(const std::string& folder);  // null: there is no dialect yet
};
constexpr Suite kSuites[] = {{"growthbook", RunGrowthBook}, {"flagd", RunFlagd}, {"unleash", RunUnleash},
                             {"configcat", nullptr},        {"eppo", nullptr},   {"launchdarkly", nullptr}};

// False when it failed.
bool RunSuite(const Suite& suite, const std::string& folder, bool is_verbose) {
  if (suite.run == nullptr) return std::printf("%s: no dialect yet\n", suite.name), true;
  if (!std::filesystem::is_directory(folder)) {
    return std::printf("%s: SKIPPED, there is no folder %s\n", suite.name, folder.c_str()), true;
  }
  const Outcome outcome = suite.run(folder);
  if (!outcome.unreadable.empty()) {
    return std::printf("%s: cannot be read: %s\n", suite.name, outcome.unreadable.c_str()), false;
  }
  std::printf("%s: %zu passed, %zu failed, %zu skipped\n", suite.name, outcome.passed, outcome.failures.size(),
              outcome.skipped_count());
  for (const auto& [reason, names] : outcome.skipped) {
    std::printf("  skipped %zu: %s\n", names.size(), reason.c_str());
    for (std::size_t i = 0; is_verbose && i < names.size(); ++i) std::printf("    %s\n", names[i].c_str());
  }
  for (const Failure& failure : outcome.failures) {
    if (!is_verbose) break;
    std::printf("  FAILED %s\n    expected %s\n    actual   %s\n", failure.name.c_str(), failure.expected.c_str(),
                failure.actual.c_str());
  }
  return outcome.failures.empty();
}

int Run(const std::vector<std::string>& arguments) {
  std::string only, folder;
  bool is_verbose = false, is_wrong = false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "-v") {
      is_verbose = true;
    } else if (arguments[i] == "--suite" && i + 1 < arguments.size()) {
      only = arguments[++i];
    } else if (folder.empty() && arguments[i].substr(0, 1) != "-") {
      folder = arguments[i];
    } else {
      is_wrong = true;
    }
  }
  if (is_wrong || folder.empty()) {
    std::fprintf(stderr, "usage: guidon-conformance [--suite NAME] [-v] DIR\n");
    return 2;
  }
  if (!std::filesystem::is_directory(folder)) {
    std::fprintf(stderr, "guidon-conformance: there is no folder %s\n", folder.c_str());
    return 2;
  }
  bool is_known = only.empty();
  bool is_good = true;
  for (const Suite& suite : kSuites) {
    if (!only.empty() && only != suite.name) continue;
    is_known = true;
    is_good = RunSuite(suite, folder + "/" + suite.name, is_verbose) && is_good;
  }
  if (!is_known) {
    std::fprintf(stderr, "guidon-conformance: there is no suite %s; there are", only.c_str());
    for (const Suite& suite : kSuites) std::fprintf(stderr, " %s", suite.name);
    std::fprintf(stderr, "\n");
    return 2;
  }
  return is_good ? 0 : 1;
}

}  // namespace
}  // namespace guidon::conformance

int main(int argc, char** argv) { return guidon::conformance::Run({argv + 1, argv + argc}); }
