// Rules in: what the bundle, the cache and the server bring, and which of it is put in force.

#include <utility>

#include "sdk/client/client_impl.h"
#include "sdk/core/base/text.h"

namespace guidon {
namespace {

std::string Describe(const client::Datafile& datafile) {
  const ruleset::Header& header = datafile.rules->header;
  return header.project + "/" + header.environment + " " + std::to_string(header.epoch) + "." +
         std::to_string(header.version);
}

}  // namespace

// Asking and listening begin with OpenDatafiles.
void Client::Impl::OpenRefresher() {
  if (options.datafile_url.empty() || platform.http == nullptr) return;
  datafile::RefresherSettings settings;
  settings.url = options.datafile_url;
  settings.headers = options.datafile_headers;
  settings.poll_interval = options.poll_interval;
  settings.install_id = inputs_.install_id;
  datafile::RefresherCallbacks callbacks;
  callbacks.on_datafile = [this](std::string bytes, std::string etag) {
    OnDatafile(std::move(bytes), std::move(etag));
  };
  callbacks.on_answer = [this](const Status& status) { OnAnswer(status); };
  callbacks.on_date = [this](std::string date, MonoTime sent, MonoTime received) {
    delivery_->NoteDate(std::move(date), sent, received);
  };
  refresher_ = std::make_unique<datafile::Refresher>(settings, callbacks, platform.http, platform.clock, pump);
  if (options.datafile_stream_url.empty()) return;
  datafile::AnnouncementsCallbacks heard;
  heard.on_change = [this] { refresher_->Announced(); };
  heard.on_state = [this](Status status) {
    const std::lock_guard<std::mutex> lock(status_mutex_);
    ++status_version_;
    is_stream_open_ = status.ok();
    if (!status.ok()) stream_status_ = std::move(status);
  };
  announcements_ = std::make_unique<datafile::Announcements>(
      datafile::AnnouncementsSettings{options.datafile_stream_url, options.datafile_headers, inputs_.install_id},
      std::move(heard), platform.http, platform.clock, pump);
}

// The newest good one of bundle and cache. Nothing is published yet; the first State is made at the end of opening.
void Client::Impl::OpenDatafiles() {
  const Timestamp now = platform.clock->Now();
  const auto consider = [this, now](std::string bytes, DatafileSource source, std::function<void()> adopted) {
    intake_->Consider(std::make_shared<const std::string>(std::move(bytes)), source, now,
                      [self = weak(), adopted = std::move(adopted)](auto candidate, auto problems) {
                        const auto impl = self.lock();
                        if (impl && impl->Adopt(candidate, std::move(problems)).ok() && adopted) adopted();
                      });
  };
  if (!options.bundled_datafile.empty()) consider(options.bundled_datafile, DatafileSource::kBundle, nullptr);
  auto etag = std::make_shared<std::string>();
  auto cached = cache_.Read();
  if (cached.ok()) {
    consider(std::move(cached->bytes), DatafileSource::kCache, [etag, from = cached->etag] { *etag = from; });
  } else if (cached.status().code() != StatusCode::kNotFound) {
    log(LogLevel::kWarning, [&] { return "guidon: the cached datafile: " + cached.status().message(); });
  }
  if (refresher_ == nullptr) {
    has_asked_.store(true, std::memory_order_release);
    return;
  }
  pump->PostLogic([self = weak(), etag] {
    const auto impl = self.lock();
    if (impl == nullptr) return;
    impl->refresher_->Start(*etag);
    if (impl->announcements_ != nullptr) impl->announcements_->Start();
  });
}

Status Client::Impl::TakeIn(const Lock& writer, const std::shared_ptr<const client::Datafile>& datafile, bool* waits) {
  // What the client opens with is in force, also where verifying it took until a newer one was there.
  const bool is_fetched = datafile->source == DatafileSource::kNetwork;
  const bool has_waiting = is_fetched && inputs_.waiting != nullptr;
  const client::Datafile* newest = has_waiting ? inputs_.waiting.get() : inputs_.datafile.get();
  const Status status = client::Intake::MayReplace(*datafile, newest, has_waiting);
  if (!status.ok()) return status;
  *waits = is_fetched && options.apply != ApplyWhen::kAtOnce && inputs_.datafile != nullptr;
  if (*waits) {
    inputs_.waiting = datafile;
  } else {
    inputs_.datafile = datafile;
    const bool is_overtaken = inputs_.waiting != nullptr && !inputs_.waiting->rules->IsNewerThan(*datafile->rules);
    if (is_overtaken) inputs_.waiting = nullptr;
  }
  Publish(writer);
  return status;
}

// Puts in force what waited for it, and looks at the clock again: it may have been set, or travelled.
void Client::Impl::ComeBack() {
  std::shared_ptr<const client::Datafile> applied;
  {
    const Lock lock(writer_mutex_);
    if (is_closed()) return;
    const bool was_away = std::exchange(is_background_, false);
    const bool applies = was_away && options.apply == ApplyWhen::kNextForeground && inputs_.waiting != nullptr;
    if (applies) inputs_.datafile = applied = std::exchange(inputs_.waiting, nullptr);
    if (applies || IsOver(*pins->Acquire())) Publish(lock);
    if (!applies) return;
  }
  log(LogLevel::kInfo, [&] { return "guidon: datafile " + Describe(*applied) + " is in force"; });
  LogOverrides();
}

Status Client::Impl::Adopt(const Result<std::shared_ptr<const client::Datafile>>& candidate,
                           std::vector<Problem> problems) {
  Status status = candidate.status();
  bool waits = false;
  {
    const Lock lock(writer_mutex_);
    if (is_closed()) return Status(StatusCode::kClosed, "the client was closed");
    if (status.ok()) status = TakeIn(lock, *candidate, &waits);
  }
  // A kept datafile that the bundle of an updated app has overtaken is nothing wrong, either.
  const bool is_overtaken = candidate.ok() && (*candidate)->source == DatafileSource::kCache && !status.ok();
  const bool is_same = status.code() == StatusCode::kNotFound || is_overtaken;
  {
    const std::lock_guard<std::mutex> lock(status_mutex_);
    if (!is_same) {
      ++status_version_;
      datafile_status_ = status;
      problems_ = std::move(problems);
    }
  }
  if (status.ok()) {
    log(LogLevel::kInfo,
        [&] { return "guidon: datafile " + Describe(**candidate) + (waits ? " waits" : " is in force"); });
    if (!waits) LogOverrides();
  } else if (!is_same) {
    log(LogLevel::kWarning, [&] { return "guidon: a datafile was refused: " + status.message(); });
  }
  return status;
}

// Verifying and loading are work for the disk lane: the logic lane may be a UI thread.
void Client::Impl::OnDatafile(std::string bytes, std::string etag) {
  auto shared = std::make_shared<const std::string>(std::move(bytes));
  pump->PostDisk([self = weak(), shared, etag = std::move(etag)] {
    const auto impl = self.lock();
    if (impl == nullptr) return;
    impl->intake_->Consider(shared, DatafileSource::kNetwork, impl->platform.clock->Now(),
                            [self, shared, etag](auto candidate, auto problems) {
                              const auto client = self.lock();
                              if (client == nullptr) return;
                              const Status adopted = client->Adopt(candidate, std::move(problems));
                              const bool is_same = adopted.code() == StatusCode::kNotFound;
                              if (adopted.ok()) {
                                client->pump->PostDisk([self, shared, etag] {
                                  const auto keeper = self.lock();
                                  if (keeper == nullptr) return;
                                  const Status kept = keeper->cache_.Keep(*shared, etag);
                                  if (kept.ok()) return;
                                  keeper->log(LogLevel::kWarning,
                                              [&] { return "guidon: the datafile is not kept: " + kept.message(); });
                                });
                              }
                              client->pump->PostLogic([self, etag, is_in_force = adopted.ok() || is_same] {
                                const auto owner = self.lock();
                                if (owner == nullptr) return;
                                if (is_in_force) {
                                  owner->refresher_->Accepted(etag);
                                } else {
                                  owner->refresher_->Refused();
                                }
                              });
                            });
  });
}

void Client::Impl::OnAnswer(const Status& status) {
  {
    const std::lock_guard<std::mutex> lock(status_mutex_);
    ++status_version_;
    fetch_status_ = status;
    if (status.ok()) last_fetch_ = platform.clock->Now();
  }
  if (!status.ok()) {
    log(LogLevel::kInfo, [&] { return "guidon: the datafile could not be fetched: " + status.message(); });
    return;
  }
  has_asked_.store(true, std::memory_order_release);
  pump->Notify();
}

}  // namespace guidon
