#include <algorithm>
#include <optional>

#include "guidon/testing.h"
#include "samples/terminal/app.h"
#include "samples/terminal/keyboard.h"
#include "samples/terminal/prompt_box.h"
#include "tests/unit/terminal/world.h"

using namespace notes;
using namespace notes::test;
using guidon::testing::Tried;

namespace {

// The whole app, by its keys; what is read is what it reads out.
class TerminalDriver final : public guidon::testing::PromptHostDriver {
 public:
  TerminalDriver() { Restart(); }

  guidon::PromptHost& Host() override { return app().prompts(); }
  void Settle() override {
    world_->Turn();
    world_->Script("screen\n");
  }
  guidon::testing::PromptScreen Look() override {
    guidon::testing::PromptScreen screen;
    const std::optional<PromptView> view = app().prompts().Look();
    screen.has_prompt = view.has_value();
    if (!view) return screen;
    screen.texts = {PromptLine(*view)};
    const guidon::Prompt& prompt = *app().prompts().up();
    const bool is_button = view->focus >= view->answers && !prompt.buttons.empty();
    if (prompt.kind == "modal") screen.focus = is_button ? prompt.buttons[view->focus - view->answers].id : "prompt";
    if (app().prompts().question() != nullptr) screen.question = app().prompts().question()->id;
    return screen;
  }
  bool Press(std::string_view button_id) override {
    const guidon::Prompt* prompt = app().prompts().up();
    for (std::size_t i = 0; prompt != nullptr && i < prompt->buttons.size(); ++i) {
      if (prompt->buttons[i].id == button_id) return PressAt(app().prompts().answers() + i);
    }
    return false;
  }
  // A terminal says nothing by itself: whoever has it read to them asks for what came.
  std::optional<std::vector<std::string>> ReadOut() override {
    const guidon::Prompt* prompt = app().prompts().up();
    const std::string id = prompt == nullptr ? "" : prompt->id;
    if (std::exchange(read_, id) == id || id.empty()) return std::vector<std::string>();
    return std::vector<std::string>{world_->Script("prompt\n")};
  }
  bool MoveFocus() override { return Type({Key::kNext, 0}); }
  Tried Answer(std::string_view id, const guidon::Value& answer) override {
    const guidon::SurveyQuestion* question = app().prompts().question();
    if (question == nullptr || question->id != id) return Tried::kNoWay;
    if (question->type == "text" && !answer.is_null()) {
      world_->Script("answer " + *answer.AsString() + "\n");
      return Tried::kDone;
    }
    const guidon::List given = answer.AsList() != nullptr ? *answer.AsList() : guidon::List{answer};
    for (const guidon::Value& one : given) {
      const std::string label = one.is_null() ? "Skip" : LabelOf(*question, one);
      if (!PressLabelled(label, one)) return Tried::kNoWay;
    }
    return question->type != "choices" || answer.is_null() || PressLabelled("Go on", {}) ? Tried::kDone : Tried::kNoWay;
  }
  std::optional<std::vector<guidon::PromptAction>> TakeActions() override { return std::exchange(actions_, {}); }
  bool Close() override { return Type({Key::kEscape, 0}); }
  void Restart() override {
    world_.reset();
    world_ = std::make_unique<World>();
    world_->Script("open 1\n");
  }
  std::string Anchor() override { return "attach_button"; }
  bool SetBusy(bool is_busy) override {
    app().prompts().SetTyping(is_busy);
    return true;
  }
  bool PassTime(guidon::Duration time) override {
    world_->Pass(time);
    return true;
  }

 private:
  App& app() { return *world_->running.app; }
  bool Type(KeyPress key) {
    const std::string command = Keyboard().Press(key, app().Look());
    if (command.empty()) return false;
    Hear(world_->Script(command + "\n"));
    return true;
  }
  // By the arrows, as there are more buttons than digits.
  bool PressAt(std::size_t index) {
    for (std::size_t i = 0; i < 20 && app().prompts().Look() && app().prompts().focus() != index; ++i) {
      if (!Type({Key::kNext, 0})) return false;
    }
    return app().prompts().focus() == index && Type({Key::kEnter, 0});
  }
  static std::string LabelOf(const guidon::SurveyQuestion& question, const guidon::Value& answer) {
    for (const auto& option : question.options) {
      if (guidon::Value(option.id) == answer) return option.label;
    }
    return "";
  }
  // A score has no label, and stands at its place.
  bool PressLabelled(const std::string& label, const guidon::Value& answer) {
    const std::optional<PromptView> view = app().prompts().Look();
    const guidon::SurveyQuestion* question = app().prompts().question();
    if (!view || question == nullptr) return false;
    if (label.empty() && answer.AsInt() != nullptr) {
      return PressAt(static_cast<std::size_t>(*answer.AsInt() - question->least));
    }
    for (std::size_t i = 0; i < view->answers; ++i) {
      if (view->buttons[i].label == label) return PressAt(i);
    }
    return false;
  }
  // What it cannot do by itself it says.
  void Hear(const std::string& output) {
    const auto after = [&](const std::string& mark) {
      const std::size_t at = output.find(mark);
      return at == std::string::npos ? "" : output.substr(at + mark.size(), output.find('\n', at) - at - mark.size());
    };
    guidon::PromptAction action;
    if (action.link = after("the page is "); !action.link.empty()) action.kind = "open";
    if (action.text = after("for the clipboard: "); !action.text.empty()) action.kind = "copy";
    if (const std::string shared = after("for your friends: "); !shared.empty()) {
      action.kind = "share";
      action.text = shared.substr(0, shared.rfind(' '));
      action.link = shared.substr(shared.rfind(' ') + 1);
    }
    if (!action.kind.empty()) actions_.push_back(action);
  }

  std::unique_ptr<World> world_;
  std::string read_;
  std::vector<guidon::PromptAction> actions_;
};

}  // namespace

TEST_CASE("the app keeps what a host of prompts promises, by its keys") {
  TerminalDriver driver;
  std::vector<std::string> skipped;
  std::string broken;
  for (const std::string& one : guidon::testing::CheckPromptHost(driver, &skipped)) broken += one + "\n";
  CHECK(broken == "");
  CHECK(skipped.empty());
}
