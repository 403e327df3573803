#include "support/tcp_proxy.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <future>
#include <limits>
#include <list>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "support/free_port.h"
#include "support/tcp_pipe.h"

namespace sluice::test {
namespace {

using Kind = Trouble::Kind;

constexpr int kSocketFlags = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
constexpr int kBindTries = 10;  // another process may take a port between our look and our bind

void require(bool holds, const char* what) {
  if (!holds) throw std::system_error(errno, std::generic_category(), what);
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int bind_somewhere(std::uint16_t& port) {
  const int socket = ::socket(AF_INET, kSocketFlags, 0);
  require(socket >= 0, "socket");
  const int on = 1;
  require(::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0, "SO_REUSEADDR");
  for (int tries = 1;; ++tries) {
    port = free_port();
    const sockaddr_in address = loopback(port);
    const bool bound =
        ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    if (bound) return socket;
    require(tries < kBindTries, "bind");
  }
}

void close_with_reset(int socket) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  ::close(socket);
}

// On its way when this returns; a failure shows at its first use. -1: it failed already.
int connect_to(std::uint16_t port) {
  const int socket = ::socket(AF_INET, kSocketFlags, 0);
  require(socket >= 0, "socket");
  const sockaddr_in address = loopback(port);
  const auto* const generic = reinterpret_cast<const sockaddr*>(&address);
  if (::connect(socket, generic, sizeof address) == 0 || errno == EINPROGRESS) return socket;
  ::close(socket);
  return -1;
}

class Connection {
 public:
  Connection(int client, int server)
      : client_(client), server_(server), requests_(client, server), answers_(server, client) {
    for (const int socket : {client, server}) {
      const int on = 1;
      ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
  }

  // A trouble that counts bytes counts from here.
  void note_trouble() { moved_before_ = moved(); }
  void reset() {
    close_with_reset(client_);
    close_with_reset(server_);
  }
  // False: it is over, and closed.
  bool move(const Trouble& trouble, ProxyTime now);
  void watch(const Trouble& trouble, ProxyTime now, std::vector<pollfd>& polled,
             ProxyTime& wake) const;

 private:
  std::size_t moved() const { return requests_.moved() + answers_.moved(); }
  std::size_t allowance(const Trouble& trouble) const {
    if (trouble.kind != Kind::reset_after) return std::numeric_limits<std::size_t>::max();
    return trouble.bytes - std::min(trouble.bytes, moved() - moved_before_);
  }

  int client_;
  int server_;
  TcpPipe requests_;
  TcpPipe answers_;
  std::size_t moved_before_ = 0;
};

bool Connection::move(const Trouble& trouble, ProxyTime now) {
  if (trouble.kind == Kind::blackhole) return true;
  const bool sound =
      requests_.move(trouble, now, allowance(trouble)) &&
      (trouble.kind == Kind::half_open || answers_.move(trouble, now, allowance(trouble)));
  if (!sound || allowance(trouble) == 0) {
    reset();
    return false;
  }
  if (!requests_.over() || !answers_.over()) return true;
  ::close(client_);
  ::close(server_);
  return false;
}

void Connection::watch(const Trouble& trouble, ProxyTime now, std::vector<pollfd>& polled,
                       ProxyTime& wake) const {
  if (trouble.kind == Kind::blackhole) return;
  requests_.watch(trouble, now, polled, wake);
  if (trouble.kind != Kind::half_open) answers_.watch(trouble, now, polled, wake);
}

}  // namespace

// All but the tasks belongs to the thread of run().
struct TcpProxy::Impl {
  explicit Impl(std::uint16_t to);
  ~Impl();

  // Returns when `task` was run by that thread, at a time when it waits for nothing.
  void ask(std::function<void()> task);
  void run();
  bool run_tasks();
  void wait(ProxyTime now);
  void accept_all();
  void meet(int client);
  void change(const Trouble& to);
  void reset_all();

