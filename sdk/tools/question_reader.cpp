// The questions that a prompt asks: what each is, and where each answer leads.
#include <algorithm>
#include <set>
#include <utility>

#include "guidon/limits.h"
#include "sdk/core/base/text.h"
#include "sdk/core/expression/parser.h"
#include "sdk/core/expression/render.h"
#include "sdk/tools/source_reader.h"

namespace guidon::tools {
namespace {

using expression::Kind;
using expression::Op;
using expression::Tree;
using ruleset::QuestionType;

constexpr const char* kQuestionExample = "[ { \"id\": \"score\", \"type\": \"nps\", \"label\": \"…\" } ]";
constexpr const char* kTypeExample = "\"nps\", \"csat\", \"choice\", \"choices\" or \"text\"";
constexpr std::string_view kAnswerName = "answer";

// What other tools call our types.
constexpr Synonym kTypeSynonyms[] = {
    {"score", "nps"},        {"rating", "csat"},
    {"stars", "csat"},       {"emoji", "csat"},
    {"single", "choice"},    {"single_choice", "choice"},
    {"radio", "choice"},     {"select", "choice"},
    {"multiple", "choices"}, {"multiple_choice", "choices"},
    {"checkbox", "choices"}, {"multi", "choices"},
    {"open", "text"},        {"free_text", "text"},
    {"freetext", "text"},    {"comment", "text"},
};

// Every answer that is one value.
List AllAnswers(const SourceQuestion& question) {
  List all;
  const ruleset::ScoreRange range = ruleset::RangeOf(question.type);
  for (int score = range.least; score <= range.most; ++score) all.emplace_back(score);
  for (const SourceOption& option : question.options) all.emplace_back(option.id);
  return all;
}

bool Compares(const Value& answer, Op op, const Value& with) {
  if (op == Op::kEqual) return answer == with;
  if (op == Op::kNotEqual) return answer != with;
  const std::int64_t left = answer.AsInt() != nullptr ? *answer.AsInt() : 0;
  const std::int64_t right = with.AsInt() != nullptr ? *with.AsInt() : 0;
  switch (op) {
    case Op::kLess: return left < right;
    case Op::kLessEqual: return left <= right;
    case Op::kGreater: return left > right;
    default: return left >= right;
  }
}

bool IsTrueOf(const Tree& tree, const Value& answer) {
  const auto is_true = [&](const Tree& part) { return IsTrueOf(part, answer); };
  switch (tree.kind) {
    case Kind::kAnd: return std::all_of(tree.of.begin(), tree.of.end(), is_true);
    case Kind::kOr: return std::any_of(tree.of.begin(), tree.of.end(), is_true);
    case Kind::kNot: return !is_true(tree.of.front());
    case Kind::kCompare: return Compares(answer, tree.op, tree.value);
    default: return std::find(tree.values.begin(), tree.values.end(), answer) != tree.values.end();
  }
}

class QuestionReader {
 public:
  QuestionReader(const Members& members, const Located& list, const ReadWords& read, SourceContent* out)
      : members_(members), list_(list), read_(read), questions_(out->questions) {}

  void Run() {
    if (!members_.Want(list_, json::Type::kArray, kQuestionExample)) return;
    if (list_.items.empty()) {
      problems().Error("no-questions", list_, "the list is empty, so nothing is asked", "remove \"questions\"");
    }
    if (list_.items.size() > limits::kQuestions) {
      problems().Error("too-many", list_, std::to_string(list_.items.size()) + " questions, and at most 20 are allowed",
                       "people answer three");
    }
    questions_.reserve(list_.items.size());
    for (const Located& item : list_.items) {
      if (members_.Want(item, json::Type::kObject, "{ \"id\": \"score\", \"type\": \"nps\", \"label\": \"…\" }")) {
        ReadQuestion(item);
      }
    }
    CheckIds();
    for (SourceQuestion& question : questions_) ReadBranches(&question);
    CheckReach();
  }

 private:
  Problems& problems() const { return members_.problems(); }

