#include "sdk/tools/device_state.h"

#include <cstdint>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "guidon/platform_parts.h"
#include "sdk/core/base/text.h"
#include "sdk/events/fact.h"
#include "sdk/events/store.h"
#include "sdk/tools/files.h"

namespace guidon::tools {
namespace {

namespace fs = std::filesystem;

constexpr int kCopies = 20;
constexpr std::size_t kInstallIdBytes = 256;

// Turned by hand: everything is done before Load returns.
class LanesInTurn final : public Lanes {
 public:
  void PostLogic(Task task) override { tasks_.push_back(std::move(task)); }
  void PostDisk(Task task) override { tasks_.push_back(std::move(task)); }
  void PostLogicAt(MonoTime, Task task) override { tasks_.push_back(std::move(task)); }
  void RunAll() {
    while (!tasks_.empty()) {
      const Task task = std::move(tasks_.front());
      tasks_.pop_front();
      task();
    }
  }

 private:
  std::deque<Task> tasks_;
};

// A folder of its own for the copy, gone at the end.
class CopyFolder {
 public:
  CopyFolder() {
    std::error_code error;
    std::string name = (fs::temp_directory_path(error) / "guidon-state-XXXXXX").string();
    if (!error && mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~CopyFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  CopyFolder(const CopyFolder&) = delete;
  CopyFolder& operator=(const CopyFolder&) = delete;
  const fs::path& path() const noexcept { return path_; }

 private:
  fs::path path_;
};

// What tells that a file was written to meanwhile.
struct Stamp {
  bool exists = false;
  std::uintmax_t size = 0;
  fs::file_time_type written{};
};

bool operator==(const Stamp& a, const Stamp& b) {
  return a.exists == b.exists && a.size == b.size && a.written == b.written;
}

Stamp StampOf(const fs::path& path) {
  std::error_code error;
  Stamp stamp;
  stamp.exists = fs::exists(path, error);
  if (!stamp.exists) return stamp;
  stamp.size = fs::file_size(path, error);
  stamp.written = fs::last_write_time(path, error);
  return stamp;
}

// The database and its log, as they were at one moment.
Status CopyDatabase(const fs::path& from, const fs::path& to) {
  const fs::path log(from.string() + "-wal");
  const fs::path log_copy(to.string() + "-wal");
  std::error_code error;
  for (int i = 0; i < kCopies; ++i) {
    const Stamp database_before = StampOf(from);
    const Stamp log_before = StampOf(log);
    fs::copy_file(from, to, fs::copy_options::overwrite_existing, error);
    if (error) return Status(StatusCode::kNotFound, from.string() + ": " + error.message());
    fs::remove(log_copy, error);
    if (log_before.exists) fs::copy_file(log, log_copy, fs::copy_options::overwrite_existing, error);
    if (database_before == StampOf(from) && log_before == StampOf(log) && !error) return Status();
  }
  return Status(StatusCode::kUnavailable, from.string() + ": is being written to all the time; try again");
}

Status ReadStore(const std::string& path, const std::string& named, const ClockReading& now, DeviceState* out) {
  const auto lanes = std::make_shared<LanesInTurn>();
  const auto store = std::make_shared<events::Store>(SqliteStorage(path), lanes);
  std::optional<Result<events::Loaded>> loaded;
  events::Load(store, 1, now, [&](Result<events::Loaded> result) { loaded.emplace(std::move(result)); });
  lanes->RunAll();
  store->Close([] {});
  lanes->RunAll();
  if (!loaded) return Status(StatusCode::kInternal, named + ": could not be read");
  if (!loaded->ok()) return Status(loaded->status().code(), named + ": " + loaded->status().message());
  if ((*loaded)->opened.was_reset) return Status(StatusCode::kCorrupt, named + ": is no store, or damaged");
  out->scopes = *(*loaded)->state.scopes;
  out->enrollments = *(*loaded)->state.enrollments;
  SteadyTime time = (*loaded)->state.time;
  if (now.boot != 0 && time.boot() == now.boot) {
    (void)time.Note(now);
    out->clock_ahead = time.ahead();
  }
  return Status();
}

}  // namespace

ClockReading ReadThisClock() {
  const std::shared_ptr<Clock> clock = SystemClock();
  return {clock->Now(), clock->Monotonic(), events::BootOf(clock->BootId())};
}

Result<DeviceState> ReadDeviceState(const std::string& folder, const ClockReading& now) {
  const fs::path from = fs::path(folder) / "state.db";
  const CopyFolder copy;
  if (copy.path().empty()) return Status(StatusCode::kPermissionDenied, "cannot make a folder for a copy of the store");
  const fs::path to = copy.path() / "state.db";
  if (Status status = CopyDatabase(from, to); !status.ok()) return status;
  DeviceState out;
  if (Status status = ReadStore(to.string(), from.string(), now, &out); !status.ok()) return status;
  const Result<std::string> id = ReadFile((fs::path(folder) / "install-id").string(), kInstallIdBytes);
  if (id.ok()) out.install_id = std::string(text::Trim(*id));
  return out;
}

}  // namespace guidon::tools
