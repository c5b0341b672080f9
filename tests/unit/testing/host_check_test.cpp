#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "guidon/testing.h"

using namespace guidon;
using namespace guidon::testing;

namespace {

// What a host may do wrong, one at a time.
enum class Fault {
  kNone,
  kNoKinds,
  kUnknownKind,
  kDrawsWhenAsked,
  kNeverNow,
  kBusyIsNever,
  kForgetsPresented,
  kPresentsTwice,
  kNeverDraws,
  kDropsLease,
  kCloseSaysNothing,
  kCloseTwice,
  kCloseIsHost,
  kNoClose,
  kStaysAfterPress,
  kWrongButton,
  kNoButton,
  kLastButtonMissing,
  kMarkup,
  kButtonsFirst,
  kNoBody,
  kRetractsAny,
  kIgnoresRetract,
  kDrawsRetracted,
  kFocusOutside,
  kFocusStolen,
  kFocusLost,
  kRoleOfRegion,
  kOtherLabel,
  kOwnLanguage,
  kVanishes,
  kKeepsLeaseAtEnd,
  kEndsTwice,
  kComesBack,
};

// A screen with one place for prompts, and a queue as UI threads have.
class Toy final : public PromptHost {
 public:
  explicit Toy(Fault fault) : fault_(fault) {}

  std::vector<std::string> Kinds() const override {
    if (fault_ == Fault::kNoKinds) return {};
    if (fault_ == Fault::kUnknownKind) return {"modal", "toast"};
    return {"tooltip", "banner", "card", "modal", "full_screen"};
  }
  Admission MayPresent(const Prompt& prompt) override {
    if (fault_ == Fault::kDrawsWhenAsked) up_ = prompt;
    if (fault_ == Fault::kNeverNow) return Admission::kLater;
    if (is_busy) return fault_ == Fault::kBusyIsNever ? Admission::kNever : Admission::kLater;
    return Admission::kNow;
  }
  void Present(const Prompt& prompt, PromptLease lease) override {
    if (fault_ != Fault::kDropsLease) lease_ = std::make_shared<PromptLease>(std::move(lease));
    waiting_ = prompt;
    tasks.push_back([this] {
      if (!waiting_ || fault_ == Fault::kNeverDraws) return;
      up_ = std::exchange(waiting_, std::nullopt);
      if (Is("modal") || Is("full_screen")) {
        focus = fault_ == Fault::kFocusOutside ? "editor" : up_->buttons.empty() ? "prompt" : up_->buttons[0].id;
      } else if (fault_ == Fault::kFocusStolen) {
        focus = "prompt";
      }
      if (lease_ && fault_ != Fault::kForgetsPresented) lease_->Presented();
      if (lease_ && fault_ == Fault::kPresentsTwice) lease_->Presented();
    });
  }
  void Retract(std::string_view id) override {
    if (fault_ == Fault::kIgnoresRetract) return;
    if (waiting_ && waiting_->id == id && fault_ != Fault::kDrawsRetracted) TakeDown();
    if (up_ && (up_->id == id || fault_ == Fault::kRetractsAny)) TakeDown();
  }

  bool Press(std::string_view id) {
    if (!up_ || fault_ == Fault::kNoButton) return false;
    if (fault_ == Fault::kLastButtonMissing && up_->buttons.size() == 4 && id == up_->buttons[3].id) return false;
    if (lease_) lease_->Action(fault_ == Fault::kWrongButton ? "OK" : id);
    if (fault_ != Fault::kStaysAfterPress) TakeDown();
    return true;
  }
  bool Close() {
    if (!up_ || fault_ == Fault::kNoClose) return false;
    if (lease_ && fault_ != Fault::kCloseSaysNothing) {
      lease_->Dismissed(fault_ == Fault::kCloseIsHost ? DismissCause::kHost : DismissCause::kPerson);
    }
    if (lease_ && fault_ == Fault::kCloseTwice) lease_->Dismissed(DismissCause::kPerson);
    TakeDown();
    return true;
  }
  void PassTime() {
    if (fault_ == Fault::kVanishes && up_) {
      if (lease_) lease_->Dismissed(DismissCause::kTimeout);
      TakeDown();
    }
  }
  void End() {
    if (fault_ == Fault::kEndsTwice && lease_) {
      lease_->Failed("the app ends");
      lease_->Dismissed(DismissCause::kNavigation);
    }
  }

