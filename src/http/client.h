// Requests in, answers or transport errors out: one libcurl multi handle, for one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "http/options.h"

namespace sluice::http {

struct Header {
  std::string name;
  std::string value;
};

// `body` is borrowed until the completion is reported or the request is cancelled: libcurl sends
// from it, and sends it again by itself when a reused connection turns out to be dead.
struct Request {
  std::string method;
  std::string url;
  std::vector<Header> headers;
  std::string_view body;
};

struct Answer {
  int status = 0;
  std::vector<Header> headers;  // names in lower case, in order of arrival, final answer only
  std::string body;

  // The first header of that (lower-case) name, or nullptr.
  const std::string* header(std::string_view name) const;
};

// Why there is no answer. Closed list: it is a metric label.
enum class TransportErrorKind : std::uint8_t {
  resolve,    // the host has no address, or none came in time
  connect,    // refused, unreachable, or connect_timeout
  tls,        // handshake, certificate, name
  timeout,    // no full answer within `timeout`
  reset,      // the connection broke
  protocol,   // what came back is not HTTP
  too_large,  // the answer is longer than max_response
  other,
};
std::string_view to_string(TransportErrorKind kind);

struct TransportError {
  TransportErrorKind kind = TransportErrorKind::other;
  std::string detail;  // one line for people: no URL query, no header, no body
};

using RequestId = std::uint64_t;

struct Completion {
  RequestId id = 0;
  tl::expected<Answer, TransportError> result;
  Duration elapsed{};  // since it left the queue; `timeout` counts from there too
};

// What those need who only hand requests in; tests answer them without a network.
class Sender {
 public:
  virtual ~Sender() = default;
  // Takes a request. Ids are never reused.
  virtual RequestId send(Request request) = 0;
  // Its completion is never reported afterwards. Unknown ids are ignored.
  virtual void cancel(RequestId id) = 0;
};

// What requests go out with: limits, proxy, TLS files as they were when it was made. Immutable.
class Connection;
using SharedConnection = std::shared_ptr<const Connection>;
// Reads the TLS files and lets libcurl try them; the error names the file.
Result<SharedConnection> prepare_connection(const ClientOptions& options);

// Keep-alive pool, `Expect:` off, no redirects, http and https only, proxies of the environment
// ignored. Not thread-safe. The destructor cancels what is in flight and does not wait.
class Client final : public Sender {
 public:
  static Result<std::unique_ptr<Client>> create(const ClientOptions& options, const Clock& clock);
  static Result<std::unique_ptr<Client>> create(SharedConnection connection, const Clock& clock);
  ~Client() override;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // The request waits for a free connection and moves only inside poll(). One with a header that
  // is not one line is never sent: it completes as `other`.
  RequestId send(Request request) override;
  void cancel(RequestId id) override;
  std::size_t in_flight() const;
  // For requests that have not left the queue yet; those under way end as they began. Connections
  // with other TLS files are not used again.
  void use(SharedConnection connection);

  // Moves every transfer, then sleeps until a socket is ready, `wake_fd` (if not -1) is readable,
  // or `max_wait` is over (rounded up to a millisecond; zero: does not sleep); moves them again.
  // Appends what completed, and does not sleep over it. Does not read from wake_fd.
  void poll(Duration max_wait, int wake_fd, std::vector<Completion>& completed);

 private:
  struct Impl;
  explicit Client(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::http
