// A host of prompts for the test's eyes: it keeps every promise but the one that it is told to break.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "guidon/testing.h"

namespace guidon::testing {

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
  kReadsNothing,
  kReadsBodyFirst,
  kReadsTwice,
  kReadsWhenAsked,
  kBannerIsDialog,
  kFocusOnLast,
  kFocusBackwards,
  kFocusLeaves,
  kFocusStays,
  kForgetsAnswer,
  kAnswersTwice,
  kIgnoresBranch,
  kLeavesOutRequired,
  kNoWayOn,
  kNoWayToAnswer,
  kNeverCompletes,
  kCompletesTwice,
  kCompletesAfterAction,
  kAsksUnknown,
  kNoOptions,
  kQuestionLast,
  kForgetsAction,
  kDropsArguments,
  kActsTwice,
  kActsOnClosing,
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
  std::vector<std::string> Questions() const override {
    if (fault_ == Fault::kAsksUnknown) return {"stars"};
    return {"nps", "csat", "choice", "choices", "text"};
  }
  std::vector<std::string> Actions() const override { return {"open", "share", "copy", "review", "board"}; }
  Admission MayPresent(const Prompt& prompt) override {
    if (fault_ == Fault::kReadsWhenAsked) read_out.push_back("Something comes");
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
        if (fault_ == Fault::kFocusOnLast && !up_->buttons.empty()) focus = up_->buttons.back().id;
      } else if (fault_ == Fault::kFocusStolen) {
        focus = "prompt";
      }
      ReadOut();
      question_ = NextQuestion(up_->questions, "", Value());
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
    const auto pressed = std::find_if(up_->buttons.begin(), up_->buttons.end(),
                                      [&](const Prompt::Button& button) { return button.id == id; });
    if (pressed != up_->buttons.end()) Act(pressed->action);
    if (lease_ && fault_ == Fault::kCompletesAfterAction) (void)lease_->Completed();
    if (fault_ != Fault::kStaysAfterPress) TakeDown();
    return true;
  }
  // Round the buttons, and to the text before the first.
  bool MoveFocus() {
    if (!up_ || up_->buttons.empty()) return false;
    const auto& buttons = up_->buttons;
    std::size_t at = 0;
    while (at < buttons.size() && buttons[at].id != focus) ++at;
    if (fault_ == Fault::kFocusStays) return true;
    if (fault_ == Fault::kFocusLeaves && at + 1 == buttons.size()) {
      focus = "editor";
    } else if (fault_ == Fault::kFocusBackwards) {
      focus = buttons[(at + buttons.size() - 1) % buttons.size()].id;
    } else {
      focus = at == buttons.size() ? buttons[0].id : at + 1 == buttons.size() ? "prompt" : buttons[at + 1].id;
    }
    return true;
  }
  Tried Answer(std::string_view id, const Value& answer) {
    if (!lease_ || question_ == nullptr || question_->id != id) return Tried::kNoWay;
    if (fault_ == Fault::kNoWayToAnswer) return Tried::kNoWay;
    if (answer.is_null() && fault_ == Fault::kNoWayOn) return Tried::kNoWay;
    if (answer.is_null() && question_->required && fault_ != Fault::kLeavesOutRequired) return Tried::kNoWay;
    if (!answer.is_null() && fault_ != Fault::kForgetsAnswer && !lease_->Answer(id, answer).ok()) return Tried::kNoWay;
    if (!answer.is_null() && fault_ == Fault::kAnswersTwice) (void)lease_->Answer(id, answer);
    question_ = fault_ == Fault::kIgnoresBranch && id == "first" ? &up_->questions[1]
                                                                 : NextQuestion(up_->questions, id, answer);
    if (question_ != nullptr) return Tried::kDone;
    if (fault_ == Fault::kNeverCompletes) {
      lease_->Dismissed(DismissCause::kHost);
    } else {
      (void)lease_->Completed();
    }
    if (fault_ == Fault::kCompletesTwice) (void)lease_->Completed();
    TakeDown();
    return Tried::kDone;
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
    if (question_ != nullptr) {
      screen.question = question_->id;
      if (fault_ != Fault::kQuestionLast) screen.texts.push_back(question_->label);
      for (const auto& option : question_->options) {
        if (fault_ != Fault::kNoOptions) screen.texts.push_back(option.label);
      }
    }
    for (const Prompt::Button& button : up_->buttons) screen.texts.push_back(button.label);
    if (question_ != nullptr && fault_ == Fault::kQuestionLast) screen.texts.push_back(question_->label);
    const auto at = fault_ == Fault::kButtonsFirst ? screen.texts.end() : screen.texts.begin();
    std::string title = up_->title;
    if (!is_plain) title.erase(std::remove(title.begin(), title.end(), '<'), title.end());
    std::vector<std::string> words = {title};
    if (fault_ != Fault::kNoBody) words.push_back(up_->body);
    screen.texts.insert(at, words.begin(), words.end());
    const bool is_dialog = Is("modal") || Is("full_screen") || fault_ == Fault::kBannerIsDialog;
    screen.role = is_dialog && fault_ != Fault::kRoleOfRegion ? "dialog" : Is("banner") ? "status" : "region";
    screen.label = fault_ == Fault::kOtherLabel ? "Window 2" : up_->title;
    screen.language = fault_ == Fault::kOwnLanguage ? "de" : up_->language;
    return screen;
  }

  bool is_busy = false;
  std::vector<std::string> read_out;
  std::vector<PromptAction> actions;
  std::string focus = "editor";
  std::deque<std::function<void()>> tasks;
  const std::shared_ptr<PromptLease>& lease() const { return lease_; }
  const std::optional<Prompt>& up() const { return up_; }
  void Bring(const std::optional<Prompt>& prompt) { up_ = prompt; }

 private:
  bool Is(const char* kind) const { return up_->kind == kind; }
  void ReadOut() {
    if (fault_ == Fault::kReadsNothing) return;
    if (fault_ == Fault::kReadsBodyFirst) read_out.push_back(up_->body);
    read_out.push_back(up_->title);
    if (fault_ != Fault::kReadsBodyFirst) read_out.push_back(up_->body);
    if (fault_ == Fault::kReadsTwice) read_out.push_back(up_->title);
  }
  void Act(PromptAction action) {
    if (action.kind.empty() && fault_ == Fault::kActsOnClosing) action.kind = "review";
    if (action.kind.empty() || fault_ == Fault::kForgetsAction) return;
    if (fault_ == Fault::kDropsArguments) action.arguments.clear();
    actions.push_back(action);
    if (fault_ == Fault::kActsTwice) actions.push_back(action);
  }
  void TakeDown() {
    question_ = nullptr;
    up_.reset();
    waiting_.reset();
    lease_.reset();
    focus = fault_ == Fault::kFocusLost ? "" : "editor";
  }

  const Fault fault_;
  std::optional<Prompt> waiting_, up_;
  const SurveyQuestion* question_ = nullptr;  // of `up_`
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
  std::optional<std::vector<std::string>> ReadOut() override { return std::exchange(toy_->read_out, {}); }
  bool MoveFocus() override { return toy_->MoveFocus(); }
  Tried Answer(std::string_view question, const Value& answer) override { return toy_->Answer(question, answer); }
  std::optional<std::vector<PromptAction>> TakeActions() override { return std::exchange(toy_->actions, {}); }
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

}  // namespace guidon::testing
