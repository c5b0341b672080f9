// What apps do with a datafile that they fetched, by the code that they run.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "guidon/options.h"
#include "sdk/client/intake.h"
#include "sdk/tools/arguments.h"

namespace guidon::tools {

class Acceptance {
 public:
  // As an app with these options: its trusted keys, project, environment and allow_unsigned count.
  explicit Acceptance(const Options& options);

  // The keys that can be read; else why one cannot.
  Status keys() const { return keys_; }
  Result<std::shared_ptr<const client::Datafile>> Take(std::string bytes, Timestamp now) const;

 private:
  Status keys_;
  std::shared_ptr<client::Intake> intake_;
};

// --key, --project, --environment and --unsigned, as far as they are given.
Options AppOptions(const Arguments& arguments);

}  // namespace guidon::tools
