// Parts of results.json, each a member with its key.
#pragma once

#include <vector>

#include "samples/collector/adoption.h"
#include "samples/collector/flag_results.h"
#include "samples/collector/kpis.h"
#include "samples/collector/lifecycle.h"
#include "samples/collector/qa.h"
#include "samples/collector/survey_results.h"
#include "sdk/core/base/json_writer.h"

namespace guidon::collector {

void WriteAdoption(const Adoption& adoption, json::Writer* writer);
void WriteLifecycle(const std::vector<LifecycleWeek>& weeks, json::Writer* writer);
void WriteFlags(const FlagResults& flags, json::Writer* writer);
void WriteSurvey(const SurveyResult& survey, json::Writer* writer);
void WriteKpis(const std::vector<KpiResult>& kpis, json::Writer* writer);
void WriteQa(const Qa& qa, json::Writer* writer);

}  // namespace guidon::collector
