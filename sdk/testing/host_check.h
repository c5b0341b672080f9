// The walk through scripted prompts. host_check.cpp shows, ends and takes them back; look_check.cpp asks what is read
// out and where keys go; survey_check.cpp answers questions and has actions done.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "guidon/testing.h"
#include "sdk/testing/lease_record.h"

namespace guidon::testing {

class HostCheck {
 public:
  HostCheck(PromptHostDriver& driver, std::vector<std::string>* skipped) : driver_(driver), skipped_(skipped) {}
  std::vector<std::string> Run();

 private:
  using Said = std::vector<std::string>;

  void Broken(const std::string& what) { broken_.push_back(kind_ + ", " + scene_ + ": " + what); }
  void Skip(const std::string& what);
  static std::string WithoutSpaces(std::string_view text);
  bool takes_focus() const { return kind_ == "modal" || kind_ == "full_screen"; }

  // host_check.cpp
  std::vector<std::string> TakeKinds();
  Prompt NextPrompt();
  void Present(const Prompt& prompt);
  bool Show(const Prompt& prompt);  // false when it is not up then; what is wrong with it is said
  void ExpectGone();                // after something that ends it
  void ExpectSaid(Said after_presented);
  void CloseIt();
  void CheckAsking();
  void CheckWays();
  void CheckRetraction();
  void CheckTexts();
  void ShowAndClose(const Prompt& prompt);
  void CheckSurroundings();

  // look_check.cpp
  void CheckLook(const Prompt& prompt);
  void CheckRole(const PromptScreen& screen);
  void CheckFocus(const Prompt& prompt, const PromptScreen& screen);
  void CheckFocusOrder(const Prompt& prompt);
  void CheckReadOut(const Prompt& prompt);

  // survey_check.cpp
  void CheckSurveys();
  void CheckSurvey(const std::string& type);
  Prompt SurveyOf(const std::string& type);
  // The rest of the scene makes sense only when true.
  bool GiveAnswer(const std::string& question, const Value& answer);
  void CheckOtherWays(const std::string& type, const Value& past, const Value& on);
  void EndScene(const Prompt& prompt);
  void CheckActions();
  void ExpectDone(const std::vector<PromptAction>& wanted);

  PromptHostDriver& driver_;
  std::vector<std::string>* const skipped_;
  std::vector<std::string> broken_;
  std::string kind_, scene_;
  std::uint64_t showings_ = 0;
  std::shared_ptr<LeaseRecord> record_;
  std::string focus_before_;
};

}  // namespace guidon::testing
