// `guidon dev`: while an app and its flags are being made. Every save of the source reaches the running app, and what
// the app tells arrives on the screen.
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sdk/core/base/base64.h"
#include "sdk/core/base/json_writer.h"
#include "sdk/core/expression/spelling.h"
#include "sdk/tools/commands.h"
#include "sdk/tools/dev_events.h"
#include "sdk/tools/dev_source.h"
#include "sdk/tools/diff_report.h"
#include "sdk/tools/key_press.h"
#include "sdk/tools/local_server.h"
#include "sdk/tools/preview.h"
#include "sdk/tools/private_keys.h"
#include "sdk/tools/terminal.h"

namespace guidon::tools {
namespace {

constexpr auto kDevLook = std::chrono::milliseconds(100);
constexpr char kClockIndent[] = "          ";  // as wide as "14:02:11  "

std::atomic<bool> dev_is_stopping{false};

void StopDev(int) { dev_is_stopping = true; }

std::int64_t NowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// "14:02:11", as the clock on the wall.
std::string ClockText(std::int64_t ms) {
  const std::time_t seconds = static_cast<std::time_t>(ms / 1000);
  char text[16] = "";
  std::tm local{};
#if defined(_WIN32)
  if (localtime_s(&local, &seconds) == 0) std::strftime(text, sizeof text, "%H:%M:%S", &local);
#else
  if (localtime_r(&seconds, &local) != nullptr) std::strftime(text, sizeof text, "%H:%M:%S", &local);
#endif
  return text;
}

std::string Indented(const std::string& text, const char* indent) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    out += (end > at ? indent : "") + text.substr(at, end - at) + "\n";
    at = end + 1;
  }
  return out;
}

std::string VersionText(const ServedFile::Content& content) {
  const ruleset::Header& header = content.datafile->rules->header;
  return std::to_string(header.epoch) + "." + std::to_string(header.version);
}

class Dev {
 public:
  Dev(DevSource::Settings settings, std::string path, const Style& style, bool is_json)
      : public_key_(EncodeBase64(settings.key.public_key)),
        path_(std::move(path)),
        source_(std::move(settings)),
        style_(style),
        is_json_(is_json),
        server_(
            "/datafile", [this] { return served(); },
            [this](std::string_view body, bool is_gzip) { return Receive(body, is_gzip); }) {}

  // Nothing is served before the source is good once.
  Status Begin(int port) {
    const DevSource::Look look = source_.LookAgain(TimestampFromMs(NowMs()));
    if (look.what == DevSource::What::kRefused) {
      Tell(look);
      return Status(StatusCode::kInvalidArgument, look.checked->problems.Summary() + "; mend them, then start again");
    }
    if (look.what != DevSource::What::kPublished) return look.status;
    SetServed(source_.content());
    const Status begun = server_.Begin(port);
    if (!begun.ok()) return begun;
    if (is_json_) {
      Say(ListeningJson());
      return Status();
    }
    Say(style_.Green("✓ ") + style_.Bold(NameOf(*served()) + " " + VersionText(*served())) + "  " +
        CountsOf(look.checked->source) + "\n");
    if (look.checked->problems.warnings() > 0)
      Say("\n" + look.checked->problems.ToText(path_, look.checked->text, style_));
    SayHowToConnect();
    return Status();
  }

  void Run() {
    KeyPresses keys;
    if (!is_json_) {
      Say(style_.Dim("Every save of " + Plain(path_) + " reaches the app. " +
                     (keys.are_there() ? "p: preview prompts, c: how to connect, q: end" : "Until Ctrl-C")) +
          "\n\n");
    }
    int streams = 0;
    while (!dev_is_stopping) {
      const char key = keys.Next(kDevLook);
      if (key == 'q' || key == 4) break;
      if (key == 'p') PreviewAll();
      if (key == 'c') SayHowToConnect();
      const DevSource::Look look = source_.LookAgain(TimestampFromMs(NowMs()));
      if (look.what == DevSource::What::kPublished) SetServed(source_.content());
      Tell(look);
      if (server_.streams() != streams) TellStreams(streams = server_.streams());
    }
    server_.Stop();
    if (!is_json_) Say(style_.Dim("ended; the next start goes on from version " + VersionText(*served())) + "\n");
  }

