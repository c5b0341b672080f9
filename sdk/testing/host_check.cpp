#include "sdk/testing/host_check.h"

#include <algorithm>
#include <chrono>

#include "guidon/limits.h"

namespace guidon::testing {
namespace {

constexpr std::string_view kKnownKinds[] = {"tooltip", "banner", "card", "modal", "full_screen"};

std::string Words(std::size_t size) {
  std::string text;
  while (text.size() < size) text += text.size() % 9 == 8 ? ' ' : 'x';
  if (text.back() == ' ') text.back() = 'x';
  return text;
}

}  // namespace

void HostCheck::Skip(const std::string& what) {
  const std::string said = kind_ + ": " + what;
  if (skipped_ != nullptr && std::find(skipped_->begin(), skipped_->end(), said) == skipped_->end()) {
    skipped_->push_back(said);
  }
}

std::string HostCheck::WithoutSpaces(std::string_view text) {
  std::string squeezed;
  for (const char c : text) {
    if (c != ' ' && c != '\n' && c != '\t') squeezed.push_back(c);
  }
  return squeezed;
}

std::vector<std::string> HostCheck::Run() {
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
    CheckSurveys();
    CheckActions();
    CheckSurroundings();
  }
  return std::move(broken_);
}

std::vector<std::string> HostCheck::TakeKinds() {
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

Prompt HostCheck::NextPrompt() {
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

void HostCheck::Present(const Prompt& prompt) {
  record_ = std::make_shared<LeaseRecord>();
  driver_.Host().Present(prompt, RecordingLease(record_, prompt));
}

bool HostCheck::Show(const Prompt& prompt) {
  driver_.Settle();
  focus_before_ = driver_.Look().focus;
  (void)driver_.ReadOut();
  (void)driver_.TakeActions();
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

void HostCheck::ExpectGone() {
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

void HostCheck::ExpectSaid(Said after_presented) {
  after_presented.insert(after_presented.begin(), kPresented);
  const Said said = record_->said();
  if (said != after_presented) Broken("the lease said " + Listed(said) + " instead of " + Listed(after_presented));
}

void HostCheck::CloseIt() {
  if (!driver_.Close()) Broken("there is no way to close it");
  ExpectGone();
}

void HostCheck::CheckAsking() {
  scene_ = "asked for";
  driver_.Settle();
  (void)driver_.ReadOut();
  (void)driver_.Host().MayPresent(NextPrompt());
  driver_.Settle();
  if (driver_.ReadOut().value_or(Said()).size() > 0 && !driver_.Look().has_prompt) {
    Broken("MayPresent has something read out, also to people who are held out");
  }
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

void HostCheck::CheckWays() {
  scene_ = "shown";
  const Prompt prompt = NextPrompt();
  if (!Show(prompt)) return;
  CheckLook(prompt);
  CheckReadOut(prompt);
  CheckFocusOrder(prompt);
  scene_ = "closed";
  CloseIt();
  ExpectSaid({"Dismissed(kPerson)"});
  for (const Prompt::Button& button : prompt.buttons) {
    scene_ = "button " + button.id;
    if (!Show(NextPrompt())) continue;
    if (!driver_.Press(button.id)) Broken("there is no such button to press");
    ExpectGone();
    ExpectSaid({"Action(" + button.id + ")"});
    ExpectDone({});
  }
}

void HostCheck::CheckRetraction() {
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
    ExpectSaid({"Dismissed(kPerson)"});
  }
}

void HostCheck::CheckTexts() {
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
  scene_ = "an image that is not there";
  prompt = NextPrompt();
  prompt.image.asset = "no-such-image.webp";
  prompt.image.alt = "Nothing";
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
  ExpectSaid({"Action(" + prompt.buttons.back().id + ")"});
}

void HostCheck::ShowAndClose(const Prompt& prompt) {
  if (!Show(prompt)) return;
  CheckLook(prompt);
  CloseIt();
  ExpectSaid({"Dismissed(kPerson)"});
}

void HostCheck::CheckSurroundings() {
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

PromptHostDriver::~PromptHostDriver() = default;

std::vector<std::string> CheckPromptHost(PromptHostDriver& driver, std::vector<std::string>* skipped) {
  return HostCheck(driver, skipped).Run();
}

}  // namespace guidon::testing
