#include "guidon/testing/fake_http.h"

#include <algorithm>
#include <deque>
#include <mutex>
#include <string_view>
#include <utility>

namespace guidon::testing {
namespace {

constexpr Duration kTick = std::chrono::milliseconds(100);  // how fast time goes where a call waits for nothing

Server ServerOf(const HttpRequest& request) {
  if (request.method != "GET") return Server::kCollector;
  for (const auto& [name, value] : request.headers) {
    if (value == "text/event-stream") return Server::kStream;
  }
  return Server::kDatafile;
}

Status Lost(const char* what) { return Status(StatusCode::kUnavailable, what); }

void Play(const HttpAnswer& answer, std::size_t most_bytes, HttpSink& sink) {
  if (answer.is_dropped) return sink.Done({Lost("no connection")});
  sink.Head(answer.status.value_or(200), answer.headers);
  std::string body = answer.body;
  if (answer.corrupt_byte && *answer.corrupt_byte < body.size()) {
    char& byte = body[*answer.corrupt_byte];
    byte = static_cast<char>(static_cast<unsigned char>(byte) ^ 0x15u);
  }
  const bool is_cut = answer.cut_after && *answer.cut_after < body.size();
  if (is_cut) body.resize(*answer.cut_after);
  if (body.size() > most_bytes) {
    return sink.Done({Status(StatusCode::kTooLarge, "the answer has more than the bytes asked for at most")});
  }
  if (!body.empty() && !sink.Body(body)) return sink.Done({Status(StatusCode::kClosed, "ended by its receiver")});
  sink.Done({is_cut ? Lost("the connection was cut") : Status()});
}

// What was said of the request laid over what the server says.
HttpAnswer Over(HttpAnswer said, HttpAnswer servers) {
  if (said.status) return said;
  said.status = servers.status;
  said.headers = std::move(servers.headers);
  said.body = std::move(servers.body);
  return said;
}

}  // namespace

HttpAnswer HttpAnswer::Of(int status, HttpHeaders headers, std::string body) {
  HttpAnswer answer;
  answer.status = status;
  answer.headers = std::move(headers);
  answer.body = std::move(body);
  return answer;
}

HttpAnswer HttpAnswer::Dropped() {
  HttpAnswer answer;
  answer.is_dropped = true;
  return answer;
}

HttpAnswer HttpAnswer::Late(Duration latency) {
  HttpAnswer answer;
  answer.latency = latency;
  return answer;
}

HttpAnswer HttpAnswer::CutAfter(std::size_t bytes) {
  HttpAnswer answer;
  answer.cut_after = bytes;
  return answer;
}

HttpAnswer HttpAnswer::CorruptAt(std::size_t byte) {
  HttpAnswer answer;
  answer.corrupt_byte = byte;
  return answer;
}

struct FakeHttp::State {
  struct UnderWay {
    std::uint64_t id = 0;
    Server server = Server::kDatafile;
    HttpRequest request;
    std::shared_ptr<HttpSink> sink;
    HttpAnswer answer;
    MonoTime due{};
    bool is_cancelled = false;
    bool is_listening = false;  // to the stream: it has its head, and no end
  };

  explicit State(std::shared_ptr<FakeClock> its_clock) : clock(std::move(its_clock)) {}

  const std::shared_ptr<FakeClock> clock;
  mutable std::mutex mutex;
  bool is_online = true;
  bool is_stopped = false;
  std::function<HttpAnswer(Server, const HttpRequest&)> servers;
  std::deque<HttpAnswer> next[3];
  HttpAnswer always[3];
  std::deque<UnderWay> calls;
  std::vector<HttpRequest> made[3];

