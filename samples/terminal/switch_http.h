// A port put before another one: HTTP that can be unplugged, to show what an app does on the underground.
#pragma once

#include <atomic>
#include <memory>
#include <utility>

#include "guidon/ports/http.h"

namespace notes {

class SwitchHttp final : public guidon::Http {
 public:
  // `inner` is not null.
  explicit SwitchHttp(std::shared_ptr<guidon::Http> inner) : inner_(std::move(inner)) {}

  void SetOnline(bool online) noexcept { online_ = online; }
  bool online() const noexcept { return online_; }

  void Start(std::uint64_t id, guidon::HttpRequest request, std::shared_ptr<guidon::HttpSink> sink) override {
    // A refused connection, made by the real port: nothing listens on the discard port of this machine.
    if (!online_) request.url = "http://127.0.0.1:9/";
    inner_->Start(id, std::move(request), std::move(sink));
  }
  void Cancel(std::uint64_t id) noexcept override { inner_->Cancel(id); }
  bool Stop(guidon::MonoTime deadline) noexcept override { return inner_->Stop(deadline); }

 private:
  std::shared_ptr<guidon::Http> inner_;
  std::atomic<bool> online_{true};
};

}  // namespace notes
