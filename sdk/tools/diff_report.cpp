#include "sdk/tools/diff_report.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "sdk/core/base/json_writer.h"
#include "sdk/core/base/text.h"

namespace guidon::tools {
namespace {

using Rows = std::vector<std::vector<std::string>>;

constexpr std::size_t kEditColumns = 50;  // for both sides of an edit; wider ones take two lines
constexpr std::size_t kShownMoves = 12;   // of one flag; all are in the JSON

std::string Percent(std::uint64_t count, std::uint64_t of) {
  const double percent = of == 0 ? 0 : 100.0 * static_cast<double>(count) / static_cast<double>(of);
  if (count > 0 && percent < 0.01) return "< 0.01 %";
  char text[32];
  std::snprintf(text, sizeof text, count == of ? "%.0f %%" : "%.2f %%", percent);
  return text;
}

void AlignRight(Rows* rows, std::size_t column) {
  std::size_t width = 0;
  for (const auto& row : *rows) width = std::max(width, Width(row[column]));
  for (auto& row : *rows) row[column].insert(0, width - Width(row[column]), ' ');
}

std::string CutValue(const std::string& value) {
  if (value.empty()) return "the app's fallback";
  if (Width(value) <= 28) return Plain(value);
  std::size_t end = 26;
  while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xC0) == 0x80) --end;
  return Plain(value.substr(0, end)) + "…";
}

// "512  rollout r2"
std::string AnswerText(const Answer& answer) {
  std::string how = answer.reason;
  std::replace(how.begin(), how.end(), '_', ' ');
  if (!answer.experiment.empty()) {
    how = answer.experiment + " " + answer.variant;
  } else if (!answer.variant.empty() && answer.variant != "default") {
    how += " " + answer.variant;
  }
  return CutValue(answer.value) + "  (" + Plain(how) + ")";
}

class Page {
 public:
  Page(const DiffReport& report, const Style& style) : report_(report), moves_(report.moves), style_(style) {}

  std::string Run() {
    WriteHead();
    WriteEdits();
    if (moves_.nobody()) {
      out_ += "\n" + style_.Green("✓") + " nobody moves\n";
      return out_;
    }
    WriteFlags();
    WriteGroups("Experiments", "", "CHANGE VARIANT", moves_.experiments);
    WriteGroups("Campaigns", "  who would see the prompt at its moment, and who is held out", "CHANGE ARM",
                moves_.campaigns);
    WriteVerdict();
    WriteCheck();
    return out_;
  }

 private:
  static std::string NameOf(const ruleset::Header& header) { return Plain(header.project + "/" + header.environment); }
  static std::string VersionOf(const ruleset::Header& header) {
    return std::to_string(header.epoch) + "." + std::to_string(header.version);
  }

  void WriteHead() {
    const ruleset::Header& before = *report_.before;
    const ruleset::Header& after = *report_.after;
    const bool is_other = NameOf(before) != NameOf(after);
    out_ += style_.Bold(NameOf(before) + " " + VersionOf(before) + " → " + (is_other ? NameOf(after) + " " : "") +
                        VersionOf(after)) +
            "\n";
    const auto rank = [](const ruleset::Header& header) { return std::make_pair(header.epoch, header.version); };
    if (is_other) Warn("these are datafiles of two apps or environments");
    if (!is_other && rank(after) < rank(before)) Warn("the second is older: devices that have the first refuse it");
    out_ += Wrap(Thousands(moves_.people) + (moves_.people == 1 ? " made-up person" : " made-up people") +
                     ", decided under both as of " + text::FormatTimestamp(report_.crowd->profiles.front().now),
                 2);
    const Blind& blind = moves_.blind;
    if (blind.flags == 0) return;
    std::string asked;
    for (std::size_t i = 0; i < blind.asked.size() && i < 8; ++i) asked += (i > 0 ? ", " : "") + Plain(blind.asked[i]);
    if (blind.asked.size() > 8) asked += ", …";
    Warn(std::to_string(blind.flags) + " of " + Count(moves_.flags, "flag") + (blind.flags == 1 ? " asks" : " ask") +
         " for what is not known of them, and passes them over there" + (asked.empty() ? "" : ": " + asked) +
         (report_.context_path.empty() ? " (--context FILE tells)" : ""));
  }

  void Warn(const std::string& message) {
    const std::string text = Wrap("! " + message, 2);
    out_ += style_.Yellow(text.substr(0, text.size() - 1)) + "\n";
  }

  void Title(const std::string& title, const std::string& says = "") {
    out_ += "\n" + style_.Bold(title) + style_.Dim(says) + "\n";
  }

