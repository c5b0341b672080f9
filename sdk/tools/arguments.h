// A subcommand's arguments: names without dashes, options as --name VALUE, --name=VALUE or a bare --name.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/status.h"

namespace guidon::tools {

struct OptionSpec {
  std::string_view name;   // with its dashes
  std::string_view value;  // "FILE", or empty when it takes none
  std::string_view text;   // what it does; lines when it shows something as it is written
};

class Arguments {
 public:
  // `words` are those behind the subcommand.
  static Result<Arguments> Parse(std::string command, const std::vector<std::string>& words,
                                 const std::vector<OptionSpec>& options, std::size_t least_names,
                                 std::size_t most_names);

  const std::string& command() const { return command_; }
  const std::vector<std::string>& names() const { return names_; }  // DATAFILE, SOURCE
  bool Has(std::string_view option) const { return !All(option).empty(); }
  // The last one given, or `otherwise`.
  std::string Get(std::string_view option, std::string_view otherwise = "") const;
  const std::vector<std::string>& All(std::string_view option) const;

 private:
  std::string command_;
  std::vector<std::string> names_;
  std::map<std::string, std::vector<std::string>, std::less<>> options_;
};

}  // namespace guidon::tools
