#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>
#include <utility>

#include "guidon/limits.h"
#include "guidon/testing.h"

namespace guidon::testing {
namespace {

constexpr std::string_view kKnownKinds[] = {"tooltip", "banner", "card", "modal", "full_screen"};

// What one lease said, from any thread.
class Record {
 public:
  void Say(std::string what) {
    const std::lock_guard<std::mutex> lock(mutex_);
    said_.push_back(std::move(what));
  }
  void Drop() {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_dropped_ = true;
  }
  std::vector<std::string> said() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return said_;
  }
  bool is_dropped() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return is_dropped_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> said_;
  bool is_dropped_ = false;
};

constexpr char kPresented[] = "Presented";

std::string CauseText(DismissCause cause) {
  switch (cause) {
    case DismissCause::kPerson: return "kPerson";
    case DismissCause::kTimeout: return "kTimeout";
    case DismissCause::kNavigation: return "kNavigation";
    case DismissCause::kHost: return "kHost";
  }
  return "an unknown cause";
}

class Recorder final : public PromptReceiver {
 public:
  explicit Recorder(std::shared_ptr<Record> record) : record_(std::move(record)) {}
  ~Recorder() override { record_->Drop(); }

  void Presented() noexcept override { record_->Say(kPresented); }
  void Action(std::string_view button) noexcept override { record_->Say("Action(" + std::string(button) + ")"); }
  void Dismissed(DismissCause cause) noexcept override { record_->Say("Dismissed(" + CauseText(cause) + ")"); }
  void Snoozed(Duration) noexcept override { record_->Say("Snoozed"); }
  void Failed(std::string_view why) noexcept override { record_->Say("Failed(" + std::string(why) + ")"); }

 private:
  const std::shared_ptr<Record> record_;
};

std::string Listed(const std::vector<std::string>& said) {
  std::string text;
  for (const std::string& one : said) text += (text.empty() ? "" : ", ") + one;
  return text.empty() ? "nothing" : text;
}

std::string WithoutSpaces(std::string_view text) {
  std::string squeezed;
  for (const char c : text) {
    if (c != ' ' && c != '\n' && c != '\t') squeezed.push_back(c);
  }
  return squeezed;
}

bool TakesFocus(const std::string& kind) { return kind == "modal" || kind == "full_screen"; }

class HostCheck {
 public:
  HostCheck(PromptHostDriver& driver, std::vector<std::string>* skipped) : driver_(driver), skipped_(skipped) {}

  std::vector<std::string> Run() {
    for (const std::string& kind : TakeKinds()) {
      kind_ = kind;
      if (kind == "tooltip" && driver_.Anchor().empty()) {
        Skip("there is no anchor to point at");
        continue;
      }
      CheckAsking();
      CheckWays();
      CheckRetraction();
      CheckTexts();
      CheckSurroundings();
    }
    return std::move(broken_);
  }

 private:
  void Broken(const std::string& what) { broken_.push_back(kind_ + ", " + scene_ + ": " + what); }
  void Skip(const std::string& what) {
    if (skipped_ != nullptr) skipped_->push_back(kind_ + ": " + what);
  }

  std::vector<std::string> TakeKinds() {
    kind_ = "kinds";
    scene_ = "asked twice";
    std::vector<std::string> kinds = driver_.Host().Kinds();
    if (kinds.empty()) Broken("the host draws nothing");
    if (driver_.Host().Kinds() != kinds) Broken("the answers differ");
    for (const std::string& kind : kinds) {
      const auto* known = std::find(std::begin(kKnownKinds), std::end(kKnownKinds), kind);
      if (known == std::end(kKnownKinds)) Broken("no campaign is of the kind \"" + kind + "\"");
      if (std::count(kinds.begin(), kinds.end(), kind) > 1) Broken("\"" + kind + "\" is there more than once");
    }
    kinds.erase(std::remove_if(kinds.begin(), kinds.end(),
                               [](const std::string& kind) {
                                 return std::find(std::begin(kKnownKinds), std::end(kKnownKinds), kind) ==
                                        std::end(kKnownKinds);
                               }),
                kinds.end());
    std::sort(kinds.begin(), kinds.end());
    kinds.erase(std::unique(kinds.begin(), kinds.end()), kinds.end());
    return kinds;
  }

  Prompt NextPrompt() {
    Prompt prompt;
    prompt.id = "showing-" + std::to_string(++showings_);
    prompt.campaign = "promises";
    prompt.variant = "prompt";
    prompt.kind = kind_;
    if (kind_ == "tooltip") prompt.anchor = driver_.Anchor();
    prompt.language = "en";
    prompt.title = "Drop the file in";
    prompt.body = "Share it right here.\nIt stays yours.";
    prompt.buttons.resize(3);
    prompt.buttons[0].id = "try";
    prompt.buttons[0].label = "Attach a file";
    prompt.buttons[0].primary = true;
    prompt.buttons[1].id = "later";
    prompt.buttons[1].label = "Remind me";
    prompt.buttons[1].snooze = std::chrono::hours(24);
    prompt.buttons[2].id = "no";
    prompt.buttons[2].label = "Thanks, no";
    return prompt;
  }

