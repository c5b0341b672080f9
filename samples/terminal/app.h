// The notes app: what it shows and does is decided by flags, asked where their values are used. It knows nothing of
// terminals; the screen and the simulated people both stand before it.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/client.h"
#include "samples/terminal/notebook.h"
#include "samples/terminal/prompts.h"
#include "samples/terminal/view.h"

namespace notes {

struct HomeLook {
  std::string welcome;
  bool has_checklist = false;
};

// All methods on one thread, the one that turns `ui`.
class App {
 public:
  struct Settings {
    std::string person;       // the account at the start
    std::string notes_dir;    // empty: notes live in memory only
    std::string app_version;  // attribute app.version
    bool has_collector = false;
    // A number that no other event of this installation carries, ever. By it an audit tells one event that was sent
    // twice from two events that happened.
    std::function<std::int64_t()> next_number;
  };

  // `client` and `ui` outlive the app.
  App(guidon::Client& client, guidon::Executor& ui, Settings settings);
  ~App();
  App(const App&) = delete;

  // Opens the person's notebook and tells that the app was opened.
  guidon::Status Start();

  // What a person sees. Each asks its flags, and so exposes the person to what they say.
  HomeLook Home() const;
  AttachLook Attach() const;

  guidon::Status WriteNote(std::string_view text);
  guidon::Status OpenNote(std::size_t index);
  void CloseNote();
  std::size_t note_count() const noexcept { return notebook_.notes().size(); }
  // To the open note. Refused when nothing is open, and when the flag says so.
  guidon::Status ShareFile(std::string_view name);

  // What a growth team counts besides.
  void AcceptInvite();
  guidon::Status Upgrade(double price);
  guidon::Status GiveFeedback(std::int64_t stars);  // 1 to 5

  Prompts& prompts() noexcept { return prompts_; }
  // Presses a button of the prompt that is up and does what it asks for; what to tell about it.
  guidon::Result<std::string> PressButton(std::size_t button);
  // True once after a button asked for an answer in words.
  bool TakeAnswerWanted();
  // True once after a button asked for the entry of a file's name.
  bool TakeShareWanted();

  guidon::Status SwitchPerson(std::string_view person);
  void SetAttribute(std::string_view name, guidon::Value value);  // null: takes it away
  const std::string& person() const noexcept { return settings_.person; }

  // Which flag the panel explains; empty: all in a table.
  void Explain(std::string_view flag);
  // A prompt instead; the explanation.
  std::string ExplainPrompt(std::string_view campaign);

  // Everything on the screen. A notice is shown once.
  View Look();
  void Notify(std::string notice, bool is_trouble = false);
  // The last change of value that a datafile, an identity or an override made to the flag; taken once.
  std::optional<guidon::Change> TakeChange(std::string_view flag);

 private:
  guidon::Context Context() const;
  guidon::Status OpenNotebook();
  std::optional<bool> IsVisible(std::string_view anchor) const;
  std::string NaturalValue(std::string_view flag) const;
  void OnChange(const guidon::Change& change);

  guidon::Client& client_;
  Settings settings_;
  std::map<std::string, guidon::Value> attributes_;
  Notebook notebook_;
  std::optional<std::size_t> open_;
  bool has_shared_ = false;
  std::string why_;
  bool is_why_prompt_ = false;
  bool is_share_wanted_ = false;
  bool is_answer_wanted_ = false;
  std::string notice_;
  bool is_trouble_ = false;
  std::map<std::string, guidon::Change, std::less<>> changes_;  // by flag, of those the app watches
  std::vector<guidon::Subscription> watches_;                   // ended before what they reach into
  Prompts prompts_;
};

// A value as people read it: on, off, 256, icon.
std::string ValueText(const guidon::Value& value);

}  // namespace notes
