#include "sdk/events/inbox.h"

#include <doctest/doctest.h>

#include <atomic>
#include <map>
#include <thread>

namespace guidon::events {
namespace {

Fact Named(std::string name) {
  Fact fact;
  fact.name = std::move(name);
  return fact;
}

TEST_CASE("facts come out in the order they went in, and the first says that somebody must be woken") {
  Inbox inbox;
  bool was_empty = false;
  for (int i = 0; i < 3; ++i) {
    CHECK(inbox.Append(Named(std::to_string(i)), &was_empty));
    CHECK(was_empty == (i == 0));
  }
  const auto taken = inbox.Take();
  REQUIRE(taken.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(taken[i].fact.name == std::to_string(i));
  CHECK(inbox.Take().empty());
  CHECK(inbox.Append(Named("next"), &was_empty));
  CHECK(was_empty);
  CHECK(inbox.appended() == 4);
}

TEST_CASE("facts keep their room until they are released, and beyond the bound there is none") {
  Inbox inbox;
  bool was_empty = false;
  for (std::size_t i = 0; i < limits::kInboxFacts; ++i) REQUIRE(inbox.Append(Named("f"), &was_empty));
  CHECK_FALSE(inbox.Append(Named("f"), &was_empty));
  const auto taken = inbox.Take();
  CHECK(taken.size() == limits::kInboxFacts);
  CHECK_FALSE(inbox.Append(Named("f"), &was_empty));
  inbox.Release(1, taken[0].weight);
  CHECK(inbox.Append(Named("f"), &was_empty));
  CHECK_FALSE(inbox.Append(Named("f"), &was_empty));
  CHECK(inbox.appended() == limits::kInboxFacts + 1);
}

TEST_CASE("big facts fill the inbox by their bytes") {
  Inbox inbox;
  bool was_empty = false;
  const auto append = [&inbox, &was_empty] {
    Fact fact = Named("big");
    fact.properties.emplace_back("p", std::string(100'000, 'x'));
    return inbox.Append(std::move(fact), &was_empty);
  };
  while (append()) {
  }
  std::size_t bytes = 0;
  const auto taken = inbox.Take();
  for (const Inbox::Waiting& waiting : taken) bytes += waiting.weight;
  CHECK(taken.size() < limits::kInboxFacts);
  CHECK(bytes <= kInboxBytes);
  CHECK(bytes + taken[0].weight > kInboxBytes);
  CHECK(taken[0].weight >= 100'000);
  inbox.Release(taken.size(), bytes);
  CHECK(append());
}

TEST_CASE("threads that append at once lose nothing and keep each their order") {
  constexpr int kThreads = 4;
  constexpr int kEach = 2'000;
  Inbox inbox;
  std::atomic<int> running{kThreads};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&inbox, &running, t] {
      for (int i = 0; i < kEach; ++i) {
        Fact fact = Named(std::to_string(t));
        fact.iteration = i;
        bool was_empty = false;
        while (!inbox.Append(std::move(fact), &was_empty)) std::this_thread::yield();
      }
      --running;
    });
  }
  std::map<std::string, std::int64_t> next;
  std::size_t count = 0;
  for (bool last = false; !last;) {
    last = running == 0;
    for (const Inbox::Waiting& waiting : inbox.Take()) {
      REQUIRE(waiting.fact.iteration == next[waiting.fact.name]++);
      inbox.Release(1, waiting.weight);
      ++count;
    }
    std::this_thread::yield();
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(count == kThreads * kEach);
  CHECK(inbox.size() == 0);
}

}  // namespace
}  // namespace guidon::events
