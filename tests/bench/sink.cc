// The benchmark's HTTP API: takes any POST, looks at every byte of it, counts its records by their
// ids and answers 200. One thread, so that it takes one core at most. It prints its port, then
// "complete" once every id below RECORDS was seen; GET /stats answers with the counts at any time,
// and GET /latencies with what stamped records (bench_fill) took up to the read of their request's
// last byte: microseconds, in the order of their ids, null where none is known.
// With --bad-every=N one record in N is bad: a request with one in it is refused (422) and nothing
// of it counts, and a bad record that is refused alone is set aside, which is as good as seen.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/tally.h"
#include "bench/unpack.h"

namespace {

using sluice::bench::Encoding;
using sluice::bench::Tally;

struct Head {
  bool get = false;
  bool latencies = false;
  std::size_t bytes = 0;  // up to and with the blank line
  std::size_t body_bytes = 0;
  Encoding encoding = Encoding::none;
};

// What follows `name` in a line of a head that begins at `line`; nullopt: another header.
std::optional<std::string_view> value_of(std::string_view line, std::string_view name) {
  if (line.size() < name.size() || strncasecmp(line.data(), name.data(), name.size()) != 0) {
    return std::nullopt;
  }
  line.remove_prefix(name.size());
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  return line.substr(0, line.find("\r\n"));
}

// nullopt: not all there yet.
std::optional<Head> parse_head(std::string_view input) {
  const std::size_t end = input.find("\r\n\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  Head head{input.starts_with("GET "), input.starts_with("GET /latencies "), end + 4, 0};
  constexpr std::string_view kLength = "\r\nContent-Length:";
  for (std::size_t at = input.find("\r\n"); at < end; at = input.find("\r\n", at + 2)) {
    if (strncasecmp(input.data() + at, kLength.data(), kLength.size()) == 0) {
      head.body_bytes = std::strtoull(input.data() + at + kLength.size(), nullptr, 10);
    }
    if (const auto name = value_of(input.substr(at + 2), "Content-Encoding:")) {
      head.encoding = sluice::bench::encoding_named(*name);
    }
  }
  return head;
}

// Answers wait for so long each, as with an API that is further away or works more.
class Delay {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Delay(std::chrono::milliseconds time) : time_(time) {}

  bool none() const { return time_.count() == 0; }
  void add(int fd) { waiting_.emplace_back(Clock::now() + time_, fd); }
  // Milliseconds until the next is due; -1: none waits.
  int next() const {
    if (waiting_.empty()) return -1;
    const auto left = waiting_.front().first - Clock::now();
    const auto ms = std::chrono::ceil<std::chrono::milliseconds>(left).count();
    return ms > 0 ? static_cast<int>(ms) : 0;
  }
  // Whose answer is due; -1: nobody's.
  int take() {
    if (next() != 0) return -1;
    const int fd = waiting_.front().second;
    waiting_.pop_front();
    return fd;
  }

 private:
  const std::chrono::milliseconds time_;
  std::deque<std::pair<Clock::time_point, int>> waiting_;  // in their order, since all wait as long
};

class Connection {
 public:
  Connection(int fd, Tally& tally, Delay& delay)
      : fd_(fd), tally_(tally), delay_(delay), buffer_(kRoom) {
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  ~Connection() { close(fd_); }
  Connection(Connection&&) = delete;

  // The time of what waits is over.
  void on_due() {
    const std::string answer = std::exchange(waiting_, {});
    if (!answer.empty()) finish(answer);
  }

  // Takes what is there. False: the peer is gone.
  bool on_readable() {
    if (buffer_.size() - used_ < kRoom) buffer_.resize(2 * buffer_.size());
    const ssize_t got = recv(fd_, buffer_.data() + used_, buffer_.size() - used_, 0);
    if (got <= 0) return false;
    used_ += static_cast<std::size_t>(got);
    while (step()) {
    }
    return true;
  }

 private:
  static constexpr std::size_t kRoom = 65'536;
  static constexpr std::string_view kOk = "200 OK";

  // One request, if it is complete.
  bool step() {
    if (!head_) {
      head_ = parse_head({buffer_.data(), used_});
      if (!head_) return false;
      if (!head_->get) tally_.begin_request();
    }
    const std::size_t size = head_->bytes + head_->body_bytes;
    if (used_ < size) return false;
    answer({buffer_.data() + head_->bytes, head_->body_bytes});
    std::memmove(buffer_.data(), buffer_.data() + size, used_ - size);
    used_ -= size;
    head_.reset();
    return true;
  }

  void answer(std::string_view body) {
    if (head_->get) return reply(head_->latencies ? tally_.latencies() : tally_.json());
    body = unpacker_.unpack(head_->encoding, body);
    if (tally_.refuses(body))
      return finish(R"({"message":"not valid"})", "422 Unprocessable Entity");
    const std::string text =
        R"({"message":"ok","count":)" + std::to_string(tally_.count(body)) + "}";
    if (delay_.none()) return finish(text);
    waiting_ = text;
    delay_.add(fd_);
  }

  void finish(const std::string& text, std::string_view status = kOk) {
    reply(text, status);
    if (tally_.end_request()) {
      std::puts("complete");
      std::fflush(stdout);
    }
  }

  // The socket blocks, and answers to the client fit into its buffer.
  void reply(const std::string& json, std::string_view status = kOk) {
    const std::string out =
        "HTTP/1.1 " + std::string(status) +
        "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(json.size()) +
        "\r\n\r\n" + json;
    [[maybe_unused]] const ssize_t sent = send(fd_, out.data(), out.size(), MSG_NOSIGNAL);
  }

  int fd_;
  Tally& tally_;
  Delay& delay_;
  std::string waiting_;  // an answer; empty: none
  std::vector<char> buffer_;
  std::size_t used_ = 0;
  std::optional<Head> head_;
  sluice::bench::Unpacker unpacker_;
};

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

int listen_on_loopback() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (bind(fd, any, size) != 0 || listen(fd, 128) != 0 || getsockname(fd, any, &size) != 0) {
    fail("bench_sink: listen");
  }
  std::printf("%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return fd;
}

void watch(int epoll, int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) fail("bench_sink: epoll_ctl");
}

[[noreturn]] void serve(Tally& tally, Delay& delay) {
  const int epoll = epoll_create1(0);
  const int listener = listen_on_loopback();
  watch(epoll, listener);
  std::map<int, std::unique_ptr<Connection>> connections;
  for (;;) {
    epoll_event events[64];
    const int ready = epoll_wait(epoll, events, 64, delay.next());
    for (int i = 0; i < ready; ++i) {
      const int fd = events[i].data.fd;
      if (fd != listener) {
        if (!connections.at(fd)->on_readable()) connections.erase(fd);
      } else if (const int accepted = accept(listener, nullptr, nullptr); accepted >= 0) {
        connections[accepted] = std::make_unique<Connection>(accepted, tally, delay);
        watch(epoll, accepted);
      }
    }
    for (int fd = delay.take(); fd >= 0; fd = delay.take()) {
      const auto found = connections.find(fd);
      if (found != connections.end()) found->second->on_due();
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  constexpr std::string_view kBadEvery = "--bad-every=";
  const bool has_bad = argc > 1 && std::string_view(argv[argc - 1]).starts_with(kBadEvery);
  const std::uint64_t bad_every =
      has_bad ? std::strtoull(argv[--argc] + kBadEvery.size(), nullptr, 10) : 0;
  if (argc != 2 && argc != 3) {
    std::fprintf(stderr, "usage: bench_sink RECORDS [MILLISECONDS] [--bad-every=N]\n");
    return 2;
  }
  Tally tally(std::strtoull(argv[1], nullptr, 10), bad_every);
  Delay delay(std::chrono::milliseconds(argc == 3 ? std::strtol(argv[2], nullptr, 10) : 0));
  serve(tally, delay);
}
