#include "sdk/client/identity.h"

#include <chrono>
#include <cstdint>
#include <cstring>
#include <thread>

#include "sdk/core/base/text.h"

namespace guidon::client {
namespace {

constexpr std::string_view kFile = "install-id";
constexpr std::size_t kUuidBytes = 36;
// How often a file is asked for that another process is just making, a millisecond apart.
constexpr int kMostAsks = 100;

bool IsUuid(std::string_view text) noexcept {
  if (text.size() != kUuidBytes) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool is_hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    if (i == 8 || i == 13 || i == 18 || i == 23 ? c != '-' : !is_hex) return false;
  }
  return true;
}

}  // namespace

std::string Identity::Draw() {
  std::uint64_t words[2] = {0, 0};
  unsigned char bytes[sizeof words];
  // Without randomness there is no id rather than one that two devices share: device units are then missing.
  if (!entropy_->Fill(bytes, sizeof bytes)) return std::string();
  std::memcpy(words, bytes, sizeof words);
  return text::FormatUuid(words[0], words[1], 4);
}

std::string Identity::ReadOrDraw() {
  if (files_) {
    auto kept = files_->Read(kFile, kUuidBytes);
    if (kept.ok() && IsUuid(*kept)) return *std::move(kept);
  }
  return Draw();
}

std::string Identity::ReadOrKeep(std::string drawn) {
  for (int asked = 0; files_ && asked < kMostAsks; ++asked) {
    auto kept = files_->Read(kFile, kUuidBytes);
    if (kept.ok() && IsUuid(*kept)) return *std::move(kept);
    if (kept.ok()) break;  // to be replaced
    if (drawn.empty()) drawn = Draw();
    if (drawn.empty()) break;
    const Status created = files_->Create(kFile, drawn);
    if (created.code() != StatusCode::kUnavailable) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return drawn.empty() ? Draw() : drawn;
}

bool Identity::IsKept(const std::string& id) const {
  if (!files_ || id.empty()) return false;
  const auto kept = files_->Read(kFile, kUuidBytes);
  return kept.ok() && *kept == id;
}

Status Identity::Keep(const std::string& id) {
  if (!files_ || id.empty() || IsKept(id)) return Status();
  return files_->Replace(kFile, id);
}

Status Identity::Forget() { return files_ ? files_->Remove(kFile) : Status(); }

}  // namespace guidon::client
