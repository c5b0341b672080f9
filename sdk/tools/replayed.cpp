#include "sdk/tools/replayed.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <tuple>
#include <utility>

#include "guidon/context.h"
#include "guidon/decision.h"
#include "sdk/core/base/json.h"
#include "sdk/core/base/json_writer.h"
#include "sdk/core/evaluation/evaluate.h"
#include "sdk/core/evaluation/prepared_context.h"
#include "sdk/tools/asked.h"

namespace guidon::tools {
namespace {

constexpr std::int64_t kFormat = 1;
constexpr std::size_t kShownBytes = 60;

// Who asked, with what the device remembered of them.
struct Asker {
  Context context;
  enrollment::Enrollments enrollments;
  std::vector<std::string> left_out;
};

struct RecordedState {
  Asker asker;
  Duration utc_offset{0};
  bool has_datafile = false;
  bool is_forced = false;
  bool has_behavior = false;
  bool has_crypto = true;
};

// What a decision came to.
struct DecisionResult {
  std::string value;  // JSON; empty: the fallback
  std::string variant;
  std::string reason;
  bool operator==(const DecisionResult& other) const {
    return value == other.value && variant == other.variant && reason == other.reason;
  }
  std::string Shown() const {
    std::string text = value.empty() ? "fallback" : value;
    if (text.size() > kShownBytes) text = text.substr(0, kShownBytes) + "…";
    return text + (variant.empty() ? " (" : " (variant " + variant + ", ") + reason + ")";
  }
};

std::string Text(json::Node node) { return std::string(node.AsString().value_or("")); }

Asker ReadAsker(json::Node line) {
  Asker asker;
  for (const json::Node unit : line["context"]["units"]) asker.context.Unit(std::string(unit.name()), Text(unit));
  for (const json::Node each : line["context"]["attributes"]) {
    asker.context.Set(std::string(each.name()), each.ToValue());
  }
  for (const json::Node each : line["of_kinds"]) {
    asker.context.SetFor(Text(each["kind"]), Text(each["name"]), each["value"].ToValue());
  }
  for (const json::Node each : line["left_out"]) asker.left_out.push_back(Text(each));
  for (const json::Node each : line["enrolled"]) {
    const std::string* id = asker.context.FindUnit(Text(each["unit"]));
    enrollment::Enrollment met;
    met.iteration = each["iteration"].AsInt().value_or(0);
    met.variant = Text(each["variant"]);
    met.audience = Text(each["audience"]);
    if (id != nullptr) (void)asker.enrollments.Add(Text(each["unit"]), *id, Text(each["experiment"]), met);
  }
  return asker;
}

class Replayer {
 public:
  Replayer(const ruleset::Ruleset& rules, std::uint64_t payload_hash, Crypto* crypto, std::string* results)
      : rules_(rules), payload_hash_(payload_hash), crypto_(crypto), results_(results) {}

  Status Run(std::string_view trace, Replayed* out) {
    while (!trace.empty()) {
      const std::size_t end = std::min(trace.find('\n'), trace.size());
      const std::string_view line = trace.substr(0, end);
      trace.remove_prefix(std::min(end + 1, trace.size()));
      ++line_;
      std::string wrong = Take(line, out);
      if (wrong.empty()) continue;
      if (line_ == 1 || wrong == kNewer) return Status(StatusCode::kInvalidArgument, At(wrong));
      if (out->unreadable++ == 0) out->first_unreadable = At(wrong);
    }
    if (line_ == 0) return Status(StatusCode::kInvalidArgument, "is empty, and a trace begins with its format");
    for (auto& entry : differences_) out->differences.push_back(std::move(entry.second));
    std::stable_sort(out->differences.begin(), out->differences.end(),
                     [](const Difference& a, const Difference& b) { return a.count > b.count; });
    return Status();
  }

 private:
  static constexpr const char* kNewer = "is of a newer format than this command reads";

  std::string At(const std::string& what) const { return "line " + std::to_string(line_) + ": " + what; }

  // Empty, or what is wrong with the line.
  std::string Take(std::string_view text, Replayed* out) {
    json::Error error;
    const auto document = json::Document::Parse(text, &error);
    if (!document) return "is no JSON: " + error.reason;
    const json::Node line = document->root();
    if (const json::Node format = line["guidon_trace"]; format.exists()) {
      if (format.AsInt().value_or(0) < kFormat) return "names no format of a trace";
      if (*format.AsInt() > kFormat) return kNewer;
      states_.clear();  // a recording of its own begins, behind another one
      return std::string();
    }
    if (line_ == 1) return "is no trace, which begins with {\"guidon_trace\":1";
    if (line["flag"].exists()) return Decide(line, out);
    if (const auto state = line["state"].AsInt()) {
      TakeState(*state, line, out);
    } else if (const auto lost = line["lost"].AsInt()) {
      out->lost += static_cast<std::uint64_t>(std::max<std::int64_t>(*lost, 0));
    }
    return std::string();  // what a later version adds is passed over
  }

  void TakeState(std::int64_t number, json::Node line, Replayed* out) {
    RecordedState& state = states_[number] = RecordedState();
    state.asker = ReadAsker(line);
    state.utc_offset = Duration(line["utc_offset_ms"].AsInt().value_or(0));
    state.has_datafile = line["datafile"].exists();
    state.is_forced = line["forced"].exists();
    state.has_behavior = line["has_behavior"].AsBool().value_or(false);
    state.has_crypto = line["has_crypto"].AsBool().value_or(true);
    const std::string hash = Text(line["datafile"]["hash"]);
    if (state.has_datafile && std::strtoull(hash.c_str(), nullptr, 16) != payload_hash_) out->is_same_datafile = false;
  }

