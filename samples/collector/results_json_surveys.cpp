// The part of results.json that is about what people answered.
#include "samples/collector/results_json.h"

namespace guidon::collector {
namespace {

using json::Writer;

void WriteEnds(const char* key, const Interval& interval, Writer* writer) {
  writer->Key(key).BeginArray().Double(interval.lower).Double(interval.upper).End();
}

void WriteQuestion(const QuestionResult& question, Writer* writer) {
  writer->BeginObject().Key("id").String(question.id).Key("type").String(ruleset::QuestionTypeName(question.type));
  writer->Key("label").String(question.label).Key("answered").Uint(question.answered);
  writer->Key("left_after").Uint(question.left_after);
  if (question.score) {
    writer->Key("promoters").Uint(question.promoters).Key("passives").Uint(question.passives);
    writer->Key("detractors").Uint(question.detractors).Key("score").Double(*question.score);
    WriteEnds("score_interval", question.score_interval, writer);
  }
  if (question.mean) {
    writer->Key("mean").Double(*question.mean).Key("top").Uint(question.top);
    WriteEnds("top_interval", question.top_interval, writer);
  }
  if (question.type == ruleset::QuestionType::kText) {
    writer->Key("texts").BeginArray();
    for (const AnswerText& text : question.texts) {
      writer->BeginObject().Key("time_ms").Int(text.time_ms).Key("text").String(text.text).End();
    }
    writer->End();
  } else {
    writer->Key("counts").BeginArray();
    for (const AnswerCount& count : question.counts) {
      writer->BeginObject().Key("id").String(count.id);
      if (!count.label.empty()) writer->Key("label").String(count.label);
      writer->Key("count").Uint(count.n).End();
    }
    writer->End();
  }
  writer->End();
}

}  // namespace

void WriteSurvey(const SurveyResult& survey, Writer* writer) {
  writer->Key("survey").BeginObject().Key("shown").Uint(survey.shown).Key("answered").Uint(survey.answered);
  writer->Key("completed").Uint(survey.completed).Key("left_at_start").Uint(survey.left_at_start);
  writer->Key("open").Uint(survey.open).Key("other_answers").Uint(survey.other_answers);
  writer->Key("questions").BeginArray();
  for (const QuestionResult& question : survey.questions) WriteQuestion(question, writer);
  writer->End().End();
}

}  // namespace guidon::collector