  std::uint16_t port = 0;
  std::uint16_t upstream;
  int listener;
  int waker;
  Trouble trouble;
  std::list<Connection> connections;
  std::size_t accepted = 0;
  bool stopping = false;
  std::mutex mutex;
  std::vector<std::packaged_task<void()>> tasks;
  std::thread thread;
};

TcpProxy::Impl::Impl(std::uint16_t to)
    : upstream(to),
      listener(bind_somewhere(port)),
      waker(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  require(waker >= 0, "eventfd");
  require(::listen(listener, SOMAXCONN) == 0, "listen");
  thread = std::thread([this] { run(); });
}

TcpProxy::Impl::~Impl() {
  ask([this] { stopping = true; });
  thread.join();
  reset_all();
  ::close(listener);
  ::close(waker);
}

void TcpProxy::Impl::ask(std::function<void()> task) {
  std::packaged_task<void()> packaged(std::move(task));
  std::future<void> done = packaged.get_future();
  {
    const std::lock_guard lock(mutex);
    tasks.push_back(std::move(packaged));
  }
  const std::uint64_t one = 1;
  require(::write(waker, &one, sizeof one) == sizeof one, "write");
  done.get();
}

void TcpProxy::Impl::run() {
  while (run_tasks()) {
    accept_all();
    const ProxyTime now = std::chrono::steady_clock::now();
    connections.remove_if([&](Connection& each) { return !each.move(trouble, now); });
    wait(now);
  }
}

bool TcpProxy::Impl::run_tasks() {
  std::uint64_t ignored = 0;
  static_cast<void>(::read(waker, &ignored, sizeof ignored));
  std::vector<std::packaged_task<void()>> present;
  {
    const std::lock_guard lock(mutex);
    present.swap(tasks);
  }
  for (std::packaged_task<void()>& task : present) task();
  return !stopping;
}

void TcpProxy::Impl::wait(ProxyTime now) {
  std::vector<pollfd> polled{{.fd = waker, .events = POLLIN, .revents = 0}};
  const bool accepts = trouble.kind != Kind::blackhole && trouble.kind != Kind::refuse;
  if (accepts) polled.push_back({.fd = listener, .events = POLLIN, .revents = 0});
  ProxyTime wake = ProxyTime::max();
  for (const Connection& each : connections) each.watch(trouble, now, polled, wake);
  int timeout_ms = -1;
  if (wake != ProxyTime::max()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(wake - now).count();
    timeout_ms = static_cast<int>(std::min<std::int64_t>(left, 60'000));
  }
  ::poll(polled.data(), polled.size(), timeout_ms);
}

// In a blackhole the system itself completes their handshake, and they wait for us.
void TcpProxy::Impl::accept_all() {
  if (trouble.kind == Kind::blackhole || trouble.kind == Kind::refuse) return;
  for (;;) {
    const int client = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (client < 0) return;
    ++accepted;
    meet(client);
  }
}

void TcpProxy::Impl::meet(int client) {
  const int server = trouble.kind == Kind::reset ? -1 : connect_to(upstream);
  if (server < 0) {
    close_with_reset(client);
  } else {
    connections.emplace_back(client, server);
  }
}

void TcpProxy::Impl::change(const Trouble& to) {
  const bool refused = trouble.kind == Kind::refuse;
  const bool refuses = to.kind == Kind::refuse;
  // A listener that is shut down keeps its port, and none else can take it meanwhile.
  if (refuses && !refused) require(::shutdown(listener, SHUT_RDWR) == 0, "shutdown");
  if (refused && !refuses) require(::listen(listener, SOMAXCONN) == 0, "listen");
  if (refuses || to.kind == Kind::reset) reset_all();
  trouble = to;
  for (Connection& each : connections) each.note_trouble();
}

void TcpProxy::Impl::reset_all() {
  for (Connection& each : connections) each.reset();
  connections.clear();
}

TcpProxy::TcpProxy(std::uint16_t upstream) : impl_(std::make_unique<Impl>(upstream)) {}
TcpProxy::~TcpProxy() = default;

std::uint16_t TcpProxy::port() const { return impl_->port; }

void TcpProxy::set(const Trouble& trouble) {
  impl_->ask([this, trouble] { impl_->change(trouble); });
}

void TcpProxy::cut() {
  impl_->ask([this] {
    for (;;) {  // those that are not accepted yet
      const int client = ::accept4(impl_->listener, nullptr, nullptr, SOCK_CLOEXEC);
      if (client < 0) break;
      close_with_reset(client);
    }
    impl_->reset_all();
  });
}

void TcpProxy::retarget(std::uint16_t upstream) {
  impl_->ask([this, upstream] { impl_->upstream = upstream; });
}

std::size_t TcpProxy::connections() const {
  std::size_t count = 0;
  impl_->ask([&] { count = impl_->connections.size(); });
  return count;
}

std::size_t TcpProxy::accepted() const {
  std::size_t count = 0;
  impl_->ask([&] { count = impl_->accepted; });
  return count;
}

}  // namespace sluice::test