  // False when there is no such campaign; `meant` is then the closest name.
  bool PreviewNamed(const std::string& key, std::string* meant) {
    std::vector<std::string_view> names;
    for (const ruleset::Campaign& campaign : served()->datafile->rules->campaigns) {
      if (campaign.key == key) {
        SayPreview(campaign);
        return true;
      }
      names.push_back(campaign.key);
    }
    if (key == "all") return PreviewAll(), true;
    *meant = expression::Closest(key, names);
    return false;
  }

 private:
  using Content = LocalServer::Content;

  Content served() const {
    const std::lock_guard<std::mutex> lock(served_mutex_);
    return served_;
  }
  void SetServed(Content content) {
    const std::lock_guard<std::mutex> lock(served_mutex_);
    served_ = std::move(content);
  }

  void Say(const std::string& text) {
    const std::lock_guard<std::mutex> lock(said_mutex_);
    Print(stdout, text);
    std::fflush(stdout);
  }

  static std::string NameOf(const ServedFile::Content& content) {
    const ruleset::Header& header = content.datafile->rules->header;
    return Plain(header.project + "/" + header.environment);
  }

  void SayHowToConnect() {
    const std::string root = server_.root();
    const auto line = [this](const char* name, const std::string& value) {
      return "  options." + std::string(name) + " = " + style_.Cyan("\"" + value + "\"") + ";\n";
    };
    Say("\nIn the app:\n\n" + line("datafile_url", server_.url()) +
        line("datafile_stream_url", server_.url() + "/events") + line("collector_url", root + "/v1/logs") +
        "  options.trusted_keys.push_back(\n      guidon::TrustedKey{" + style_.Cyan("\"" + public_key_ + "\"") +
        ", guidon::TrustedKey::Role::kDevelopment});\n\nOr with the notes app of the samples:\n\n" +
        "  guidon-terminal --datafile " + server_.url() + " \\\n    --stream " + server_.url() +
        "/events \\\n    --collector " + root + "/v1/logs \\\n    --key " + public_key_ + "\n\n");
  }

  std::string ListeningJson() const {
    std::string out;
    json::Writer json(&out);
    json.BeginObject().Key("type").String("listening").Key("version").String(VersionText(*served()));
    json.Key("datafile_url").String(server_.url()).Key("datafile_stream_url").String(server_.url() + "/events");
    json.Key("collector_url").String(server_.root() + "/v1/logs").Key("public_key").String(public_key_).End();
    return out + "\n";
  }

  void Tell(const DevSource::Look& look) {
    switch (look.what) {
      case DevSource::What::kSame: return;
      case DevSource::What::kUnreadable:
        return is_json_ ? SayRefusal(look.status.message(), "[]")
                        : Say(At(NowMs()) + style_.Red("✗ ") + Plain(look.status.message()) + Stays());
      case DevSource::What::kRefused: return TellRefused(*look.checked);
      case DevSource::What::kPublished: return TellPublished(look);
    }
  }

  void TellRefused(const CheckedSource& checked) {
    const std::string summary = checked.problems.Summary();
    if (is_json_) return SayRefusal(summary, checked.problems.ToJson(path_, checked.text));
    Say(At(NowMs()) + style_.Red("✗ ") + Plain(path_) + ": " + summary + Stays() + "\n" +
        Indented(checked.problems.ToText(path_, checked.text, style_), "  "));
  }

  // Which version the apps keep, where they have one.
  std::string Stays() const {
    const Content content = served();
    return content == nullptr ? "\n" : "; " + VersionText(*content) + " stays\n";
  }

