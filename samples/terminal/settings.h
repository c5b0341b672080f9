// The command line of the app itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/options.h"
#include "guidon/status.h"
#include "guidon/time.h"

namespace notes {

struct TerminalSettings {
  std::string datafile_url;
  std::string datafile_file;
  std::string stream_url;
  std::string collector_url;
  std::vector<guidon::TrustedKey> keys;
  bool allow_unsigned = false;
  std::string state_dir = "notes-state";
  std::string person = "me";
  std::string script;  // "-": standard input; empty: interactive
  int poll_seconds = 60;
  // For scripts whose output is to be the same each time.
  std::optional<guidon::Timestamp> now;  // where the clock begins
  std::optional<std::uint64_t> seed;     // of the install id, in a new folder
  bool help = false;
};

// Refused with a message that names the option.
guidon::Result<TerminalSettings> ParseSettings(const std::vector<std::string>& arguments);

std::string TerminalHelp();

// What `Client::Open` takes; reads the datafile's file, if one is named.
guidon::Result<guidon::Options> ClientOptions(const TerminalSettings& settings);

// Files of results and reports.
inline constexpr std::size_t kMostReportBytes = 64u << 20;

// A whole file, bounded.
guidon::Result<std::string> ReadFile(const std::string& path, std::size_t most);

// Something that was read or asked for is not as it should be.
guidon::Status Bad(std::string message);

}  // namespace notes
