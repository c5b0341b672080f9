// What `guidon diff --json` prints.
#include "sdk/core/base/json_writer.h"
#include "sdk/core/base/text.h"
#include "sdk/tools/diff_report.h"

namespace guidon::tools {
namespace {

void WriteAnswer(const Answer& answer, json::Writer* out) {
  out->BeginObject();
  if (!answer.value.empty()) out->Key("value").Raw(answer.value);
  if (!answer.variant.empty()) out->Key("variant").String(answer.variant);
  out->Key("reason").String(answer.reason);
  if (!answer.experiment.empty()) out->Key("experiment").String(answer.experiment);
  out->End();
}

void WriteWitness(const DiffReport& report, std::uint64_t person, json::Writer* out) {
  out->Key("witness").BeginObject().Key("units").BeginObject();
  for (const std::string& kind : report.moves.unit_kinds) out->Key(kind).String(report.crowd->UnitId(kind, person));
  out->End();
  if (!report.context_path.empty()) out->Key("context").Uint(report.crowd->ProfileOf(person) + 1);
  out->End();
}

void WriteGroups(const DiffReport& report, const std::vector<GroupMoves>& groups, json::Writer* out) {
  out->BeginObject();
  for (const GroupMoves& group : groups) {
    out->Key(group.key).BeginObject();
    if (group.old_iteration > 0) out->Key("old_iteration").Int(group.old_iteration);
    if (group.new_iteration > 0) out->Key("new_iteration").Int(group.new_iteration);
    out->Key("before").Uint(group.before).Key("after").Uint(group.after);
    out->Key("entered").Uint(group.entered).Key("left").Uint(group.left).Key("changed").Uint(group.changed);
    out->Key("changed_within_iteration").Uint(group.spoiled());
    if (!group.ships.empty()) out->Key("ships").String(group.ships);
    if (group.kept + group.gained + group.lost > 0) {
      out->Key("keep_winner").Uint(group.kept).Key("get_winner").Uint(group.gained).Key("lose_winner").Uint(group.lost);
    }
    if (group.stays != Stays::kNobody) out->Key("exposed_devices_may_stay").Bool(true);
    out->Key("moves").BeginArray();
    for (const GroupMove& move : group.moves) {
      out->BeginObject();
      if (!move.from.empty()) out->Key("from").String(move.from);
      if (move.from_ships) out->Key("from_shipped").Bool(true);
      if (!move.to.empty()) out->Key("to").String(move.to);
      if (move.to_ships) out->Key("to_shipped").Bool(true);
      out->Key("count").Uint(move.count);
      WriteWitness(report, move.witness, out);
      out->End();
    }
    out->End().End();
  }
  out->End();
}

void WriteHeader(const char* name, const ruleset::Header& header, json::Writer* out) {
  out->Key(name).BeginObject().Key("project").String(header.project).Key("environment").String(header.environment);
  out->Key("epoch").Uint(header.epoch).Key("version").Uint(header.version).End();
}

}  // namespace

std::string ToJson(const DiffReport& report) {
  const Moves& moves = report.moves;
  std::string text;
  json::Writer out(&text, 2);
  out.BeginObject();
  WriteHeader("old", *report.before, &out);
  WriteHeader("new", *report.after, &out);
  out.Key("at").String(text::FormatTimestamp(report.crowd->profiles.front().now));
  out.Key("people").Uint(moves.people).Key("see_another_value").Uint(moves.seen);
  out.Key("change_within_iteration").Uint(moves.spoiled()).Key("flags_compared").Uint(moves.flags);
  out.Key("not_known").BeginObject().Key("flags").Uint(moves.blind.flags).Key("asked").BeginArray();
  for (const std::string& asked : moves.blind.asked) out.String(asked);
  out.End().End().Key("edits").BeginArray();
  for (const Edit& edit : report.edits) {
    out.BeginObject().Key("sign").String(std::string(1, static_cast<char>(edit.sign))).Key("what").String(edit.what);
    out.Key("key").String(edit.key);
    if (!edit.says.empty()) out.Key("says").String(edit.says);
    if (!edit.to.empty()) out.Key("from").String(edit.from).Key("to").String(edit.to);
    out.End();
  }
  out.End().Key("flags").BeginObject();
  for (const FlagMoves& flag : moves.moved_flags) {
    out.Key(flag.key).BeginObject().Key("see_another_value").Uint(flag.seen).Key("moves").BeginArray();
    for (const Move& move : flag.moves) {
      WriteAnswer(move.from, &out.BeginObject().Key("from"));
      WriteAnswer(move.to, &out.Key("to"));
      out.Key("count").Uint(move.count);
      WriteWitness(report, move.witness, &out);
      out.End();
    }
    out.End().End();
  }
  out.End().Key("experiments");
  WriteGroups(report, moves.experiments, &out);
  out.Key("campaigns");
  WriteGroups(report, moves.campaigns, &out);
  out.End();
  return text + "\n";
}

}  // namespace guidon::tools
