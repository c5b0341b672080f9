// An Http port without a thread: a loop that runs anyway turns it, say once a frame. On libcurl's multi interface.
#pragma once

#include <guidon/ports/clock.h>
#include <guidon/ports/http.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

// May be used from any thread; sinks are called by whoever calls Turn or Stop: the loop, and the client while it waits.
// Follows no redirects.
class FrameHttp final : public guidon::Http {
 public:
  explicit FrameHttp(std::shared_ptr<guidon::Clock> clock);
  ~FrameHttp() override;

  // Moves what bytes can be moved now and tells the sinks. Never waits.
  void Turn() override;

  void Start(std::uint64_t id, guidon::HttpRequest request, std::shared_ptr<guidon::HttpSink> sink) override;
  void Cancel(std::uint64_t id) noexcept override;
  bool Stop(guidon::MonoTime deadline) noexcept override;

 private:
  struct Transfer;
  void Begin(Transfer* transfer);
  void End(const Transfer* transfer, guidon::Status status);
  void EndAll();

  const std::shared_ptr<guidon::Clock> clock_;
  std::recursive_timed_mutex turning_;  // held while sinks may be called; taken before the other
  bool is_turning_ = false;
  void* multi_ = nullptr;
  std::vector<std::unique_ptr<Transfer>> transfers_;
  std::mutex mutex_;  // guards what follows
  std::vector<std::unique_ptr<Transfer>> started_;
  std::vector<std::uint64_t> cancelled_;
  bool is_stopped_ = false;
};
