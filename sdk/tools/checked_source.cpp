#include "sdk/tools/checked_source.h"

#include <chrono>
#include <utility>

#include "sdk/core/base/text.h"
#include "sdk/tools/changes.h"
#include "sdk/tools/files.h"
#include "sdk/tools/new_counts.h"
#include "sdk/tools/source_reader.h"
#include "sdk/tools/terminal.h"

namespace guidon::tools {

Result<std::unique_ptr<CheckedSource>> LoadChecked(const std::string& path, const std::string& previous_path,
                                                   Timestamp now) {
  auto out = std::make_unique<CheckedSource>();
  Result<std::string> text = ReadFile(path);
  if (!text.ok()) return text.status();
  out->text = std::move(*text);
  out->is_whole = ReadSource(out->text, now, &out->json, &out->source, &out->problems);
  if (!previous_path.empty()) {
    Result<PublishedFile> file = ReadPublishedFile(previous_path);
    if (!file.ok()) return file.status();
    Result<Previous> previous = ReadPrevious(file->payload);
    if (!previous.ok()) return Status(previous.status().code(), previous_path + ": " + previous.status().message());
    out->previous = std::move(*previous);
    out->previous_file = std::move(*file);
    // Behind a fault of syntax there is nothing to compare.
    if (!out->source.project.empty()) CheckChanges(out->source, *out->previous, &out->problems);
  }
  CheckNewCounts(out->source, out->previous ? &*out->previous : nullptr, now, &out->problems);
  out->problems.Sort();
  return out;
}

std::string CountsOf(const Source& source) {
  const std::string counts = Count(source.flags.size(), "flag") + ", " + Count(source.experiments.size(), "experiment");
  return source.campaigns.empty() ? counts : counts + ", " + Count(source.campaigns.size(), "campaign");
}

std::optional<Timestamp> TimeOr(const std::string& now) {
  if (!now.empty()) return text::ParseTimestamp(now);
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  // Whole seconds: nobody reads the milliseconds of a publication.
  return TimestampFromMs(std::chrono::duration_cast<std::chrono::seconds>(since_1970).count() * 1000);
}

}  // namespace guidon::tools
