// The install id: 128 random bits as a UUID, drawn once and kept in a file of its own once there is consent.
#pragma once

#include <memory>
#include <string>

#include "guidon/ports/entropy.h"
#include "guidon/ports/files.h"
#include "guidon/status.h"

namespace guidon::client {

class Identity {
 public:
  // `files` may be null: the id then lasts as long as this object.
  Identity(std::shared_ptr<Files> files, std::shared_ptr<Entropy> entropy)
      : files_(std::move(files)), entropy_(std::move(entropy)) {}

  // The id that was kept, or a new one, which is not kept yet. Reads a file.
  std::string ReadOrDraw();
  // The same, and kept: where several processes ask at once all get one. `drawn` is taken where none is kept; empty: a
  // new one. Reads and perhaps writes a file.
  std::string ReadOrKeep(std::string drawn = std::string());
  std::string Draw();

  // May block.
  bool IsKept(const std::string& id) const;
  Status Keep(const std::string& id);
  Status Forget();

 private:
  std::shared_ptr<Files> files_;
  std::shared_ptr<Entropy> entropy_;
};

}  // namespace guidon::client
