// The questions of a campaign as devices read them.
#include "sdk/core/ruleset/survey.h"

#include "sdk/tools/publish.h"

namespace guidon::tools {
namespace {

void WriteBranch(const SourceBranch& branch, json::Writer& out) {
  out.BeginObject();
  if (!branch.answers.empty()) {
    out.Key("any").BeginArray();
    for (const Value& answer : branch.answers) out.Any(answer);
    out.End();
  }
  out.Key("go").String(branch.go).End();
}

void WriteQuestion(const SourceQuestion& question, json::Writer& out) {
  out.BeginObject().Key("id").String(question.id).Key("type").String(ruleset::QuestionTypeName(question.type));
  out.Key("label").String(question.label);
  if (question.is_required) out.Key("required").Bool(true);
  if (!question.options.empty()) {
    out.Key("options").BeginArray();
    for (const SourceOption& option : question.options) {
      out.BeginObject().Key("id").String(option.id).Key("label").String(option.label).End();
    }
    out.End();
  }
  if (question.is_shuffled) out.Key("shuffle").Bool(true);
  if (question.type == ruleset::QuestionType::kText) out.Key("max_chars").Int(question.max_chars);
  if (!question.branches.empty()) {
    out.Key("next").BeginArray();
    for (const SourceBranch& branch : question.branches) WriteBranch(branch, out);
    out.End();
  }
  out.End();
}

}  // namespace

void PublishQuestions(const std::vector<SourceQuestion>& questions, json::Writer& out) {
  if (questions.empty()) return;
  out.Key("questions").BeginArray();
  for (const SourceQuestion& question : questions) WriteQuestion(question, out);
  out.End();
}

void PublishQuestionTexts(const std::vector<SourceQuestion>& questions, const std::vector<SourceQuestionTexts>& texts,
                          json::Writer& out) {
  if (questions.empty()) return;
  out.Key("questions").BeginObject();
  for (std::size_t i = 0; i < questions.size(); ++i) {
    out.Key(questions[i].id).BeginObject().Key("label").String(texts[i].label);
    if (!questions[i].options.empty()) {
      out.Key("options").BeginObject();
      for (std::size_t o = 0; o < questions[i].options.size(); ++o) {
        out.Key(questions[i].options[o].id).String(texts[i].options[o]);
      }
      out.End();
    }
    out.End();
  }
  out.End();
}

}  // namespace guidon::tools
