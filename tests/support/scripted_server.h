// An HTTP/1.1 server on loopback that answers as a test tells it to, remembers what it was asked,
// and breaks in every way a server can. One thread per connection, keep-alive.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/test_certificates.h"

namespace sluice::test {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct SeenRequest {
  int number = 0;      // of all requests of this server, from 0
  int connection = 0;  // of all its connections, from 0: equal means re-used
  std::string method;
  std::string path;      // with its query
  std::string raw_head;  // every byte before the body
  HttpHeaders headers;   // names in lower case
  std::string peer;      // the common name of the client's certificate
  std::string body;

  // The first header of that (lower-case) name, or nullptr.
  const std::string* header(std::string_view name) const;
};

enum class Fault : std::uint8_t {
  none,
  reset_after_request,  // RST instead of an answer
  close_after_request,  // FIN instead of an answer
  hang,                 // no answer for as long as the client or this server lives
  drip,                 // the answer, one byte every two milliseconds
  garbage,              // bytes that are not HTTP, then FIN
  huge_body,            // 200 and a body that never ends
  half_answer,          // announces more body than it sends, then FIN
  reset_in_body,        // the same with RST
  close_after_answer,   // a whole answer that promises keep-alive, then FIN
};

struct Reply {
  int status = 200;
  HttpHeaders headers = {};
  std::string body = {};
  std::chrono::milliseconds delay{0};
  Fault fault = Fault::none;
  std::string raw = {};  // if not empty: sent as it is, instead of status, headers and body
};

class ScriptedServer {
 public:
  // Called by many threads at once.
  using Handler = std::function<Reply(const SeenRequest&)>;

  struct Options {
    bool remember = true;  // false: requests are counted only, for big runs
    std::optional<TlsOptions> tls = std::nullopt;
  };

  explicit ScriptedServer(Handler handler);
  ScriptedServer(Handler handler, Options options);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  std::uint16_t port() const;
  std::string url() const;  // "http://127.0.0.1:<port>", https with tls

  void set_handler(Handler handler);
  // From now on new connections are reset at the first byte of a request, the rest unread.
  void reset_new_connections(bool on);

  // In order of arrival; a request is seen before its handler runs.
  std::vector<SeenRequest> requests() const;
  std::size_t request_count() const;  // forgotten ones too
  std::size_t connection_count() const;
  void forget();
  // False if fewer than `count` requests came within `timeout`.
  bool wait_for_requests(std::size_t count, std::chrono::milliseconds timeout) const;
  // The same for replies that were carried out, faults included.
  bool wait_for_answers(std::size_t count, std::chrono::milliseconds timeout) const;

  // Closes every connection and refuses new ones; waits for handlers to return.
  void stop();
  // After stop(): what it speaks when it listens again. url() stays what it was.
  void set_tls(const std::optional<TlsOptions>& tls);
  // After stop(): listens again, on the same port.
  void restart();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::test
