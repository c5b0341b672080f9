// What `guidon-collector export` writes, line by line; docs/guide/collector.md describes it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "guidon/status.h"

namespace guidon::tools {

struct ExposureLine {
  enum class Kind { kResult, kExposure, kEvent };

  Kind kind = Kind::kEvent;
  std::string id;
  std::string experiment;
  std::int64_t iteration = 0;
  std::string unit_kind;
  std::string unit_id;
  std::string variant;
  std::string audience;  // empty: none
  std::string version;   // "epoch.version" of the datafile
  std::optional<std::int64_t> layer_slot;
  std::optional<std::int64_t> slot;
  bool is_sticky = false;
  bool is_hashed = false;  // so slots cannot be computed from the unit's id
  bool is_forced = false;
  std::vector<std::pair<std::string, std::string>> units;  // of a forced event: kind, id
  // Of a result: what the collector counted.
  std::vector<std::pair<std::string, std::uint64_t>> counts;  // units by variant
  std::uint64_t exposures = 0;
};

// Not ok: what is wrong with the text.
Result<ExposureLine> ReadExposureLine(std::string_view text);

// A text file by its lines, in memory for one of them.
class LineFile {
 public:
  static constexpr std::size_t kMostBytes = 64u << 10;  // of a line

  // "-" is standard input.
  static Result<LineFile> Open(const std::string& path);

  // Without its end. False at the end of the file; then `status` says whether all of it was read.
  bool Next(std::string* line);
  std::size_t number() const { return number_; }  // of the line read last, from 1
  const Status& status() const { return status_; }

 private:
  struct Closer {
    void operator()(std::FILE* file) const;
  };
  std::string path_;
  std::unique_ptr<std::FILE, Closer> file_;
  std::size_t number_ = 0;
  Status status_;
};

}  // namespace guidon::tools
