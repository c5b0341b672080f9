#include "sdk/tools/source_reader.h"

#include <algorithm>
#include <utility>

#include "guidon/limits.h"
#include "sdk/core/base/link.h"

namespace guidon::tools {

void CheckCount(const Members& members, const Located& at, std::size_t most) {
  if (at.items.size() <= most) return;
  members.problems().Error(
      "too-many", at,
      std::to_string(at.items.size()) + " " + at.name + ", and at most " + std::to_string(most) + " are allowed",
      "split the project, or remove what has ended");
}

namespace {

void ReadFormat(const Members& members, const Located& root, Source* out) {
  const Located* format = root.Find("format");
  if (format == nullptr) {
    members.problems().Error("missing-format", root, "\"format\" is missing", "write \"format\": \"guidon-source/1\"");
  } else if (format->Text() != "guidon-source/1") {
    members.problems().Error("wrong-format", *format,
                             "the format is " + Describe(*format) + ", which this version does not read",
                             format->Text() == "guidon/1" ? "this is a published file; build and lint take the source"
                                                          : "write \"guidon-source/1\"");
  }
  for (const char* member : {"project", "environment"}) {
    const Located* at = root.Find(member);
    if (at == nullptr) {
      members.problems().Error(
          "missing-member", root, std::string("\"") + member + "\" is missing",
          std::string("write \"") + member + "\": \"" + (member[0] == 'p' ? "notes" : "production") + "\"");
      continue;
    }
    const std::optional<std::string> name = members.Text(root, member);
    if (!name || !members.CheckName(*name, *at, false, member)) continue;
    (member[0] == 'p' ? out->project : out->environment) = *name;
  }
}

void ReadEventAttributes(const Members& members, const Located& at, Source* out) {
  if (!members.Want(at, json::Type::kArray, "[\"plan\", \"app.version\"]")) return;
  for (const Located& item : at.items) {
    if (!members.Want(item, json::Type::kString, "an attribute's name in quotes")) continue;
    const std::string name(item.Text());
    if (name.empty() || name.size() > limits::kAttributeNameBytes) {
      members.problems().Error("bad-name", item, "an attribute's name has 1 to 256 bytes",
                               "write its name as rules do");
      continue;
    }
    if (std::find(out->event_attributes.begin(), out->event_attributes.end(), name) != out->event_attributes.end()) {
      members.problems().Warning("listed-twice", item, "'" + name + "' is listed twice", "remove one");
      continue;
    }
    for (std::string_view personal : {"email", "e-mail", "mail", "phone", "name", "address"}) {
      if (name != personal && name != "user." + std::string(personal)) continue;
      members.problems().Warning("personal-data", item, "'" + name + "' would leave the device with every event",
                                 "leave it out, unless people agreed to exactly that");
    }
    out->event_attributes.push_back(name);
  }
}

void ReadLinkHosts(const Members& members, const Located& at, Source* out) {
  if (!members.Want(at, json::Type::kArray, "[\"notes.example\"]")) return;
  CheckCount(members, at, limits::kLinkHosts);
  for (const Located& item : at.items) {
    if (!members.Want(item, json::Type::kString, "a host's name in quotes")) continue;
    const std::string host(item.Text());
    if (!text::IsHostName(host)) {
      members.problems().Error("bad-host", item, "'" + host + "' is no host's name",
                               "write it in small letters, without https:// and path, such as \"notes.example\"; "
                               "what lies below it is allowed, too");
      continue;
    }
    out->link_hosts.push_back(host);
  }
}

void ReadRevokedTokens(const Members& members, const Located& at, Source* out) {
  if (!members.Want(at, json::Type::kArray, "[\"qa-17\"]")) return;
  CheckCount(members, at, limits::kRevokedTokens);
  for (const Located& item : at.items) {
    if (members.Want(item, json::Type::kString, "a token's id in quotes"))
      out->revoked_tokens.emplace_back(item.Text());
  }
}

void ReadLayers(const Members& members, const Located& at, Source* out) {
  if (!members.Want(at, json::Type::kObject, "{ \"default\": { \"unit\": \"device\" } }")) return;
  CheckCount(members, at, limits::kLayers);
  for (const Located& item : at.items) {
    SourceLayer layer;
    layer.name = item.name;
    layer.at = &item;
    if (members.CheckName(item.name, item, true, "layer") && item.name.size() > kNameInSaltBytes) {
      members.problems().ErrorAtName("name-too-long", item,
                                     "a layer's name is part of its salt and has at most 53 bytes", "shorten it");
    }
    if (members.Want(item, json::Type::kObject, "{ \"unit\": \"device\" }")) {
      members.CheckKnown(item, {"about", "unit", "epoch"}, "a layer");
      members.Text(item, "about");
      layer.unit = members.Unit(item).value_or("device");
      layer.epoch = members.Int(item, "epoch", 1, 1'000'000);
    }
    out->layers.push_back(std::move(layer));
  }
}

void ReadGoverned(const Members& members, const Located& at, SourceHoldout::Governed* out) {
  out->is_all = at.Text() == "*";
  if (out->is_all) return;
  if (!at.is(json::Type::kArray)) {
    members.problems().Error("wrong-type", at, "expected \"*\" or a list of " + at.name + ", found " + Describe(at),
                             "write \"*\" for all");
    return;
  }
  for (const Located& item : at.items) {
    if (members.Want(item, json::Type::kString, "a name in quotes")) out->names.push_back(&item);
  }
}

// What is not said is all experiments, unless campaigns are said.
void ReadGoverned(const Members& members, const Located& item, SourceHoldout* out) {
  const Located* experiments = item.Find("experiments");
  const Located* campaigns = item.Find("campaigns");
  if (campaigns != nullptr) ReadGoverned(members, *campaigns, &out->campaigns);
  if (experiments != nullptr) ReadGoverned(members, *experiments, &out->experiments);
  out->experiments.is_all = experiments == nullptr ? campaigns == nullptr : out->experiments.is_all;
  const auto is_empty = [](const Located* at) {
    return at == nullptr || (at->is(json::Type::kArray) && at->items.empty());
  };
  if ((experiments != nullptr || campaigns != nullptr) && is_empty(experiments) && is_empty(campaigns)) {
    members.problems().Warning("empty-list", experiments != nullptr ? *experiments : *campaigns,
                               "this holdout keeps people out of nothing", "write \"*\" for all");
  }
}

void ReadHoldouts(const Members& members, const Located& at, Source* out) {
  if (!members.Want(at, json::Type::kObject, "{ \"2026q4\": { \"percent\": 2 } }")) return;
  CheckCount(members, at, limits::kHoldouts);
  for (const Located& item : at.items) {
    SourceHoldout holdout;
    holdout.name = item.name;
    holdout.at = &item;
    const bool named = members.CheckName(item.name, item, true, "holdout");
    if (named && item.name.size() > 64) {
      members.problems().ErrorAtName("name-too-long", item, "a holdout's name is its salt and has at most 64 bytes",
                                     "shorten it");
    }
    if (!members.Want(item, json::Type::kObject, "{ \"percent\": 2, \"experiments\": \"*\" }")) continue;
    members.CheckKnown(item, {"about", "percent", "experiments", "campaigns", "unit"}, "a holdout");
    members.Text(item, "about");
    holdout.unit = members.Unit(item).value_or("device");
    const Located* percent = item.Find("percent");
    if (percent == nullptr) {
      members.problems().ErrorAtName("missing-member", item, "\"percent\" is missing", "write \"percent\": 2");
    } else if (const std::optional<std::int64_t> size = members.Percent(*percent)) {
      holdout.size = *size;
      if (*size > kSlots / 2) {
        members.problems().Error("percent-out-of-range", *percent,
                                 "a holdout is compared with a group of its own size, so 50 % is the most",
                                 "1 or 2 is usual");
      } else if (*size == 0) {
        members.problems().Error("percent-out-of-range", *percent, "a holdout of 0 % holds nobody out",
                                 "remove it, or write 1 or 2");
      }
    }
    ReadGoverned(members, item, &holdout);
    out->holdouts.push_back(std::move(holdout));
  }
}

void ReadRoot(const Members& members, const Located& root, Timestamp now, Source* out) {
  if (!members.Want(root, json::Type::kObject, "{ \"format\": \"guidon-source/1\", … }")) return;
  out->at = &root;
  members.CheckKnown(
      root,
      {"$schema", "about", "format", "project", "environment", "event_attributes", "link_hosts", "revoked_tokens",
       "segments", "layers", "holdouts", "flags", "experiments", "events", "counts", "kpis", "groups", "campaigns"},
      "a source");
  ReadFormat(members, root, out);
  if (const Located* at = root.Find("event_attributes")) ReadEventAttributes(members, *at, out);
  if (const Located* at = root.Find("link_hosts")) ReadLinkHosts(members, *at, out);
  if (const Located* at = root.Find("revoked_tokens")) ReadRevokedTokens(members, *at, out);
  if (const Located* at = root.Find("segments")) ReadSegments(members, *at, out);
  if (const Located* at = root.Find("layers")) ReadLayers(members, *at, out);
  if (const Located* at = root.Find("holdouts")) ReadHoldouts(members, *at, out);
  if (const Located* at = root.Find("flags")) {
    CheckCount(members, *at, limits::kFlags);
    ReadFlags(members, *at, out);
  } else {
    members.problems().Error("missing-member", root, "\"flags\" is missing",
                             "write \"flags\": { \"my-flag\": { \"default\": false } }");
  }
  if (const Located* at = root.Find("experiments")) {
    CheckCount(members, *at, limits::kExperiments);
    ReadExperiments(members, *at, now, out);
  }
  if (const Located* at = root.Find("events")) ReadEvents(members, *at, out);
  if (const Located* at = root.Find("counts")) ReadCounts(members, *at, out);
  if (const Located* at = root.Find("kpis")) ReadKpis(members, *at, out);
  if (const Located* at = root.Find("groups")) {
    CheckCount(members, *at, limits::kCampaignGroups);
    ReadGroups(members, *at, out);
  }
  if (const Located* at = root.Find("campaigns")) {
    CheckCount(members, *at, limits::kCampaigns);
    ReadCampaigns(members, *at, now, out);
  }
  AddReadyMadeSegments(out);
  CheckSource(members, out);
  CheckPrerequisites(members, *out);
  CheckExperiments(members, *out);
  CheckCampaigns(members, *out, now);
  CheckGroups(members, *out);
  CheckAnswered(members, *out);
  CheckMoments(members, *out);
  CheckEvents(members, *out);
  CheckCounts(members, *out);
  CheckBehavior(members, *out);
  CheckConditions(members, *out, now);
}

}  // namespace

bool ReadSource(std::string_view text, Timestamp now, Located* json, Source* out, Problems* problems) {
  std::vector<JsonFault> faults;
  const bool is_json = ReadLocated(text, json, &faults);
  problems->AddFaults(faults);
  out->at = json;
  if (is_json) ReadRoot(Members(text, problems), *json, now, out);
  problems->Sort();
  return is_json;
}

}  // namespace guidon::tools
