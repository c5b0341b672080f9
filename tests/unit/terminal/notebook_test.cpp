#include "samples/terminal/notebook.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdio>

using namespace notes;

namespace {

struct TempFile {
  std::string path = "notebook_test." + std::to_string(getpid()) + ".notes";
  ~TempFile() { std::remove(path.c_str()); }
};

}  // namespace

TEST_CASE("notes and their files are there again after a restart") {
  TempFile file;
  {
    guidon::Result<Notebook> book = Notebook::Open(file.path);
    REQUIRE(book.ok());
    CHECK(book->notes().empty());
    CHECK(book->Add("first\twith a tab\nand a line").ok());
    CHECK(book->Add("second").ok());
    CHECK(book->Attach(0, "plan.pdf").ok());
    CHECK(book->Attach(0, "photo.jpg").ok());
  }
  guidon::Result<Notebook> book = Notebook::Open(file.path);
  REQUIRE(book.ok());
  REQUIRE(book->notes().size() == 2);
  CHECK(book->notes()[0].text == "first with a tab and a line");
  CHECK(book->notes()[0].files == std::vector<std::string>{"plan.pdf", "photo.jpg"});
  CHECK(book->notes()[1].text == "second");
  CHECK(book->notes()[1].files.empty());
}

TEST_CASE("what a notebook cannot hold is refused with the reason") {
  guidon::Result<Notebook> book = Notebook::Open("");
  REQUIRE(book.ok());
  CHECK(book->Add("  \n ").code() == guidon::StatusCode::kInvalidArgument);
  CHECK(book->Add(std::string(Notebook::kMostBytes + 1, 'a')).code() == guidon::StatusCode::kTooLarge);
  CHECK(book->Attach(0, "plan.pdf").code() == guidon::StatusCode::kNotFound);
  for (std::size_t i = 0; i < Notebook::kMostNotes; ++i) CHECK(book->Add("a").ok());
  CHECK(book->Add("a").code() == guidon::StatusCode::kTooLarge);
  for (std::size_t i = 0; i < Notebook::kMostFiles; ++i) CHECK(book->Attach(0, "a").ok());
  CHECK(book->Attach(0, "a").code() == guidon::StatusCode::kTooLarge);
}

TEST_CASE("a note that could not be kept says so") {
  guidon::Result<Notebook> book = Notebook::Open("no-such-folder/me.notes");
  REQUIRE(book.ok());
  CHECK(book->Add("a").code() == guidon::StatusCode::kUnavailable);
}
