// A part of an app, as the app has it: it takes the client and knows nothing of tests.
#pragma once

#include <guidon/client.h>

#include <string>

class Notes {
 public:
  explicit Notes(guidon::Client& client) : client_(client) {}

  // What the attach button says; empty when there is none.
  std::string AttachLabel() const;
  void Save(const std::string& note);
  // False when this person cannot share files.
  bool Share(const std::string& kind);
  // What a prompt's button asks for.
  void Do(const guidon::PromptAction& action);

  bool has_open_composer() const { return has_open_composer_; }

 private:
  guidon::Client& client_;
  bool has_open_composer_ = false;
};
