// Port: random bytes good enough for an identifier nobody can guess. Used for the install id; everything else that
// looks random is a hash.
#pragma once

#include <cstddef>

namespace guidon {

class Entropy {
 public:
  virtual ~Entropy() = default;
  // False when the system has none to give; `out` is then undefined. Any thread.
  virtual bool Fill(unsigned char* out, std::size_t size) noexcept = 0;
};

}  // namespace guidon
