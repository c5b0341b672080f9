#include "tests/simulation/servers.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "guidon/platform_parts.h"
#include "samples/collector/check.h"
#include "samples/collector/database.h"
#include "tests/simulation/datafiles.h"
#include "tests/simulation/dice.h"
#include "tests/support/http_date.h"

namespace guidon::simulation {
namespace {

json::Limits BodyLimits() {
  json::Limits limits;
  limits.string_bytes = 64u << 10;
  limits.nodes = 1'000'000;
  return limits;
}

std::string_view HeaderOf(const HttpRequest& request, std::string_view name) {
  for (const auto& header : request.headers) {
    const bool is_same =
        std::equal(header.first.begin(), header.first.end(), name.begin(), name.end(), [](char a, char b) {
          return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
        });
    if (is_same) return header.second;
  }
  return {};
}

// What both servers answer when something is in their way. Nothing: the request gets through.
std::optional<ServerAnswer> Trouble(Fate fate, std::int64_t now_ms) {
  const auto date = [now_ms](std::int64_t in_s) { return test::HttpDate(TimestampFromMs(now_ms + in_s * 1'000)); };
  const std::int64_t wait_s = 20 + static_cast<std::int64_t>(Mix(static_cast<std::uint64_t>(now_ms)) % 900);
  switch (fate) {
    case Fate::kServerError: return ServerAnswer{503, {}, "busy"};
    case Fate::kTooMany: return ServerAnswer{429, {{"retry-after", std::to_string(wait_s)}}, ""};
    case Fate::kTooManyUntil: return ServerAnswer{429, {{"retry-after", date(wait_s)}, {"date", date(0)}}, ""};
    case Fate::kNonsenseAfter: return ServerAnswer{503, {{"retry-after", "soon"}}, ""};
    case Fate::kUnauthorized: return ServerAnswer{401, {}, ""};
    case Fate::kNotFound: return ServerAnswer{404, {}, ""};
    case Fate::kPortal: return ServerAnswer{200, {{"content-type", "text/html"}}, "<html>Please log in.</html>"};
    case Fate::kRedirected: return ServerAnswer{302, {{"location", "https://portal.example/"}}, ""};
    default: return std::nullopt;
  }
}

bool IsPoison(const collector::Record& record) { return record.name == "poison"; }

}  // namespace

struct Servers::Real {
  explicit Real(std::uint64_t seed)
      : path((std::filesystem::temp_directory_path() /
              ("guidon-simulation-" + std::to_string(getpid()) + "-" + std::to_string(seed) + ".db"))
                 .string()) {
    Remove();
  }
  ~Real() {
    ingest.reset();
    archive.reset();
    store.reset();
    Remove();
  }
  Real(const Real&) = delete;  // removes its file once
  Real& operator=(const Real&) = delete;
  void Remove() const {
    std::error_code ignored;
    for (const char* more : {"", "-wal", "-shm"}) std::filesystem::remove(path + more, ignored);
  }

  const std::string path;
  std::unique_ptr<collector::Store> store;
  std::unique_ptr<collector::Archive> archive;
  std::unique_ptr<collector::Ingest> ingest;
};

Servers::Servers(Findings* findings, std::optional<std::uint64_t> real_seed, std::string rules_without)
    : findings_(findings), rules_without_(std::move(rules_without)) {
  if (real_seed) {
    real_ = std::make_unique<Real>(*real_seed);
    auto store = collector::Store::Open(real_->path, 1'024);
    if (store.ok()) {
      real_->store = *std::move(store);
      real_->archive = std::make_unique<collector::Archive>(real_->store.get());
      real_->ingest = std::make_unique<collector::Ingest>(real_->store.get(), real_->archive.get(), true);
    } else {
      findings_->Report(-1, "real_collector", store.status().message());
      real_.reset();
    }
  }
  Publish(1);
}

Servers::~Servers() = default;

void Servers::Publish(std::int64_t version) {
  version_ = version;
  std::string text = DatafileText(version, rules_without_);
  auto read = collector::ReadDatafile(text);
  if (!read.ok()) return findings_->Report(-1, "datafile", read.status().message());
  published_["1." + std::to_string(version)] = *std::move(read);
  if (real_ != nullptr) {
    const Status kept = real_->archive->Add(text, 0);
    if (!kept.ok()) findings_->Report(-1, "real_collector", kept.message());
  }
  texts_[version] = std::move(text);
}

ServerAnswer Servers::Datafile(const HttpRequest& request, Fate fate, std::int64_t now_ms) {
  if (auto trouble = Trouble(fate, now_ms)) return *trouble;
  const std::string etag = "\"v" + std::to_string(version_) + "\"";
  if (HeaderOf(request, "if-none-match") == etag) return {304, {{"etag", etag}}, ""};
  return {200, {{"etag", etag}}, texts_[version_]};
}

std::shared_ptr<ReadPost> Servers::Read(int device, const HttpRequest& request) {
  const auto fail = [&](const std::string& why) {
    findings_->Report(device, "bad_body", why);
    return nullptr;
  };
  auto read = std::make_shared<ReadPost>();
  read->was_compressed = HeaderOf(request, "content-encoding") == "gzip";
  if (read->was_compressed) {
    static const std::shared_ptr<Codec> codec = ZlibCodec();
    if (!codec->Gunzip(request.body, 8u << 20, &read->body).ok()) return fail("the body is no gzip");
  } else {
    read->body = request.body;
  }
  json::Error error;
  auto document = json::Document::Parse(read->body, &error, BodyLimits());
  if (!document) return fail(error.ToText());
  read->document = std::make_unique<json::Document>(std::move(*document));
  read->post.key = std::string(HeaderOf(request, "idempotency-key"));
  if (read->post.key.empty()) return fail("there is no idempotency key");
  for (const json::Node resource : read->document->root()["resourceLogs"]) {
    const std::string_view installation =
        collector::FindTextAttribute(resource["resource"]["attributes"], "app.installation.id");
    for (const json::Node scope : resource["scopeLogs"]) {
      for (const json::Node node : scope["logRecords"]) {
        collector::Record& record = read->post.records.emplace_back();
        collector::ReadRecord(node, installation, &record);
        const bool is_checked = record.reason.empty() && (record.kind == collector::RecordKind::kExposure ||
                                                          record.kind == collector::RecordKind::kHoldoutExposure ||
                                                          record.kind == collector::RecordKind::kPrompt);
        if (!is_checked) continue;
        const auto published = published_.find(record.datafile_version);
        collector::CheckExposure(published == published_.end() ? nullptr : &published->second, &record);
      }
    }
  }
  if (read->post.records.empty()) return fail("a request without records");
  if (read->post.records.size() > limits::kBatchEvents) return fail("more records than a batch may hold");
  for (const collector::Record& record : read->post.records) {
    const int owner = owners_.emplace(std::string(record.id), device).first->second;
    if (owner != device) return fail("the event " + std::string(record.id) + " is another device's");
  }
  return read;
}

ServerAnswer Servers::Refuse(Book* book, const ReadPost& post, int status) {
  book->OnRefusal(post.post, status);
  return {status, {}, R"({"code":3,"message":"refused"})"};
}

ServerAnswer Servers::Take(Book* book, const ReadPost& read, Fate fate, std::int64_t now_ms) {
  if (auto trouble = Trouble(fate, now_ms)) return *trouble;
  const std::vector<collector::Record>& records = read.post.records;
  if (fate == Fate::kBadRequest) return Refuse(book, read, 400);
  if (fate == Fate::kTooLarge) return Refuse(book, read, 413);
  if (fate == Fate::kNoGzip && read.was_compressed) return {415, {}, ""};
  if (std::any_of(records.begin(), records.end(), IsPoison)) return Refuse(book, read, 422);
  const std::size_t rejected = fate == Fate::kPartly && real_ == nullptr ? std::min<std::size_t>(2, records.size()) : 0;
  if (rejected > 0) {
    book->CountPartial(rejected);
    book->OnTaken(read.post, records.size() - rejected);
    return {200, {}, R"({"partialSuccess":{"rejectedLogRecords":")" + std::to_string(rejected) + R"("}})"};
  }
  book->OnTaken(read.post, records.size());
  if (real_ == nullptr) return {200, {}, now_ms % 2 == 0 ? "{}" : ""};
  const collector::Answer answer = real_->ingest->Receive(read.body, false, now_ms);
  if (answer.status != 200 || answer.body.find("rejected") != std::string::npos) {
    findings_->Report(-1, "real_collector", "it answers " + std::to_string(answer.status) + " " + answer.body);
  }
  return {answer.status, {{"content-type", "application/json"}}, answer.body};
}

void Servers::CheckEnd(std::uint64_t received) {
  if (real_ == nullptr) return;
  auto database = collector::Database::Open(real_->path, collector::Database::Mode::kReadOnly);
  if (!database.ok()) return findings_->Report(-1, "real_collector", database.status().message());
  const auto count = [&](const char* sql) {
    collector::Statement statement = (*database)->Prepare(sql);
    return statement.Row() ? static_cast<std::uint64_t>(statement.ColumnInt(0)) : UINT64_MAX;
  };
  const std::uint64_t events = count("SELECT count(*) FROM events");
  const std::uint64_t quarantined = count("SELECT count(*) FROM quarantine");
  if (events == received && quarantined == 0) return;
  findings_->Report(-1, "real_collector",
                    "it has " + std::to_string(events) + " events and " + std::to_string(quarantined) +
                        " in quarantine; it was given " + std::to_string(received));
}

}  // namespace guidon::simulation
