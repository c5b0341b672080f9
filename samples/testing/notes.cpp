#include "notes.h"

namespace {

constexpr guidon::Flag<bool> kFileSharing{"file-sharing", false};
constexpr guidon::Flag<std::string> kComposer{"composer", "icon"};

}  // namespace

std::string Notes::AttachLabel() const {
  if (!client_.Get(kFileSharing)) return "";
  return client_.Get(kComposer) == "icon-and-text" ? "[ + Attach a file ]" : "[ + ]";
}

void Notes::Save(const std::string& note) { client_.Track("note_created", {{"chars", note.size()}}); }

bool Notes::Share(const std::string& kind) {
  if (!client_.Get(kFileSharing)) return false;
  client_.Track("file_shared", {{"kind", kind}});
  return true;
}

void Notes::Do(const guidon::PromptAction& action) {
  if (action.link == "app://composer/attach") has_open_composer_ = true;
}
