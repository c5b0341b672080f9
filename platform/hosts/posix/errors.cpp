#include "platform/hosts/posix/errors.h"

#include <cerrno>
#include <string>
#include <system_error>

namespace guidon {

StatusCode CodeOfErrno(int error) noexcept {
  switch (error) {
    case ENOENT:
    case ENOTDIR: return StatusCode::kNotFound;
    case EACCES:
    case EPERM:
    case EROFS: return StatusCode::kPermissionDenied;
    case ENOSPC:
    case EDQUOT: return StatusCode::kOutOfSpace;
    case EMFILE:
    case ENFILE:
    case EAGAIN:
    case EBUSY:
    case EINTR: return StatusCode::kUnavailable;
    case EFBIG: return StatusCode::kTooLarge;
    default: return StatusCode::kInternal;
  }
}

Status ErrnoStatus(std::string_view what, std::string_view action, int error) {
  std::string message(what);
  message.append(": ").append(action).append(": ").append(std::generic_category().message(error));
  return Status(CodeOfErrno(error), std::move(message));
}

}  // namespace guidon
