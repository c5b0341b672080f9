// Reads a source and checks it by itself, without the last published file.
#pragma once

#include <string_view>

#include "guidon/time.h"
#include "sdk/tools/members.h"
#include "sdk/tools/problems.h"
#include "sdk/tools/source.h"

namespace guidon::tools {

// Reports everything that is wrong. What could not be read is left out of `out`; the source is fit to publish only when
// there are no errors. `json` must outlive `out`. `now` is for dates that have passed.
bool ReadSource(std::string_view text, Timestamp now, Located* json, Source* out, Problems* problems);

// Parts of it, each in its own file.
void ReadFlags(const Members& members, const Located& at, Source* out);
void ReadExperiments(const Members& members, const Located& at, Timestamp now, Source* out);
// What holds between the parts.
void CheckSource(const Members& members, Source* source);
void CheckExperiments(const Members& members, const Source& source);

// The value as a flag of `type` holds it, or nothing. An int is taken for a double.
std::optional<Value> AsFlagValue(const Located& at, std::string_view type);
// Reports that it is not.
void ReportFlagValue(const Members& members, const Located& at, const SourceFlag& flag);

}  // namespace guidon::tools
