// A source that is being written, and the datafile that running apps have of it: looked at again and again, published
// under the next version whenever it is good.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sdk/tools/acceptance.h"
#include "sdk/tools/checked_source.h"
#include "sdk/tools/edits.h"
#include "sdk/tools/keys.h"
#include "sdk/tools/served_file.h"

namespace guidon::tools {

// The key of the folder, made when there is none yet; nobody but its owner reads it.
Result<KeyPair> DevelopmentKey(const std::string& folder);

// Apps keep what they got, and refuse what is older; so the last datafile is kept in a folder, and the next start goes
// on from its version. One thread.
class DevSource {
 public:
  struct Settings {
    std::string path;
    std::string previous_path;  // what is published elsewhere; may be empty
    std::string folder;         // of the last datafile
    KeyPair key;
  };
  explicit DevSource(Settings settings);

  enum class What {
    kSame,        // nothing was saved since the last look, or it is being written
    kUnreadable,  // `status` says why
    kRefused,     // `checked` has the errors; what was published stays
    kPublished,
  };
  struct Look {
    What what = What::kSame;
    Status status;
    std::unique_ptr<CheckedSource> checked;  // of the last two; its problems may be warnings
    std::vector<Edit> edits;                 // against what apps had; of the first all is new, and none are told
    std::string drawn_anew;                  // why people are not where they were; empty: they are
  };
  Look LookAgain(Timestamp now);

  // What is published; null before the first.
  std::shared_ptr<const ServedFile::Content> content() const { return content_; }

 private:
  Status Publish(const CheckedSource& checked, Timestamp now, Look* look);
  Previous BaseFor(const CheckedSource& checked, std::string* drawn_anew) const;

  const Settings settings_;
  const std::string kept_path_;
  const Acceptance app_;
  std::optional<std::string> text_;  // of the source at the last look
  std::filesystem::file_time_type stamp_{};
  std::uintmax_t size_ = 0;
  bool is_new_ = true;            // it changed since it was read
  std::string unreadable_;        // as it was said
  std::optional<Previous> last_;  // what apps have
  std::string last_payload_;
  std::shared_ptr<const ServedFile::Content> content_;
};

}  // namespace guidon::tools
