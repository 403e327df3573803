// What the Kafka clients of this folder are made with.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/wipe.h"

namespace sluice::kafka {

// librdkafka's own log lines, from any of its threads; level as in syslog (7 is debug).
using LogSink = std::function<void(int level, std::string_view text)>;

// Passwords may be among them.
inline void wipe_values(std::map<std::string, std::string>& properties) noexcept {
  for (auto& [name, value] : properties) wipe(value);
}

// PEM files, read when a client is made.
struct TlsFiles {
  std::optional<std::string> ca;    // trusted instead of the system's CAs
  std::optional<std::string> cert;  // of the client, and its key: both or none
  std::optional<std::string> key;
};

// What OAUTHBEARER shows the brokers.
struct Token {
  std::string value;
  WallTime expires{};

  ~Token() { wipe(value); }
};

struct Sasl {
  std::string mechanism;  // PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER
  std::string user;       // of all but OAUTHBEARER
  std::string password;
  // Of OAUTHBEARER: asked from a thread of librdkafka's own, of each client, when it needs a new
  // one; it may block for some seconds. An error is shown to people, and it is asked again.
  std::function<Result<Token>()> fetch_token;
  std::string principal;                          // of the token, for librdkafka's log
  std::map<std::string, std::string> extensions;  // told beside the token

  ~Sasl() { wipe(password); }
};

struct ClientOptions {
  std::vector<std::string> brokers;
  std::map<std::string, std::string> properties;  // passed through, last
  std::optional<TlsFiles> tls;                    // nullopt: in clear, or as the properties say
  std::optional<Sasl> sasl;
  std::string client_id = "sluice";
  LogSink log;

  ~ClientOptions() { wipe_values(properties); }
};

struct ConsumerOptions {
  ClientOptions client;
  std::string group;
  std::optional<std::string> instance_id;  // static membership
  std::size_t prefetch_bytes = 16 << 20;
  // Topics that no pattern of a subscription matches, besides Kafka's own.
  std::vector<std::string> never_matched;
};

// 10 s unless the member is static (45 s: a restart has to fit in) or a property says otherwise.
Duration session_timeout(const ConsumerOptions& options);

// What the running library needs to be fast: a full prefetch queue sleeps one whole second below
// 2.2, so more is prefetched there.
std::size_t preferred_prefetch_bytes();

// Whether librdkafka knows and takes every property; the error names the one.
Result<void> check_properties(const ClientOptions& options);

// Whether librdkafka can use the TLS files; the error names the one.
Result<void> try_tls_files(const ClientOptions& options);

// How many threads librdkafka starts for one client, before it knows of further brokers.
std::size_t threads_of_client(const ClientOptions& options);

int library_version();  // as rd_kafka_version(): 0x020002ff is 2.0.2
std::string library_version_text();
// What the running library's version costs, for the start-up log; empty for a good one.
std::vector<std::string> library_warnings(const ClientOptions& options);

}  // namespace sluice::kafka
