// Any bytes as what a server answers, head and body, to a request for the datafile and to one for its stream: each ends
// in one verdict, what is refused says why, and the server is asked again later, as it wished, and not too late.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "guidon/limits.h"
#include "guidon/platform_parts.h"
#include "platform/http/head_reader.h"
#include "sdk/datafile/announcements.h"
#include "sdk/datafile/refresher.h"
#include "tests/fuzz/require.h"
#include "tests/support/fake_clock.h"

using namespace guidon;
using namespace guidon::datafile;

namespace {

// What the port makes of the bytes. The first byte is no part of the answer: it says how the body is cut, and how it
// ends.
struct Received {
  int http_status = 0;
  HttpHeaders headers;
  std::string body;
  std::size_t piece = 1;
  Status end;
};

Received Receive(std::string_view bytes) {
  Received answer;
  const unsigned dice = bytes.empty() ? 0 : static_cast<unsigned char>(bytes.front());
  answer.piece = 1 + dice / 2 % 61;
  if (dice % 2 != 0) answer.end = Status(StatusCode::kUnavailable, "cut");
  bytes.remove_prefix(std::min<std::size_t>(1, bytes.size()));
  HeadReader reader;
  HeadReader::Seen seen = HeadReader::Seen::kMore;
  while (seen == HeadReader::Seen::kMore && !bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size() - 1) + 1;
    seen = reader.Line(bytes.substr(0, end));
    bytes.remove_prefix(end);
  }
  bool is_gzip = false;
  if (seen != HeadReader::Seen::kEnd || !reader.CheckEncoding(&is_gzip).ok()) {
    answer.end = Status(StatusCode::kUnavailable, "no head");
    return answer;
  }
  if (is_gzip) {
    const Status unpacked = ZlibCodec()->Gunzip(bytes, limits::kDatafileBytes, &answer.body);
    if (!unpacked.ok()) answer.end = unpacked;
    reader.ForgetEncoding();
    GUIDON_REQUIRE(FindHeader(reader.headers(), "content-encoding").empty());
  } else {
    answer.body = std::string(bytes);
  }
  answer.http_status = reader.http_status();
  answer.headers = reader.headers();
  return answer;
}

// Gives its sink the answer when it is told to.
class OneAnswer final : public Http {
 public:
  void Start(std::uint64_t, HttpRequest request, std::shared_ptr<HttpSink> sink) override {
    ++requests;
    request_ = std::move(request);
    sink_ = std::move(sink);
  }
  void Cancel(std::uint64_t) noexcept override {}
  bool Stop(MonoTime) noexcept override { return true; }

  void Give(const Received& answer) {
    const std::shared_ptr<HttpSink> sink = std::move(sink_);
    Status end = answer.end;
    if (answer.http_status != 0) {
      sink->Head(answer.http_status, answer.headers);
      for (std::size_t at = 0; at < answer.body.size(); at += answer.piece) {
        if (sink->Body(std::string_view(answer.body).substr(at, answer.piece))) continue;
        end = Status(StatusCode::kClosed, "ended by its receiver");
        break;
      }
    }
    sink->Done({std::move(end)});
  }
  std::string SentEtag() const { return std::string(FindHeader(request_.headers, "If-None-Match")); }

  int requests = 0;

 private:
  HttpRequest request_;
  std::shared_ptr<HttpSink> sink_;
};

class Turns final : public Lanes {
 public:
  void PostLogic(Task task) override { tasks_.push_back(std::move(task)); }
  void PostDisk(Task task) override { tasks_.push_back(std::move(task)); }
  void PostLogicAt(MonoTime when, Task task) override {
    next = when;
    timer_ = std::move(task);
  }
  void Run() {
    while (!tasks_.empty()) {
      const Task task = std::move(tasks_.front());
      tasks_.pop_front();
      task();
    }
  }
  void RunTimer(test::FakeClock* clock) {
    clock->Advance(*next - clock->Monotonic());
    const Task task = std::exchange(timer_, nullptr);
    next.reset();
    task();
    Run();
  }

  std::optional<MonoTime> next;

 private:
  std::deque<Task> tasks_;
  Task timer_;
};

constexpr Duration kLongestWait = std::chrono::hours(24) + std::chrono::minutes(6);

void AskForDatafile(const Received& answer, const std::string& etag) {
  const auto http = std::make_shared<OneAnswer>();
  const auto clock = std::make_shared<test::FakeClock>();
  const auto lanes = std::make_shared<Turns>();
  std::unique_ptr<Refresher> refresher;
  std::vector<Status> answers;
  std::optional<std::string> taken;
  RefresherCallbacks callbacks;
  callbacks.on_datafile = [&](const std::string& bytes, std::string with) {
    GUIDON_REQUIRE(bytes == answer.body);
    GUIDON_REQUIRE(bytes.size() <= limits::kDatafileBytes);
    if (bytes.size() % 2 != 0) return refresher->Refused();
    taken = with;
    refresher->Accepted(std::move(with));
  };
  callbacks.on_answer = [&](Status status) { answers.push_back(std::move(status)); };
  RefresherSettings settings;
  settings.url = "https://rules.example/notes";
  settings.install_id = "install-1";
  refresher = std::make_unique<Refresher>(settings, callbacks, http, clock, lanes);
  refresher->Start(etag);
  http->Give(answer);
  lanes->Run();
  GUIDON_REQUIRE(answers.size() == 1);
  GUIDON_REQUIRE(answers[0].ok() || !answers[0].message().empty());
  GUIDON_REQUIRE(lanes->next.has_value());
  GUIDON_REQUIRE(*lanes->next - clock->Monotonic() <= kLongestWait);
  lanes->RunTimer(clock.get());
  GUIDON_REQUIRE(http->requests == 2);
  const std::string sent = http->SentEtag();
  GUIDON_REQUIRE(sent == taken.value_or(etag));
  GUIDON_REQUIRE(sent.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
}

void Listen(const Received& answer) {
  const auto http = std::make_shared<OneAnswer>();
  const auto clock = std::make_shared<test::FakeClock>();
  const auto lanes = std::make_shared<Turns>();
  int changes = 0;
  std::vector<Status> states;
  AnnouncementsCallbacks callbacks;
  callbacks.on_change = [&] { ++changes; };
  callbacks.on_state = [&](Status status) { states.push_back(std::move(status)); };
  Announcements announcements({"https://rules.example/stream", {}, "install-1"}, callbacks, http, clock, lanes);
  announcements.Start();
  http->Give(answer);
  lanes->Run();
  GUIDON_REQUIRE(!states.empty() && !states.back().ok() && !states.back().message().empty());
  GUIDON_REQUIRE(states.size() <= 2);
  GUIDON_REQUIRE(changes <= 2 && (changes == 0) == (states.size() == 1));
  GUIDON_REQUIRE(lanes->next.has_value() == (answer.http_status != 204));  // which wants nobody to come back
  if (!lanes->next) return;
  GUIDON_REQUIRE(*lanes->next - clock->Monotonic() <= kLongestWait);
  lanes->RunTimer(clock.get());
  GUIDON_REQUIRE(http->requests == 2);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Received answer = Receive({reinterpret_cast<const char*>(data), size});
  for (const char* etag : {"", "\"1\""}) AskForDatafile(answer, etag);
  Listen(answer);
  return 0;
}
