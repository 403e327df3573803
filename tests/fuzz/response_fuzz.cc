// The head and body of a response as they come from the socket: any bytes end in one answer within
// its bounds or one error, and the next request is not disturbed.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/system_clock.h"
#include "fuzz/fuzz_input.h"
#include "http/client.h"

namespace {

using namespace sluice;
using fuzz::require;
using std::chrono::milliseconds;

constexpr std::size_t kMaxResponse = 4096;

// Answers one connection at a time with bytes that it is given, from the client's own thread.
class Server {
 public:
  Server() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    require(bind(listener_, generic, size) == 0 && listen(listener_, 8) == 0 &&
                getsockname(listener_, generic, &size) == 0,
            "there is a port for the test");
    port_ = ntohs(address.sin_port);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() { close(listener_); }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/events"; }

  // Whether somebody was there. Does not wait for the request: what a broken server says need not
  // have to do with it.
  bool answer(std::string_view bytes) const {
    const int connection = accept(listener_, nullptr, nullptr);
    if (connection < 0) return false;
    [[maybe_unused]] const auto sent = send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    shutdown(connection, SHUT_WR);
    // Closed with the request unread, it would reset what the client has not read yet.
    std::string unread(512, '\0');
    while (recv(connection, unread.data(), unread.size(), MSG_DONTWAIT) > 0) {
    }
    open_.push_back(connection);
    return true;
  }
  void close_all() const {
    for (const int connection : open_) close(connection);
    open_.clear();
  }

 private:
  int listener_;
  std::uint16_t port_ = 0;
  mutable std::vector<int> open_;
};

http::Completion exchange(http::Client& client, const Server& server, std::string_view bytes) {
  const auto id = client.send({"POST", server.url(), {}, "[1]"});
  std::vector<http::Completion> completed;
  for (int polls = 0; completed.empty() && polls < 5000; ++polls) {
    client.poll(milliseconds(polls == 0 ? 0 : 1), -1, completed);
    server.answer(bytes);
  }
  require(completed.size() == 1 && completed[0].id == id, "a request completes once");
  require(client.in_flight() == 0, "nothing is left of it");
  server.close_all();
  return std::move(completed[0]);
}

std::unique_ptr<http::Client> make_client(const Clock& clock) {
  http::ClientOptions options;
  options.max_response = kMaxResponse;
  options.version = http::Version::v1_1;
  return http::Client::create(options, clock).value();
}

constexpr std::string_view kPlain = "HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n";

// Nothing of the response before it is in this one's.
void check_plain(http::Client& client, const Server& server) {
  const auto plain = exchange(client, server, kPlain);
  require(plain.result && plain.result->status == 204 && plain.result->headers.size() == 1,
          "the answer to the next request is its own");
}

void check_answer(const http::Answer& answer) {
  require(answer.status >= 0, "a status is a number", std::to_string(answer.status));
  require(answer.body.size() <= kMaxResponse, "a body has a bound");
  for (const http::Header& header : answer.headers) {
    for (const char c : header.name) require(c < 'A' || c > 'Z', "in lower case", header.name);
    // libcurl leaves a CR inside a line where it is, and makes a bare line end the beginning of the
    // value of a header that has none; nothing sends an answer's header on.
    const std::string value = header.value.substr(header.value.starts_with('\n') ? 1 : 0);
    require((header.name + value).find_first_of(std::string_view("\n\0", 2)) == value.npos,
            "a header is one line", header.value);
    require(answer.header(header.name) != nullptr, "a header is found by its name", header.name);
  }
}

}  // namespace

// The bytes of the response.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const SystemClock clock;
  static const Server server;
  static const auto client = make_client(clock);
  static const bool used = (check_plain(*client, server), true);  // it never is a new client's
  require(used, "the client works");
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto completion = exchange(*client, server, bytes);
  if (completion.result) {
    check_answer(*completion.result);
  } else {
    const auto& detail = completion.result.error().detail;
    require(!detail.empty() && fuzz::is_one_line(detail), "an error is one line", detail);
  }
  check_plain(*client, server);
  return 0;
}
