// The part of results.json that is about flags.
#include "samples/collector/results_json.h"

namespace guidon::collector {
namespace {

using json::Writer;

void WriteTime(const char* key, const std::optional<std::int64_t>& ms, Writer* writer) {
  writer->Key(key);
  ms ? writer->Int(*ms) : writer->Null();
}

void WriteFlag(const FlagResult& flag, Writer* writer) {
  writer->BeginObject().Key("key").String(flag.key).Key("in_datafile").Bool(flag.is_in_datafile);
  writer->Key("devices").Uint(flag.devices);
  WriteTime("last_ms", flag.last_ms, writer);
  writer->Key("verdict").String(FlagVerdictName(flag.verdict)).Key("text").String(flag.sentence);
  writer->Key("decisions_left_out").Uint(flag.decisions_left_out).Key("decisions").BeginArray();
  for (const FlagDecision& decision : flag.decisions) {
    writer->BeginObject().Key("variant").String(decision.variant).Key("reason").String(decision.reason);
    writer->Key("devices").Uint(decision.devices).Key("last_ms").Int(decision.last_ms).End();
  }
  writer->End().End();
}

}  // namespace

void WriteFlags(const FlagResults& flags, Writer* writer) {
  writer->Key("flags").BeginObject().Key("days").Int(FlagResults::kDays).Key("devices").Uint(flags.devices);
  WriteTime("first_ms", flags.first_ms, writer);
  writer->Key("flags_left_out").Uint(flags.flags_left_out).Key("flags").BeginArray();
  for (const FlagResult& flag : flags.flags) WriteFlag(flag, writer);
  writer->End().End();
}

}  // namespace guidon::collector
