// A page that fork wipes in the copy, where the system has such pages; else the process's number.
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

#include "guidon/platform_parts.h"

namespace guidon {
namespace {

using Word = std::atomic<std::uint32_t>;
static_assert(Word::is_always_lock_free, "read without a lock");

class Guard final : public ForkGuard {
 public:
  Guard() noexcept : process_(getpid()) {
#if defined(MADV_WIPEONFORK)
    size_ = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    void* page = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return;
    if (madvise(page, size_, MADV_WIPEONFORK) != 0) {
      (void)munmap(page, size_);
      return;
    }
    word_ = new (page) Word(1);
#endif
  }
  ~Guard() override {
    if (word_ != nullptr) (void)munmap(word_, size_);
  }
  Guard(const Guard&) = delete;  // one page
  Guard& operator=(const Guard&) = delete;

  bool IsCopy() const noexcept override {
    return word_ != nullptr ? word_->load(std::memory_order_relaxed) == 0 : getpid() != process_;
  }
  const Word* word() const noexcept override { return word_; }

 private:
  const pid_t process_;
  std::size_t size_ = 0;
  Word* word_ = nullptr;
};

}  // namespace

std::shared_ptr<ForkGuard> SystemForkGuard() { return std::make_shared<Guard>(); }

}  // namespace guidon
