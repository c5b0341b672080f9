// In-app prompts: the engine decides which and when, the app draws. The host asks nothing; it is asked (`MayPresent`)
// and told (`Present`), and reports back through the lease.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "guidon/export.h"
#include "guidon/status.h"
#include "guidon/survey.h"
#include "guidon/time.h"
#include "guidon/value.h"

namespace guidon {

// What pressing a button asks of the app. Nothing is left to fill in: of a link every value that came from a person or
// an event is percent-encoded, so where it leads is what the datafile says.
struct PromptAction {
  // "open": open `link`. "share": offer `text`, and `link` where it is not empty, to the system's share sheet. "copy":
  // put `text` on the clipboard. "review": ask the platform's store for a review. "custom": what the app calls `name`,
  // with `arguments`. Empty: nothing but to close.
  std::string kind;
  std::string link;  // app:// or https://; at most 1,000 bytes
  std::string text;
  std::string name;
  std::vector<std::pair<std::string, std::string>> arguments;  // at most 8
};

// A picture beside the words, which say all there is to say without it: a host that draws none leaves it out. The
// engine neither fetches nor reads it.
struct PromptImage {
  std::string asset;   // its name among what the app brings along; or
  std::string url;     // https://; take no more than limits::kPromptImageBytes, and nothing whose SHA-256 is another
  std::string sha256;  // of what `url` leads to: 64 lower-case hex digits
  std::string alt;     // for whoever cannot see it

  bool empty() const noexcept { return asset.empty() && url.empty(); }
};

// What to draw. Texts are plain: show them as text, never as markup. They are in the first language of the context's
// attribute "language" ("de-AT, en") that the campaign has, with nothing left to fill in, and hold no control character
// but the ends of lines.
//
// Whoever cannot see it gets it, too (docs/guide/hosts.md). When it comes `title` and then `body` are read out, once.
// What is "modal" or "full_screen" is a dialog: the focus goes into it, to its title, its first or its primary button,
// goes through `buttons` in their order and round again, and returns to where it was after the end. Other kinds leave
// the focus where it is: a banner is a status, a card a region. None vanishes by itself (DismissCause::kTimeout) while
// a screen reader is on.
struct Prompt {
  struct Button {
    std::string id;
    std::string label;
    PromptAction action;
    Duration snooze{0};  // above 0: pressing it means "later"; report it by PromptLease::Action like any other
    bool primary = false;
  };
  std::string id;  // of this showing
  std::string campaign;
  std::string variant;
  std::string kind;      // "tooltip", "banner", "card", "modal" or "full_screen"
  std::string anchor;    // of a tooltip: what it points at, by the app's name for it
  std::string language;  // of the texts, as a language tag ("pt-BR"); empty where the datafile does not say
  std::string title;     // one line
  std::string body;      // may have several; may be empty
  PromptImage image;     // empty: none
  std::vector<Button> buttons;
  std::vector<SurveyQuestion> questions;  // to be asked one by one, the first first; then NextQuestion says which
  bool forced = false;                    // QA asked for it
};

enum class Admission {
  kNow,    // go ahead
  kLater,  // busy (a call, a checkout, somebody is typing); asked again while the prompt is still timely
  kNever,  // not this one
};

// kTimeout: it vanished by itself, which it may not while a screen reader is on.
enum class DismissCause { kPerson, kTimeout, kNavigation, kHost };

// What a lease tells: the client, or a test of a host (guidon/testing.h). Any thread, never throws, never blocks. Gone
// with its lease; one that has heard no end by then takes it for failed.
class GUIDON_EXPORT PromptReceiver {
 public:
  virtual ~PromptReceiver();

