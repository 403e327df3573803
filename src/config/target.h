// One HTTP API. Plain data; part of config.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "config/auth.h"
#include "config/secret.h"
#include "config/sizes.h"
#include "config/tenants.h"

namespace sluice::config {

enum class TlsVersion : std::uint8_t { v1_2, v1_3 };

struct TargetTls {
  bool off = false;  // said aloud: base_url may be http to a host that is not loopback
  TlsVersion min_version = TlsVersion::v1_2;
  std::optional<std::string> ca;    // PEM file that is trusted instead of the system's CAs
  std::optional<std::string> cert;  // PEM files of the client certificate and its key: both or none
  std::optional<std::string> key;
  bool operator==(const TargetTls&) const = default;
};

struct Proxy {
  std::string url;  // scheme://host[:port], without a user
  std::string user;
  Secret password;  // only where there is a user
  bool operator==(const Proxy&) const = default;
};

enum class HttpVersion : std::uint8_t {
  automatic,  // HTTP/2 where TLS agrees on it, else 1.1
  v1_1,
  v2,  // without asking: for servers that speak it in clear, too
};

enum class CompressionType : std::uint8_t { none, gzip, zstd };

struct Compression {
  CompressionType type = CompressionType::none;
  std::size_t min_size = kKiB;  // a smaller body goes as it is
  bool operator==(const Compression&) const = default;
};

// One header of every request; its value may hold placeholders (base/text_template.h).
struct TargetHeader {
  std::string name;
  std::string value;
  bool operator==(const TargetHeader&) const = default;
};

// What `check` asks; no delivery depends on it.
struct Health {
  std::string path;
  bool authenticated = false;  // asked with the target's credentials, so that it proves them
  bool operator==(const Health&) const = default;
};

struct CircuitBreaker {
  std::uint32_t failures = 5;  // in a row
  double failure_rate = 0.5;   // of `window`, once it holds `minimum` attempts
  Duration window = std::chrono::seconds(30);
  std::uint32_t minimum = 20;
  Duration open_for = std::chrono::seconds(60);
  Duration max_open_for = std::chrono::minutes(10);
  std::uint32_t probes = 3;
  bool operator==(const CircuitBreaker&) const = default;
};

enum class RateUnit : std::uint8_t { requests, records, bytes };

// At most `limit` of the unit in any stretch of time as long as `per`, times `safety`; `capacity`
// is the share of it that may go out at once.
struct RateLimit {
  RateUnit unit = RateUnit::requests;
  std::uint64_t limit = 0;
  Duration per{};
  double safety = 0.9;
  double capacity = 0.1;
  bool share_by_group = false;  // a replica has the part that it holds of the group's partitions
  double share = 1;             // the fixed part that this process has
  std::string path;             // of which requests; empty: all of the target
  bool operator==(const RateLimit&) const = default;
};

// Requests under way to the target at once, from this process.
struct Concurrency {
  std::uint32_t min = 1;
  std::uint32_t max = 8;
  bool adaptive = true;  // false: always `max`
  bool operator==(const Concurrency&) const = default;
};

struct Target {
  std::string name;
  std::string base_url;  // scheme://host[:port][/prefix], no trailing slash
  Auths auth;
  Duration overlap{};  // how long a credential that was replaced is kept as a way back
  TargetTls tls;
  std::uint32_t connections = 8;  // per worker
  Duration connect_timeout = std::chrono::seconds(5);
  Duration timeout = std::chrono::seconds(30);
  std::size_t max_response = kMiB;
  std::string batch_id_header = "Idempotency-Key";
  std::optional<Proxy> proxy;
  HttpVersion http_version = HttpVersion::automatic;
  Compression compression;
  std::vector<TargetHeader> headers;
  std::optional<Health> health;
  std::vector<RateLimit> rate_limit;
  bool rate_limit_headers = true;  // those of the target's answers are obeyed
  Concurrency concurrency;
  CircuitBreaker circuit_breaker;  // each tenant has one like it
  std::optional<Tenants> tenants;  // nullopt: all records are signed with `auth`
  bool operator==(const Target&) const = default;
};

}  // namespace sluice::config