  void ReadQuestion(const Located& item) {
    members_.CheckKnown(
        item, {"about", "id", "type", "label", "required", "options", "shuffle", "max_chars", "next"}, "a question",
        {{"title", "write \"label\""},
         {"text", "write \"label\""},
         {"question", "write \"label\""},
         {"kind", "write \"type\""},
         {"choices", "write \"options\": { \"speed\": \"It is slow\" }"},
         {"answers", "write \"options\": { \"speed\": \"It is slow\" }"},
         {"random", "write \"shuffle\": true"},
         {"randomize", "write \"shuffle\": true"},
         {"max_length", "write \"max_chars\""},
         {"optional", "questions are, unless they say \"required\": true"},
         {"branch", "write \"next\": [ { \"if\": \"answer <= 6\", \"go\": \"why\" } ]"},
         {"if", "it belongs into \"next\" of the question before: [ { \"if\": \"answer <= 6\", \"go\": \"why\" } ]"}});
    SourceQuestion& question = questions_.emplace_back();
    question.at = &item;
    question.id = members_.Text(item, "id").value_or("");
    if (item.Find("id") == nullptr) {
      problems().Error("missing-member", item, "\"id\" is missing",
                       "write \"id\": \"score\"; answers are told apart by it, in every language");
    } else if (question.id == ruleset::kSurveyEndName) {
      problems().Error("bad-name", *item.Find("id"), "'end' says that the survey is over", "choose another id");
    } else if (!question.id.empty()) {
      (void)members_.CheckName(question.id, *item.Find("id"), false, "question");
    }
    question.label = read_(item, "label");
    question.is_required = members_.Bool(item, "required").value_or(false);
    if (ReadType(item, &question.type)) ReadDetails(item, &question);
  }

  bool ReadType(const Located& item, QuestionType* out) {
    const Located* at = item.Find("type");
    if (at == nullptr) {
      problems().Error("missing-member", item, "\"type\" is missing", std::string("write ") + kTypeExample);
      return false;
    }
    if (!members_.Want(*at, json::Type::kString, kTypeExample)) return false;
    std::vector<std::string_view> names;
    for (const QuestionType type : ruleset::kQuestionTypes) {
      names.push_back(ruleset::QuestionTypeName(type));
      *out = type;
      if (names.back() == at->Text()) return true;
    }
    std::string advice = Suggest(at->Text(), names, "");
    for (const Synonym& synonym : kTypeSynonyms) {
      if (synonym.wrong == at->Text()) advice = "here it is called \"" + std::string(synonym.advice) + "\"";
    }
    problems().Error("unknown-type", *at, "there is no type " + Shown(at->value) + " of questions", advice);
    return false;
  }

  void ReadDetails(const Located& item, SourceQuestion* question) {
    const std::string type(ruleset::QuestionTypeName(question->type));
    const auto refuse = [&](const char* member, const std::string& of) {
      const Located* at = item.Find(member);
      if (at == nullptr) return;
      problems().ErrorAtName("member-unused", *at, "a question of the type " + type + " has no " + of,
                             "remove it, or choose another type");
    };
    if (ruleset::HasOptions(question->type)) {
      ReadOptions(item, question);
      question->is_shuffled = members_.Bool(item, "shuffle").value_or(false);
    } else {
      refuse("options", "options");
      refuse("shuffle", "options to shuffle");
    }
    if (question->type == QuestionType::kText) {
      question->max_chars = members_.Int(item, "max_chars", 1, limits::kAnswerChars).value_or(question->max_chars);
    } else {
      refuse("max_chars", "text");
    }
  }

  void ReadOptions(const Located& item, SourceQuestion* question) {
    const Located* at = item.Find("options");
    if (at == nullptr) {
      problems().Error("missing-member", item, "\"options\" is missing, so there is nothing to choose",
                       "write \"options\": { \"speed\": \"It is slow\", \"price\": \"It is dear\" }");
      return;
    }
    if (!members_.Want(*at, json::Type::kObject, "{ \"speed\": \"It is slow\", \"price\": \"It is dear\" }")) return;
    if (at->items.size() < 2 || at->items.size() > limits::kQuestionOptions) {
      problems().Error("bad-options", *at, std::to_string(at->items.size()) + " options, and there have to be 2 to 20",
                       "for an answer in one's own words there is the type \"text\"");
    }
    for (const Located& option : at->items) {
      (void)members_.CheckName(option.name, option, true, "option");
      question->options.push_back({option.name, read_(*at, option.name)});
    }
  }

  void CheckIds() {
    std::set<std::string> ids;
    for (const SourceQuestion& question : questions_) {
      if (question.id.empty() || ids.insert(question.id).second) continue;
      problems().Error("duplicate-question-id", *question.at->Find("id"),
                       "the question id '" + question.id + "' stands twice", "rename one");
    }
  }