  void SayRefusal(const std::string& why, const std::string& lint) {
    std::string line;
    json::Writer json(&line);
    json.BeginObject().Key("type").String("refused").Key("reason").String(why);
    json::Error error;
    const auto document = json::Document::Parse(lint, &error);
    json.Key("lint").Raw(document ? document->root().ToText() : "null");
    if (const Content content = served()) json.Key("stays").String(VersionText(*content));
    json.End();
    Say(line + "\n");
  }

  void TellPublished(const DevSource::Look& look) {
    const int streams = server_.streams();
    std::set<std::string> campaigns;
    for (const Edit& edit : look.edits) {
      if (edit.what == "campaign" && edit.sign != Edit::Sign::kRemoved) campaigns.insert(edit.key);
    }
    if (is_json_) {
      Say(PublishedJson(look, streams));
    } else {
      std::string text = At(NowMs()) + style_.Green("✓ ") + style_.Bold(VersionText(*served())) + " is out";
      if (streams > 0) text += ", told to " + Count(static_cast<std::size_t>(streams), "app");
      text += "\n" + (look.edits.empty()
                          ? std::string(kClockIndent) + style_.Dim("  nothing in it is decided otherwise") + "\n"
                          : Indented(EditsTable(look.edits), kClockIndent));
      if (!look.drawn_anew.empty()) {
        text += Indented(style_.Yellow("!") + " people are drawn anew, which a release may not do:\n" +
                             Wrap(Plain(look.drawn_anew), 2, 70),
                         kClockIndent);
      }
      if (look.checked->problems.warnings() > 0) {
        text += "\n" + Indented(look.checked->problems.ToText(path_, look.checked->text, style_), "  ");
      }
      Say(text);
    }
    for (const ruleset::Campaign& campaign : served()->datafile->rules->campaigns) {
      if (campaigns.count(campaign.key) > 0) SayPreview(campaign);
    }
  }

  std::string PublishedJson(const DevSource::Look& look, int streams) const {
    std::string out;
    json::Writer json(&out);
    json.BeginObject().Key("type").String("published").Key("version").String(VersionText(*served()));
    json.Key("apps").Int(streams).Key("changes").BeginArray();
    for (const Edit& edit : look.edits) {
      json.BeginObject().Key("sign").String(std::string(1, static_cast<char>(edit.sign)));
      json.Key("what").String(edit.what).Key("key").String(edit.key).Key("says").String(edit.says);
      json.Key("from").String(edit.from).Key("to").String(edit.to).End();
    }
    json.End();
    if (!look.drawn_anew.empty()) json.Key("drawn_anew").String(look.drawn_anew);
    json.Key("warnings").Uint(look.checked->problems.warnings()).End();
    return out + "\n";
  }

  void TellStreams(int streams) {
    if (is_json_) return Say("{\"type\":\"apps\",\"listening\":" + std::to_string(streams) + "}\n");
    Say(At(NowMs()) +
        style_.Dim(streams == 0
                       ? "no app listens"
                       : Count(static_cast<std::size_t>(streams), "app") + (streams == 1 ? " listens" : " listen")) +
        "\n");
  }

  LocalServer::Answer Receive(std::string_view body, bool is_gzip) {
    EventReader::Batch batch;
    {
      const std::lock_guard<std::mutex> lock(events_mutex_);
      batch = events_.Read(body, is_gzip, NowMs());
    }
    std::string lines;
    for (const ToldEvent& event : batch.events) {
      lines += is_json_ ? event.ToJson() : At(event.time_ms) + event.ToText(style_) + "\n";
    }
    Say(lines);
    return {batch.status, std::move(batch.answer)};
  }

  void PreviewAll() {
    const Content content = served();
    for (const ruleset::Campaign& campaign : content->datafile->rules->campaigns) SayPreview(campaign);
    if (content->datafile->rules->campaigns.empty() && !is_json_) Say("there are no campaigns\n");
  }

