#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <memory>

#include "guidon/platform_parts.h"

#if defined(__linux__)
#include <sys/random.h>
#elif defined(__APPLE__) || defined(__FreeBSD__) || defined(__OpenBSD__) || defined(__NetBSD__)
#include <stdlib.h>
#else
#include <random>
#endif

namespace guidon {
namespace {

class SystemEntropy final : public Entropy {
 public:
  bool Fill(unsigned char* out, std::size_t size) noexcept override {
#if defined(__linux__)
    for (std::size_t done = 0; done < size;) {
      const ssize_t got = getrandom(out + done, size - done, 0);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return false;
      done += static_cast<std::size_t>(got);
    }
    return true;
#elif defined(__APPLE__) || defined(__FreeBSD__) || defined(__OpenBSD__) || defined(__NetBSD__)
    arc4random_buf(out, size);
    return true;
#else
    try {
      std::random_device device;
      std::uniform_int_distribution<unsigned> byte(0, 255);
      std::generate_n(out, size, [&] { return static_cast<unsigned char>(byte(device)); });
      return true;
    } catch (...) {
      return false;
    }
#endif
  }
};

}  // namespace

std::shared_ptr<Entropy> OsEntropy() { return std::make_shared<SystemEntropy>(); }

}  // namespace guidon