  void ReadBranches(SourceQuestion* question) {
    const Located* next = question->at->Find("next");
    if (next == nullptr) return;
    if (!members_.Want(*next, json::Type::kArray, "[ { \"if\": \"answer <= 6\", \"go\": \"why\" } ]")) return;
    if (next->items.size() > limits::kQuestionBranches) {
      problems().Error("too-many", *next, "more than 20 branches", "join those that lead to the same question");
    }
    bool is_over = false;  // one applies to every answer
    for (const Located& item : next->items) {
      if (!members_.Want(item, json::Type::kObject, "{ \"if\": \"answer <= 6\", \"go\": \"why\" }")) continue;
      members_.CheckKnown(item, {"about", "if", "go"}, "a branch",
                          {{"when", "write \"if\""}, {"to", "write \"go\""}, {"then", "write \"go\""}});
      if (is_over) {
        problems().Warning("branch-unused", item, "the one before applies to every answer, so this one never does",
                           "put what has an \"if\" first");
      }
      SourceBranch branch;
      branch.at = &item;
      const Located* test = item.Find("if");
      is_over = is_over || test == nullptr;
      if (ReadGo(item, *question, &branch.go) && (test == nullptr || ReadTest(*test, *question, &branch.answers))) {
        question->branches.push_back(std::move(branch));
      }
    }
  }

  bool ReadGo(const Located& item, const SourceQuestion& from, std::string* go) {
    const Located* at = item.Find("go");
    if (at == nullptr) {
      problems().Error("missing-member", item, "\"go\" is missing", "write a later question's id, or \"end\"");
      return false;
    }
    if (!members_.Want(*at, json::Type::kString, "a later question's id, or \"end\"")) return false;
    *go = std::string(at->Text());
    if (*go == ruleset::kSurveyEndName) return true;
    std::vector<std::string_view> later{ruleset::kSurveyEndName};
    for (const SourceQuestion* each = &from + 1; each != questions_.data() + questions_.size(); ++each) {
      if (each->id == *go) return true;
      later.push_back(each->id);
    }
    const bool is_before =
        std::any_of(questions_.begin(), questions_.end(), [&](const SourceQuestion& each) { return each.id == *go; });
    if (is_before) {
      problems().Error("goes-back", *at, "'" + *go + "' is no later question, and nobody is asked the same twice",
                       "put it behind '" + from.id + "', or go to \"end\"");
    } else {
      problems().Error("unknown-question", *at, "there is no question '" + *go + "'", Suggest(*go, later, ""));
    }
    return false;
  }

  // The answers of which the expression is true; so devices need not read expressions.
  bool ReadTest(const Located& at, const SourceQuestion& question, List* answers) {
    if (!members_.Want(at, json::Type::kString, "\"answer <= 6\"")) return false;
    expression::Error error;
    const std::optional<Tree> tree = expression::Parse(at.Text(), &error);
    if (!tree) {
      members_.ErrorWithin("bad-branch", at, error);
      return false;
    }
    if (!CheckTest(at, question, *tree)) return false;
    if (question.type == QuestionType::kChoices) {
      *answers = tree->values;
      return true;
    }
    const List all = AllAnswers(question);
    for (const Value& answer : all) {
      if (IsTrueOf(*tree, answer)) answers->push_back(answer);
    }
    if (!answers->empty()) return true;
    problems().Warning("branch-never", at, "it is true of no answer", "compare with answers that there are");
    return false;
  }

  bool CheckTest(const Located& at, const SourceQuestion& question, const Tree& tree) {
    const auto refuse = [&](const std::string& reason, const std::string& advice) {
      problems().Error("bad-branch", at, reason, advice);
      return false;
    };
    if (question.type == QuestionType::kText) {
      return refuse("what people write is not looked at", "leave \"if\" out: { \"go\": \"…\" }");
    }
    if (question.type == QuestionType::kChoices) {
      if (tree.kind != Kind::kList || tree.op != Op::kContainsAny || tree.name != kAnswerName) {
        return refuse("of several choices it is asked whether one of them is among some",
                      "write \"answer.containsAny(['" + FirstOption(question) + "'])\"");
      }
      return KnowsAll(at, question, tree.values);
    }
    bool ok = true;
    expression::ForEachLeaf(tree, [&](const Tree& leaf) { ok = ok && CheckLeaf(at, question, leaf); });
    return ok;
  }

  bool CheckLeaf(const Located& at, const SourceQuestion& question, const Tree& leaf) {
    const bool is_score = !ruleset::HasOptions(question.type);
    const bool is_order = leaf.op != Op::kEqual && leaf.op != Op::kNotEqual;
    const bool is_fit = (leaf.kind == Kind::kCompare && (is_score || !is_order)) || leaf.kind == Kind::kIn;
    if (!is_fit || leaf.name != kAnswerName || leaf.lower) {
      problems().Error("bad-branch", at,
                       "'" + expression::ToText(leaf) + "' does not ask the answer in a way that is known here",
                       is_score ? "write \"answer <= 6\""
                                : "write \"answer == '" + FirstOption(question) + "'\", or \"answer in ['…', '…']\"");
      return false;
    }
    return KnowsAll(at, question, leaf.kind == Kind::kIn ? leaf.values : List{leaf.value});
  }