  void WriteEdits() {
    if (report_.edits.empty()) {
      out_ += "  the rules say the same\n";
      return;
    }
    Title("What the rules say");
    out_ += EditsTable(report_.edits);
  }

  std::string Witness(std::uint64_t person, const std::string& unit = "") const {
    const std::vector<std::string>& kinds = moves_.unit_kinds;
    const bool has_device = kinds.empty() || std::find(kinds.begin(), kinds.end(), "device") != kinds.end();
    return Plain(report_.crowd->UnitId(!unit.empty() ? unit : has_device ? "device" : kinds.front(), person));
  }

  void WriteFlags() {
    if (moves_.moved_flags.empty()) return;
    Title("Flags", "  " + Thousands(moves_.seen) + " of " + Thousands(moves_.people) + " people see another value, " +
                       Percent(moves_.seen, moves_.people));
    for (const FlagMoves& flag : moves_.moved_flags) {
      std::string says;
      const Move& first = flag.moves.front();
      if (first.comes_or_goes()) {
        says = first.from.value.empty() ? "is new; until now apps got their own fallback"
                                        : "is gone; from now on apps get their own fallback";
      } else if (flag.seen > 0) {
        says = Thousands(flag.seen) + " see another value";
      }
      if (!first.comes_or_goes() && flag.unseen > 0) {
        says += (says.empty() ? "" : ", ") + Thousands(flag.unseen) + " the same value for another reason";
      }
      out_ += "  " + style_.Cyan(Plain(flag.key)) + "  " + says + "\n";
      WriteMoves(flag.moves);
      if (flag.moves.size() > kShownMoves) {
        out_ += "    and " + Count(flag.moves.size() - kShownMoves, "smaller move") + ", in --json\n";
      }
    }
  }

  // Two lines each: how many and from what, who for example and to what.
  void WriteMoves(const std::vector<Move>& moves) {
    const std::size_t count = std::min(moves.size(), kShownMoves);
    Rows numbers;
    for (std::size_t i = 0; i < count; ++i) {
      numbers.push_back({Thousands(moves[i].count), Percent(moves[i].count, moves_.people)});
    }
    AlignRight(&numbers, 0);
    AlignRight(&numbers, 1);
    Rows rows;
    for (std::size_t i = 0; i < count; ++i) {
      rows.push_back({numbers[i][0] + "  " + numbers[i][1], "", AnswerText(moves[i].from)});
      rows.push_back({Witness(moves[i].witness), "→", AnswerText(moves[i].to)});
    }
    out_ += Table(rows, 4);
  }

  void WriteGroups(const char* title, const char* says, const char* alarm, const std::vector<GroupMoves>& groups) {
    if (groups.empty()) return;
    Title(title, says);
    for (const GroupMoves& group : groups) {
      out_ += "  " + style_.Cyan(Plain(group.key)) + "  " + Thousands(group.before) + " → " + Thousands(group.after) +
              " in it, " + IterationText(group) + "\n";
      if (!group.ships.empty()) {
        out_ += Wrap("has ended and ships " + Plain(group.ships) + ": " + Thousands(group.kept) + " keep it, " +
                         Thousands(group.gained) + " get it" +
                         (group.lost > 0 ? ", " + Thousands(group.lost) + " lose it" : ""),
                     4);
      }
      Rows rows;
      std::vector<bool> loud;
      for (const GroupMove& move : group.moves) {
        loud.push_back(move.changes() && group.spoiled() > 0);
        const std::string what = move.is_of_winner() ? WinnerText(move)
                                 : move.enters()     ? "enter"
                                 : move.leaves()     ? "leave"
                                 : loud.back()       ? alarm
                                                     : "drawn anew";
        const bool has_both = move.changes() || (!move.from.empty() && !move.to.empty() && move.from != move.to);
        const std::string how = has_both ? move.from + " → " + move.to : move.from.empty() ? move.to : move.from;
        rows.push_back({Thousands(move.count), Percent(move.count, moves_.people), Witness(move.witness, group.unit),
                        what, Plain(how)});
      }
      AlignRight(&rows, 0);
      AlignRight(&rows, 1);
      Paint(Table(rows, 4), loud);
      const std::string stays = StaysText(group);
      if (!stays.empty()) out_ += style_.Dim(Wrap(stays, 4));
    }
  }

  static std::string WinnerText(const GroupMove& move) {
    if (!move.to_ships) return "lose the winner";
    return move.from == move.to ? "keep the winner" : "get the winner";
  }

