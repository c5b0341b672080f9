// Guidon on Qt's event loop: a Waker that is a QTimer, and an Http port that is a QNetworkAccessManager. Both are made
// and destroyed on one thread with an event loop, the application's say, and all of Guidon runs there.
#pragma once

#include <guidon/ports/clock.h>
#include <guidon/ports/http.h>
#include <guidon/ports/waker.h>

#include <QNetworkAccessManager>
#include <QObject>
#include <QTimer>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

class QtWaker final : public guidon::Waker {
 public:
  explicit QtWaker(std::shared_ptr<guidon::Clock> clock);
  ~QtWaker() override;

  void Start(std::function<guidon::MonoTime()> turn) override;
  void WakeAt(guidon::MonoTime when) noexcept override;
  void Stop() noexcept override;

 private:
  void Turn();
  void Arm();

  const std::shared_ptr<guidon::Clock> clock_;
  QTimer timer_;
  std::recursive_mutex turning_;  // held during a turn
  bool is_turning_ = false;
  std::function<guidon::MonoTime()> turn_;
  std::mutex mutex_;  // guards what follows
  guidon::MonoTime wish_ = guidon::MonoTime::max();
  bool is_stopped_ = false;
};

// Follows no redirects.
class QtHttp final : public guidon::Http {
 public:
  explicit QtHttp(std::shared_ptr<guidon::Clock> clock);
  ~QtHttp() override;

  void Start(std::uint64_t id, guidon::HttpRequest request, std::shared_ptr<guidon::HttpSink> sink) override;
  void Cancel(std::uint64_t id) noexcept override;
  bool Stop(guidon::MonoTime deadline) noexcept override;

 private:
  class Transfer;
  void Begin(std::uint64_t id);
  void End(std::uint64_t id, guidon::Status status);
  void EndAll();
  std::shared_ptr<Transfer> Find(std::uint64_t id);

  const std::shared_ptr<guidon::Clock> clock_;
  QNetworkAccessManager manager_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable ended_;
  std::map<std::uint64_t, std::shared_ptr<Transfer>> transfers_;
  int calls_ = 0;  // of sinks, that are running
  bool is_stopped_ = false;
};
