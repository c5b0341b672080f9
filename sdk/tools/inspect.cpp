#include <algorithm>
#include <cstdio>
#include <optional>

#include "sdk/core/base/base64.h"
#include "sdk/core/base/json.h"
#include "sdk/core/expression/render.h"
#include "sdk/datafile/envelope.h"
#include "sdk/tools/allocation.h"
#include "sdk/tools/commands.h"
#include "sdk/tools/event_condition.h"
#include "sdk/tools/members.h"
#include "sdk/tools/published_file.h"
#include "sdk/tools/source.h"
#include "sdk/tools/terminal.h"

namespace guidon::tools {
namespace {

using Rows = std::vector<std::vector<std::string>>;

std::string TextOf(json::Node node) { return Plain(node.AsString().value_or("?")); }

// "12.5 %" of a million slots, to as many places as say something.
std::string PercentOf(std::int64_t slots) {
  char text[32];
  const double percent = static_cast<double>(slots) / 10'000;
  std::snprintf(text, sizeof text, slots % 10'000 == 0 ? "%.0f %%" : percent < 0.1 ? "%.4f %%" : "%.1f %%", percent);
  return text;
}

std::int64_t SlotsIn(json::Node ranges) {
  std::int64_t size = 0;
  for (json::Node range : ranges) {
    const std::int64_t begin = range.First().AsInt().value_or(0);
    const std::int64_t end = range.First().Next().AsInt().value_or(0);
    if (begin >= 0 && begin < end && end <= kSlots) size += end - begin;
  }
  return size;
}

std::string WhenText(json::Node when) {
  if (!when.exists()) return "";
  if (when["op"].AsString() == "in" && (when["unit"].exists() || when["hashed"].exists())) {
    return TextOf(when[when["unit"].exists() ? "unit" : "attribute"]) + " is one of " +
           std::to_string(when["values"].size()) + (when["hashed"].exists() ? ", hashed" : "");
  }
  const std::optional<expression::Tree> tree = expression::FromJson(when);
  return Plain(tree ? expression::ToText(*tree) : when.ToText());
}

std::string RuleText(json::Node rule) {
  std::string text;
  if (rule["when"].exists()) text = WhenText(rule["when"]) + " → ";
  if (rule["serve"].exists()) return text + Plain(rule["serve"].ToText());
  if (rule["experiment"].exists()) return text + "experiment " + TextOf(rule["experiment"]);
  std::string parts;
  for (json::Node part : rule["rollout"]["split"]) {
    parts += (parts.empty() ? "" : ", ") + PercentOf(SlotsIn(part["slots"])) + " " + Plain(part["serve"].ToText());
  }
  return text + parts + " by " + TextOf(rule["rollout"]["unit"]);
}

class Inspection {
 public:
  Inspection(json::Node root, const Style& style) : root_(root), style_(style) {}

  std::string Run() {
    WriteFlags();
    WriteSegments();
    WriteCounts();
    WriteExperiments();
    WriteLayers();
    WriteHoldouts();
    WriteCampaignGroups();
    WriteCampaigns();
    WriteKpis();
    return out_;
  }

 private:
  void Section(const char* title, const Rows& rows) {
    if (rows.size() < 2) return;
    std::string table = Table(rows, 2);
    const std::size_t end = table.find('\n');
    out_ += "\n" + style_.Bold(title) + "\n" + style_.Dim(table.substr(0, end)) + table.substr(end);
  }

  void WriteFlags() {
    Rows rows = {{"flag", "type", "default", "rules"}};
    for (json::Node flag : root_["flags"]) {
      std::string killed = flag["kill"].AsBool().value_or(false) ? "killed" : "";
      if (flag["hold"].exists())
        killed += (killed.empty() ? "holds for the " : ", holds for the ") + TextOf(flag["hold"]);
      if (flag["when_expired"].exists())
        killed += (killed.empty() ? "" : ", ") + TextOf(flag["when_expired"]) + " when expired";
      const std::string rules = flag["rules"].size() == 0 ? "" : std::to_string(flag["rules"].size());
      rows.push_back({Plain(flag.name()), TextOf(flag["type"]), Shown(flag["default"].ToValue()),
                      killed.empty() || rules.empty() ? killed + rules : killed + ", " + rules});
    }
    Section("Flags", rows);
    rows = {{"flag", "rule", "says"}};
    for (json::Node flag : root_["flags"]) {
      std::string name = Plain(flag.name());
      for (json::Node rule : flag["rules"]) {
        rows.push_back({name, TextOf(rule["id"]), RuleText(rule)});
        name.clear();
      }
    }
    Section("Rules", rows);
  }

  void WriteSegments() {
    Rows rows = {{"segment", "says"}};
    for (json::Node segment : root_["segments"]) rows.push_back({Plain(segment.name()), WhenText(segment)});
    Section("Segments", rows);
  }

  void WriteCounts() {
    Rows rows = {{"count", "of", "where"}};
    for (json::Node count : root_["counts"]) {
      const auto where = EventConditionFromJson(count["where"]);
      rows.push_back({Plain(count.name()), TextOf(count["event"]),
                      Plain(where ? expression::ToText(*where) : count["where"].ToText())});
    }
    Section("Counts", rows);
  }

  // Of an experiment, where a variant has slots among other things, or of an audience, where it is slots.
  static std::string SplitOf(json::Node variants) {
    std::string split;
    for (json::Node variant : variants) {
      const json::Node slots = variant.is(json::Type::kArray) ? variant : variant["slots"];
      split += (split.empty() ? "" : ", ") + Plain(variant.name()) + " " + PercentOf(SlotsIn(slots));
    }
    return split;
  }

  static std::string MomentText(json::Node moment) {
    return moment["local"].exists() ? TextOf(moment["local"]) + " local" : TextOf(moment);
  }

  static void AddDetails(json::Node experiment, Rows* rows) {
    const auto say = [rows](const std::string& text) { rows->push_back({"", "", "", "", text}); };
    if (experiment["when"].exists()) say("only " + WhenText(experiment["when"]));
    for (json::Node audience : experiment["audiences"]) {
      rows->push_back({"  " + TextOf(audience["name"]), "", PercentOf(SlotsIn(audience["slots"])), "",
                       SplitOf(audience["variants"])});
      say("if " + WhenText(audience["when"]));
    }
    if (experiment["starts_at"].exists()) say("starts " + MomentText(experiment["starts_at"]));
    if (experiment["ends_at"].exists()) say("ends " + MomentText(experiment["ends_at"]));
    if (experiment["sticky"].AsString() == "exposed") say("sticky: whoever was exposed keeps the variant");
    if (const json::Node ship = experiment["ship"]; ship.exists()) {
      say("ships " + TextOf(ship["variant"]) + " to " + PercentOf(SlotsIn(ship["slots"])) + " of all others");
    }
    for (json::Node guardrail : experiment["guardrails"]) say("guardrail " + GoalText(guardrail));
  }

  void WriteExperiments() {
    Rows rows = {{"experiment", "status", "share", "of layer", "split"}};
    for (json::Node experiment : root_["experiments"]) {
      const std::int64_t iteration = experiment["iteration"].AsInt().value_or(1);
      rows.push_back({Plain(experiment.name()) + (iteration > 1 ? " #" + std::to_string(iteration) : ""),
                      TextOf(experiment["status"]), PercentOf(SlotsIn(experiment["slots"])),
                      TextOf(experiment["layer"]), SplitOf(experiment["variants"])});
      AddDetails(experiment, &rows);
    }
    Section("Experiments", rows);
  }

  void WriteLayers() {
    Rows rows = {{"layer", "unit", "used", "by"}};
    for (json::Node layer : root_["layers"]) {
      std::int64_t used = 0;
      std::string by;
      for (json::Node experiment : root_["experiments"]) {
        // Audiences begin at the same slot, and one that has ended only remembers its slots.
        std::int64_t slots = SlotsIn(experiment["slots"]);
        for (json::Node audience : experiment["audiences"]) slots = std::max(slots, SlotsIn(audience["slots"]));
        const bool is_over = experiment["status"].AsString() == "ended";
        if (experiment["layer"].AsString() != layer.name() || slots == 0 || is_over) continue;
        used += slots;
        by += (by.empty() ? "" : ", ") + Plain(experiment.name());
      }
      rows.push_back({Plain(layer.name()), TextOf(layer["unit"]), PercentOf(used), by});
    }
    Section("Layers", rows);
  }

  void WriteHoldouts() {
    Rows rows = {{"holdout", "unit", "held out", "from"}};
    for (json::Node holdout : root_["holdouts"]) {
      std::string from;
      for (const char* what : {"experiments", "campaigns"}) {
        const char* separator = from.empty() ? "" : ", ";
        if (holdout[what].is(json::Type::kString)) from += separator + std::string("all ") + what;
        for (json::Node name : holdout[what]) from += (from.empty() ? "" : ", ") + TextOf(name);
      }
      rows.push_back(
          {Plain(holdout.name()), TextOf(holdout["unit"]), PercentOf(holdout["size"].AsInt().value_or(0)), from});
    }
    Section("Holdouts", rows);
  }

  // What is said of it, a line each.
  static std::vector<std::string> CampaignLines(json::Node campaign) {
    std::vector<std::string> lines;
    for (const std::string& trigger : PublishedTriggers(campaign)) {
      lines.push_back((lines.empty() ? "at " : "or at ") + Plain(trigger));
    }
    if (campaign["delay"].exists()) lines.push_back(TextOf(campaign["delay"]) + " later");
    for (json::Node event : campaign["cancel_on"]) lines.push_back("unless " + TextOf(event) + " happens first");
    if (campaign["when"].exists()) lines.push_back("if " + WhenText(campaign["when"]));
    lines.push_back("at most " + CapsText(campaign["caps"]));
    std::string groups;
    for (json::Node limit : campaign["caps"]) {
      if (limit["group"].exists()) groups += (groups.empty() ? "in group " : ", ") + TextOf(limit["group"]);
      if (limit["hours"].exists()) lines.push_back(HoursText(limit));
      if (limit["until"].exists()) lines.push_back("until " + WhenText(limit["until"]));
    }
    if (!groups.empty()) lines.push_back(groups);
    if (!campaign["variants"].exists()) AddContentLines(campaign["show"], "", &lines);
    for (json::Node variant : campaign["variants"]) {
      AddContentLines(variant["show"], Plain(variant.name()) + " " + PercentOf(SlotsIn(variant["slots"])) + ": ",
                      &lines);
    }
    for (json::Node goal : campaign["goals"]) lines.push_back("goal " + GoalText(goal));
    for (json::Node guardrail : campaign["guardrails"]) lines.push_back("guardrail " + GoalText(guardrail));
    return lines;
  }

  // `variant`: in front of what it says first; empty where there is one content.
  static void AddContentLines(json::Node show, const std::string& variant, std::vector<std::string>* lines) {
    lines->push_back(variant + TextOf(show["kind"]) + (show["anchor"].exists() ? " at " + TextOf(show["anchor"]) : "") +
                     ": " + TextOf(show["title"]));
    if (const json::Node image = show["image"]; image.exists()) {
      lines->push_back("image " + TextOf(image["asset"].exists() ? image["asset"] : image["url"]));
    }
    for (json::Node button : show["buttons"]) {
      const json::Node action = button["do"].First();
      if (!action.exists()) continue;
      std::string what = Plain(action.name());
      for (const json::Node detail : {action, action["name"], action["link"]}) {
        if (detail.is(json::Type::kString)) what += " " + TextOf(detail);
      }
      lines->push_back("button " + TextOf(button["label"]) + ": " + what +
                       (button["track"].exists() ? ", tracks " + TextOf(button["track"]) : ""));
    }
  }

  static std::string CapsText(json::Node caps) {
    std::string text;
    for (json::Node cap : caps) {
      if (!cap["count"].exists()) continue;
      const bool is_ever = !cap["per"].exists();
      text += (text.empty() ? "" : ", ") + Plain(cap["count"].ToText()) +
              (is_ever ? " ever" : " per " + TextOf(cap["per"]));
    }
    return text;
  }

  static std::string HoursText(json::Node limit) {
    std::string text = "open ";
    for (json::Node day : limit["days"]) text += TextOf(day) + " ";
    return text + TextOf(limit["hours"]) + " " + TextOf(limit["zone"]);
  }

  void WriteCampaignGroups() {
    Rows rows = {{"group", "together at most", "gap", "quiet hours"}};
    for (json::Node group : root_["groups"]) {
      rows.push_back({Plain(group.name()), CapsText(group["caps"]), TextOf(group["gap"]),
                      group["quiet_hours"].exists() ? TextOf(group["quiet_hours"]) + " " + TextOf(group["zone"]) : ""});
    }
    Section("Groups", rows);
  }

  static std::string GoalText(json::Node goal) {
    return (goal["no"].exists() ? "no " + TextOf(goal["no"]) + " " : "") + TextOf(goal["event"]) +
           (goal["by"].exists() ? " by " + TextOf(goal["by"]) : "") +
           (goal["within"].exists() ? " within " + TextOf(goal["within"]) : "");
  }

  void WriteCampaigns() {
    Rows rows = {{"campaign", "status", "held out", "says"}};
    for (json::Node campaign : root_["campaigns"]) {
      const std::int64_t iteration = campaign["iteration"].AsInt().value_or(1);
      std::vector<std::string> row = {Plain(campaign.name()) + (iteration > 1 ? " #" + std::to_string(iteration) : ""),
                                      TextOf(campaign["status"]), PercentOf(campaign["holdout"].AsInt().value_or(0))};
      for (std::string& line : CampaignLines(campaign)) {
        row.push_back(std::move(line));
        rows.push_back(std::move(row));
        row = {"", "", ""};
      }
    }
    Section("Campaigns", rows);
  }

  void WriteKpis() {
    Rows rows = {{"KPI", "measured by"}};
    for (json::Node kpi : root_["kpis"]) rows.push_back({Plain(kpi.name()), GoalText(kpi)});
    Section("KPIs", rows);
  }

  json::Node root_;
  const Style& style_;
  std::string out_;
};

// A bad signature never comes this far.
std::string SignatureText(const PublishedFile& file, const std::string& public_key, const Style& style) {
  if (file.signatures.empty()) return style.Yellow("not signed");
  std::string out;
  for (const PublishedFile::SignedBy& signature : file.signatures) {
    out += (out.empty() ? "" : ", ") + datafile::KeyIdText(signature.key_id);
    if (!public_key.empty() && signature.key_id == KeyIdOf(public_key)) out += style.Green(" ✓ good");
  }
  return out + (public_key.empty() ? " (give --key to check)" : "");
}

int RunInspect(const Arguments& arguments) {
  const std::string& path = arguments.names()[0];
  std::string public_key;
  if (arguments.Has("--key")) {
    public_key = DecodeBase64(arguments.Get("--key")).value_or("");
    if (public_key.size() != datafile::kPublicKeyBytes) {
      return UsageError(arguments, "--key needs a public key in base64, as `guidon keygen` printed it");
    }
  }
  const Result<PublishedFile> file = ReadPublishedFile(path);
  if (!file.ok()) return Failure(arguments, file.status().message());
  const SignedState state = public_key.empty() ? SignedState::kGood : CheckSignature(*file, public_key);
  if (state == SignedState::kBad) {
    return Failure(arguments, path + ": the signature is bad, so this is not what the key given signed");
  }
  const bool is_trusted = state == SignedState::kGood;
  const std::string distrust = path + ": no good signature by the key given";
  json::Error error;
  const std::optional<json::Document> document = json::Document::Parse(file->payload, &error);
  if (!document) return Failure(arguments, is_trusted ? path + ": " + error.ToText() : distrust);
  if (document->root()["format"].AsString().value_or("").substr(0, 14) == "guidon-source/") {
    return Failure(arguments, path + ": this is a source; `guidon build` makes the datafile of it, to inspect then");
  }
  if (arguments.Has("--json")) {
    Print(stdout, file->payload + "\n");
  } else {
    const json::Node root = document->root();
    const Style style = Style::For(stdout);
    const std::string version = root["epoch"].ToText() + "." + root["version"].ToText();
    Print(stdout,
          style.Bold(TextOf(root["project"]) + "/" + TextOf(root["environment"])) + "  version " + version + "\n");
    Print(stdout, Table({{"issued", TextOf(root["issued_at"])},
                         {"expires", TextOf(root["expires_at"])},
                         {"size", std::to_string(file->bytes.size()) + " bytes"}},
                        2));
    Print(stdout, "  signed   " + SignatureText(*file, public_key, style) + "\n");
    Print(stdout, Inspection(root, style).Run());
  }
  if (!is_trusted) return Failure(arguments, distrust);
  return kExitOk;
}

}  // namespace

const Command kInspectCommand = {
    "inspect",
    "show what a datafile says and who signed it",
    "guidon inspect DATAFILE [--key PUBLIC_KEY]",
    "Shows version, dates, signatures, flags, experiments, layers, holdouts,\n"
    "campaigns and KPIs.",
    {{"--key", "BASE64", "check the signature by this public key"}, {"--json", "", "print the payload as it is"}},
    1,
    RunInspect,
    0,
    {"guidon inspect published --key \"$(cat notes.pub)\"", "guidon inspect published --json"}};

}  // namespace guidon::tools