  void Present(const Prompt& prompt) {
    record_ = std::make_shared<Record>();
    driver_.Host().Present(prompt, PromptLease(std::make_unique<Recorder>(record_)));
  }

  // False when it is not up then; what is wrong with it is said.
  bool Show(const Prompt& prompt) {
    driver_.Settle();
    focus_before_ = driver_.Look().focus;
    if (driver_.Host().MayPresent(prompt) != Admission::kNow) {
      Broken("MayPresent says no although nothing is up");
      return false;
    }
    driver_.Settle();
    Present(prompt);
    driver_.Settle();
    const std::vector<std::string> said = record_->said();
    const bool is_up = driver_.Look().has_prompt;
    if (!is_up) Broken("it is not on screen; the lease said " + Listed(said));
    if (is_up && said != std::vector<std::string>{kPresented}) {
      Broken("it is on screen, of which a lease says Presented once; it said " + Listed(said));
    }
    if (is_up && record_->is_dropped()) Broken("the lease is gone while the prompt is up");
    return is_up;
  }

  // After something that ends it.
  void ExpectGone() {
    driver_.Settle();
    const PromptScreen screen = driver_.Look();
    if (screen.has_prompt) {
      Broken("it is still on screen");
      driver_.Restart();
      return;
    }
    if (screen.focus != focus_before_) {
      Broken("the focus was at \"" + focus_before_ + "\" before, and is at \"" + screen.focus + "\" now");
    }
  }

  void ExpectSaid(const std::string& end) {
    const std::vector<std::string> said = record_->said();
    if (said != std::vector<std::string>{kPresented, end}) {
      Broken("the lease said " + Listed(said) + " instead of " + kPresented + ", " + end);
    }
  }

  void CloseIt() {
    if (!driver_.Close()) Broken("there is no way to close it");
    ExpectGone();
  }

  void CheckAsking() {
    scene_ = "asked for";
    driver_.Settle();
    (void)driver_.Host().MayPresent(NextPrompt());
    driver_.Settle();
    if (driver_.Look().has_prompt) {
      Broken("MayPresent draws it, also before people who are held out");
      driver_.Restart();
    }
    scene_ = "busy";
    if (!driver_.SetBusy(true)) {
      Skip("no bad moment was tried");
      return;
    }
    driver_.Settle();
    if (driver_.Host().MayPresent(NextPrompt()) != Admission::kLater) Broken("MayPresent does not say kLater");
    (void)driver_.SetBusy(false);
  }

  void CheckWays() {
    scene_ = "shown";
    const Prompt prompt = NextPrompt();
    if (!Show(prompt)) return;
    CheckLook(prompt);
    scene_ = "closed";
    CloseIt();
    ExpectSaid("Dismissed(kPerson)");
    for (const Prompt::Button& button : prompt.buttons) {
      scene_ = "button " + button.id;
      if (!Show(NextPrompt())) continue;
      if (!driver_.Press(button.id)) Broken("there is no such button to press");
      ExpectGone();
      ExpectSaid("Action(" + button.id + ")");
    }
  }

  void CheckLook(const Prompt& prompt) {
    const PromptScreen screen = driver_.Look();
    std::string read;
    for (const std::string& text : screen.texts) read += WithoutSpaces(text);
    std::size_t from = 0;
    const auto expect = [&](const std::string& text, const char* what) {
      const std::size_t at = read.find(WithoutSpaces(text), from);
      if (at == std::string::npos) {
        Broken(std::string("the ") + what + " \"" + text + "\" is not to be read, or not in its order");
      } else {
        from = at + WithoutSpaces(text).size();
      }
    };
    expect(prompt.title, "title");
    if (!prompt.body.empty()) expect(prompt.body, "body");
    for (const Prompt::Button& button : prompt.buttons) expect(button.label, "button");
    if (!screen.role.empty() && TakesFocus(prompt.kind) && screen.role != "dialog" && screen.role != "alertdialog") {
      Broken("what keeps people from the rest is a dialog, and its role is \"" + screen.role + "\"");
    }
    if (!screen.label.empty() && WithoutSpaces(screen.label).find(WithoutSpaces(prompt.title)) == std::string::npos) {
      Broken("its label \"" + screen.label + "\" does not say its title");
    }
    if (!screen.language.empty() && screen.language != prompt.language) {
      Broken("it is read out in \"" + screen.language + "\" instead of \"" + prompt.language + "\"");
    }
    CheckFocus(prompt, screen);
  }

