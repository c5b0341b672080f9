#include <optional>

#include "guidon/testing.h"
#include "samples/terminal/app.h"
#include "samples/terminal/keyboard.h"
#include "samples/terminal/prompt_box.h"
#include "tests/unit/terminal/world.h"

using namespace notes;
using namespace notes::test;

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
    if (prompt.kind == "modal") screen.focus = prompt.buttons.empty() ? "prompt" : prompt.buttons[view->focus].id;
    return screen;
  }
  bool Press(std::string_view button_id) override {
    const guidon::Prompt* prompt = app().prompts().up();
    for (std::size_t i = 0; prompt != nullptr && i < prompt->buttons.size(); ++i) {
      if (prompt->buttons[i].id == button_id) {
        return Type({Key::kText, static_cast<char>('1' + i)}) && Type({Key::kEnter, 0});
      }
    }
    return false;
  }
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
    world_->Script(command + "\n");
    return true;
  }

  std::unique_ptr<World> world_;
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
