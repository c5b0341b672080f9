// What explanations of flags and of prompts have in common.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "sdk/core/base/json_writer.h"
#include "sdk/core/evaluation/explain.h"
#include "sdk/core/evaluation/text_page.h"

namespace guidon::evaluation {

// 312,004
std::string Number(std::int64_t number);

// What a leaf of a condition met: "plan is missing", "it is 3". Empty: nothing that could be said.
std::string SeenText(const ExplainedCondition& leaf);

// Rows of the current block: the condition, and its parts below it.
void AddCondition(const ExplainedCondition& condition, std::size_t indent, TextPage* page);
void WriteCondition(const ExplainedCondition& condition, json::Writer* out);

// Which datafile said so, and at which moment it was asked.
void AddDatafile(const ruleset::Header& header, const std::optional<ExplainedOrigin>& origin, Timestamp at,
                 TextPage* page);
void WriteDatafile(const ruleset::Header& header, const std::optional<ExplainedOrigin>& origin, Timestamp at,
                   json::Writer* out);

}  // namespace guidon::evaluation