  // Whether these may be answers.
  bool KnowsAll(const Located& at, const SourceQuestion& question, const List& values) {
    const List all = AllAnswers(question);
    for (const Value& value : values) {
      const bool is_number = value.AsInt() != nullptr && !ruleset::HasOptions(question.type);
      if (is_number || std::find(all.begin(), all.end(), value) != all.end()) continue;
      std::vector<std::string_view> ids;
      for (const SourceOption& option : question.options) ids.push_back(option.id);
      problems().Error("unknown-answer", at, Shown(value) + " is no answer to '" + question.id + "'",
                       ids.empty() ? "the answer is a whole number"
                                   : Suggest(value.AsString() != nullptr ? *value.AsString() : "", ids, ""));
      return false;
    }
    return true;
  }

  static std::string FirstOption(const SourceQuestion& question) {
    return question.options.empty() ? "speed" : question.options.front().id;
  }

  // Warns of questions that no way leads to.
  void CheckReach() {
    std::vector<bool> is_reached(questions_.size(), false);
    for (std::size_t i = 0; i < questions_.size(); ++i) {
      const SourceQuestion& question = questions_[i];
      if (i > 0 && !is_reached[i]) {
        problems().Warning("question-unreachable", *question.at, "no way leads to '" + question.id + "'",
                           "name it in \"go\" of a question before, or remove it");
        continue;
      }
      bool goes_on = true;
      List answered;
      for (const SourceBranch& branch : question.branches) {
        if (!goes_on) break;
        for (std::size_t to = i + 1; to < questions_.size(); ++to) {
          if (questions_[to].id == branch.go) is_reached[to] = true;
        }
        goes_on = !branch.answers.empty();
        answered.insert(answered.end(), branch.answers.begin(), branch.answers.end());
      }
      if (goes_on && question.is_required && question.type != QuestionType::kChoices && !answered.empty()) {
        const List all = AllAnswers(question);
        goes_on = !std::all_of(all.begin(), all.end(), [&](const Value& answer) {
          return std::find(answered.begin(), answered.end(), answer) != answered.end();
        });
      }
      if (goes_on && i + 1 < questions_.size()) is_reached[i + 1] = true;
    }
  }

  const Members& members_;
  const Located& list_;
  const ReadWords& read_;
  std::vector<SourceQuestion>& questions_;
};

void ReportUntranslated(const Members& members, const Located& at, const std::string& what, const std::string& advice) {
  members.problems().Error("incomplete-translation", at, what + " is not translated", advice);
}

}  // namespace

void ReadQuestions(const Members& members, const Located& show, const ReadWords& read, SourceContent* out) {
  const Located* list = show.Find("questions");
  if (list == nullptr) return;
  QuestionReader(members, *list, read, out).Run();
  if (out->kind != "tooltip") return;
  members.problems().Error("tooltip-with-questions", *show.Find("kind"), "a tooltip has no room for questions",
                           "make it a \"banner\", a \"card\", a \"modal\" or \"full_screen\"");
}

void ReadQuestionTexts(const Members& members, const Located& translation, const SourceContent& content,
                       const ReadWords& read, std::vector<SourceQuestionTexts>* out) {
  if (content.questions.empty()) return;
  const std::string example = "write \"questions\": { \"" + content.questions.front().id + "\": { \"label\": \"…\" } }";
  const Located* questions = translation.Find("questions");
  if (questions != nullptr && !members.Want(*questions, json::Type::kObject, "{ \"score\": { \"label\": \"…\" } }"))
    return;
  for (const SourceQuestion& question : content.questions) {
    SourceQuestionTexts& texts = out->emplace_back();
    texts.options.resize(question.options.size());
    const Located* at = questions == nullptr ? nullptr : questions->Find(question.id);
    if (at == nullptr) {
      ReportUntranslated(members, questions == nullptr ? translation : *questions, "the question '" + question.id + "'",
                         example);
      continue;
    }
    if (!members.Want(*at, json::Type::kObject, "{ \"label\": \"…\" }")) continue;
    members.CheckKnown(*at, {"about", "label", "options"}, "a question's translation",
                       {{"title", "write \"label\""}, {"text", "write \"label\""}});
    texts.label = read(*at, "label");
    const Located* options = at->Find("options");
    if (options != nullptr && !members.Want(*options, json::Type::kObject, "{ \"speed\": \"…\" }")) continue;
    for (std::size_t i = 0; i < question.options.size(); ++i) {
      const std::string& id = question.options[i].id;
      if (options != nullptr && options->Find(id) != nullptr) {
        texts.options[i] = read(*options, id);
      } else {
        ReportUntranslated(members, options == nullptr ? *at : *options, "the option '" + id + "'",
                           "write \"options\": { \"" + id + "\": \"…\" }");
      }
    }
  }
}

}  // namespace guidon::tools