  PromptScreen Look() const {
    PromptScreen screen;
    screen.focus = focus;
    screen.has_prompt = up_.has_value();
    if (!up_) return screen;
    const bool is_plain = fault_ != Fault::kMarkup;
    for (const Prompt::Button& button : up_->buttons) screen.texts.push_back(button.label);
    const auto at = fault_ == Fault::kButtonsFirst ? screen.texts.end() : screen.texts.begin();
    std::string title = up_->title;
    if (!is_plain) title.erase(std::remove(title.begin(), title.end(), '<'), title.end());
    std::vector<std::string> words = {title};
    if (fault_ != Fault::kNoBody) words.push_back(up_->body);
    screen.texts.insert(at, words.begin(), words.end());
    screen.role = fault_ == Fault::kRoleOfRegion ? "region" : "dialog";
    screen.label = fault_ == Fault::kOtherLabel ? "Window 2" : up_->title;
    screen.language = fault_ == Fault::kOwnLanguage ? "de" : up_->language;
    return screen;
  }

  bool is_busy = false;
  std::string focus = "editor";
  std::deque<std::function<void()>> tasks;
  const std::shared_ptr<PromptLease>& lease() const { return lease_; }
  const std::optional<Prompt>& up() const { return up_; }
  void Bring(const std::optional<Prompt>& prompt) { up_ = prompt; }

 private:
  bool Is(const char* kind) const { return up_->kind == kind; }
  void TakeDown() {
    up_.reset();
    waiting_.reset();
    lease_.reset();
    focus = fault_ == Fault::kFocusLost ? "" : "editor";
  }

  const Fault fault_;
  std::optional<Prompt> waiting_, up_;
  std::shared_ptr<PromptLease> lease_;
};

class ToyDriver final : public PromptHostDriver {
 public:
  explicit ToyDriver(Fault fault) : fault_(fault), toy_(std::make_unique<Toy>(fault)) {}

  PromptHost& Host() override { return *toy_; }
  void Settle() override {
    while (!toy_->tasks.empty()) {
      const std::function<void()> task = std::move(toy_->tasks.front());
      toy_->tasks.pop_front();
      task();
    }
  }
  PromptScreen Look() override { return toy_->Look(); }
  bool Press(std::string_view id) override { return toy_->Press(id); }
  bool Close() override { return toy_->Close(); }
  void Restart() override {
    if (fault_ == Fault::kKeepsLeaseAtEnd) kept_.push_back(toy_->lease());
    toy_->End();
    const std::optional<Prompt> up = toy_->up();
    toy_ = std::make_unique<Toy>(fault_);
    if (fault_ == Fault::kComesBack) toy_->Bring(up);
  }
  std::string Anchor() override { return "attach"; }
  bool SetBusy(bool is_busy) override {
    toy_->is_busy = is_busy;
    return true;
  }
  bool PassTime(Duration) override {
    toy_->PassTime();
    return true;
  }

 private:
  const Fault fault_;
  std::unique_ptr<Toy> toy_;
  std::vector<std::shared_ptr<PromptLease>> kept_;
};

}  // namespace

TEST_CASE("a host that keeps its promises breaks none, and everything was tried") {
  ToyDriver driver(Fault::kNone);
  std::vector<std::string> skipped;
  CHECK(CheckPromptHost(driver, &skipped) == std::vector<std::string>{});
  CHECK(skipped.empty());
}

