#include "sdk/tools/arguments.h"

#include "sdk/core/expression/spelling.h"

namespace guidon::tools {
namespace {

Status Unknown(std::string_view option, const std::vector<OptionSpec>& options) {
  std::vector<std::string_view> known;
  for (const OptionSpec& spec : options) known.push_back(spec.name);
  const std::string_view meant = expression::Closest(option, known);
  return Status(StatusCode::kInvalidArgument, "unknown option " + std::string(option) +
                                                  (meant.empty() ? "" : ", did you mean " + std::string(meant) + "?"));
}

}  // namespace

Result<Arguments> Arguments::Parse(std::string command, const std::vector<std::string>& words,
                                   const std::vector<OptionSpec>& options, std::size_t least_names,
                                   std::size_t most_names) {
  Arguments out;
  out.command_ = std::move(command);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word.size() < 2 || word[0] != '-') {
      out.names_.push_back(word);
      continue;
    }
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    const OptionSpec* spec = nullptr;
    for (const OptionSpec& candidate : options) {
      if (candidate.name == name) spec = &candidate;
    }
    if (spec == nullptr) return Unknown(name, options);
    if (spec->value.empty()) {
      if (equals != std::string::npos) return Status(StatusCode::kInvalidArgument, name + " takes no value");
      out.options_[name].push_back("");
    } else if (equals != std::string::npos) {
      out.options_[name].push_back(word.substr(equals + 1));
    } else if (i + 1 < words.size()) {
      out.options_[name].push_back(words[++i]);
    } else {
      return Status(StatusCode::kInvalidArgument, name + " needs a value: " + name + " " + std::string(spec->value));
    }
  }
  if (out.names_.size() < least_names) return Status(StatusCode::kInvalidArgument, "a file or a name is missing");
  if (out.names_.size() > most_names) {
    return Status(StatusCode::kInvalidArgument, "'" + out.names_[most_names] + "' is one argument too many");
  }
  return out;
}

std::string Arguments::Get(std::string_view option, std::string_view otherwise) const {
  const std::vector<std::string>& values = All(option);
  return values.empty() ? std::string(otherwise) : values.back();
}

const std::vector<std::string>& Arguments::All(std::string_view option) const {
  static const std::vector<std::string> kNone;
  const auto found = options_.find(option);
  return found == options_.end() ? kNone : found->second;
}

}  // namespace guidon::tools
