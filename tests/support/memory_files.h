// Files in memory, with faults on demand.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "guidon/ports/files.h"

namespace guidon::test {

class MemoryFiles final : public Files {
 public:
  Result<std::string> Read(std::string_view name, std::size_t most) override;
  Status Replace(std::string_view name, std::string_view content) override;
  Status Create(std::string_view name, std::string_view content) override;  // fails as Replace does
  Status Remove(std::string_view name) override;

  // Until set to an ok Status again, every such call fails with it and changes nothing.
  void FailReads(Status status);
  void FailReplaces(Status status);
  void FailRemoves(Status status);

  // Past the faults and the rules for names; a test's own look.
  bool Has(std::string_view name) const;
  std::string Content(std::string_view name) const;  // empty when there is none
  void Put(std::string_view name, std::string content);
  std::size_t size() const;
  // How often Replace was called, failures included.
  std::size_t replaces() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string, std::less<>> files_;
  Status read_fault_;
  Status replace_fault_;
  Status remove_fault_;
  std::size_t replaces_ = 0;
};

}  // namespace guidon::test