TEST_CASE("each broken promise is found, and named") {
  struct Row {
    Fault fault;
    const char* broken;
  };
  const Row rows[] = {
      {Fault::kNoKinds, "kinds, asked twice: the host draws nothing"},
      {Fault::kUnknownKind, "kinds, asked twice: no campaign is of the kind \"toast\""},
      {Fault::kDrawsWhenAsked, "banner, asked for: MayPresent draws it, also before people who are held out"},
      {Fault::kNeverNow, "banner, shown: MayPresent says no although nothing is up"},
      {Fault::kBusyIsNever, "banner, busy: MayPresent does not say kLater"},
      {Fault::kForgetsPresented,
       "modal, shown: it is on screen, of which a lease says Presented once; it said nothing"},
      {Fault::kPresentsTwice,
       "modal, shown: it is on screen, of which a lease says Presented once; it said Presented, Presented"},
      {Fault::kNeverDraws, "modal, shown: it is not on screen; the lease said nothing"},
      {Fault::kDropsLease, "modal, shown: the lease is gone while the prompt is up"},
      {Fault::kCloseSaysNothing, "modal, closed: the lease said Presented instead of Presented, Dismissed(kPerson)"},
      {Fault::kCloseTwice,
       "modal, closed: the lease said Presented, Dismissed(kPerson), Dismissed(kPerson) instead of Presented, "
       "Dismissed(kPerson)"},
      {Fault::kCloseIsHost,
       "modal, closed: the lease said Presented, Dismissed(kHost) instead of Presented, Dismissed(kPerson)"},
      {Fault::kNoClose, "modal, closed: there is no way to close it"},
      {Fault::kStaysAfterPress, "modal, button try: it is still on screen"},
      {Fault::kWrongButton,
       "modal, button later: the lease said Presented, Action(OK) instead of Presented, Action(later)"},
      {Fault::kNoButton, "modal, button no: there is no such button to press"},
      {Fault::kLastButtonMissing, "modal, as long as can be: its last button cannot be pressed"},
      {Fault::kMarkup,
       "modal, plain text: the title \"<b>1 & 2</b> &amp; %s {0}\" is not to be read, or not in its order"},
      {Fault::kButtonsFirst, "modal, shown: the button \"Attach a file\" is not to be read, or not in its order"},
      {Fault::kNoBody,
       "modal, shown: the body \"Share it right here.\nIt stays yours.\" is not to be read, or not in its order"},
      {Fault::kRetractsAny, "modal, retracted: it went away when another one was retracted"},
      {Fault::kIgnoresRetract, "modal, retracted: it is still on screen"},
      {Fault::kDrawsRetracted, "modal, retracted at once: it is still on screen"},
      {Fault::kFocusOutside, "full_screen, shown: the focus stays outside, at \"editor\""},
      {Fault::kFocusStolen, "banner, shown: it takes the focus from what people do, to \"prompt\""},
      {Fault::kFocusLost, "banner, closed: the focus was at \"editor\" before, and is at \"\" now"},
      {Fault::kRoleOfRegion, "modal, shown: what keeps people from the rest is a dialog, and its role is \"region\""},
      {Fault::kOtherLabel, "modal, shown: its label \"Window 2\" does not say its title"},
      {Fault::kOwnLanguage, "modal, another language: it is read out in \"de\" instead of \"ar\""},
      {Fault::kVanishes, "modal, left alone: it went away by itself, under a screen reader"},
      {Fault::kKeepsLeaseAtEnd, "modal, the app ends: nobody hears of its end: the lease is kept"},
      {Fault::kEndsTwice,
       "modal, the app ends: the lease said Presented, Failed(the app ends), Dismissed(kNavigation)"},
      {Fault::kComesBack, "modal, the app ends: it is up again when the app is back"},
  };
  CHECK(std::size(rows) == static_cast<std::size_t>(Fault::kComesBack));
  for (const Row& row : rows) {
    ToyDriver driver(row.fault);
    const std::vector<std::string> broken = CheckPromptHost(driver);
    std::string all;
    for (const std::string& one : broken) all += one + "\n";
    CAPTURE(all);
    CAPTURE(row.broken);
    CHECK(std::find(broken.begin(), broken.end(), row.broken) != broken.end());
  }
}

TEST_CASE("what a driver cannot do is skipped, and said") {
  class Simple final : public PromptHostDriver {
   public:
    PromptHost& Host() override { return inner.Host(); }
    void Settle() override { inner.Settle(); }
    PromptScreen Look() override {
      PromptScreen screen = inner.Look();
      screen.role = screen.label = screen.language = screen.focus = "";
      return screen;
    }
    bool Press(std::string_view id) override { return inner.Press(id); }
    bool Close() override { return inner.Close(); }
    void Restart() override { inner.Restart(); }
    ToyDriver inner{Fault::kNone};
  };
  Simple driver;
  std::vector<std::string> skipped;
  CHECK(CheckPromptHost(driver, &skipped) == std::vector<std::string>{});
  CHECK(skipped == std::vector<std::string>{"banner: no bad moment was tried", "banner: time did not pass",
                                            "card: no bad moment was tried", "card: time did not pass",
                                            "full_screen: no bad moment was tried", "full_screen: time did not pass",
                                            "modal: no bad moment was tried", "modal: time did not pass",
                                            "tooltip: there is no anchor to point at"});
}
