// Sources and published files in memory, for the tests of the tool.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>

#include "sdk/core/base/json.h"
#include "sdk/core/base/text.h"
#include "sdk/tools/chain.h"
#include "sdk/tools/changes.h"
#include "sdk/tools/previous.h"
#include "sdk/tools/problems.h"
#include "sdk/tools/publish.h"
#include "sdk/tools/source_reader.h"

namespace guidon::tools {

inline Timestamp Noon() { return *text::ParseTimestamp("2026-11-21T12:00:00Z"); }

struct Workbench {
  std::string text;
  Located json;
  Source source;
  Problems problems;
};

inline std::unique_ptr<Workbench> Read(std::string text, const Previous* previous = nullptr) {
  auto bench = std::make_unique<Workbench>();
  bench->text = std::move(text);
  ReadSource(bench->text, Noon(), &bench->json, &bench->source, &bench->problems);
  if (previous != nullptr) CheckChanges(bench->source, *previous, &bench->problems);
  return bench;
}

inline const Problem* FindProblem(const Problems& problems, std::string_view code, std::string_view pointer) {
  for (const Problem& problem : problems.all()) {
    if (problem.code == code && problem.pointer == pointer) return &problem;
  }
  return nullptr;
}

inline std::string Errors(const Problems& problems) {
  std::string out;
  for (const Problem& problem : problems.all()) {
    if (problem.severity == Severity::kError)
      out += problem.code + " " + problem.pointer + ": " + problem.reason + "\n";
  }
  return out;
}

// The next published file; the source must be fine.
inline std::string PublishText(const std::string& text, const Previous* previous = nullptr) {
  const std::unique_ptr<Workbench> bench = Read(text, previous);
  REQUIRE(Errors(bench->problems) == "");
  return Publish(bench->source, previous, {Noon(), Noon() + std::chrono::hours(24)});
}

inline Previous Reread(const std::string& payload) {
  Result<Previous> previous = ReadPrevious(payload);
  CAPTURE(previous.status().message());
  REQUIRE(previous.ok());
  return *std::move(previous);
}

// What a second version says that is published of the same source: as the first says it, but for which version it is,
// and which it follows.
inline std::string SecondOf(std::string first) {
  const std::string_view version = "\"version\":1,";
  const std::string follows = "\"version\":2,\"previous\":\"" + ChainHash(first) + "\",";
  return first.replace(first.find(version), version.size(), follows);
}

// A source around the members given.
inline std::string SourceWith(const std::string& members) {
  return R"({"format":"guidon-source/1","project":"p","environment":"e",)" + members + "}";
}

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15u + 1) {}
  std::size_t Below(std::size_t bound) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return static_cast<std::size_t>(state_ >> 16) % bound;
  }

 private:
  std::uint64_t state_;
};

}  // namespace guidon::tools
