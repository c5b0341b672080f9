#include <filesystem>

#include "tests/conformance/flagd_schemas.h"

namespace guidon::conformance {

void RunSchemas(const std::string& folder, Outcome* out) {
  if (std::filesystem::is_directory(folder + "/test")) out->Skip("schemas", "built without valijson");
}

}  // namespace guidon::conformance
