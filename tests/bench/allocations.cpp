#include "tests/bench/allocations.h"

#include <cstdlib>
#include <new>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define GUIDON_BENCH_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define GUIDON_BENCH_SANITIZED
#endif
#endif

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace guidon::bench {
namespace {
thread_local std::uint64_t allocations = 0;
}  // namespace

std::uint64_t Allocations() noexcept { return allocations; }

std::size_t HeldBytes() noexcept {
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
#else
  return 0;
#endif
}

}  // namespace guidon::bench

#if defined(__GLIBC__) && !defined(GUIDON_BENCH_SANITIZED)

// glibc's own names for what is replaced here; operator new comes this way, too.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);

void* malloc(std::size_t size) noexcept {
  ++guidon::bench::allocations;
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) noexcept {
  ++guidon::bench::allocations;
  return __libc_calloc(count, size);
}
void* realloc(void* memory, std::size_t size) noexcept {
  ++guidon::bench::allocations;
  return __libc_realloc(memory, size);
}
}

#else

void* operator new(std::size_t size) {
  ++guidon::bench::allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

#endif
