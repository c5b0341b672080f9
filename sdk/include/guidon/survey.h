// Questions that a prompt asks, and the way through them. Plain values and pure functions, for any toolkit: ask a
// question, tell the lease the answer, take the next one, until there is none.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/export.h"
#include "guidon/status.h"
#include "guidon/value.h"

namespace guidon {

// Texts are as those of the prompt: plain, in its language, filled in.
struct SurveyQuestion {
  struct Option {
    std::string id;
    std::string label;
  };
  // Where it goes from here; NextQuestion looks at these.
  struct Branch {
    std::vector<Value> answers;  // any of them, or an answer that has one of them; empty: whatever the answer is
    std::string go;              // a question's id; empty: the survey is over
  };
  std::string id;
  // What answers it: "nps" an integer from 0 to 10; "csat" one from 1 to 5; "choice" the id of an option; "choices" a
  // list of such ids, each once; "text" a text.
  std::string type;
  std::string label;
  bool required = false;  // it may not be left unanswered
  int least = 0;          // of "nps" and "csat"
  int most = 0;
  std::vector<Option> options;  // of "choice" and "choices", in the order in which this person is to see them
  std::size_t max_chars = 0;    // of "text", in code points
  std::vector<Branch> branches;
};

// What follows the question `after` that was answered so; a null `answer` says that it was left out. With an empty
// `after` the first one. Null when the survey is over, and when there is no question of that id. The result is one of
// `questions`.
GUIDON_EXPORT const SurveyQuestion* NextQuestion(const std::vector<SurveyQuestion>& questions, std::string_view after,
                                                 const Value& answer);

// Whether `answer` answers the question; if not, kInvalidArgument and why. A text that is too long is cut, between two
// characters, and is good then. PromptLease::Answer asks this, too: it is here for hosts that want to know before.
GUIDON_EXPORT Status CheckAnswer(const SurveyQuestion& question, Value* answer);

}  // namespace guidon
