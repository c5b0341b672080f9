#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "guidon/platform_parts.h"
#include "platform/hosts/posix/errors.h"
#include "platform/hosts/posix/file.h"

namespace guidon {
namespace {

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

class FromEnvironment final : public LocalOverrides {
 public:
  FromEnvironment(std::string text, std::string path) : text_(std::move(text)), path_(std::move(path)) {}

  std::string Environment() override { return text_; }
  bool HasFile() override { return !path_.empty(); }
  Result<std::string> ReadFile(std::size_t most) override;

 private:
  const std::string text_;
  const std::string path_;
};

// Whoever names the file may name a link, unlike with files of the library's own. A pipe is not waited for.
Result<std::string> FromEnvironment::ReadFile(std::size_t most) {
  int fd = -1;
  do fd = open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  while (fd < 0 && errno == EINTR);
  const Descriptor file(fd);
  if (!file) return ErrnoStatus(path_, "cannot open", errno);
  struct stat about = {};
  if (fstat(file.get(), &about) != 0) return ErrnoStatus(path_, "cannot look at", errno);
  if (!S_ISREG(about.st_mode)) return Status(StatusCode::kInvalidArgument, path_ + ": is no file");
  std::string content(most + 1, '\0');
  std::size_t size = 0;
  while (size < content.size()) {
    const ssize_t got = read(file.get(), content.data() + size, content.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoStatus(path_, "cannot read", errno);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > most) {
    return Status(StatusCode::kTooLarge, path_ + ": has more than " + std::to_string(most) + " bytes");
  }
  content.resize(size);
  return content;
}

}  // namespace

std::shared_ptr<LocalOverrides> EnvironmentOverrides() {
  const std::string off = Variable("GUIDON_NO_OVERRIDES");
  if (!off.empty() && off != "0") return std::make_shared<FromEnvironment>("", "");
  return std::make_shared<FromEnvironment>(Variable("GUIDON_FORCE"), Variable("GUIDON_OVERRIDES_FILE"));
}

}  // namespace guidon
