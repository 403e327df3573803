// Clients of the admin port that do not mean well.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <thread>

#include "fault/scenario.h"
#include "fault/trial.h"
#include "support/kafka_admin.h"

namespace sluice::fault {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

void connect_to(int fd, std::uint16_t port) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  Trial::require(::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0,
                 "no connection to the admin port");
}

// A connection that says a part of a request, and then a byte now and then.
class SlowClient {
 public:
  explicit SlowClient(std::uint16_t port) : port_(port) { begin(); }
  ~SlowClient() { ::close(fd_); }
  SlowClient(const SlowClient&) = delete;
  SlowClient& operator=(const SlowClient&) = delete;

  // Where the other end has given up, it begins anew.
  void say(std::string_view text) {
    if (::send(fd_, text.data(), text.size(), MSG_NOSIGNAL) >= 0) return;
    ::close(fd_);
    begin();
  }

 private:
  void begin() {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    connect_to(fd_, port_);
    const std::string_view half = "GET /metrics HTTP/1.1\r\nHost: x\r\nX-Slow: ";
    ::send(fd_, half.data(), half.size(), MSG_NOSIGNAL);
  }

  const std::uint16_t port_;
  int fd_ = -1;
};

// Asks for /metrics and reads nothing of the answer, which the kernel has little room for: its
// small segments keep the other side's buffer small, too.
class UnreadClient {
 public:
  explicit UnreadClient(std::uint16_t port)
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const int segment = 536;
    const int little = 1;  // the kernel's least
    ::setsockopt(fd_, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment);
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
    connect_to(fd_, port);
    const std::string_view request = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
    ::send(fd_, request.data(), request.size(), MSG_NOSIGNAL);
  }
  ~UnreadClient() { ::close(fd_); }
  UnreadClient(const UnreadClient&) = delete;
  UnreadClient& operator=(const UnreadClient&) = delete;

  // Reads it after all, and says whether the server broke off in the middle.
  bool was_given_up() const {
    std::string answer;
    std::array<char, 4096> some{};
    for (;;) {
      const ssize_t size = ::recv(fd_, some.data(), some.size(), 0);
      if (size <= 0) break;
      answer.append(some.data(), static_cast<std::size_t>(size));
    }
    const std::string name = "Content-Length: ";
    const std::size_t length = answer.find(name);
    const std::size_t body = answer.find("\r\n\r\n");
    if (length == answer.npos || body == answer.npos) return false;
    return answer.size() - body - 4 < std::stoul(answer.substr(length + name.size()));
  }

 private:
  const int fd_;
};

// The longest that a page took in that time, asked for all along.
milliseconds slowest_answer(Trial& trial, seconds time, const std::function<void()>& meanwhile) {
  milliseconds slowest{0};
  const auto end = steady_clock::now() + time;
  while (steady_clock::now() < end) {
    meanwhile();
    for (const char* page : {"/livez", "/metrics", "/status"}) {
      const auto asked = steady_clock::now();
      int code = 0;
      trial.sluice().get(page, &code);
      Trial::require(code == 200, fmt::format("{} says {}", page, code));
      slowest =
          std::max(slowest, std::chrono::duration_cast<milliseconds>(steady_clock::now() - asked));
    }
    std::this_thread::sleep_for(milliseconds(200));
  }
  return slowest;
}

// Half of the records that were due at least, and a probe's answer within its second or so.
void require_unharmed(Trial& trial, const std::string& name, seconds time,
                      const std::function<void()>& meanwhile) {
  const std::size_t before = trial.api().taken_count();
  const milliseconds slowest = slowest_answer(trial, time, meanwhile);
  const std::size_t taken = trial.api().taken_count() - before;
  trial.note(fmt::format("{}: {} records taken in {} s, a page took {} ms at most", name, taken,
                         time.count(), slowest.count()));
  Trial::require(taken >= 500 * static_cast<std::size_t>(time.count()),
                 "the records are held up by clients of the admin port");
  Trial::require(slowest < seconds(2), "the pages are held up by other clients");
}

void be_slow(Run& run) {
  Trial trial(run, run.brokers);
  trial.start();
  std::vector<std::unique_ptr<SlowClient>> clients;
  // More than the port has threads.
  for (int i = 0; i < 60; ++i) {
    clients.push_back(std::make_unique<SlowClient>(trial.sluice().admin_port()));
  }
  require_unharmed(trial, "60 clients that drip", seconds(4), [&] {
    for (const auto& client : clients) client->say("x");
  });
  require_unharmed(trial, "60 clients that are silent", seconds(3), [] {});
  trial.finish();
}

// Pipelines that have nothing to do: with so many, /metrics is more than the kernel keeps of an
// answer that nobody reads.
std::string idle_pipelines(const std::string& topic) {
  std::string lines;
  for (int i = 0; i < 12; ++i) {
    lines += fmt::format(
        "  idle-{0}: {{topics: [{1}], group: {1}-{0}, target: api, path: /records, dead_letter: "
        "none}}\n",
        i, topic);
  }
  return lines;
}

void read_nothing(Run& run) {
  const std::string other = run.result.name + "-other";
  Trial trial(run, run.brokers, {.more_pipelines = idle_pipelines(other)});
  test::create_topic(trial.brokers(), {.name = other});
  trial.start();
  trial.note(fmt::format("/metrics has {} bytes", trial.sluice().metrics().size()));
  std::vector<std::unique_ptr<UnreadClient>> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<UnreadClient>(trial.sluice().admin_port()));
  }
  require_unharmed(trial, "20 clients that read nothing", seconds(4), [] {});
  require_unharmed(trial, "until they are given up", seconds(8), [] {});
  const auto given_up = std::count_if(clients.begin(), clients.end(),
                                      [](const auto& client) { return client->was_given_up(); });
  Trial::require(given_up == 20, fmt::format("only {} of 20 were a burden", given_up));
  trial.finish();
  Trial::require(run.result.peak_rss_bytes < std::size_t{150} << 20, "more memory than 150 MiB");
}

void hammer(Run& run) {
  Trial trial(run, run.brokers);
  trial.start();
  const std::uint16_t port = trial.sluice().admin_port();
  Trial::require(port != 0, "no admin port");
  std::atomic<bool> enough = false;
  std::atomic<std::size_t> answers = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&] {
      while (!enough) answers += trial.sluice().metrics().empty() ? 0U : 1U;
    });
  }
  try {
    require_unharmed(trial, "4 clients that hammer /metrics", seconds(4), [] {});
  } catch (...) {
    enough = true;
    for (auto& client : clients) client.join();
    throw;
  }
  enough = true;
  for (auto& client : clients) client.join();
  trial.note(fmt::format("{} answers of /metrics", answers.load()));
  Trial::require(answers > 100, "nobody hammered");
  trial.finish();
}

}  // namespace

std::vector<Scenario> admin_scenarios() {
  return {{.name = "admin-slow-clients",
           .weight = Weight::quick,
           .cases = {53},
           .what = "60 clients that send half a request; records flow, /livez answers",
           .play = be_slow},
          {.name = "admin-unread",
           .weight = Weight::quick,
           .cases = {53},
           .what = "20 clients that ask for /metrics and read nothing; records flow, pages answer",
           .play = read_nothing},
          {.name = "admin-hammered",
           .weight = Weight::full,
           .cases = {53},
           .what = "/metrics asked without a pause; records flow, /livez answers",
           .play = hammer}};
}

}  // namespace sluice::fault