  // Takes a call that is due out of those under way. Of a stream that opens a copy stays.
  bool Take(UnderWay* taken, std::function<HttpAnswer(Server, const HttpRequest&)>* servers_now) {
    const std::lock_guard<std::mutex> lock(mutex);
    const MonoTime now = clock->Monotonic();
    for (auto call = calls.begin(); call != calls.end(); ++call) {
      if (!call->is_cancelled && (call->is_listening || call->due > now)) continue;
      if (!is_online && !call->is_cancelled) call->answer = HttpAnswer::Dropped();
      *taken = *call;
      *servers_now = servers;
      const bool opens = call->server == Server::kStream && !call->answer.status && !call->answer.is_dropped;
      if (opens && !call->is_cancelled) {
        call->is_listening = true;
      } else {
        calls.erase(call);
      }
      return true;
    }
    return false;
  }
};

FakeHttp::FakeHttp(std::shared_ptr<FakeClock> clock) : state_(std::make_unique<State>(std::move(clock))) {}

FakeHttp::~FakeHttp() { (void)FakeHttp::Stop(MonoTime()); }

void FakeHttp::Next(Server server, HttpAnswer answer) {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  state_->next[static_cast<std::size_t>(server)].push_back(std::move(answer));
}

void FakeHttp::Always(Server server, HttpAnswer answer) {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  state_->always[static_cast<std::size_t>(server)] = std::move(answer);
}

void FakeHttp::SetOnline(bool is_online) {
  std::vector<State::UnderWay> cut;
  {
    const std::lock_guard<std::mutex> lock(state_->mutex);
    state_->is_online = is_online;
    if (is_online) return;
    auto& calls = state_->calls;
    const auto first = std::stable_partition(calls.begin(), calls.end(), [](const auto& c) { return !c.is_listening; });
    cut.assign(first, calls.end());
    calls.erase(first, calls.end());
  }
  for (const State::UnderWay& call : cut) call.sink->Done({Lost("the connection was cut")});
}

std::vector<HttpRequest> FakeHttp::Requests(Server server) const {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  return state_->made[static_cast<std::size_t>(server)];
}

void FakeHttp::SetServers(std::function<HttpAnswer(Server, const HttpRequest&)> answer) {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  state_->servers = std::move(answer);
}

void FakeHttp::Announce() {
  std::vector<std::shared_ptr<HttpSink>> listeners;
  {
    const std::lock_guard<std::mutex> lock(state_->mutex);
    for (const State::UnderWay& call : state_->calls) {
      if (call.is_listening && !call.is_cancelled) listeners.push_back(call.sink);
    }
  }
  for (const auto& sink : listeners) (void)sink->Body("event: datafile\ndata: \"changed\"\n\n");
}

std::size_t FakeHttp::Deliver() {
  std::size_t count = 0;
  State::UnderWay call;
  std::function<HttpAnswer(Server, const HttpRequest&)> servers;
  for (; state_->Take(&call, &servers); ++count) {
    if (call.is_cancelled) {
      call.sink->Done({Status(StatusCode::kClosed, "cancelled")});
    } else if (call.server == Server::kStream && !call.answer.status && !call.answer.is_dropped) {
      call.sink->Head(200, {{"content-type", "text/event-stream"}});
    } else if (call.answer.status || call.answer.is_dropped || !servers) {
      Play(call.answer, call.request.most_bytes, *call.sink);
    } else {
      Play(Over(call.answer, servers(call.server, call.request)), call.request.most_bytes, *call.sink);
    }
  }
  return count;
}

MonoTime FakeHttp::NextDue() const {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  MonoTime next = MonoTime::max();
  for (const State::UnderWay& call : state_->calls) {
    if (!call.is_listening) next = std::min(next, call.due);
  }
  return next;
}

void FakeHttp::Restart() {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  state_->is_stopped = false;
}

void FakeHttp::Start(std::uint64_t id, HttpRequest request, std::shared_ptr<HttpSink> sink) {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  if (state_->is_stopped) return;
  State::UnderWay call;
  call.id = id;
  call.server = ServerOf(request);
  const auto at = static_cast<std::size_t>(call.server);
  call.answer = state_->always[at];
  if (!state_->next[at].empty()) {
    call.answer = std::move(state_->next[at].front());
    state_->next[at].pop_front();
  }
  call.due = state_->clock->Monotonic() + call.answer.latency;
  state_->made[at].push_back(request);
  call.request = std::move(request);
  call.sink = std::move(sink);
  state_->calls.push_back(std::move(call));
}

// Somebody waits. What is not due yet comes by letting time pass.
void FakeHttp::Turn() {
  if (Deliver() > 0) return;
  const Duration until_due = NextDue() - state_->clock->Monotonic();
  state_->clock->Advance(std::min(kTick, until_due));
  (void)Deliver();
}

void FakeHttp::Cancel(std::uint64_t id) noexcept {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  for (State::UnderWay& call : state_->calls) {
    if (call.id == id) call.is_cancelled = true;
  }
}

bool FakeHttp::Stop(MonoTime) noexcept {
  std::deque<State::UnderWay> ended;
  {
    const std::lock_guard<std::mutex> lock(state_->mutex);
    state_->is_stopped = true;
    ended.swap(state_->calls);
  }
  for (const State::UnderWay& call : ended) call.sink->Done({Status(StatusCode::kClosed, "stopped")});
  return true;
}

}  // namespace guidon::testing
