// Questions of each type that the host asks, and actions of each kind that it does.

#include <algorithm>

#include "sdk/testing/host_check.h"

namespace guidon::testing {
namespace {

// Of one type: an answer that leads past the second question, and one that leads to it.
struct Answers {
  const char* type;
  Value past;
  Value on;
};

const std::vector<Answers>& KnownTypes() {
  static const std::vector<Answers> types = {{"nps", 9, 3},
                                             {"csat", 5, 1},
                                             {"choice", "c", "a"},
                                             {"choices", List{"b", "c"}, List{"a"}},
                                             {"text", "It is quick.", Value()}};
  return types;
}

SurveyQuestion QuestionOf(const std::string& type, const std::string& id) {
  SurveyQuestion question;
  question.id = id;
  question.type = type;
  question.label = "What about " + id + "?";
  if (type == "nps") question.most = 10;
  if (type == "csat") {
    question.least = 1;
    question.most = 5;
  }
  if (type == "choice" || type == "choices") {
    question.options = {{"a", "The price"}, {"b", "The speed"}, {"c", "The looks"}};
  }
  if (type == "text") question.max_chars = 200;
  return question;
}

std::string ActionText(const PromptAction& action) {
  std::string text = action.kind;
  for (const std::string* more : {&action.name, &action.link, &action.text}) {
    if (!more->empty()) text += " " + *more;
  }
  for (const auto& [name, value] : action.arguments) text.append(" ").append(name).append("=").append(value);
  return text;
}

std::vector<std::string> Texts(const std::vector<PromptAction>& actions) {
  std::vector<std::string> texts;
  for (const PromptAction& action : actions) texts.push_back(ActionText(action));
  return texts;
}

PromptAction ActionOf(const std::string& word) {
  PromptAction action;
  action.kind = word;
  if (word == "open") {
    action.link = "https://notes.example/boards?from=a%26b";
  } else if (word == "share") {
    action.text = "50 % off & more";
    action.link = "https://notes.example/i/ann%201";
  } else if (word == "copy") {
    action.text = "GUIDON <50>";
  } else if (word != "review") {
    action.kind = "custom";
    action.name = word;
    action.arguments = {{"board", "b 1&2"}, {"who", "Ann"}};
  }
  return action;
}

}  // namespace

// The first is required, and leads to the last or, by another answer, to the one between them.
Prompt HostCheck::SurveyOf(const std::string& type) {
  Prompt prompt = NextPrompt();
  prompt.buttons.erase(prompt.buttons.begin(), prompt.buttons.begin() + 2);
  prompt.questions = {QuestionOf(type, "first"), QuestionOf(type, "between"), QuestionOf(type, "last")};
  prompt.questions[0].required = true;
  SurveyQuestion::Branch branch;
  if (type == "nps" || type == "csat") branch.answers = {4, 5, 9, 10};
  if (type == "choice" || type == "choices") branch.answers = {"c"};
  branch.go = "last";
  prompt.questions[0].branches = {branch};
  return prompt;
}

bool HostCheck::GiveAnswer(const std::string& question, const Value& answer) {
  const std::string asked = driver_.Look().question;
  if (asked != question) {
    Broken("it asks \"" + asked + "\" where the way leads to \"" + question + "\"");
    return false;
  }
  if (driver_.Answer(question, answer) != Tried::kDone) {
    Broken("there is no way to " + std::string(answer.is_null() ? "go on without an answer to" : "answer") + " \"" +
           question + "\"");
    return false;
  }
  driver_.Settle();
  return true;
}

// After a scene that stopped half-way.
void HostCheck::EndScene(const Prompt& prompt) {
  if (!driver_.Look().has_prompt) return;
  driver_.Host().Retract(prompt.id);
  ExpectGone();
}

void HostCheck::CheckSurvey(const std::string& type) {
  const auto& types = KnownTypes();
  const auto known = std::find_if(types.begin(), types.end(), [&](const Answers& one) { return type == one.type; });
  scene_ = "questions";
  if (known == types.end()) return Broken("no question is of the type \"" + type + "\"");
  scene_ = "a question of type " + type;
  const Prompt prompt = SurveyOf(type);
  if (!Show(prompt)) return;
  CheckLook(prompt);
  const Tried left_out = driver_.Answer("first", Value());
  if (left_out == Tried::kCannotTry) {
    Skip("no question was answered");
    return EndScene(prompt);
  }
  driver_.Settle();
  if (left_out == Tried::kDone || driver_.Look().question != "first") {
    Broken("one that is required can be left out");
    return EndScene(prompt);
  }
  if (!GiveAnswer("first", known->past)) return EndScene(prompt);
  const std::string past = AnswerText("first", known->past);
  if (record_->said() != Said{kPresented, past}) {
    Broken("the lease said " + Listed(record_->said()) + " when " + past + " was given");
  }
  // To go on with none of several chosen may be an answer, too.
  const Value none = type == "choices" ? known->on : Value();
  if (!GiveAnswer("last", none)) return EndScene(prompt);
  ExpectGone();
  ExpectSaid(none.is_null() ? Said{past, "Completed"} : Said{past, AnswerText("last", none), "Completed"});
  CheckOtherWays(type, known->past, known->on);
}

void HostCheck::CheckOtherWays(const std::string& type, const Value& past, const Value& on) {
  if (!on.is_null()) {
    scene_ = "each question of type " + type;
    const Prompt prompt = SurveyOf(type);
    if (!Show(prompt)) return;
    if (!GiveAnswer("first", on) || !GiveAnswer("between", past) || !GiveAnswer("last", on)) return EndScene(prompt);
    ExpectGone();
    ExpectSaid({AnswerText("first", on), AnswerText("between", past), AnswerText("last", on), "Completed"});
  }
  scene_ = "left half-way, a question of type " + type;
  const Prompt prompt = SurveyOf(type);
  if (!Show(prompt)) return;
  if (!GiveAnswer("first", past)) return EndScene(prompt);
  if (!driver_.Press("no")) Broken("its button cannot be pressed");
  ExpectGone();
  ExpectSaid({AnswerText("first", past), "Action(no)"});
}

void HostCheck::CheckSurveys() {
  for (const std::string& type : driver_.Host().Questions()) CheckSurvey(type);
}

void HostCheck::ExpectDone(const std::vector<PromptAction>& wanted) {
  const auto done = driver_.TakeActions();
  if (!done) return Skip("what buttons have the app do is not known");
  if (Texts(*done) == Texts(wanted)) return;
  Broken("the app did " + Listed(Texts(*done)) + " instead of " + Listed(Texts(wanted)));
}

void HostCheck::CheckActions() {
  for (const std::string& word : driver_.Host().Actions()) {
    scene_ = "action " + word;
    Prompt prompt = NextPrompt();
    prompt.buttons.resize(1);
    prompt.buttons[0].action = ActionOf(word);
    if (!Show(prompt)) continue;
    if (!driver_.Press("try")) Broken("there is no such button to press");
    ExpectGone();
    ExpectSaid({"Action(try)"});
    ExpectDone({prompt.buttons[0].action});
  }
}

}  // namespace guidon::testing
