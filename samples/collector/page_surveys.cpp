// What people answered, within a campaign's card.
#include "samples/collector/format.h"
#include "samples/collector/page_parts.h"

namespace guidon::collector {
namespace {

using ruleset::QuestionType;

double PartOf(std::uint64_t n, std::uint64_t all) {
  return all > 0 ? static_cast<double>(n) / static_cast<double>(all) : 0;
}

void WriteAnswerRow(const std::string& name, const char* style, std::uint64_t n, std::uint64_t all, Html* html) {
  html->Raw("<div class=\"funnelrow\"><span>").Text(name).Raw("</span>");
  WriteBar(PartOf(n, all), style, html);
  html->Raw("<b>").Number(n).Raw("</b><span class=\"soft small\">").Raw(all > 0 ? Percent(PartOf(n, all)) : "–");
  html->Raw("</span></div>");
}

void WriteScores(const QuestionResult& question, Html* html) {
  if (question.type == QuestionType::kNps) {
    WriteAnswerRow("promoters (9, 10)", "main", question.promoters, question.answered, html);
    WriteAnswerRow("passives (7, 8)", "calm", question.passives, question.answered, html);
    WriteAnswerRow("detractors (0 to 6)", "bad", question.detractors, question.answered, html);
    return;
  }
  for (const AnswerCount& count : question.counts) {
    WriteAnswerRow(count.label.empty() ? count.id : count.label, "main", count.n, question.answered, html);
  }
}

void WriteTexts(const QuestionResult& question, Html* html) {
  for (const AnswerText& text : question.texts) {
    html->Raw("<blockquote class=\"quote\">").Text(text.text).Raw("<span class=\"soft small\">");
    html->Raw(Minute(text.time_ms)).Raw("</span></blockquote>");
  }
  if (question.answered > question.texts.size()) {
    html->Raw("<p class=\"small soft after\">The newest ").Number(question.texts.size()).Raw(" of ");
    html->Raw(Plural(question.answered, "text", "texts")).Raw(".</p>");
  }
}

void WriteQuestionPart(const QuestionResult& question, Html* html) {
  html->Raw("<div class=\"goal question\"><div class=\"goalhead\"><h4>").Text(question.label);
  html->Raw("</h4><span class=\"soft small\">").Text(question.id).Raw(" · ");
  html->Raw(ruleset::QuestionTypeName(question.type)).Raw(" · ");
  html->Raw(Plural(question.answered, "answer", "answers"));
  if (question.left_after > 0) html->Raw(" · ").Number(question.left_after).Raw(" left after it");
  html->Raw("</span></div>");
  const std::string sentence = AnswerSentence(question);
  if (!sentence.empty()) html->Raw("<p class=\"text\">").Sentence(sentence).Raw(".</p>");
  if (question.type == QuestionType::kText) {
    WriteTexts(question, html);
  } else {
    html->Raw("<div class=\"funnel\">");
    WriteScores(question, html);
    html->Raw("</div>");
  }
  html->Raw("</div>");
}

}  // namespace

void WriteSurveyPart(const SurveyResult& survey, Html* html) {
  html->Raw(
      "<div class=\"goal\"><div class=\"goalhead\"><h4>Answers</h4><span class=\"soft small\">by showing, not by ");
  html->Raw("unit; of several answers to a question the last</span></div><div class=\"funnel\">");
  WriteAnswerRow("saw the survey", "main", survey.shown, survey.shown, html);
  WriteAnswerRow("answered something", "main", survey.answered, survey.shown, html);
  WriteAnswerRow("completed it", "main", survey.completed, survey.shown, html);
  WriteAnswerRow("left before the first", "calm", survey.left_at_start, survey.shown, html);
  for (const QuestionResult& question : survey.questions) {
    if (question.left_after > 0) {
      WriteAnswerRow("left after " + question.id, "calm", question.left_after, survey.shown, html);
    }
  }
  if (survey.open > 0) WriteAnswerRow("nobody knows yet", "calm", survey.open, survey.shown, html);
  html->Raw("</div>");
  if (survey.other_answers > 0) {
    html->Raw("<p class=\"small soft after\">Not shown: ").Raw(Plural(survey.other_answers, "answer", "answers"));
    html->Raw(" to what the newest datafile does not ask.</p>");
  }
  html->Raw("</div>");
  for (const QuestionResult& question : survey.questions) WriteQuestionPart(question, html);
}

}  // namespace guidon::collector
