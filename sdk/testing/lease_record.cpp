#include "sdk/testing/lease_record.h"

#include <algorithm>
#include <map>
#include <utility>

namespace guidon::testing {
namespace {

std::string CauseText(DismissCause cause) {
  switch (cause) {
    case DismissCause::kPerson: return "kPerson";
    case DismissCause::kTimeout: return "kTimeout";
    case DismissCause::kNavigation: return "kNavigation";
    case DismissCause::kHost: return "kHost";
  }
  return "an unknown cause";
}

std::string ValueText(const Value& value) {
  if (const std::string* text = value.AsString()) return *text;
  if (const std::int64_t* number = value.AsInt()) return std::to_string(*number);
  const List* list = value.AsList();
  if (list == nullptr) return "?";
  std::string text;
  for (const Value& item : *list) text += (text.empty() ? "" : "+") + ValueText(item);
  return text;
}

class Recorder final : public PromptReceiver {
 public:
  Recorder(std::shared_ptr<LeaseRecord> record, std::vector<SurveyQuestion> questions)
      : record_(std::move(record)), questions_(std::move(questions)) {}
  ~Recorder() override { record_->Drop(); }

  void Presented() noexcept override { record_->Say(kPresented); }
  void Action(std::string_view button) noexcept override { record_->Say("Action(" + std::string(button) + ")"); }
  void Dismissed(DismissCause cause) noexcept override { record_->Say("Dismissed(" + CauseText(cause) + ")"); }
  void Snoozed(Duration) noexcept override { record_->Say("Snoozed"); }
  void Failed(std::string_view why) noexcept override { record_->Say("Failed(" + std::string(why) + ")"); }

  Status Answer(std::string_view question, const Value& answer) noexcept override {
    const auto found = std::find_if(questions_.begin(), questions_.end(),
                                    [&](const SurveyQuestion& each) { return each.id == question; });
    record_->Say(AnswerText(question, answer));
    if (found == questions_.end()) return {StatusCode::kInvalidArgument, "there is no such question"};
    Value checked = answer;
    Status fits = CheckAnswer(*found, &checked);
    const std::lock_guard<std::mutex> lock(mutex_);
    if (fits.ok()) answers_[found->id] = std::move(checked);
    return fits;
  }

  Status Completed() noexcept override {
    record_->Say("Completed");
    const std::lock_guard<std::mutex> lock(mutex_);
    const SurveyQuestion* question = NextQuestion(questions_, "", Value());
    while (question != nullptr) {
      const auto answer = answers_.find(question->id);
      if (question->required && answer == answers_.end()) {
        return {StatusCode::kInvalidArgument, question->id + ": is required, and not answered"};
      }
      question = NextQuestion(questions_, question->id, answer == answers_.end() ? Value() : answer->second);
    }
    return {};
  }

 private:
  const std::shared_ptr<LeaseRecord> record_;
  const std::vector<SurveyQuestion> questions_;
  std::mutex mutex_;
  std::map<std::string, Value> answers_;
};

}  // namespace

std::string AnswerText(std::string_view question, const Value& answer) {
  return "Answer(" + std::string(question) + ", " + ValueText(answer) + ")";
}

void LeaseRecord::Say(std::string what) {
  const std::lock_guard<std::mutex> lock(mutex_);
  said_.push_back(std::move(what));
}

void LeaseRecord::Drop() {
  const std::lock_guard<std::mutex> lock(mutex_);
  is_dropped_ = true;
}

std::vector<std::string> LeaseRecord::said() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return said_;
}

bool LeaseRecord::is_dropped() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return is_dropped_;
}

std::string Listed(const std::vector<std::string>& said) {
  std::string text;
  for (const std::string& one : said) text += (text.empty() ? "" : ", ") + one;
  return text.empty() ? "nothing" : text;
}

PromptLease RecordingLease(std::shared_ptr<LeaseRecord> record, const Prompt& prompt) {
  return PromptLease(std::make_unique<Recorder>(std::move(record), prompt.questions));
}

}  // namespace guidon::testing
