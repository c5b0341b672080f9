#include "samples/terminal/settings.h"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>

#include "guidon/limits.h"
#include "samples/terminal/text.h"
#include "sdk/core/base/text.h"

namespace notes {

using guidon::Status;
using guidon::StatusCode;

namespace {

bool StartsWith(std::string_view text, std::string_view start) { return text.substr(0, start.size()) == start; }

Status Refuse(std::string message) { return Status(StatusCode::kInvalidArgument, std::move(message)); }

bool IsKnown(const std::string& option) {
  for (const char* known : {"--datafile", "--collector", "--key", "--development-key", "--qa-key", "--state",
                            "--person", "--script", "--poll", "--now", "--seed", "--stream"}) {
    if (option == known) return true;
  }
  return false;
}

// The option is one of those.
Status Apply(const std::string& option, const std::string& value, TerminalSettings* settings) {
  if (option == "--datafile") {
    const bool is_url = StartsWith(value, "https://") || StartsWith(value, "http://");
    (is_url ? settings->datafile_url : settings->datafile_file) = value;
  } else if (option == "--collector") {
    settings->collector_url = value;
  } else if (option == "--stream") {
    settings->stream_url = value;
  } else if (option == "--key") {
    settings->keys.push_back({value, guidon::TrustedKey::Role::kRelease});
  } else if (option == "--development-key") {
    settings->keys.push_back({value, guidon::TrustedKey::Role::kDevelopment});
  } else if (option == "--qa-key") {
    settings->keys.push_back({value, guidon::TrustedKey::Role::kQa});
  } else if (option == "--state") {
    settings->state_dir = value;
  } else if (option == "--person") {
    if (!IsName(value)) return Refuse("--person: 1 to 64 letters, digits, dots, dashes or underscores");
    settings->person = value;
  } else if (option == "--script") {
    settings->script = value;
  } else if (option == "--now") {
    settings->now = guidon::text::ParseTimestamp(value);
    if (!settings->now) return Refuse("--now: a time such as 2026-01-05T10:00:00Z");
  } else if (option == "--seed") {
    std::uint64_t seed = 0;
    const auto parsed = std::from_chars(value.data(), value.data() + value.size(), seed);
    if (parsed.ec != std::errc() || parsed.ptr != value.data() + value.size()) {
      return Refuse("--seed: a whole number from 0 on");
    }
    settings->seed = seed;
  } else {
    const auto parsed = std::from_chars(value.data(), value.data() + value.size(), settings->poll_seconds);
    const bool is_whole = parsed.ec == std::errc() && parsed.ptr == value.data() + value.size();
    if (!is_whole || settings->poll_seconds < 1 || settings->poll_seconds > 86400) {
      return Refuse("--poll: whole seconds, 1 to 86400");
    }
  }
  return Status();
}

}  // namespace

guidon::Result<TerminalSettings> ParseSettings(const std::vector<std::string>& arguments) {
  TerminalSettings settings;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& option = arguments[i];
    if (option == "--help" || option == "-h") {
      settings.help = true;
      return settings;
    }
    if (option == "--unsigned") {
      settings.allow_unsigned = true;
      continue;
    }
    if (!StartsWith(option, "--")) return Refuse("unknown argument " + option);
    if (!IsKnown(option)) return Refuse("unknown option " + option);
    if (i + 1 == arguments.size() || arguments[i + 1].empty()) return Refuse(option + " needs a value");
    const Status applied = Apply(option, arguments[++i], &settings);
    if (!applied.ok()) return applied;
  }
  return settings;
}

std::string TerminalHelp() {
  return "guidon-terminal: a small notes app, gated and experimented on with Guidon\n"
         "\n"
         "  guidon-terminal [options]            the app, by keyboard\n"
         "  guidon-terminal --script FILE        the app, by commands from a file (\"-\": standard input)\n"
         "  guidon-terminal simulate [options]   many people over many days; simulate --help\n"
         "  guidon-terminal compare [options]    measured against planted effects; compare --help\n"
         "  guidon-terminal digest [options]     the collector's results in a few lines; digest --help\n"
         "\n"
         "Options\n"
         "  --datafile URL|FILE  where the datafile is fetched, or one that the app brings along;\n"
         "                       may be given twice, once each\n"
         "  --key KEY            a public key that may sign it, base64 (guidon keygen prints it)\n"
         "  --development-key KEY  likewise; what it signs, everybody may force\n"
         "  --qa-key KEY         a public key that signs QA tokens (guidon qa token)\n"
         "  --unsigned           take datafiles without a signature\n"
         "  --collector URL      where events go, such as http://127.0.0.1:4318/v1/logs;\n"
         "                       without one they stay on the device\n"
         "  --state DIR          the app's folder (notes-state)\n"
         "  --person ID          who is there (me)\n"
         "  --poll SECONDS       how often to ask for a newer datafile (60)\n"
         "  --stream URL         where changes of it are announced\n"
         "  --now TIME           what the app's clock shows at the start\n"
         "  --seed N             a new folder's install id follows from it\n"
         "\n"
         "Try it without any server, from the root of the source tree:\n"
         "  guidon build samples/datafiles/notes.source.json --unsigned --out /tmp/notes.datafile\n"
         "  guidon-terminal --datafile /tmp/notes.datafile --unsigned --state /tmp/notes\n";
}

guidon::Result<std::string> ReadFile(const std::string& path, std::size_t most) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return Status(StatusCode::kNotFound, path + ": " + std::strerror(errno));
  std::string content(most + 1, '\0');
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  if (file.bad()) return Status(StatusCode::kUnavailable, path + " cannot be read");
  content.resize(static_cast<std::size_t>(file.gcount()));
  if (content.size() > most) {
    return Status(StatusCode::kTooLarge, path + " has more than " + std::to_string(most) + " bytes");
  }
  return content;
}

Status Bad(std::string message) { return Status(StatusCode::kInvalidArgument, std::move(message)); }

guidon::Result<guidon::Options> ClientOptions(const TerminalSettings& settings) {
  guidon::Options options;
  options.datafile_url = settings.datafile_url;
  options.datafile_stream_url = settings.stream_url;
  if (!settings.datafile_file.empty()) {
    guidon::Result<std::string> bundled = ReadFile(settings.datafile_file, guidon::limits::kDatafileBytes);
    if (!bundled.ok()) return bundled.status();
    options.bundled_datafile = *std::move(bundled);
  }
  options.trusted_keys = settings.keys;
  options.allow_unsigned = settings.allow_unsigned;
  options.poll_interval = std::chrono::seconds(settings.poll_seconds);
  options.collector_url = settings.collector_url;
  options.batch_interval = std::chrono::seconds(2);
  options.app_name = "notes";
  options.app_version = "4.3.0";
  options.consent = guidon::Consent::kGranted;  // a sample among developers; an app asks
  return options;
}

}  // namespace notes
