// What errno means in the library's terms.
#pragma once

#include <string>
#include <string_view>

#include "guidon/status.h"

namespace guidon {

StatusCode CodeOfErrno(int error) noexcept;

// "state.db: cannot open: Permission denied". `what` names the file without its folder, whose name may tell who the
// person is.
Status ErrnoStatus(std::string_view what, std::string_view action, int error);

}  // namespace guidon