  std::string Decide(json::Node line, Replayed* out) {
    const auto number = line["state"].AsInt();
    const auto at = line["at"].AsInt();
    const auto flag = line["flag"].AsString();
    const auto reason = line["reason"].AsString();
    if (!number || !at || !flag || !reason) return "is a decision without at, state, flag or reason";
    const auto state = states_.find(*number);
    if (state == states_.end()) return "names state " + std::to_string(*number) + ", which no line before tells";
    std::optional<Asker> own;
    if (line["context"].exists()) own = ReadAsker(line);
    const Asker& asker = own ? *own : state->second.asker;
    const std::string why_not = WhyNot(line, state->second, asker, *flag);
    if (!why_not.empty()) {
      ++out->cannot[why_not];
      WriteResult(*flag, nullptr, why_not);
      return std::string();
    }
    const DecisionResult was{line["value"].exists() ? line["value"].ToText() : "", Text(line["variant"]),
                             Text(line["reason"])};
    const DecisionResult is = DecideAgain(state->second, asker, *flag, TimestampFromMs(*at));
    ++out->decisions;
    WriteResult(*flag, &is, {});
    if (is == was) return std::string();
    ++out->different;
    const std::tuple<std::string, std::string, std::string> key(*flag, was.Shown(), is.Shown());
    const auto known = differences_.find(key);
    if (known == differences_.end() && differences_.size() >= kMostDifferences) return std::string();
    Difference& difference = differences_[key];
    if (difference.count++ == 0) {
      std::tie(difference.flag, difference.from, difference.to) = key;
      difference.line = line_;
    }
    return std::string();
  }

  // Why the trace does not have all that the decision rests on; empty: it has.
  std::string WhyNot(json::Node line, const RecordedState& state, const Asker& asker, std::string_view key) {
    if (!state.has_datafile) return "no datafile was in force";
    if (state.is_forced) return "something was forced";
    if (line["held"].AsBool().value_or(false)) return "held for the session";
    if (line["killed_by_newer"].AsBool().value_or(false)) return "killed by a datafile that was not in force yet";
    if (!state.has_behavior && asker.left_out.empty()) return std::string();
    const ruleset::Flag* flag = rules_.FindFlag(key);
    if (flag == nullptr) return std::string();
    auto asked = asked_.find(flag);
    if (asked == asked_.end()) asked = asked_.emplace(flag, AskedBy(rules_, *flag)).first;
    if (state.has_behavior && asked->second.behavior) return "asks what was done on the device";
    for (const std::string& name : asker.left_out) {
      if (asked->second.HasAttribute(name)) return "asks for " + name + ", which was left out";
    }
    return std::string();
  }

  DecisionResult DecideAgain(const RecordedState& state, const Asker& asker, std::string_view key,
                             Timestamp now) const {
    const ruleset::Flag* flag = rules_.FindFlag(key);
    if (flag == nullptr) return {"", "", std::string(ReasonName(Reason::kFlagNotFound))};
    evaluation::Surroundings surroundings;
    surroundings.enrollments = &asker.enrollments;
    surroundings.utc_offset = [offset = state.utc_offset](Timestamp) { return offset; };
    surroundings.crypto = state.has_crypto ? crypto_ : nullptr;
    if (rules_.header.IsAheadOf(now)) surroundings.expires_at = Timestamp::min();
    const evaluation::PreparedContext prepared(rules_, asker.context, surroundings, now,
                                               evaluation::Preparation::kAsAsked);
    const evaluation::Outcome outcome = evaluation::Evaluate(rules_, *flag, prepared, now);
    DecisionResult result;
    if (outcome.value != nullptr) {
      result.value = json::ToText(ruleset::ToValue(*outcome.value));
      result.variant = std::string(evaluation::VariantName(rules_, *flag, outcome));
    }
    result.reason = std::string(ReasonName(outcome.reason));
    return result;
  }

  void WriteResult(std::string_view flag, const DecisionResult* result, std::string_view why_not) {
    if (results_ == nullptr) return;
    json::Writer out(results_);
    out.BeginObject().Key("line").Uint(line_).Key("flag").String(flag);
    if (result == nullptr) {
      out.Key("cannot").String(why_not);
    } else {
      if (!result->value.empty()) out.Key("value").Raw(result->value);
      if (!result->variant.empty()) out.Key("variant").String(result->variant);
      out.Key("reason").String(result->reason);
    }
    out.End();
    *results_ += '\n';
  }

  const ruleset::Ruleset& rules_;
  const std::uint64_t payload_hash_;
  Crypto* const crypto_;
  std::string* const results_;
  std::uint64_t line_ = 0;
  std::map<std::int64_t, RecordedState> states_;
  std::map<const ruleset::Flag*, Asked> asked_;
  std::map<std::tuple<std::string, std::string, std::string>, Difference> differences_;
};

}  // namespace

Result<Replayed> Replay(const ruleset::Ruleset& rules, std::uint64_t payload_hash, std::string_view trace,
                        Crypto* crypto, std::string* results) {
  Replayed out;
  if (Status status = Replayer(rules, payload_hash, crypto, results).Run(trace, &out); !status.ok()) return status;
  return out;
}

}  // namespace guidon::tools
