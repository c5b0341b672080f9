// JSON to a program.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "guidon/status.h"
#include "sdk/core/base/json.h"
#include "sdk/core/logic/program.h"

namespace guidon::logic {

inline constexpr std::size_t kNodes = 10'000;  // of one program, with what references put in
inline constexpr std::size_t kDepth = 64;

// `reference`: what {"$ref": NAME} stands for; a node that does not exist where there is nothing of that name; empty:
// there are no references. An error says what is wrong, and where.
Result<Program> Compile(json::Node rule, const std::function<json::Node(std::string_view)>& reference = nullptr);

}  // namespace guidon::logic
