// guidon-bench: what deciding costs, beside its budget. Times are of the machine at hand and never fail; allocations
// do.
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/bench/rows.h"

namespace {

constexpr char kUsage[] =
    "guidon-bench [--json] [--filter text] [--allocations] [--long]\n"
    "  --json         a list of {name, value, unit, allocations, budget}\n"
    "  --filter text  only rows with that text in their name\n"
    "  --allocations  only count allocations, without taking times\n"
    "  --long         rows that take minutes, too\n"
    "Fails when a row allocates more than it may; never because of a time.\n";

}  // namespace

int main(int argc, char** argv) {
  bool is_json = false;
  std::string filter;
  guidon::bench::Wish wish;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--json") {
      is_json = true;
    } else if (argument == "--allocations") {
      wish.is_timed = false;
    } else if (argument == "--long") {
      wish.is_long = true;
    } else if (argument == "--filter" && i + 1 < argc) {
      filter = argv[++i];
    } else {
      std::fputs(kUsage, argument == "--help" ? stdout : stderr);
      return argument == "--help" ? 0 : 2;
    }
  }
  wish.wanted = [&](const std::string& name) { return name.find(filter) != std::string::npos; };
  std::vector<guidon::bench::Row> rows = guidon::bench::ClientRows(wish);
  for (guidon::bench::Row& row : guidon::bench::CoreRows(wish)) rows.push_back(std::move(row));
  for (guidon::bench::Row& row : guidon::bench::DialectRows(wish)) rows.push_back(std::move(row));
  for (guidon::bench::Row& row : guidon::bench::LoadingRows(wish)) rows.push_back(std::move(row));
  for (guidon::bench::Row& row : guidon::bench::TrackRows(wish)) rows.push_back(std::move(row));
  for (guidon::bench::Row& row : guidon::bench::WireRows(wish)) rows.push_back(std::move(row));
  for (guidon::bench::Row& row : guidon::bench::DeliveryRows(wish)) rows.push_back(std::move(row));
  for (guidon::bench::Row& row : guidon::bench::SimulationRows(wish)) rows.push_back(std::move(row));
  std::fputs((is_json ? ToJson(rows) : ToTable(rows)).c_str(), stdout);
  bool fails = false;
  for (const guidon::bench::Row& row : rows) {
    if (!HasTooManyAllocations(row)) continue;
    std::fprintf(stderr, "%s: allocates\n", row.name.c_str());
    fails = true;
  }
  return fails ? 1 : 0;
}
