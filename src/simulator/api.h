// The API without its HTTP port: a request in, an answer out.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "simulator/answer.h"
#include "simulator/rate_window.h"
#include "simulator/signature_check.h"
#include "simulator/simulator.h"

namespace sluice::simulator {

inline constexpr std::size_t kMostBytes = std::size_t{6} * config::kMiB;  // of a request body

// Thread-safe.
class Api {
 public:
  struct Request {
    std::string_view path;
    std::string_view body;
    HeaderLookup header;
  };

  // Fails where a credential cannot be a header's value.
  static Result<std::unique_ptr<Api>> make(const Options& options);

  // Checks in the order of a real gateway, counts, and tells on_accepted what was taken. `slow` is
  // not waited for here.
  Answer post(const Request& request, Fault fault, Instant now);
  // Counts what the HTTP server answered by itself.
  void count(std::string_view path, int status);

  Counts counts() const;
  // {"fault","counts","endpoints":{NAME: counts}}
  std::string to_json(Fault fault) const;

 private:
  struct Endpoint {
    Counts counts;
    RateWindow window;
  };
  // Those of kEventTypes in their order, and the last for paths that are none.
  using Endpoints = std::array<Endpoint, kEventTypes.size() + 1>;

  Api(const Options& options, SignatureCheck signature);
  const EventType* type_at(std::string_view path) const;
  Endpoint& endpoint_of(const EventType* type);
  Answer decide(const Request& request, const EventType* type, Fault fault, Instant now);
  bool within_rate(const EventType& type, Fault fault, Instant now);
  Answer take(const EventType& type, std::string_view body, Fault fault);
  void count(const EventType* type, int status);

  const std::string prefix_;
  const std::string account_id_;
  const std::string workspace_id_;
  const std::uint32_t requests_per_second_;
  const std::function<void(const EventType&, std::string_view)> on_accepted_;
  const SignatureCheck signature_;
  mutable std::mutex mutex_;  // guards endpoints_
  Endpoints endpoints_;
};

}  // namespace sluice::simulator
