#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "guidon/default_platform.h"
#include "guidon/platform_parts.h"
#include "tests/ports/temp_folder.h"

namespace guidon::test {
namespace {

constexpr std::size_t kMost = 1'000;

// A variable of this process while it lives.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) { setenv(name, value.c_str(), 1); }
  ~Variable() { unsetenv(name_); }
  Variable(const Variable&) = delete;  // changes the process
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

TEST_CASE("without variables nothing is forced and no file is read") {
  const auto port = EnvironmentOverrides();
  CHECK(port->Environment().empty());
  CHECK_FALSE(port->HasFile());
}

TEST_CASE("the environment is read when the port is made") {
  std::shared_ptr<LocalOverrides> port;
  {
    const Variable force("GUIDON_FORCE", "flag:a=true");
    const Variable file("GUIDON_OVERRIDES_FILE", "/nowhere/at/all.json");
    port = EnvironmentOverrides();
    CHECK(DefaultPlatform("").local_overrides->Environment() == "flag:a=true");
  }
  CHECK(port->Environment() == "flag:a=true");
  CHECK(port->HasFile());
  const Status status = port->ReadFile(kMost).status();
  CHECK(status.code() == StatusCode::kNotFound);
  CHECK(status.message().find("/nowhere/at/all.json") != std::string::npos);
}

TEST_CASE("one variable turns both off") {
  struct Row {
    std::string value;
    bool is_off;
  };
  const Row rows[] = {{"1", true}, {"yes", true}, {"0", false}, {"", false}};
  for (const Row& row : rows) {
    CAPTURE(row.value);
    const Variable force("GUIDON_FORCE", "flag:a=true");
    const Variable file("GUIDON_OVERRIDES_FILE", "/nowhere/at/all.json");
    const Variable off("GUIDON_NO_OVERRIDES", row.value);
    const auto port = EnvironmentOverrides();
    CHECK(port->Environment().empty() == row.is_off);
    CHECK(port->HasFile() != row.is_off);
  }
}

TEST_CASE("the file reads as it is now, up to the bound, also by a link") {
  const TempFolder folder;
  const Variable file("GUIDON_OVERRIDES_FILE", folder.Path("link"));
  const auto port = EnvironmentOverrides();
  REQUIRE(symlink(folder.Path("file").c_str(), folder.Path("link").c_str()) == 0);
  CHECK(port->ReadFile(kMost).status().code() == StatusCode::kNotFound);
  for (const std::string& content : {std::string("{}"), std::string(kMost, 'x'), std::string()}) {
    folder.Write("file", content);
    const Result<std::string> read = port->ReadFile(kMost);
    REQUIRE(read.ok());
    CHECK(*read == content);
  }
  folder.Write("file", std::string(kMost + 1, 'x'));
  CHECK(port->ReadFile(kMost).status().code() == StatusCode::kTooLarge);
}

TEST_CASE("what is no file is refused, and a pipe is not waited for") {
  const TempFolder folder;
  REQUIRE(mkfifo(folder.Path("pipe").c_str(), 0600) == 0);
  for (const std::string& path : {folder.path(), folder.Path("pipe")}) {
    CAPTURE(path);
    const Variable file("GUIDON_OVERRIDES_FILE", path);
    CHECK(EnvironmentOverrides()->ReadFile(kMost).status().code() == StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace guidon::test
