// The few things that both the small files and the database's neighbourhood need from the file system.
#pragma once

#include <string>
#include <utility>

#include "guidon/status.h"

namespace guidon {

// Owns a file descriptor; below 0 is none.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) noexcept : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor();

  int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }
  // Closes at once and returns what the system said, 0 when all is well.
  int Close() noexcept;

 private:
  int fd_ = -1;
};

// open(2) that starts again when interrupted, never follows a link at the end of the path, and is closed across exec.
Descriptor OpenFile(const std::string& path, int flags) noexcept;

// Until the drive has it, as far as the system can tell. Returns errno, or 0.
int SyncFile(int fd) noexcept;

// Makes names that were created, replaced or removed in `folder` survive a power cut. File systems that cannot do so
// are taken at their word.
int SyncFolder(const std::string& folder) noexcept;

// Writes zeros over a file's content and removes it. No file is fine. `name` is for the message.
Status EraseFile(const std::string& path, const std::string& name);

}  // namespace guidon