  static std::string StaysText(const GroupMoves& group) {
    switch (group.stays) {
      case Stays::kNobody: return "";
      case Stays::kSticky:
        return "sticky: devices that were exposed keep their variant, so fewer move than counted here";
      case Stays::kPaused: return "paused: devices that were exposed stay in it, so fewer leave than counted here";
      case Stays::kWinner:
        return "devices that were exposed to " + Plain(group.ships) + " keep it wherever they are drawn";
    }
    return "";
  }

  // Rows that are loud are red. A row that goes on below stays as it is from there on.
  void Paint(const std::string& table, const std::vector<bool>& loud) {
    std::size_t row = 0;
    for (std::size_t at = 0; at < table.size();) {
      const std::size_t end = table.find('\n', at);
      const std::string line = table.substr(at, end - at);
      const bool is_red = row < loud.size() && loud[row];
      out_ += (is_red ? style_.Red(line) : line) + "\n";
      ++row;
      at = end + 1;
    }
  }

  static std::string IterationText(const GroupMoves& group) {
    if (group.old_iteration == 0) return "new";
    if (group.new_iteration == 0) return "gone";
    if (group.old_iteration == group.new_iteration) return "iteration " + std::to_string(group.new_iteration);
    return "iteration " + std::to_string(group.old_iteration) + " → " + std::to_string(group.new_iteration);
  }

  void WriteVerdict() {
    const std::uint64_t spoiled = moves_.spoiled();
    if (spoiled == 0) {
      out_ += "\n" + style_.Green("✓") + " nobody changes variant within an iteration\n";
      return;
    }
    const std::string text = Wrap("✗ " + Thousands(spoiled) + (spoiled == 1 ? " person changes" : " people change") +
                                      " variant or arm within an iteration: results before and after are of other "
                                      "groups and must not be pooled. Raise the iteration",
                                  0);
    out_ += "\n" + style_.Red(text.substr(0, text.size() - 1)) + "\n";
  }

  // A command that shows the first move again, by the other route.
  void WriteCheck() {
    if (moves_.moved_flags.empty()) return;
    const FlagMoves& flag = moves_.moved_flags.front();
    const std::uint64_t person = flag.moves.front().witness;
    const Crowd& crowd = *report_.crowd;
    std::string context;
    json::Writer out(&context);
    const std::vector<std::string> kinds =
        moves_.unit_kinds.empty() ? std::vector<std::string>{"device"} : moves_.unit_kinds;
    out.BeginObject().Key("units").BeginObject();
    for (const std::string& kind : kinds) out.Key(kind).String(crowd.UnitId(kind, person));
    out.End();
    const Profile& profile = crowd.profiles[crowd.ProfileOf(person)];
    if (!profile.context.attributes().empty()) {
      out.Key("attributes").BeginObject();
      for (const Context::Attribute& attribute : profile.context.attributes()) {
        out.Key(attribute.name).Any(attribute.value);
      }
      out.End();
    }
    out.End();
    // In single quotes for a shell, which cannot hold a single quote.
    for (std::size_t at = 0; (at = context.find('\'', at)) != std::string::npos; at += 6) {
      context.replace(at, 1, "\\u0027");
    }
    out_ += style_.Dim("  to check one:") + "\n  echo '" + Plain(context) + "' |\n    guidon explain " +
            Plain(report_.new_path) + " --context - --flag " + Plain(flag.key) + " --at " +
            text::FormatTimestamp(profile.now) + "\n";
  }

  const DiffReport& report_;
  const Moves& moves_;
  const Style& style_;
  std::string out_;
};

}  // namespace

std::string EditsTable(const std::vector<Edit>& edits) {
  Rows rows;
  const Edit* last = nullptr;
  for (const Edit& edit : edits) {
    const bool is_same = last != nullptr && last->what == edit.what && last->key == edit.key;
    const std::string name = std::string(1, static_cast<char>(edit.sign)) + " " + edit.what + " " + Plain(edit.key);
    rows.push_back({is_same ? "" : name});
    last = &edit;
    const std::string label = edit.says.empty() || edit.to.empty() ? edit.says : edit.says + " ";
    const std::string line = Plain(label + edit.from + (edit.to.empty() ? "" : " → " + edit.to));
    const bool is_wide = !edit.to.empty() && Width(line) > kEditColumns;
    rows.back().push_back(is_wide ? Plain(label + edit.from) : line);
    if (is_wide) rows.push_back({"", "→ " + Plain(edit.to)});
  }
  return Table(rows, 2);
}

std::string ToText(const DiffReport& report, const Style& style) { return Page(report, style).Run(); }

}  // namespace guidon::tools
