#include "sdk/events/sender.h"

#include <algorithm>
#include <utility>

#include "guidon/limits.h"
#include "sdk/core/base/retry_after.h"

namespace guidon::events {
// One request to its answer. Cancelling mutes it: whatever comes later is dropped.
struct Sender::Flight : std::enable_shared_from_this<Sender::Flight> {
  Request request;
  std::function<void(Answer, bool)> done;
  std::shared_ptr<Http> http;
  std::shared_ptr<Codec> codec;  // null: plain
  std::shared_ptr<Lanes> lanes;
  std::shared_ptr<Clock> clock;
  MonoTime sent{};
  Sender* sender = nullptr;  // null: cancelled; logic lane only
  std::uint64_t id = 0;
  bool is_started = false;
  bool was_compressed = false;

  void Compress() {
    HttpRequest http_request;
    http_request.method = "POST";
    http_request.url = request.url;
    http_request.headers = request.headers;
    http_request.headers.emplace_back("Content-Type", request.content_type);
    http_request.headers.emplace_back("Idempotency-Key", request.idempotency_key);
    http_request.most_bytes = limits::kAnswerBytes;
    http_request.body = std::move(request.body);
    std::string compressed;
    const bool is_compressed = codec != nullptr && codec->Gzip(http_request.body, &compressed);
    if (is_compressed) {
      http_request.body = std::move(compressed);
      http_request.headers.emplace_back("Content-Encoding", "gzip");
    }
    lanes->PostLogic([self = shared_from_this(), http_request = std::move(http_request), is_compressed]() mutable {
      self->Start(std::move(http_request), is_compressed);
    });
  }

  void Start(HttpRequest http_request, bool is_compressed);

  void Land(Answer answer) {
    if (sender == nullptr) return;
    sender->flight_.reset();
    sender = nullptr;
    answer.sent = sent;
    answer.received = clock->Monotonic();
    done(std::move(answer), was_compressed);
  }
};

namespace {

class AnswerSink final : public HttpSink {
 public:
  using Land = std::function<void(Answer)>;
  AnswerSink(std::shared_ptr<Lanes> lanes, Land land) : lanes_(std::move(lanes)), land_(std::move(land)) {}

  void Head(int http_status, const HttpHeaders& headers) override {
    answer_.http_status = http_status;
    answer_.content_type = FindHeader(headers, "content-type");
    answer_.retry_after = FindHeader(headers, "retry-after");
    answer_.date = FindHeader(headers, "date");
    answer_.stop = FindHeader(headers, "guidon-stop");
  }
  bool Body(std::string_view bytes) override {
    if (answer_.body.size() + bytes.size() > limits::kAnswerBytes) {
      is_too_long_ = true;
      return false;
    }
    answer_.body.append(bytes);
    return true;
  }
  void Done(HttpEnd end) override {
    answer_.transport = is_too_long_ ? Status(StatusCode::kTooLarge, "the answer is too long") : std::move(end.status);
    lanes_->PostLogic([land = std::move(land_), answer = std::move(answer_)]() mutable { land(std::move(answer)); });
  }

 private:
  std::shared_ptr<Lanes> lanes_;
  Land land_;
  Answer answer_;
  bool is_too_long_ = false;
};

}  // namespace

void Sender::Flight::Start(HttpRequest http_request, bool is_compressed) {
  if (sender == nullptr) return;
  is_started = true;
  sent = clock->Monotonic();
  was_compressed = is_compressed;
  auto land = [self = shared_from_this()](Answer answer) { self->Land(std::move(answer)); };
  http->Start(id, std::move(http_request), std::make_shared<AnswerSink>(lanes, std::move(land)));
}

// The rest of the client counts from small numbers.
Sender::Sender(const Platform& ports, std::shared_ptr<Lanes> lanes, std::uint64_t first_id)
    : clock_(ports.clock),
      http_(ports.http),
      codec_(ports.codec),
      lanes_(std::move(lanes)),
      compresses_(ports.codec != nullptr),
      next_id_(first_id) {}

Sender::~Sender() { Cancel(); }

void Sender::Send(Request request, std::function<void(Answer, bool)> done) {
  flight_ = std::make_shared<Flight>();
  flight_->request = std::move(request);
  flight_->done = std::move(done);
  flight_->http = http_;
  flight_->codec = compresses_ ? codec_ : nullptr;
  flight_->lanes = lanes_;
  flight_->clock = clock_;
  flight_->id = next_id_++;
  flight_->sender = this;
  lanes_->PostDisk([flight = flight_] { flight->Compress(); });
}

bool Sender::is_idle() const noexcept { return flight_ == nullptr; }

void Sender::Cancel() {
  if (flight_ == nullptr) return;
  flight_->sender = nullptr;
  if (flight_->is_started) http_->Cancel(flight_->id);
  flight_.reset();
}

void Sender::StopCompressing() noexcept { compresses_ = false; }

void Sender::Wait(const Answer& answer, bool probe, std::string_view salt) {
  failures_ = std::min<std::uint32_t>(failures_ + 1, 1'000);
  const std::optional<Duration> asked = ParseRetryAfter(answer.retry_after, answer.date, clock_->Now());
  const Duration delay =
      probe ? std::max(kProbeInterval, asked.value_or(Duration(0))) : RetryDelay(salt, failures_, asked);
  not_before_ = clock_->Monotonic() + delay;
}

void Sender::ResetBackoff() noexcept {
  failures_ = 0;
  not_before_ = MonoTime{};
}

}  // namespace guidon::events
