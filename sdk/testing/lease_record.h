// What a lease of the check was told, from whatever thread.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/prompt.h"

namespace guidon::testing {

constexpr char kPresented[] = "Presented";

// "Answer(score, 9)"; of a list its items with a + between them.
std::string AnswerText(std::string_view question, const Value& answer);

class LeaseRecord {
 public:
  void Say(std::string what);
  void Drop();
  std::vector<std::string> said() const;
  bool is_dropped() const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> said_;
  bool is_dropped_ = false;
};

// "Presented, Action(try)", or "nothing".
std::string Listed(const std::vector<std::string>& said);

// Refuses what the engine would: answers that do not fit, and the end of a survey that has required ones open.
PromptLease RecordingLease(std::shared_ptr<LeaseRecord> record, const Prompt& prompt);

}  // namespace guidon::testing
