// A host of prompts, as small as it gets: docs/guide/prompts.md explains it line by line.
#include <guidon/default_platform.h>
#include <guidon/guidon.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <iterator>
#include <mutex>
#include <optional>

// Where the app draws. A real app posts to its UI's event loop instead.
class UiThread final : public guidon::Executor {
 public:
  void Post(std::function<void()> task) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    tasks_.push_back(std::move(task));
    posted_.notify_one();
  }
  // Runs the next task; false when none came in time.
  bool RunOne(std::chrono::seconds patience) {
    std::unique_lock<std::mutex> lock(mutex_);
    if (!posted_.wait_for(lock, patience, [this] { return !tasks_.empty(); })) return false;
    const std::function<void()> task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
    return true;
  }

 private:
  std::mutex mutex_;
  std::condition_variable posted_;
  std::deque<std::function<void()>> tasks_;
};

class ConsoleHost final : public guidon::PromptHost {
 public:
  std::vector<std::string> Kinds() const override { return {"tooltip", "banner", "modal"}; }
  std::vector<std::string> Actions() const override { return {"open", "copy"}; }

  guidon::Admission MayPresent(const guidon::Prompt&) override {
    return is_busy ? guidon::Admission::kLater : guidon::Admission::kNow;
  }

  void Present(const guidon::Prompt& prompt, guidon::PromptLease lease) override {
    std::printf("%s\n%s\n", prompt.title.c_str(), prompt.body.c_str());
    for (std::size_t i = 0; i < prompt.buttons.size(); ++i) {
      std::printf("  %zu %s\n", i + 1, prompt.buttons[i].label.c_str());
    }
    lease.Presented();  // it is on screen
    up = prompt;
    lease_.emplace(std::move(lease));
  }

  void Retract(std::string_view) override {
    up.reset();
    lease_.reset();  // void already: says nothing
  }

  // Button 0 is the first.
  void Press(std::size_t button) {
    if (!up || button >= up->buttons.size()) return;
    const guidon::Prompt::Button pressed = up->buttons[button];
    lease_->Action(pressed.id);  // the engine knows whether it snoozes, closes or acts
    up.reset();
    lease_.reset();
    if (pressed.action.kind == "open") std::printf("the app goes to %s\n", pressed.action.link.c_str());
    if (pressed.action.kind == "copy") std::printf("on the clipboard: %s\n", pressed.action.text.c_str());
  }

  std::optional<guidon::Prompt> up;
  bool is_busy = false;  // a call, a checkout, somebody is typing

 private:
  std::optional<guidon::PromptLease> lease_;
};

int main(int argc, char** argv) {
  if (argc < 3) return std::fprintf(stderr, "usage: %s DATAFILE PUBLIC_KEY [BUTTON]\n", argv[0]), 2;
  std::ifstream file(argv[1], std::ios::binary);

  guidon::Options options;
  options.bundled_datafile.assign(std::istreambuf_iterator<char>(file), {});
  options.trusted_keys = {{argv[2]}};
  options.consent = guidon::Consent::kGranted;  // without it nothing is remembered, so nothing is shown
  UiThread ui;
  ConsoleHost host;
  auto client = guidon::Client::Open(std::move(options), guidon::DefaultPlatform("prompts-state"));
  client->SetPromptHost(&host, &ui);

  client->Track("app_open");
  client->Track("note_created", {{"chars", 450}});  // the campaign's trigger
  while (!host.up && ui.RunOne(std::chrono::seconds(1))) {
  }
  if (!host.up) std::fputs(client->ExplainPrompt("try-file-share").c_str(), stdout);
  host.Press(argc > 3 ? std::strtoul(argv[3], nullptr, 10) - 1 : 0);

  client->SetPromptHost(nullptr);  // before the host goes
  (void)client->Close(std::chrono::seconds(2));
}
