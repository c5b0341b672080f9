#include "samples/collector/versions.h"

namespace guidon::collector {
namespace {

std::optional<Published> Read(Statement* find) {
  if (!find->Row()) return std::nullopt;
  Result<Published> published = ReadDatafile(find->ColumnText(0));
  find->Reset();
  if (!published) return std::nullopt;
  return *std::move(published);
}

}  // namespace

Versions::Versions(Database* database) : database_(*database) {
  Statement newest = database_.Prepare("SELECT payload FROM datafiles ORDER BY epoch DESC, version DESC LIMIT 1");
  newest_ = Read(&newest);
}

const Published* Versions::Find(std::int64_t epoch, std::int64_t version) {
  if (IsNewest(epoch, version)) return newest();
  if (!other_ || other_->epoch != epoch || other_->version != version) {
    Statement find = database_.Prepare("SELECT payload FROM datafiles WHERE epoch = ? AND version = ?");
    find.Int(epoch).Int(version);
    other_ = Read(&find);
  }
  return other_ ? &*other_ : nullptr;
}

}  // namespace guidon::collector
