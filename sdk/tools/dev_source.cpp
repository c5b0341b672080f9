#include "sdk/tools/dev_source.h"

#include <algorithm>
#include <utility>

#include "sdk/core/base/base64.h"
#include "sdk/core/base/json.h"
#include "sdk/tools/changes.h"
#include "sdk/tools/files.h"
#include "sdk/tools/publish.h"
#include "sdk/tools/published_file.h"

namespace guidon::tools {
namespace {

constexpr Duration kDevelopmentLife{std::int64_t{90} * 86'400'000};

Options DevelopmentApp(const KeyPair& key) {
  Options options;
  options.trusted_keys.push_back({EncodeBase64(key.public_key), TrustedKey::Role::kDevelopment});
  return options;
}

std::string KeptPath(const std::string& folder, const std::string& source) {
  return (std::filesystem::path(folder) / (std::filesystem::path(source).filename().string() + ".datafile")).string();
}

}  // namespace

Result<KeyPair> DevelopmentKey(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return Status(StatusCode::kUnavailable, folder + ": " + error.message());
  const std::string path = (std::filesystem::path(folder) / "key.pem").string();
  if (!std::filesystem::exists(path, error)) {
    Result<KeyPair> made = MakeKeyPair();
    if (!made.ok()) return made;
    if (const Status written = WriteSecretFile(path, made->private_pem); !written.ok()) return written;
    // What is in the folder is for this machine.
    if (const Status kept_out = WriteFile((std::filesystem::path(folder) / ".gitignore").string(), "*\n");
        !kept_out.ok()) {
      return kept_out;
    }
    return made;
  }
  const Result<std::string> pem = ReadFile(path, 64u << 10);
  if (!pem.ok()) return pem.status();
  Result<KeyPair> key = ReadPrivateKey(*pem);
  if (!key.ok()) return Status(key.status().code(), path + ": " + key.status().message());
  return key;
}

DevSource::DevSource(Settings settings)
    : settings_(std::move(settings)),
      kept_path_(KeptPath(settings_.folder, settings_.path)),
      app_(DevelopmentApp(settings_.key)) {
  // Only what this tool wrote there counts; anything else there is as good as nothing.
  const Result<PublishedFile> kept = ReadPublishedFile(kept_path_);
  if (!kept.ok()) return;
  Result<Previous> last = ReadPrevious(kept->payload);
  if (!last.ok()) return;
  last_ = *std::move(last);
  last_payload_ = kept->payload;
}

DevSource::Look DevSource::LookAgain(Timestamp now) {
  Look look;
  std::error_code error;
  const auto stamp = std::filesystem::last_write_time(settings_.path, error);
  const std::uintmax_t size = error ? 0 : std::filesystem::file_size(settings_.path, error);
  if (!error && (stamp != stamp_ || size != size_)) {
    stamp_ = stamp;
    size_ = size;
    is_new_ = true;
    if (text_) return look;  // an editor may still be writing: what is the same at the next look is whole
  }
  if (!error && !is_new_) return look;
  Result<std::unique_ptr<CheckedSource>> loaded = LoadChecked(settings_.path, settings_.previous_path, now);
  is_new_ = false;
  if (!loaded.ok()) {
    if (loaded.status().message() == unreadable_) return look;
    unreadable_ = loaded.status().message();
    look.what = What::kUnreadable;
    look.status = loaded.status();
    stamp_ = {};  // when it is back it counts as new
    return look;
  }
  unreadable_.clear();
  look.checked = *std::move(loaded);
  if (text_ && *text_ == look.checked->text) return look;
  text_ = look.checked->text;
  if (look.checked->problems.has_errors()) {
    look.what = What::kRefused;
    return look;
  }
  look.status = Publish(*look.checked, now, &look);
  look.what = look.status.ok() ? What::kPublished : What::kUnreadable;
  return look;
}

// What may not change while results are collected may well change while an app is being made: then people are drawn
// anew, from what is published elsewhere or from nothing, under a version that apps take.
Previous DevSource::BaseFor(const CheckedSource& checked, std::string* drawn_anew) const {
  Previous base = checked.previous.value_or(Previous());
  if (!last_) return base;
  Problems changes;
  CheckChanges(checked.source, *last_, &changes);
  if (!changes.has_errors()) {
    base = *last_;
  } else {
    const auto error = std::find_if(changes.all().begin(), changes.all().end(),
                                    [](const Problem& problem) { return problem.severity == Severity::kError; });
    *drawn_anew = error->pointer + ": " + error->reason;
  }
  if (std::make_pair(base.epoch, base.version) < std::make_pair(last_->epoch, last_->version)) {
    base.epoch = last_->epoch;
    base.version = last_->version;
  }
  base.hash = last_->hash;
  return base;
}

Status DevSource::Publish(const CheckedSource& checked, Timestamp now, Look* look) {
  const Previous base = BaseFor(checked, &look->drawn_anew);
  const bool is_first = base.version == 0;
  const std::string payload = tools::Publish(checked.source, is_first ? nullptr : &base, {now, now + kDevelopmentLife});
  const Result<std::string> bytes = WrapPayload(payload, {settings_.key});
  if (!bytes.ok()) return bytes.status();
  Result<std::shared_ptr<const client::Datafile>> taken = app_.Take(*bytes, now);
  if (!taken.ok()) return Status(taken.status().code(), "apps would refuse this: " + taken.status().message());
  Result<Previous> next = ReadPrevious(payload);
  if (!next.ok()) return next.status();
  json::Error error;
  const std::optional<json::Document> before = json::Document::Parse(last_payload_, &error);
  const std::optional<json::Document> after = json::Document::Parse(payload, &error);
  if (before && after && content_ != nullptr) look->edits = FindEdits(before->root(), after->root());
  if (const Status kept = WriteFile(kept_path_, *bytes); !kept.ok()) return kept;
  last_ = *std::move(next);
  last_payload_ = payload;
  content_ = ServedFile::Of(*bytes, *std::move(taken));
  return Status();
}

}  // namespace guidon::tools
