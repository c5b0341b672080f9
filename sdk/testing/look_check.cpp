// What people have before them, what they hear, and where their keys go.

#include <algorithm>

#include "sdk/testing/host_check.h"

namespace guidon::testing {
namespace {

bool IsButton(const Prompt& prompt, const std::string& id) {
  return std::any_of(prompt.buttons.begin(), prompt.buttons.end(),
                     [&](const Prompt::Button& button) { return button.id == id; });
}

}  // namespace

void HostCheck::CheckLook(const Prompt& prompt) {
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
  if (!prompt.questions.empty()) {
    expect(prompt.questions[0].label, "question");
    for (const SurveyQuestion::Option& option : prompt.questions[0].options) expect(option.label, "option");
  }
  for (const Prompt::Button& button : prompt.buttons) expect(button.label, "button");
  CheckRole(screen);
  if (!screen.label.empty() && WithoutSpaces(screen.label).find(WithoutSpaces(prompt.title)) == std::string::npos) {
    Broken("its label \"" + screen.label + "\" does not say its title");
  }
  if (!screen.language.empty() && screen.language != prompt.language) {
    Broken("it is read out in \"" + screen.language + "\" instead of \"" + prompt.language + "\"");
  }
  CheckFocus(prompt, screen);
}

void HostCheck::CheckRole(const PromptScreen& screen) {
  if (screen.role.empty()) return;
  const bool is_dialog = screen.role == "dialog" || screen.role == "alertdialog";
  if (takes_focus() && !is_dialog) {
    Broken("what keeps people from the rest is a dialog, and its role is \"" + screen.role + "\"");
  }
  if (!takes_focus() && screen.role != "status" && screen.role != "region" && screen.role != "tooltip") {
    Broken("what people may pass by is a status, region or tooltip, and its role is \"" + screen.role + "\"");
  }
}

void HostCheck::CheckFocus(const Prompt& prompt, const PromptScreen& screen) {
  if (screen.focus.empty()) return;
  const bool is_inside = screen.focus == "prompt" || IsButton(prompt, screen.focus);
  if (takes_focus() && !is_inside) Broken("the focus stays outside, at \"" + screen.focus + "\"");
  if (!takes_focus() && screen.focus != focus_before_) {
    Broken("it takes the focus from what people do, to \"" + screen.focus + "\"");
  }
}

// Of what takes the focus; how people get into the others is the app's.
void HostCheck::CheckFocusOrder(const Prompt& prompt) {
  std::string at = driver_.Look().focus;
  if (!takes_focus() || at.empty()) return;
  const auto is_start = [&](const Prompt::Button& button) {
    return button.id == at && (button.primary || &button == &prompt.buttons.front());
  };
  if (IsButton(prompt, at) && std::none_of(prompt.buttons.begin(), prompt.buttons.end(), is_start)) {
    Broken("the focus begins at \"" + at + "\", and what stands before it goes unheard");
  }
  std::vector<std::string> visited;
  if (IsButton(prompt, at)) visited.push_back(at);
  for (std::size_t i = 0; i < 2 * prompt.buttons.size() + 4; ++i) {
    if (!driver_.MoveFocus()) return Skip("the focus was not moved");
    driver_.Settle();
    at = driver_.Look().focus;
    if (at == "prompt") continue;
    if (!IsButton(prompt, at)) return Broken("the focus leaves it, for \"" + at + "\"");
    visited.push_back(at);
  }
  if (visited.size() <= prompt.buttons.size()) return Broken("the focus does not go round its buttons");
  for (std::size_t i = 1; i < visited.size(); ++i) {
    std::size_t before = 0;
    while (prompt.buttons[before].id != visited[i - 1]) ++before;
    if (prompt.buttons[(before + 1) % prompt.buttons.size()].id == visited[i]) continue;
    return Broken("the focus goes from \"" + visited[i - 1] + "\" to \"" + visited[i] +
                  "\", which is not the order of its buttons");
  }
}

void HostCheck::CheckReadOut(const Prompt& prompt) {
  const auto said = driver_.ReadOut();
  if (!said) return Skip("what is read out is not known");
  std::string heard;
  for (const std::string& one : *said) heard += WithoutSpaces(one);
  const std::string title = WithoutSpaces(prompt.title);
  const std::size_t at = heard.find(title);
  if (at == std::string::npos) return Broken("nobody hears that it comes: the title is not read out");
  if (heard.find(WithoutSpaces(prompt.body), at + title.size()) == std::string::npos) {
    Broken("the body is not read out after the title");
  }
  if (heard.find(title, at + title.size()) != std::string::npos) Broken("it is read out more than once");
}

}  // namespace guidon::testing
