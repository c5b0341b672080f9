// `guidon qa`: tokens and links that let a tester's device force things under a released datafile, and what they say.
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "sdk/client/qa_token.h"
#include "sdk/core/base/base64.h"
#include "sdk/core/base/json_writer.h"
#include "sdk/core/base/text.h"
#include "sdk/core/expression/spelling.h"
#include "sdk/datafile/envelope.h"
#include "sdk/tools/checked_source.h"
#include "sdk/tools/commands.h"
#include "sdk/tools/files.h"
#include "sdk/tools/private_keys.h"
#include "sdk/tools/published_file.h"
#include "sdk/tools/qa_maker.h"
#include "sdk/tools/qr.h"
#include "sdk/tools/terminal.h"

namespace guidon::tools {
namespace {

// What the last token a person made looks like to them.
std::string ScopesText(const QaToken& token) {
  std::string text;
  for (const std::string& scope : token.allow) text += (text.empty() ? "" : ", ") + scope;
  return text;
}

// "2 days", "23 h".
std::string LeftText(Duration left) {
  const auto hours = std::chrono::duration_cast<std::chrono::hours>(left).count();
  if (hours >= 48) return Count(static_cast<std::size_t>(hours / 24), "day");
  if (hours >= 1) return std::to_string(hours) + " h";
  return std::to_string(std::chrono::duration_cast<std::chrono::minutes>(left).count()) + " min";
}

std::string TokenTable(const QaToken& token) {
  std::vector<std::vector<std::string>> rows = {
      {"id", token.id},
      {"for", token.project + "/" + token.environment + ", " +
                  (token.device == "*" ? "any device" : "the device " + token.device)},
      {"permits", ScopesText(token)},
      {"by", token.allows_local ? "app, panel and link; the overrides file and the environment, too"
                                : "app, panel and link"}};
  if (!token.force.empty()) rows.push_back({"forces", token.force});
  rows.push_back({"good", text::FormatTimestamp(token.not_before) + " to " + text::FormatTimestamp(token.expires_at)});
  if (!token.issuer.empty()) rows.push_back({"made by", token.issuer});
  if (!token.note.empty()) rows.push_back({"note", token.note});
  for (auto& row : rows) row[1] = Plain(row[1]);
  return Table(rows, 2);
}

int MakeOne(const Arguments& arguments, bool is_link) {
  if (arguments.names().size() != 2) return UsageError(arguments, "name the datafile that devices have");
  if (!arguments.Has("--key")) return UsageError(arguments, "give --key KEY, a private key that apps trust for QA");
  if (!arguments.Has("--device")) {
    return UsageError(arguments, "give --device CODE, which the app shows its tester (Overrides::DeviceCode)");
  }
  if (!arguments.Has("--allow") && !arguments.Has("--force")) {
    return UsageError(arguments, "give --force or --allow: what the tester is to see, or may choose");
  }
  if (is_link && !arguments.Has("--app")) return UsageError(arguments, "give --app URL, a link that the app opens");
  const std::optional<Timestamp> now = TimeOr(arguments.Get("--now"));
  if (!now) return UsageError(arguments, "--now needs a date such as 2026-12-01T09:00:00Z");
  const std::optional<Duration> lasts = text::ParseDuration(arguments.Get("--for", "1d"));
  if (!lasts) return UsageError(arguments, "--for needs a time such as 2d or 12h");
  if (arguments.Has("--qr") && !WhyNoQr().empty()) return Failure(arguments, "--qr: " + WhyNoQr());

  const std::string& path = arguments.names()[1];
  const Result<PublishedFile> file = ReadPublishedFile(path);
  if (!file.ok()) return Failure(arguments, file.status().message());
  const auto rules = LoadRules(path, file->payload);
  if (!rules.ok()) return Failure(arguments, rules.status().message());
  const Result<KeyPair> key = FindPrivateKey(arguments.Get("--key"));
  if (!key.ok()) return Failure(arguments, key.status().message());
  if (CheckSignature(*file, key->public_key) != SignedState::kNotByThisKey) {
    return Failure(arguments, "this key signs datafiles: apps take tokens by a key that is for QA alone");
  }
  QaWish wish;
  wish.id = arguments.Get("--id");
  wish.issuer = arguments.Get("--issuer");
  wish.device = arguments.Get("--device");
  wish.allow = arguments.All("--allow");
  wish.force = arguments.Get("--force");
  wish.note = arguments.Get("--note");
  wish.allows_local = arguments.Has("--local");
  wish.not_before = *now;
  wish.lasts = *lasts;
  const Result<std::string> token = MakeToken(wish, **rules, *key);
  if (!token.ok()) return Failure(arguments, path + ": " + token.status().message());

  std::string text = *token;
  if (is_link) {
    const std::string app = arguments.Get("--app");
    text = app + (app.find('?') == std::string::npos ? "?t=" : "&t=") + *token;
  }
  const QaToken made = client::ParseToken(*token)->token;
  if (arguments.Has("--json")) {
    std::string out;
    json::Writer json(&out, 2);
    json.BeginObject().Key(is_link ? "link" : "token").String(text);
    json.Key("says").Raw(client::TokenPayload(made)).End();
    Print(stdout, out + "\n");
    return kExitOk;
  }
  Print(stdout, text + "\n");
  if (arguments.Has("--qr")) {
    const std::optional<std::string> qr = DrawQr(text);
    if (!qr) return Failure(arguments, "it is too long for a QR code: give less to --allow, --force and --note");
    Print(stdout, *qr);
  }
  Print(stderr, Style::For(stderr).Green("✓ ") + "a QA token, for " + LeftText(*lasts) + "\n" + TokenTable(made));
  return kExitOk;
}

// Why no device takes it now, as far as that can be told without one; ok.
Status JudgeToken(const std::string& text, const Arguments& arguments, Timestamp now, const QaToken& token) {
  if (arguments.Has("--key")) {
    const auto parsed = client::ParseToken(text);
    const std::string key = DecodeBase64(arguments.Get("--key")).value_or("");
    if (datafile::KeyIdText(KeyIdOf(key)) != token.key) {
      return Status(StatusCode::kUntrusted, "it is signed by the key " + token.key + ", not by this one");
    }
    if (!VerifySignature(key, client::SignedTokenMessage(parsed->payload), parsed->signature)) {
      return Status(StatusCode::kUntrusted, "its signature is not good");
    }
  }
  if (now < token.not_before) {
    return Status(StatusCode::kPermissionDenied, "it begins at " + text::FormatTimestamp(token.not_before));
  }
  if (now >= token.expires_at) {
    return Status(StatusCode::kPermissionDenied, "it ended at " + text::FormatTimestamp(token.expires_at));
  }
  return Status();
}

int InspectOne(const Arguments& arguments) {
  if (arguments.names().size() != 2) return UsageError(arguments, "give the token, or the link with it; - reads it");
  const std::optional<Timestamp> now = TimeOr(arguments.Get("--now"));
  if (!now) return UsageError(arguments, "--now needs a date such as 2026-12-01T09:00:00Z");
  if (arguments.Has("--key") && DecodeBase64(arguments.Get("--key")).value_or("").size() != 32) {
    return UsageError(arguments, "--key needs a public key in base64, as `guidon keygen` printed it");
  }
  std::string text = arguments.names()[1];
  if (text == "-") {
    Result<std::string> read = ReadFile("-", 16u << 10);
    if (!read.ok()) return Failure(arguments, read.status().message());
    text = *std::move(read);
  }
  const auto parsed = client::ParseToken(text);
  if (!parsed.ok()) return Failure(arguments, parsed.status().message());
  const QaToken& token = parsed->token;
  const Status status = JudgeToken(text, arguments, *now, token);
  const bool is_checked = arguments.Has("--key");
  if (arguments.Has("--json")) {
    std::string out;
    json::Writer json(&out, 2);
    json.BeginObject().Key("good").Bool(status.ok()).Key("signature_checked").Bool(is_checked);
    if (!status.ok()) json.Key("why_not").String(status.message());
    json.Key("says").Raw(parsed->payload).End();
    Print(stdout, out + "\n");
    return status.ok() ? kExitOk : kExitProblems;
  }
  const Style style = Style::For(stdout);
  Print(stdout, TokenTable(token));
  if (!status.ok()) {
    Print(stdout, style.Red("✗ ") + Plain(status.message()) + "\n");
    return kExitProblems;
  }
  Print(stdout, (is_checked ? style.Green("✓ ") + "signed well"
                            : style.Yellow("! ") + "signed by key " + token.key + ", which was not checked (--key)") +
                    "; good for another " + LeftText(token.expires_at - *now) + "\n");
  return kExitOk;
}

int RunQa(const Arguments& arguments) {
  const std::string& verb = arguments.names()[0];
  if (verb == "token" || verb == "link") return MakeOne(arguments, verb == "link");
  if (verb == "inspect") return InspectOne(arguments);
  const std::string_view meant = expression::Closest(verb, {"token", "link", "inspect"});
  return UsageError(
      arguments, "there is no 'qa " + verb + "'" +
                     (meant.empty() ? ": token, link or inspect" : ", did you mean 'qa " + std::string(meant) + "'?"));
}

}  // namespace

const Command kQaCommand = {
    "qa",
    "let a tester's device force things, by a token or a link",
    "guidon qa token DATAFILE --key KEY --device CODE --force ENTRIES | --allow WHAT",
    "On a device whose datafile a release key signed nobody forces anything, unless\n"
    "it has a QA token: for that device, a few days and a few things, signed by a key\n"
    "that the app trusts for QA. The app shows its tester the device's code.\n\n"
    "  guidon qa token DATAFILE …          prints the token\n"
    "  guidon qa link DATAFILE … --app URL a link with it, for the app to open\n"
    "  guidon qa inspect TOKEN             what it says; exit code 1 when it is no good",
    {{"--key", "KEY",
      "private key: a FILE, env:NAME, or command:COMMAND; of inspect the public one, to check the signature by"},
     {"--device", "CODE", "of the device it is for; '*': any, but in production"},
     {"--force", "ENTRIES",
      "what the token forces itself, as GUIDON_FORCE says it:\n"
      "'experiment:attach-button=labelled; prompt:try-file-share'"},
     {"--allow", "WHAT",
      "what else may be forced: experiment:KEY, flag:KEY, prompt:KEY, experiment:'*', '*'; again for each further one"},
     {"--local", "", "the overrides file and the environment may force it, too"},
     {"--for", "TIME", "how long it is good (1d)"},
     {"--app", "URL", "of a link: what the app opens, notes://guidon"},
     {"--qr", "", "also draw it as a QR code"},
     {"--id", "ID", "by which it is revoked (one that follows from the rest)"},
     {"--issuer", "NAME", "who made it"},
     {"--note", "TEXT", "what for; the app shows it"},
     {"--now", "TIME", "when it begins (the clock)"},
     {"--json", "", "for programs"}},
    1,
    RunQa,
    1,
    {"guidon qa token published --key qa.key --device 8fXlQmZ3vN0aT5uYcR2kHg --force "
     "experiment:attach-button=labelled"}};

}  // namespace guidon::tools
