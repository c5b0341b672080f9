// `guidon audit`: what was published, when, whether anything of it was changed afterwards, and what somebody got.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "sdk/core/base/base64.h"
#include "sdk/core/base/json_writer.h"
#include "sdk/core/base/text.h"
#include "sdk/core/evaluation/evaluate.h"
#include "sdk/core/evaluation/explain.h"
#include "sdk/core/evaluation/prepared_context.h"
#include "sdk/core/expression/spelling.h"
#include "sdk/datafile/envelope.h"
#include "sdk/tools/chain.h"
#include "sdk/tools/commands.h"
#include "sdk/tools/context_file.h"
#include "sdk/tools/diff_report.h"
#include "sdk/tools/exposure_report.h"
#include "sdk/tools/exposures.h"
#include "sdk/tools/files.h"
#include "sdk/tools/terminal.h"
#include "sdk/tools/tool_ports.h"

namespace guidon::tools {
namespace {

// What one person got of one flag, version by version.
struct Asked {
  std::string flag;
  Context context;
};

struct Got {
  std::string value;  // JSON; empty: there is no such flag, or it has an error
  std::string why;    // "rollout", "experiment attach-button labelled"
};

std::string VersionOf(const ruleset::Header& header) {
  return std::to_string(header.epoch) + "." + std::to_string(header.version);
}

// As of the moment it was issued. Of behavior nothing is known.
Got Ask(const ChainLink& link, const Asked& asked) {
  const ruleset::Ruleset& rules = *link.rules;
  const ruleset::Flag* flag = rules.FindFlag(asked.flag);
  if (flag == nullptr) {
    std::vector<std::string_view> keys;
    for (const ruleset::Flag& each : rules.flags) keys.push_back(each.key);
    const std::string meant(expression::Closest(asked.flag, keys));
    return {"", meant.empty() ? "no such flag" : "no such flag, did you mean '" + meant + "'?"};
  }
  if (!flag->is_valid) return {"", "the flag has an error"};
  evaluation::Surroundings surroundings;
  surroundings.crypto = ToolCrypto();
  const Timestamp at = rules.header.issued_at;
  const evaluation::PreparedContext prepared(rules, asked.context, surroundings, at);
  const evaluation::Outcome outcome = evaluation::Evaluate(rules, *flag, prepared, at);
  Got got;
  if (outcome.value != nullptr) got.value = json::ToText(ruleset::ToValue(*outcome.value));
  got.why = std::string(ReasonName(outcome.reason));
  if (outcome.experiment != ruleset::kNone) {
    got.why = "experiment " + rules.experiments[outcome.experiment].key + " " +
              std::string(evaluation::VariantName(rules, *flag, outcome));
  }
  return got;
}

// From when to when it was the newest one.
std::string SpanOf(const Chain& chain, std::size_t i) {
  const ruleset::Header& header = chain.links[i].rules->header;
  std::string span = text::FormatTimestamp(header.issued_at) + " to ";
  if (i + 1 < chain.links.size()) return span + text::FormatTimestamp(chain.links[i + 1].rules->header.issued_at);
  return span + text::FormatTimestamp(header.expires_at) + ", when it expires";
}

std::string SignedText(const ChainLink& link) {
  std::vector<std::string> ids = link.signed_by;
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  std::string text;
  for (const std::string& id : ids) text += (text.empty() ? ", signed by " : ", ") + id;
  return text;
}

std::string ToText(const Chain& chain, const std::optional<Asked>& asked, const Style& style) {
  const ruleset::Header& first = chain.links.front().rules->header;
  std::string out =
      style.Bold(Plain(first.project + "/" + first.environment)) + "  " + Count(chain.links.size(), "version") + "\n";
  for (std::size_t i = 0; i < chain.links.size(); ++i) {
    const ChainLink& link = chain.links[i];
    out += "\n" + style.Bold(VersionOf(link.rules->header)) + "  " + SpanOf(chain, i) + SignedText(link) + "\n";
    for (const std::string& fault : link.faults) out += "  " + style.Red("✗ ") + Plain(fault) + "\n";
    if (i == 0) out += "  " + style.Dim(link.previous.empty() ? "the first" : "what it follows is not here") + "\n";
    if (i > 0) out += link.edits.empty() ? "  the rules say the same\n" : EditsTable(link.edits);
    if (!asked) continue;
    const Got got = Ask(link, *asked);
    out += "  " + style.Cyan("→ ") + Plain(asked->flag) + (got.value.empty() ? ": " : " = " + Plain(got.value) + "  ") +
           Plain(got.why) + "\n";
  }
  out += "\n" + (chain.faults == 0 ? style.Green("✓") + " each version follows the one before\n"
                                   : style.Red("✗") + " " + Count(chain.faults, "fault") + "\n");
  return out;
}

std::string ToJson(const Chain& chain, const std::optional<Asked>& asked,
                   const std::optional<ExposureAudit>& exposures) {
  std::string text;
  json::Writer out(&text, 2);
  const ruleset::Header& first = chain.links.front().rules->header;
  out.BeginObject().Key("project").String(first.project).Key("environment").String(first.environment);
  out.Key("faults").Uint(chain.faults).Key("versions").BeginArray();
  for (const ChainLink& link : chain.links) {
    const ruleset::Header& header = link.rules->header;
    out.BeginObject().Key("epoch").Uint(header.epoch).Key("version").Uint(header.version);
    out.Key("issued_at").String(text::FormatTimestamp(header.issued_at));
    out.Key("expires_at").String(text::FormatTimestamp(header.expires_at));
    out.Key("file").String(link.path).Key("hash").String(link.hash);
    if (!link.previous.empty()) out.Key("previous").String(link.previous);
    out.Key("signed_by").BeginArray();
    for (const std::string& id : link.signed_by) out.String(id);
    out.End().Key("faults").BeginArray();
    for (const std::string& fault : link.faults) out.String(fault);
    out.End();
    if (asked) {
      const Got got = Ask(link, *asked);
      out.Key("got").BeginObject().Key("flag").String(asked->flag).Key("why").String(got.why);
      if (!got.value.empty()) out.Key("value").Raw(got.value);
      out.End();
    }
    out.End();
  }
  out.End();
  if (exposures) WriteJson(*exposures, &out.Key("exposures"));
  out.End();
  return text + "\n";
}

int RunAudit(const Arguments& arguments) {
  std::vector<std::string> keys;
  for (const std::string& each : arguments.All("--key")) {
    keys.push_back(DecodeBase64(each).value_or(""));
    if (keys.back().size() == datafile::kPublicKeyBytes) continue;
    return UsageError(arguments, "--key needs a public key in base64, as `guidon keygen` printed it");
  }
  if (arguments.Has("--flag") != arguments.Has("--context")) {
    return UsageError(arguments, "--flag and --context go together: of whom, and what of");
  }
  std::optional<Asked> asked;
  if (arguments.Has("--flag")) {
    const std::string path = arguments.Get("--context");
    const Result<std::string> bytes = ReadFile(path);
    if (!bytes.ok()) return Failure(arguments, bytes.status().message());
    Result<Context> context = ReadContext(*bytes);
    if (!context.ok()) return Failure(arguments, path + ": " + context.status().message());
    asked = Asked{arguments.Get("--flag"), *std::move(context)};
  }
  const Result<Chain> chain = ReadChain(arguments.names()[0], keys);
  if (!chain.ok()) return Failure(arguments, chain.status().message());
  std::optional<ExposureAudit> exposures;
  if (arguments.Has("--exposures")) {
    Result<ExposureAudit> audited = AuditExposures(*chain, arguments.Get("--exposures"));
    if (!audited.ok()) return Failure(arguments, audited.status().message());
    exposures = *std::move(audited);
  }
  if (arguments.Has("--json")) {
    Print(stdout, ToJson(*chain, asked, exposures));
  } else {
    const Style style = Style::For(stdout);
    Print(stdout, ToText(*chain, asked, style) + (exposures ? "\n" + ToText(*exposures, style) : ""));
  }
  return chain->faults == 0 && (!exposures || exposures->is_good()) ? kExitOk : kExitProblems;
}

}  // namespace

const Command kAuditCommand = {"audit",
                               "walk through all that was published, and prove it unchanged",
                               "guidon audit DIR [--key PUBLIC_KEY] [--flag KEY --context FILE] [--exposures FILE]",
                               "Reads every published datafile of a folder, checks that each follows the one\n"
                               "before (by its hash, which is signed), and tells what changed when. With a flag\n"
                               "and a context it also tells what that person got, version by version. With\n"
                               "a collector's exposures it decides each of them again, by the version it names,\n"
                               "and adds them up again. Exit code 1 when a version is missing, was changed or\n"
                               "put in, or is not signed, and when exposures or counts are not what these\n"
                               "versions give.",
                               {{"--key", "BASE64", "a key that may have signed; give it again for each further one"},
                                {"--flag", "KEY", "the flag to decide under each version, as of its issue"},
                                {"--context", "FILE", "for whom: { \"units\": { \"device\": \"d-1\" } }"},
                                {"--exposures", "FILE", "what guidon-collector export prints; - is standard input"},
                                {"--json", "", "for programs"}},
                               1,
                               RunAudit,
                               0,
                               {"guidon audit archive --key \"$(cat notes.pub)\""}};

}  // namespace guidon::tools