  void CheckFocus(const Prompt& prompt, const PromptScreen& screen) {
    if (screen.focus.empty()) return;
    const bool is_inside = screen.focus == "prompt" ||
                           std::any_of(prompt.buttons.begin(), prompt.buttons.end(),
                                       [&](const Prompt::Button& button) { return button.id == screen.focus; });
    if (TakesFocus(prompt.kind) && !is_inside) Broken("the focus stays outside, at \"" + screen.focus + "\"");
    if (!TakesFocus(prompt.kind) && screen.focus != focus_before_) {
      Broken("it takes the focus from what people do, to \"" + screen.focus + "\"");
    }
  }

  void CheckRetraction() {
    scene_ = "retracted";
    Prompt prompt = NextPrompt();
    if (Show(prompt)) {
      driver_.Host().Retract("showing-of-another");
      driver_.Settle();
      if (!driver_.Look().has_prompt) Broken("it went away when another one was retracted");
      driver_.Host().Retract(prompt.id);
      ExpectGone();
    }
    scene_ = "retracted at once";
    prompt = NextPrompt();
    focus_before_ = driver_.Look().focus;
    Present(prompt);
    driver_.Host().Retract(prompt.id);
    ExpectGone();
    scene_ = "retracted after its end";
    prompt = NextPrompt();
    if (Show(prompt)) {
      CloseIt();
      driver_.Host().Retract(prompt.id);
      ExpectGone();
      ExpectSaid("Dismissed(kPerson)");
    }
  }

  void CheckTexts() {
    scene_ = "plain text";
    Prompt prompt = NextPrompt();
    prompt.title = "<b>1 & 2</b> &amp; %s {0}";
    prompt.body = "[link](https://example.com) *not bold* \\n";
    prompt.buttons[0].label = "<i>Go</i>";
    ShowAndClose(prompt);
    scene_ = "another language";
    prompt = NextPrompt();
    prompt.language = "ar";
    prompt.title = "\xD9\x85\xD8\xB1\xD8\xAD\xD8\xA8\xD8\xA7";  // "hello"
    prompt.body.clear();
    prompt.buttons.resize(1);
    ShowAndClose(prompt);
    scene_ = "without buttons";
    prompt = NextPrompt();
    prompt.buttons.clear();
    ShowAndClose(prompt);
    scene_ = "as long as can be";
    prompt = NextPrompt();
    prompt.title = Words(limits::kPromptTitleBytes);
    prompt.body = Words(limits::kPromptBodyBytes);
    prompt.buttons.resize(limits::kPromptButtons);
    for (std::size_t i = 0; i < prompt.buttons.size(); ++i) {
      prompt.buttons[i].id = "b" + std::to_string(i + 1);
      prompt.buttons[i].label = Words(60);
    }
    if (!Show(prompt)) return;
    if (!driver_.Press(prompt.buttons.back().id)) Broken("its last button cannot be pressed");
    ExpectGone();
    ExpectSaid("Action(" + prompt.buttons.back().id + ")");
  }

  void ShowAndClose(const Prompt& prompt) {
    if (!Show(prompt)) return;
    CheckLook(prompt);
    CloseIt();
    ExpectSaid("Dismissed(kPerson)");
  }

  static std::string Words(std::size_t size) {
    std::string text;
    while (text.size() < size) text += text.size() % 9 == 8 ? ' ' : 'x';
    if (text.back() == ' ') text.back() = 'x';
    return text;
  }

  void CheckSurroundings() {
    scene_ = "left alone";
    if (Show(NextPrompt())) {
      if (!driver_.PassTime(std::chrono::minutes(10))) {
        Skip("time did not pass");
      } else {
        driver_.Settle();
        if (!driver_.Look().has_prompt) Broken("it went away by itself, under a screen reader");
      }
      if (driver_.Look().has_prompt) CloseIt();
    }
    scene_ = "the app ends";
    if (!Show(NextPrompt())) return;
    driver_.Restart();
    driver_.Settle();
    const std::size_t ends = record_->said().size() - 1;
    if (!record_->is_dropped() && ends == 0) Broken("nobody hears of its end: the lease is kept");
    if (ends > 1) Broken("the lease said " + Listed(record_->said()));
    if (driver_.Look().has_prompt) Broken("it is up again when the app is back");
    if (Show(NextPrompt())) CloseIt();
  }

  PromptHostDriver& driver_;
  std::vector<std::string>* const skipped_;
  std::vector<std::string> broken_;
  std::string kind_, scene_;
  std::uint64_t showings_ = 0;
  std::shared_ptr<Record> record_;
  std::string focus_before_;
};

}  // namespace

PromptHostDriver::~PromptHostDriver() = default;

std::vector<std::string> CheckPromptHost(PromptHostDriver& driver, std::vector<std::string>* skipped) {
  return HostCheck(driver, skipped).Run();
}

}  // namespace guidon::testing
