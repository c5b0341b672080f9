#include "sdk/tools/exposure_line.h"

#include <cerrno>
#include <cstring>
#include <string_view>

#include "sdk/core/base/json.h"

namespace guidon::tools {
namespace {

// Takes members out of a line; the first that is missing or of another type is remembered.
class LineMembers {
 public:
  explicit LineMembers(json::Node root) : root_(root) {}

  void Text(const char* name, std::string* to) {
    const std::optional<std::string_view> text = root_[name].AsString();
    text && !text->empty() ? void(*to = *text) : Lacks(name, "a text");
  }
  void TextIfThere(const char* name, std::string* to) {
    if (root_[name].exists()) Text(name, to);
  }
  void Number(const char* name, std::int64_t* to) {
    const std::optional<std::int64_t> number = root_[name].AsInt();
    number&&* number >= 0 ? void(*to = *number) : Lacks(name, "a whole number");
  }
  void NumberIfThere(const char* name, std::optional<std::int64_t>* to) {
    if (root_[name].exists()) Number(name, &to->emplace());
  }
  bool Flag(const char* name) {
    const json::Node flag = root_[name];
    if (flag.exists() && !flag.AsBool()) Lacks(name, "true or false");
    return flag.AsBool().value_or(false);
  }
  template <class Take>
  void Each(const char* name, Take take) {
    const json::Node object = root_[name];
    if (object.exists() && object.type() != json::Type::kObject) return Lacks(name, "an object");
    for (const json::Node member : object) {
      if (!take(member)) Lacks(name, "of that form");
    }
  }

  Status status;

 private:
  void Lacks(const char* name, const char* what) {
    if (!status.ok()) return;
    const std::string quoted = "\"" + std::string(name) + "\"";
    status = Status(StatusCode::kInvalidArgument,
                    root_[name].exists() ? quoted + " is not " + what : "lacks " + quoted + ", " + what);
  }
  const json::Node root_;
};

void TakeResult(LineMembers* members, ExposureLine* line) {
  std::int64_t exposures = 0;
  members->Text("experiment", &line->experiment);
  members->Number("iteration", &line->iteration);
  members->Number("exposures", &exposures);
  line->exposures = static_cast<std::uint64_t>(exposures);
  members->Each("units", [line](json::Node units) {
    const std::int64_t count = units.AsInt().value_or(-1);
    line->counts.emplace_back(units.name(), static_cast<std::uint64_t>(count));
    return count >= 0;
  });
}

void TakeExposure(LineMembers* members, ExposureLine* line) {
  members->Text("experiment", &line->experiment);
  members->Number("iteration", &line->iteration);
  members->Text("unit_kind", &line->unit_kind);
  members->Text("unit_id", &line->unit_id);
  members->Text("variant", &line->variant);
  members->Text("datafile_version", &line->version);
  members->TextIfThere("audience", &line->audience);
  members->NumberIfThere("layer_slot", &line->layer_slot);
  members->NumberIfThere("slot", &line->slot);
  line->is_sticky = members->Flag("sticky");
  std::string form;
  members->TextIfThere("unit_form", &form);
  line->is_hashed = !form.empty();
}

}  // namespace

Result<ExposureLine> ReadExposureLine(std::string_view text) {
  json::Error error;
  const std::optional<json::Document> document = json::Document::Parse(text, &error);
  if (!document) return Status(StatusCode::kCorrupt, "is no JSON: " + error.reason);
  LineMembers members(document->root());
  ExposureLine line;
  std::string type;
  members.Text("type", &type);
  if (type == "result") {
    line.kind = ExposureLine::Kind::kResult;
    TakeResult(&members, &line);
  } else {
    if (type == "exposure") line.kind = ExposureLine::Kind::kExposure;
    members.TextIfThere("id", &line.id);
    line.is_forced = members.Flag("forced");
    if (line.kind == ExposureLine::Kind::kExposure) {
      TakeExposure(&members, &line);
    } else {
      members.TextIfThere("unit_kind", &line.unit_kind);
      members.TextIfThere("unit_id", &line.unit_id);
    }
    members.Each("units", [&line](json::Node unit) {
      line.units.emplace_back(unit.name(), unit.AsString().value_or(""));
      return unit.AsString().has_value();
    });
  }
  if (!members.status.ok()) return members.status;
  return line;
}

void LineFile::Closer::operator()(std::FILE* file) const {
  if (file != stdin) std::fclose(file);
}

Result<LineFile> LineFile::Open(const std::string& path) {
  LineFile lines;
  lines.path_ = path == "-" ? "standard input" : path;
  lines.file_.reset(path == "-" ? stdin : std::fopen(path.c_str(), "rb"));
  if (!lines.file_) return Status(StatusCode::kNotFound, "cannot read " + path + ": " + std::strerror(errno));
  return lines;
}

bool LineFile::Next(std::string* line) {
  char bytes[kMostBytes + 2];  // its end, and the 0 behind it
  if (!status_.ok() || std::fgets(bytes, sizeof(bytes), file_.get()) == nullptr) {
    if (status_.ok() && std::ferror(file_.get()) != 0) {
      status_ = Status(StatusCode::kUnavailable, "cannot read " + path_ + ": " + std::strerror(errno));
    }
    return false;
  }
  ++number_;
  line->assign(bytes);
  if (!line->empty() && line->back() == '\n') {
    line->pop_back();
  } else if (line->size() > kMostBytes) {
    status_ = Status(StatusCode::kTooLarge, path_ + ": line " + std::to_string(number_) + " has more than " +
                                                std::to_string(kMostBytes) + " bytes");
    return false;
  }
  return true;
}

}  // namespace guidon::tools