  // As PromptLease says.
  virtual void Presented() noexcept = 0;
  virtual void Action(std::string_view button_id) noexcept = 0;
  virtual void Dismissed(DismissCause cause) noexcept = 0;
  virtual void Snoozed(Duration wait) noexcept = 0;
  virtual void Failed(std::string_view why) noexcept = 0;
  // One that does not hear it takes a prompt for visible from `Presented` to its end.
  virtual void Visible(bool is_visible) noexcept;
  // One that hears no answers refuses them.
  virtual Status Answer(std::string_view question_id, const Value& answer) noexcept;
  virtual Status Completed() noexcept;
};

// The one way back from a prompt on screen. Say `Presented` when it is visible, then exactly one of `Action`,
// `Dismissed`, `Snoozed`, `Completed` or `Failed`; what is said after that, or after a retraction, is not heard. A
// lease that is destroyed before counts as failed. May outlive the client. Movable, any thread, never blocks.
class GUIDON_EXPORT PromptLease {
 public:
  explicit PromptLease(std::unique_ptr<PromptReceiver> receiver) noexcept;  // null: nobody hears it
  PromptLease(PromptLease&&) noexcept;
  PromptLease& operator=(PromptLease&&) noexcept;
  PromptLease(const PromptLease&) = delete;  // one prompt, one way back
  PromptLease& operator=(const PromptLease&) = delete;
  ~PromptLease();

  void Presented() noexcept;
  // Whether at least half of it can be seen at the moment: say so whenever that changes, as by scrolling, another
  // window before it, or another screen. Without a word it is visible. The engine counts, from `Presented` to the end,
  // and not while the app is in the background (Client::OnBackground): whoever could see it for a second in all has
  // had it before them ("viewable").
  void Visible(bool is_visible) noexcept;
  // A button was pressed, by its id, so the prompt was seen. The engine knows which of them snooze and which only
  // close, and tracks the event that the campaign wants of it, so the app need not.
  void Action(std::string_view button_id) noexcept;
  void Dismissed(DismissCause cause) noexcept;
  // "Later" by another way than a button: asked again after `wait` at the earliest.
  void Snoozed(Duration wait) noexcept;
  // It could not be drawn. Unless it was presented before, it uses up no cap. `why` is for people: at most 128 bytes.
  void Failed(std::string_view why) noexcept;

  // Each answer is told as it is given, and kept whatever becomes of the rest; of two to the same question the later
  // one holds. It has to fit the question (guidon/survey.h): kInvalidArgument says why not, and nothing is told.
  // kTooLarge: more than limits::kAnswers of one showing. kClosed: the showing has ended.
  Status Answer(std::string_view question_id, const Value& answer) noexcept;
  // The survey is over: an end like the others. kInvalidArgument: on the way through it a required question was left
  // out; then the prompt is still up. kClosed as above.
  Status Completed() noexcept;

 private:
  std::unique_ptr<PromptReceiver> receiver_;
};

// Implemented by the app, called on the executor given with it, one call at a time. Each is to return soon: a dialog
// that runs a loop of its own inside `Present` would not hear that it is to come down.
class PromptHost {
 public:
  virtual ~PromptHost() = default;

  // The kinds it can draw. Others are never offered.
  virtual std::vector<std::string> Kinds() const = 0;

  // What it can do when a button is pressed: "open", "share", "copy", "review", and custom actions by their own names.
  // A prompt with a button that needs another is never offered.
  virtual std::vector<std::string> Actions() const { return {"open"}; }

  // The types of questions that it asks (SurveyQuestion::type). A campaign with others is never offered.
  virtual std::vector<std::string> Questions() const { return {}; }

  // May this prompt be shown at this moment? Asked alike for people who will see it and for those held out, so a yes
  // promises nothing.
  virtual Admission MayPresent(const Prompt& prompt) = 0;

  // Draw it, now. The lease may be kept as long as the prompt is up.
  virtual void Present(const Prompt& prompt, PromptLease lease) = 0;

  // Take it down: its campaign is over or gone, somebody else is here, or consent was withdrawn. The lease is void.
  virtual void Retract(std::string_view prompt_id) = 0;
};

}  // namespace guidon
