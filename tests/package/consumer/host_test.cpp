// An app's own test of its host: one that draws nothing breaks the first promise.
#include <guidon/testing.h>

#include <cstdio>

namespace {

class Nothing final : public guidon::PromptHost {
 public:
  std::vector<std::string> Kinds() const override { return {}; }
  guidon::Admission MayPresent(const guidon::Prompt&) override { return guidon::Admission::kNever; }
  void Present(const guidon::Prompt&, guidon::PromptLease) override {}
  void Retract(std::string_view) override {}
};

class Driver final : public guidon::testing::PromptHostDriver {
 public:
  guidon::PromptHost& Host() override { return host_; }
  void Settle() override {}
  guidon::testing::PromptScreen Look() override { return {}; }
  bool Press(std::string_view) override { return false; }
  bool Close() override { return false; }
  void Restart() override {}

 private:
  Nothing host_;
};

}  // namespace

int main() {
  Driver driver;
  const std::vector<std::string> broken = guidon::testing::CheckPromptHost(driver);
  for (const std::string& one : broken) std::printf("%s\n", one.c_str());
  return broken.size() == 1 ? 0 : 1;
}
