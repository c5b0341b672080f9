#include "sdk/client/qa_kept.h"

#include <algorithm>
#include <utility>

#include "guidon/limits.h"
#include "sdk/client/overrides_text.h"
#include "sdk/core/base/json.h"
#include "sdk/core/base/json_writer.h"
#include "sdk/core/base/text.h"

namespace guidon::client {
namespace {

constexpr std::string_view kQaFormat = "guidon-qa/1";

Status KeptFault(const std::string& reason) { return Status(StatusCode::kCorrupt, "kept for QA: " + reason); }

bool ReadKept(json::Node node, HeldOverride* out) {
  std::vector<Status> problems;
  std::vector<HeldOverride> read = ReadEnvironment(node["force"].AsString().value_or(""), &problems);
  const auto until = text::ParseTimestamp(node["until"].AsString().value_or(""));
  if (!problems.empty() || read.size() != 1 || !until) return false;
  *out = std::move(read.front());
  out->bare.clear();  // it was told with its type
  out->serial = 0;    // a prompt was shown by the process that it was forced in
  out->what.until = *until;
  out->what.source = node["by"].AsString() == "panel" ? Override::Source::kPanel : Override::Source::kApi;
  return true;
}

}  // namespace

std::string WriteKeptQa(const KeptQa& kept) {
  std::string out;
  json::Writer json(&out);
  json.BeginObject().Key("format").String(kQaFormat);
  if (!kept.token.empty()) json.Key("token").String(kept.token);
  json.Key("overrides").BeginArray();
  for (const HeldOverride& each : kept.overrides) {
    json.BeginObject().Key("force").String(EntryText(each.what));
    json.Key("until").String(text::FormatTimestamp(*each.what.until));
    json.Key("by").String(OverrideSourceName(each.what.source)).End();
  }
  json.End().End();
  return out;
}

Result<KeptQa> ReadKeptQa(std::string_view content) {
  const auto document = json::Document::Parse(content, nullptr);
  if (!document) return KeptFault("it is no JSON");
  const json::Node root = document->root();
  if (root["format"].AsString() != kQaFormat)
    return KeptFault("it is of another format than " + std::string(kQaFormat));
  KeptQa kept;
  kept.token = std::string(root["token"].AsString().value_or(""));
  const json::Node list = root["overrides"];
  if (list.size() > 2 * limits::kOverrides) return KeptFault("it has more overrides than there may be");
  for (const json::Node node : list) {
    HeldOverride read;
    if (!ReadKept(node, &read)) return KeptFault(node.Pointer() + " is no override");
    kept.overrides.push_back(std::move(read));
  }
  std::stable_sort(kept.overrides.begin(), kept.overrides.end(),
                   [](const HeldOverride& a, const HeldOverride& b) { return a.what.source < b.what.source; });
  return kept;
}

}  // namespace guidon::client
