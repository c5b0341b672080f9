#include "tests/bench/report.h"

#include <cstdio>

#include "sdk/core/base/json_writer.h"

namespace guidon::bench {
namespace {

std::string Number(const std::optional<double>& number) {
  if (!number) return "";
  char text[32];
  std::snprintf(text, sizeof text,
                *number < 100 && *number != static_cast<int>(*number) ? *number < 2 ? "%.2f" : "%.1f" : "%.0f",
                *number);
  return text;
}

void AddNumber(json::Writer* writer, const char* name, const std::optional<double>& number) {
  writer->Key(name);
  if (number) {
    writer->Double(*number);
  } else {
    writer->Null();
  }
}

}  // namespace

bool IsOverBudget(const Row& row) {
  if (!row.value || !row.budget) return false;
  return row.is_least ? *row.value < *row.budget : *row.value > *row.budget;
}

bool HasTooManyAllocations(const Row& row) {
  return row.allocations && row.most_allocations && *row.allocations > *row.most_allocations;
}

std::string ToTable(const std::vector<Row>& rows) {
  char line[160];
  std::snprintf(line, sizeof line, "%-64s %8s %-3s %7s %5s\n", "", "measured", "", "budget", "alloc");
  std::string text = line;
  for (const Row& row : rows) {
    const char* mark = HasTooManyAllocations(row) ? " OVER"
                       : IsOverBudget(row)        ? (row.is_least ? " under" : " over")
                                                  : "";
    std::snprintf(line, sizeof line, "%-64s %8s %-3s %7s %5s%s\n", row.name.c_str(), Number(row.value).c_str(),
                  row.unit.c_str(), Number(row.budget).c_str(), Number(row.allocations).c_str(), mark);
    text += line;
  }
  return text;
}

std::string ToJson(const std::vector<Row>& rows) {
  std::string text;
  json::Writer writer(&text, 2);
  writer.BeginArray();
  for (const Row& row : rows) {
    writer.BeginObject().Key("name").String(row.name);
    AddNumber(&writer, "value", row.value);
    writer.Key("unit").String(row.unit);
    AddNumber(&writer, "allocations", row.allocations);
    AddNumber(&writer, "budget", row.budget);
    writer.End();
  }
  writer.End();
  return text + "\n";
}

}  // namespace guidon::bench
