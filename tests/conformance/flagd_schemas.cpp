#include "tests/conformance/flagd_schemas.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>
#include <vector>

namespace guidon::conformance {
namespace {

using Json = nlohmann::json;
using Adapter = valijson::adapters::NlohmannJsonAdapter;

Json Read(const std::filesystem::path& path) {
  std::ifstream file(path);
  return Json::parse(file, nullptr, false);
}

// A schema that is a part of another file's is that file, from that part on: the library looks for it in the wrong one.
Json ReadSchema(const std::filesystem::path& folder, const std::string& name) {
  Json schema = Read(folder / name);
  const std::string reference = schema.is_object() ? schema.value("$ref", "") : "";
  const std::size_t hash = reference.find('#');
  if (hash == 0 || hash == std::string::npos) return schema;
  schema = Read(folder / std::filesystem::path(reference.substr(0, hash)).filename());
  schema["$ref"] = reference.substr(hash);
  return schema;
}

bool IsValid(const std::filesystem::path& folder, const std::string& schema_name, const Json& example) {
  const Json schema_json = ReadSchema(folder, schema_name);
  valijson::Schema schema;
  valijson::SchemaParser parser;
  parser.populateSchema(
      Adapter(schema_json), schema,
      [&folder](const std::string& uri) { return new Json(Read(folder / std::filesystem::path(uri).filename())); },
      [](const Json* document) { delete document; });
  valijson::Validator validator(valijson::Validator::kStrongTypes);
  return validator.validate(schema, Adapter(example), nullptr);
}

}  // namespace

void RunSchemas(const std::string& folder, Outcome* out) {
  const std::filesystem::path root(folder);
  if (!std::filesystem::is_directory(root / "test")) return;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root / "test")) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    const Json example = Read(file);
    std::string schema = "targeting.json";
    if (example.is_object() && example.contains("$schema") && example["$schema"].is_string()) {
      schema = std::filesystem::path(example["$schema"].get<std::string>()).filename().string();
    }
    std::string actual;
    try {
      actual = IsValid(root, schema, example) ? "positive" : "negative";
    } catch (const std::exception& error) {
      actual = error.what();
    }
    out->Compare("schemas " + std::filesystem::relative(file, root).string(), file.parent_path().filename().string(),
                 actual);
  }
}

}  // namespace guidon::conformance