  void SayPreview(const ruleset::Campaign& campaign) {
    std::string out;
    for (const Preview& preview : PreviewsOf(campaign, style_)) {
      if (is_json_) {
        json::Writer json(&out);
        json.BeginObject().Key("type").String("preview").Key("campaign").String(campaign.key);
        json.Key("variant").String(preview.variant).Key("language").String(preview.language);
        json.Key("kind").String(preview.kind).Key("lines").BeginArray();
        for (const std::string& line : preview.lines) json.String(line);
        json.End().End();
        out += "\n";
        continue;
      }
      out += "\n  " + style_.Bold(Plain(campaign.key));
      for (const std::string& part : {preview.variant, preview.language, preview.kind}) {
        if (!part.empty()) out += style_.Dim(" · " + Plain(part));
      }
      out += "\n\n";
      for (const std::string& line : preview.lines) out += "  " + line + "\n";
      out += "\n";
    }
    Say(out);
  }

  std::string At(std::int64_t ms) const { return style_.Dim(ClockText(ms)) + "  "; }

  const std::string public_key_;
  const std::string path_;
  DevSource source_;  // of the main thread
  const Style style_;
  const bool is_json_;
  mutable std::mutex served_mutex_;
  Content served_;
  std::mutex events_mutex_;
  EventReader events_;
  std::mutex said_mutex_;
  LocalServer server_;  // last: its threads use all of the above
};

int RunDev(const Arguments& arguments) {
  int port = 0;
  if (!ReadPort(arguments, "8123", &port)) {
    return UsageError(arguments, "--port needs a number from 0 (any that is free) to 65535, of this machine alone");
  }
  DevSource::Settings settings;
  settings.path = arguments.names()[0];
  settings.previous_path = arguments.Get("--previous");
  settings.folder =
      arguments.Get("--state", (std::filesystem::path(settings.path).parent_path() / ".guidon-dev").string());
  std::error_code error;
  if (!std::filesystem::exists(settings.path, error)) {
    return Failure(arguments, settings.path + ": there is no such file");  // before a folder is made beside it
  }
  Result<KeyPair> key = DevelopmentKey(settings.folder);
  if (key.ok() && arguments.Has("--key")) key = FindPrivateKey(arguments.Get("--key"));
  if (!key.ok()) return Failure(arguments, key.status().message());
  settings.key = *std::move(key);
  const std::string path = settings.path;
  std::signal(SIGINT, StopDev);
  std::signal(SIGTERM, StopDev);
  Dev dev(std::move(settings), path, Style::For(stdout), arguments.Has("--json"));
  if (const Status begun = dev.Begin(port); !begun.ok()) return Failure(arguments, begun.message());
  std::string meant;
  if (arguments.Has("--preview") && !dev.PreviewNamed(arguments.Get("--preview"), &meant)) {
    return UsageError(arguments, "--preview: there is no campaign '" + arguments.Get("--preview") + "'" +
                                     (meant.empty() ? "" : ", did you mean '" + meant + "'?"));
  }
  dev.Run();
  return kExitOk;
}

}  // namespace

const Command kDevCommand = {
    "dev",
    "put each save of a source into running apps, show what they tell",
    "guidon dev SOURCE [--port N] [--preview KEY]",
    "While an app is being made: watches the source, checks and signs each save with a\n"
    "key for development, tells running apps of it, and shows their decisions, prompts\n"
    "and events as they arrive. With errors in the source the last good version stays.\n"
    "For apps on this machine alone.",
    {{"--port", "N", "of 127.0.0.1; 0: any that is free (8123)"},
     {"--preview", "KEY", "draw this campaign's prompt to begin with; all: of each campaign"},
     {"--key", "KEY", "private key: a FILE, env:NAME, or command:COMMAND (one of its own)"},
     {"--previous", "FILE",
      "what is published elsewhere: people are where they are there, and no edit may spoil its results"},
     {"--state", "DIR", "where the key and the last version are kept (.guidon-dev beside the source)"},
     {"--json", "", "for programs: an object a line"}},
    1,
    RunDev,
    0,
    {"guidon dev notes.source.json", "guidon dev notes.source.json --preview try-file-share"}};

}  // namespace guidon::tools
