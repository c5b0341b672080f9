#include "samples/terminal/simulate/diary.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdio>

#include "samples/terminal/settings.h"

using namespace notes;
using namespace notes::simulate;

namespace {

struct TempFile {
  std::string path = "diary_test." + std::to_string(getpid()) + ".ledger";
  ~TempFile() { std::remove(path.c_str()); }
  std::string Content() const {
    guidon::Result<std::string> content = ReadFile(path, 1000);
    return content.ok() ? *content : content.status().message();
  }
};

}  // namespace

TEST_CASE("a line that a kill cut short is taken off, whole lines stay") {
  struct Row {
    const char* before;
    const char* after;
  };
  const Row rows[] = {{"", "new\n"}, {"a\nb\n", "a\nb\nnew\n"}, {"a\nb", "a\nnew\n"}, {"cut", "new\n"}};
  for (const Row& row : rows) {
    CAPTURE(row.before);
    TempFile file;
    std::FILE* out = std::fopen(file.path.c_str(), "w");
    REQUIRE(out != nullptr);
    std::fputs(row.before, out);
    std::fclose(out);
    guidon::Result<LineFile> lines = LineFile::Open(file.path);
    REQUIRE(lines.ok());
    CHECK(lines->Append("new"));
    CHECK(file.Content() == row.after);
  }
}

TEST_CASE("a ledger that cannot be written says where") {
  const guidon::Result<LineFile> lines = LineFile::Open("no-such-folder/p0001.ledger");
  CHECK(lines.status().message().find("no-such-folder/p0001.ledger: ") == 0);
}

TEST_CASE("a ledger line names what happened once and for all") {
  guidon::EventRecord event;
  event.id = "id-1";
  event.name = "file_shared";
  event.time = guidon::TimestampFromMs(1767571200000 + 5);
  event.properties = {{"kind", "pdf"}, {"n", std::int64_t{1203}}};
  CHECK(LedgerLine(event) == "id-1 tracked file_shared:1203");
  event.kind = guidon::EventKind::kExposure;
  event.name = "attach-button";
  event.variant = "labelled";
  CHECK(LedgerLine(event) == "id-1 exposure attach-button:labelled:20458");
  event.kind = guidon::EventKind::kHoldoutExposure;
  event.name = "2026q4";
  event.variant = "held_out";
  CHECK(LedgerLine(event) == "id-1 holdout 2026q4:held_out:20458");
  event.kind = guidon::EventKind::kPrompt;
  event.name = "try-file-share";
  event.variant = "prompt";
  event.properties = {{"what", "impression"}, {"prompt", "showing-1"}, {"ordinal", std::int64_t{1}}};
  CHECK(LedgerLine(event) == "id-1 prompt try-file-share:showing-1:impression");
  event.kind = guidon::EventKind::kLossReport;
  CHECK(LedgerLine(event).empty());
}

TEST_CASE("a diary tells where to go on") {
  const std::string text = AttemptLine(3, 1) + "\n" + SawLine("label", true, "d-1") + "\n" + AttemptLine(3, 2) + "\n" +
                           PromptedLine(3) + "\n" + ArmLine("try-file-share", "prompt") + "\n" +
                           ArmLine("try-file-share", "held_out") + "\n" + DoneLine(3) + "\n" + AttemptLine(5, 1) + "\n";
  const Progress progress = Progress::Parse(text);
  CHECK(progress.last_done == 3);
  CHECK(progress.attempts == std::map<int, int>{{3, 2}, {5, 1}});
  CHECK(progress.saw_button == "label");
  CHECK(progress.saw_checklist);
  CHECK(progress.device == "d-1");
  CHECK(progress.prompted == std::set<int>{3});
  CHECK(progress.arms == std::map<std::string, std::string>{{"try-file-share", "prompt"}});
  CHECK(Progress::Parse("").last_done == -1);
}
