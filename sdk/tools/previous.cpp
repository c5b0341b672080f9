#include "sdk/tools/previous.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "sdk/core/base/json.h"
#include "sdk/tools/chain.h"
#include "sdk/tools/source.h"

namespace guidon::tools {
namespace {

// Keeps the first thing that is wrong and goes on with what there is.
class PreviousReader {
 public:
  Result<Previous> Run(std::string_view payload) {
    json::Error error;
    const std::optional<json::Document> document = json::Document::Parse(payload, &error);
    if (!document) return Status(StatusCode::kCorrupt, error.ToText());
    const json::Node root = document->root();
    if (Text(root, "format", "") != "guidon/1") {
      return Status(StatusCode::kUnsupported, "it is no published file of format guidon/1");
    }
    Previous out;
    out.hash = ChainHash(payload);
    out.project = Text(root, "project", "");
    out.environment = Text(root, "environment", "");
    out.epoch = Int(root, "epoch", "");
    out.version = Int(root, "version", "");
    for (json::Node node : root["layers"]) out.layers.push_back(ReadLayer(node));
    for (json::Node node : root["holdouts"]) {
      const std::string at = "/holdouts/" + std::string(node.name());
      out.holdouts.push_back({std::string(node.name()), Text(node, "unit", at), Int(node, "size", at)});
    }
    for (json::Node node : root["segments"]) out.segments[std::string(node.name())] = node.ToText();
    for (json::Node node : root["counts"]) out.counts[std::string(node.name())] = node.ToText();
    for (json::Node node : root["experiments"]) out.experiments.push_back(ReadExperiment(node));
    for (json::Node node : root["flags"]) out.flags.push_back(ReadFlag(node));
    for (json::Node node : root["campaigns"]) out.campaigns.push_back(ReadCampaign(node));
    out.retired = ReadRetired(root["retired"]);
    out.retired_campaigns = ReadRetired(root["retired_campaigns"]);
    out.retired_layers = ReadRetired(root["retired_layers"]);
    out.retired_flags = ReadRetired(root["retired_flags"]);
    for (json::Node node : root["retired_holdouts"]) out.retired_holdouts.emplace(node.AsString().value_or(""));
    if (!fault_.empty()) return Status(StatusCode::kCorrupt, fault_);
    return out;
  }

 private:
  void Fault(const std::string& at, std::string_view member, const char* what) {
    if (fault_.empty()) fault_ = at + "/" + std::string(member) + ": " + what;
  }

  std::string Text(json::Node node, std::string_view member, const std::string& at) {
    const std::optional<std::string_view> text = node[member].AsString();
    if (!text) Fault(at, member, "a text is expected");
    return std::string(text.value_or(""));
  }

  std::int64_t Int(json::Node node, std::string_view member, const std::string& at) {
    const std::optional<std::int64_t> value = node[member].AsInt();
    if (!value) Fault(at, member, "a whole number is expected");
    return value.value_or(0);
  }

  Ranges ReadRanges(json::Node node, const std::string& at) {
    Ranges out;
    for (json::Node item : node) {
      const std::optional<std::int64_t> begin = item.First().AsInt();
      const std::optional<std::int64_t> end = item.First().Next().AsInt();
      if (item.size() != 2 || !begin || !end || *begin < 0 || *begin >= *end || *end > kSlots) {
        Fault(at, "", "ranges of slots are expected");
        continue;
      }
      out.push_back({*begin, *end});
    }
    std::int64_t last = -1;
    Ranges sorted = out;
    std::sort(sorted.begin(), sorted.end(), [](const Range& a, const Range& b) { return a.begin < b.begin; });
    for (const Range& range : sorted) {
      if (range.begin < last) Fault(at, "", "ranges overlap");
      last = range.end;
    }
    return out;
  }

  // "default.3" → 3.
  static std::int64_t SaltNumber(std::string_view salt) {
    const std::size_t dot = salt.rfind('.');
    std::int64_t number = 0;
    if (dot == std::string_view::npos || salt.size() - dot > 10) return 1;
    for (char c : salt.substr(dot + 1)) {
      if (c < '0' || c > '9') return 1;
      number = number * 10 + (c - '0');
    }
    return number;
  }

