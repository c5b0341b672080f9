// What the buttons of a prompt ask of the app, for one person: words as people read them, and links with every place
// percent-encoded.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/prompt.h"
#include "sdk/core/prompts/content.h"
#include "sdk/core/ruleset/prompt_content.h"

namespace guidon::prompts {

// As long as every id of a showing, for when there is none yet.
inline constexpr std::string_view kNoPromptId = "00000000-0000-0000-0000-000000000000";

// Whatever fills a place stays one part of the path or one value of the query: all but the unreserved characters of RFC
// 3986 are encoded. Nothing where a value cannot be there whole (a cut code would be another one), or where the link is
// none any more with it: too long, or with "." or ".." for a part of its path, by which it would lead elsewhere.
// `hosts`: as of text::WhyNoLink.
std::optional<std::string> FillLink(const ruleset::PromptText& link, const Filling& filling,
                                    const std::vector<std::string>& hosts);

// `text`: of ruleset::PromptTexts::action_texts. With an empty link where that cannot be filled in.
PromptAction FillAction(const ruleset::PromptAction& action, const ruleset::PromptText& text, const Filling& filling,
                        const std::vector<std::string>& hosts);

// The first place in links and arguments that nothing fills; empty when there is none. `context` with the event.
std::string FirstUnfilled(const std::vector<ruleset::PromptButton>& buttons, const Context& context);

// The first button whose link cannot be filled in, or null.
const ruleset::PromptButton* FirstBadLink(const std::vector<ruleset::PromptButton>& buttons, const Filling& filling,
                                          const std::vector<std::string>& hosts);

// What a host that can do `actions` cannot; empty when it can do all.
std::string_view FirstLacking(const std::vector<ruleset::PromptButton>& buttons,
                              const std::vector<std::string>& actions);

}  // namespace guidon::prompts
