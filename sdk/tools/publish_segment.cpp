#include <algorithm>

#include "sdk/core/expression/render.h"
#include "sdk/tools/hashed_list.h"
#include "sdk/tools/publish.h"

namespace guidon::tools {

void PublishSegment(const SourceSegment& segment, std::string_view project, json::Writer& out) {
  if (segment.when) {
    expression::ToJson(*segment.when, out);
    return;
  }
  const SourceList& list = *segment.list;
  out.BeginObject().Key("op").String("in");
  if (!list.unit.empty()) {
    out.Key("unit").String(list.unit);
  } else {
    out.Key("attribute").String(list.attribute);
  }
  std::vector<std::string> values = list.values;
  if (list.is_hashed) {
    const std::string salt = SegmentSalt(project, segment.name);
    out.Key("hashed").String(salt);
    values = HashValues(salt, values);
  } else {
    std::sort(values.begin(), values.end());
  }
  out.Key("values").BeginArray();
  for (const std::string& value : values) out.String(value);
  out.End().End();
}

}  // namespace guidon::tools
