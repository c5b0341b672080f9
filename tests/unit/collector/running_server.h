// A collector that serves on a port of this machine, on a folder of its own.
#pragma once

#include <doctest/doctest.h>
#include <httplib.h>

#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "samples/collector/server.h"
#include "tests/unit/collector/world.h"

namespace guidon::collector {

class Running {
 public:
  explicit Running(std::string token = {}) {
    folder.Write("datafile", Datafile());
    ServerOptions options;
    options.database_path = folder / "events.db";
    options.datafile_path = folder / "datafile";
    options.token = std::move(token);
    options.now_ms = [] { return kNow; };
    auto opened = Server::Open(std::move(options));
    REQUIRE_MESSAGE(opened.ok(), opened.status().message());
    server_ = *std::move(opened);
    thread_ = std::thread([this] { server_->Run(); });
    client = std::make_unique<httplib::Client>("127.0.0.1", server_->port());
    // Answers once it serves; the port is open already, so this waits as long as it must.
    REQUIRE(client->Get("/healthz"));
  }
  ~Running() {
    server_->Stop();
    thread_.join();
  }

  httplib::Result Post(const std::string& body, httplib::Headers headers = {}, const char* type = "application/json") {
    return client->Post("/v1/logs", headers, body, type);
  }

  int port() const { return server_->port(); }

  Folder folder;
  std::unique_ptr<httplib::Client> client;

 private:
  std::unique_ptr<Server> server_;
  std::thread thread_;
};

}  // namespace guidon::collector
