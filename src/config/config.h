// The checked configuration: what the loader hands to the rest of the house. Plain data; every
// value is in its bounds and every reference (pipeline -> target) resolves. Keys, defaults and
// meanings: docs/configuration.md, one row a key.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "config/secret.h"

namespace sluice::config {

inline constexpr std::size_t kKiB = 1024;
inline constexpr std::size_t kMiB = 1024 * kKiB;

struct Kafka {
  std::vector<std::string> brokers;  // host:port, at least one
  // librdkafka names to values, passed through. Secret: a value may come from the environment or
  // a file (sasl.password), and the loader does not tell those apart from the others.
  std::map<std::string, Secret> properties;
};

struct Admin {
  std::string host = "127.0.0.1";
  std::uint16_t port = 9464;  // 0: any free port
};

enum class LogLevel : std::uint8_t { debug, info, warn, error };
enum class LogFormat : std::uint8_t { automatic, json, text };  // automatic: text on a terminal

struct Log {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::automatic;
};

struct NoAuth {};

struct BearerAuth {
  Secret token;
};

struct BasicAuth {
  std::string user;
  Secret password;
};

enum class ApiKeyPlace : std::uint8_t { header, query };

struct ApiKeyAuth {
  std::string name;
  ApiKeyPlace in = ApiKeyPlace::header;
  Secret value;
};

// What one input of the key derivation is made of.
enum class HkdfInput : std::uint8_t { token, account_workspace };

// Signature of the Data Pipeline API: see auth/hkdf_hmac.h.
struct HkdfHmacAuth {
  Secret token;
  std::string account_id;
  std::string workspace_id;
  HkdfInput salt = HkdfInput::token;
  HkdfInput ikm = HkdfInput::account_workspace;
  std::string info = "hmac-signing";
};

using Auth = std::variant<NoAuth, BearerAuth, BasicAuth, ApiKeyAuth, HkdfHmacAuth>;

enum class TlsVersion : std::uint8_t { v1_2, v1_3 };

struct TargetTls {
  bool off = false;  // said aloud: base_url may be http to a host that is not loopback
  TlsVersion min_version = TlsVersion::v1_2;
  std::optional<std::string> ca;    // PEM file that is trusted instead of the system's CAs
  std::optional<std::string> cert;  // PEM files of the client certificate and its key: both or none
  std::optional<std::string> key;
};

struct Proxy {
  std::string url;  // scheme://host[:port], without a user
  std::string user;
  Secret password;  // only where there is a user
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
};

// One header of every request; its value may hold placeholders (base/text_template.h).
struct TargetHeader {
  std::string name;
  std::string value;
};

// What `check` asks; no delivery depends on it.
struct Health {
  std::string path;
  bool authenticated = false;  // asked with the target's credentials, so that it proves them
};

struct CircuitBreaker {
  std::uint32_t failures = 5;  // in a row
  double failure_rate = 0.5;   // of `window`, once it holds `minimum` attempts
  Duration window = std::chrono::seconds(30);
  std::uint32_t minimum = 20;
  Duration open_for = std::chrono::seconds(60);
  Duration max_open_for = std::chrono::minutes(10);
  std::uint32_t probes = 3;
};

// At most `requests` in any stretch of time as long as `per`, times `safety`; `capacity` is the
// share of it that may go out at once.
struct RateLimit {
  std::uint32_t requests = 0;
  Duration per{};
  double safety = 0.9;
  double capacity = 0.1;
};

struct Target {
  std::string name;
  std::string base_url;  // scheme://host[:port][/prefix], no trailing slash
  Auth auth;
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
  CircuitBreaker circuit_breaker;
};

// Where a group without offsets begins.
enum class Start : std::uint8_t { earliest, latest, time };
enum class BodyFormat : std::uint8_t { json_array, ndjson, json };
enum class NullValues : std::uint8_t { skip, dead_letter, send_null };
enum class Oversized : std::uint8_t { reference, park };

struct BatchLimits {
  std::uint32_t max_records = 500;
  std::size_t max_bytes = kMiB;
  Duration linger = std::chrono::milliseconds(100);
};

struct StatusRange {
  int first = 0;
  int last = 0;  // inclusive
};

struct Retry {
  Duration initial = std::chrono::milliseconds(200);
  Duration max = std::chrono::seconds(30);
  double multiplier = 2;
};

struct DeadLetter {
  std::string topic;
  std::size_t max_bytes = kMiB;
  Oversized oversized = Oversized::reference;
  std::size_t response_excerpt = kKiB;
};

struct Pipeline {
  std::string name;
  std::vector<std::string> topics;    // by name
  std::vector<std::string> patterns;  // extended regular expressions that begin with '^'
  std::string group;
  std::string target;  // a name in Config::targets
  std::string path;    // begins with '/', no query; may hold placeholders (base/text_template.h)
  std::string method = "POST";
  Start start = Start::earliest;
  WallTime start_time{};  // where start is `time`
  std::uint32_t workers = 1;
  BatchLimits batch;
  std::size_t max_record_bytes = kMiB;
  BodyFormat body = BodyFormat::json_array;
  std::uint32_t max_unconfirmed_batches = 8;
  NullValues null_values = NullValues::dead_letter;
  std::optional<std::string> schema;  // path of a JSON Schema file
  std::vector<StatusRange> success{{200, 299}};
  std::optional<std::string> expect;  // JSON Pointer into the answer: number of records taken
  Retry retry;
  std::optional<DeadLetter> dead_letter;  // nullopt: `dead_letter: none`
  Duration drain_timeout = std::chrono::seconds(1);
};

struct Config {
  Kafka kafka;
  Admin admin;
  std::size_t memory_budget = 256 * kMiB;
  Log log;
  Duration shutdown_timeout = std::chrono::seconds(25);
  std::optional<std::string> instance_id;
  std::map<std::string, Target> targets;
  std::vector<Pipeline> pipelines;  // in the order of the file
};

}  // namespace sluice::config