  PreviousLayer ReadLayer(json::Node node) {
    const std::string at = "/layers/" + std::string(node.name());
    PreviousLayer out;
    out.name = std::string(node.name());
    out.unit = Text(node, "unit", at);
    out.epoch = SaltNumber(Text(node, "salt", at));
    out.fresh = node["fresh"].AsInt().value_or(-1);
    if (out.fresh > kSlots) Fault(at, "fresh", "at most 1000000 is expected");
    out.freed = ReadRanges(node["freed"], at + "/freed");
    return out;
  }

  PreviousExperiment ReadExperiment(json::Node node) {
    const std::string at = "/experiments/" + std::string(node.name());
    PreviousExperiment out;
    out.name = std::string(node.name());
    out.iteration = Int(node, "iteration", at);
    out.status = Text(node, "status", at);
    out.layer = Text(node, "layer", at);
    out.slots = ReadRanges(node["slots"], at + "/slots");
    out.held = node["held"].exists() ? ReadRanges(node["held"], at + "/held") : out.slots;
    out.is_sticky = node["sticky"].AsString() == "exposed";
    for (json::Node variant : node["variants"]) {
      PreviousVariant read;
      read.name = std::string(variant.name());
      read.slots = ReadRanges(variant["slots"], at + "/variants/" + read.name);
      for (json::Node flag : variant["flags"]) read.flags.emplace(flag.name(), flag.ToValue());
      out.variants.push_back(std::move(read));
    }
    for (json::Node audience : node["audiences"]) out.audiences.push_back(ReadAudience(audience, at + "/audiences"));
    if (const json::Node ship = node["ship"]; ship.exists()) {
      out.ship =
          PreviousShip{Text(ship, "variant", at + "/ship"), SizeOf(ReadRanges(ship["slots"], at + "/ship/slots"))};
    }
    return out;
  }

  PreviousAudience ReadAudience(json::Node node, const std::string& at) {
    PreviousAudience out;
    out.name = Text(node, "name", at);
    out.when = node["when"].ToText();
    out.slots = ReadRanges(node["slots"], at + "/slots");
    for (json::Node variant : node["variants"]) {
      out.variants.push_back({std::string(variant.name()), ReadRanges(variant, at + "/variants"), {}});
    }
    return out;
  }

  PreviousFlag ReadFlag(json::Node node) {
    const std::string at = "/flags/" + std::string(node.name());
    PreviousFlag out;
    out.name = std::string(node.name());
    out.type = Text(node, "type", at);
    out.rollouts = node["rollouts"].AsInt().value_or(0);
    for (json::Node item : node["rules"]) {
      PreviousRule rule;
      rule.id = Text(item, "id", at + "/rules");
      if (item["when"].exists()) rule.when = item["when"].ToText();
      rule.serve = item["serve"].ToValue();
      rule.experiment = std::string(item["experiment"].AsString().value_or(""));
      if (const json::Node rollout = item["rollout"]; rollout.exists()) {
        rule.is_rollout = true;
        rule.unit = Text(rollout, "unit", at + "/rules");
        rule.salt = Text(rollout, "salt", at + "/rules");
        out.rollouts = std::max(out.rollouts, SaltNumber(rule.salt));
        for (json::Node part : rollout["split"]) {
          const json::Node held = part["held"].exists() ? part["held"] : part["slots"];
          const std::int64_t used = SizeOf(ReadRanges(part["slots"], at + "/rules"));
          rule.parts.push_back({{ReadRanges(held, at + "/rules"), used}, part["serve"].ToValue()});
        }
      }
      out.rules.push_back(std::move(rule));
    }
    return out;
  }

  PreviousCampaign ReadCampaign(json::Node node) {
    const std::string at = "/campaigns/" + std::string(node.name());
    PreviousCampaign out;
    out.name = std::string(node.name());
    out.iteration = Int(node, "iteration", at);
    out.status = Text(node, "status", at);
    out.unit = Text(node, "unit", at);
    out.holdout = Int(node, "holdout", at);
    for (json::Node variant : node["variants"]) {
      const std::string name(variant.name());
      out.variants.push_back(
          {name, ReadRanges(variant["slots"], at + "/variants/" + name), {}, variant["show"].ToText()});
    }
    if (out.variants.empty()) out.variants.push_back({"", {}, {}, node["show"].ToText()});
    return out;
  }

  std::string fault_;
};

}  // namespace

Result<Previous> ReadPrevious(std::string_view payload) { return PreviousReader().Run(payload); }

}  // namespace guidon::tools
