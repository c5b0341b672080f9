// The flags of the notes app, declared once. samples/datafiles/notes.source.json says what they are worth to whom.
#pragma once

#include "guidon/flag.h"

namespace notes {

inline constexpr guidon::Flag<bool> kFileSharing{"file-sharing", false};
inline constexpr guidon::Flag<std::int64_t> kUploadChunkKb{"upload-chunk-kb", 256};
inline constexpr guidon::Flag<std::string> kComposer{"composer", "icon"};
inline constexpr guidon::Flag<std::string> kWelcomeText{"welcome-text", "Welcome to Notes."};
inline constexpr guidon::Flag<bool> kChecklist{"checklist", false};

}  // namespace notes
