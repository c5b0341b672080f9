// A source read and checked, with all that is wrong with it: what lint reports and build starts from.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "guidon/time.h"
#include "sdk/tools/previous.h"
#include "sdk/tools/problems.h"
#include "sdk/tools/published_file.h"
#include "sdk/tools/source.h"

namespace guidon::tools {

struct CheckedSource {
  std::string text;
  bool is_whole = false;  // false: no JSON, and what stands behind the fault was not checked
  Located json;
  Source source;  // points into json
  std::optional<Previous> previous;
  std::optional<PublishedFile> previous_file;
  Problems problems;
};

// `previous_path` may be empty. An error only when a file cannot be read; what is wrong in the source is in `problems`.
Result<std::unique_ptr<CheckedSource>> LoadChecked(const std::string& path, const std::string& previous_path,
                                                   Timestamp now);

// "5 flags, 2 experiments, 1 campaign".
std::string CountsOf(const Source& source);

// The time `--now` gives, else the clock's. Nothing when it is no date.
std::optional<Timestamp> TimeOr(const std::string& now);

}  // namespace guidon::tools
