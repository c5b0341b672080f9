// Counts what this program allocates, on the calling thread.
#pragma once

#include <cstddef>
#include <cstdint>

namespace guidon::bench {

// Since the thread began. Where malloc can be replaced (glibc, no sanitizer) every allocation counts, elsewhere those
// by operator new.
std::uint64_t Allocations() noexcept;

// Bytes the program holds by allocation; 0 where the system does not tell.
std::size_t HeldBytes() noexcept;

}  // namespace guidon::bench
