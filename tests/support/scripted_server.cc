#include "support/scripted_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <list>
#include <mutex>
#include <system_error>
#include <thread>

#include "support/byte_stream.h"
#include "support/http_exchange.h"

namespace sluice::test {
namespace {

void require(bool holds, const char* what) {
  if (!holds) throw std::system_error(errno, std::generic_category(), what);
}

// Bound to 127.0.0.1; `port` 0 takes a free one and is set to it.
int listen_on(std::uint16_t& port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  require(socket >= 0, "socket");
  const int on = 1;
  require(::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0, "SO_REUSEADDR");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  require(::bind(socket, generic, size) == 0, "bind");
  require(::listen(socket, SOMAXCONN) == 0, "listen");
  require(::getsockname(socket, generic, &size) == 0, "getsockname");
  port = ntohs(address.sin_port);
  return socket;
}

// An accepted socket, closed once by its own thread; others may only shut it down.
class Connection {
 public:
  Connection(int socket, int number) : socket_(socket), number_(number) {}

  void run(std::function<After(int socket, int number)> serve) {
    thread_ = std::thread([this, serve = std::move(serve)] { close(serve(socket_, number_)); });
  }
  void shut_down() {
    const std::lock_guard lock(mutex_);
    if (!closed_) ::shutdown(socket_, SHUT_RDWR);
  }
  bool closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
  }
  void join() { thread_.join(); }

 private:
  void close(After how) {
    const std::lock_guard lock(mutex_);
    const linger at_once{.l_onoff = 1, .l_linger = 0};  // makes close() send RST
    if (how == After::reset) {
      ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
    ::close(socket_);
    closed_ = true;
  }

  const int socket_;
  const int number_;
  mutable std::mutex mutex_;
  bool closed_ = false;
  std::thread thread_;
};

}  // namespace

const std::string* SeenRequest::header(std::string_view name) const {
  const auto found = std::find_if(headers.begin(), headers.end(),
                                  [name](const auto& header) { return header.first == name; });
  return found == headers.end() ? nullptr : &found->second;
}

struct ScriptedServer::Impl {
  Impl(Handler first_handler, Options server_options)
      : options(std::move(server_options)),
        tls(options.tls ? std::make_unique<TlsServer>(*options.tls) : nullptr),
        handler(std::make_shared<const Handler>(std::move(first_handler))) {}

  void start();
  void stop();
  void accept_all();
  void reap();
  After serve(int socket, int number);
  After converse(ByteStream& stream, int socket, int number);
  std::shared_ptr<const Handler> note_request(SeenRequest& request);
  void note_answer();

  const Options options;
  std::unique_ptr<const TlsServer> tls;
  std::uint16_t port = 0;
  int listener = -1;
  std::thread acceptor;
  std::list<Connection> connections;  // the acceptor's; stop()'s once that has ended
  std::atomic<bool> reset_new = false;
  std::atomic<int> accepted = 0;

  mutable std::mutex mutex;  // guards what follows
  mutable std::condition_variable changed;
  std::shared_ptr<const Handler> handler;
  std::size_t seen = 0;
  std::size_t answered = 0;
  std::vector<SeenRequest> remembered;
};

void ScriptedServer::Impl::start() {
  listener = listen_on(port);
  acceptor = std::thread([this] { accept_all(); });
}

void ScriptedServer::Impl::stop() {
  if (!acceptor.joinable()) return;
  ::shutdown(listener, SHUT_RDWR);  // ends accept()
  acceptor.join();
  ::close(listener);
  for (Connection& connection : connections) connection.shut_down();
  for (Connection& connection : connections) connection.join();
  connections.clear();
}

void ScriptedServer::Impl::accept_all() {
  int socket = -1;
  while ((socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC)) >= 0) {
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    reap();
    connections.emplace_back(socket, accepted++).run([this](int accepted_socket, int number) {
      return serve(accepted_socket, number);
    });
  }
}

void ScriptedServer::Impl::reap() {
  connections.remove_if([](Connection& connection) {
    if (!connection.closed()) return false;
    connection.join();
    return true;
  });
}

After ScriptedServer::Impl::serve(int socket, int number) {
  if (reset_new) {
    char first = 0;
    ::recv(socket, &first, 1, MSG_PEEK);
    return After::reset;
  }
  const auto stream = tls != nullptr ? tls->accept(socket) : plain_stream(socket);
  return stream != nullptr ? converse(*stream, socket, number) : After::close;
}

After ScriptedServer::Impl::converse(ByteStream& stream, int socket, int number) {
  HttpExchange exchange(stream, socket);
  SeenRequest request;  // one for all, so that its buffers are re-used
  request.connection = number;
  const std::string peer = stream.peer();
  After after = After::keep_open;
  while (after == After::keep_open) {
    if (!exchange.read(request)) return After::close;
    request.peer = peer;
    after = exchange.answer((*note_request(request))(request));
    note_answer();
  }
  return after;
}

std::shared_ptr<const ScriptedServer::Handler> ScriptedServer::Impl::note_request(
    SeenRequest& request) {
  const std::lock_guard lock(mutex);
  request.number = static_cast<int>(seen++);
  if (options.remember) remembered.push_back(request);
  changed.notify_all();
  return handler;
}

void ScriptedServer::Impl::note_answer() {
  const std::lock_guard lock(mutex);
  ++answered;
  changed.notify_all();
}

ScriptedServer::ScriptedServer(Handler handler) : ScriptedServer(std::move(handler), Options()) {}

ScriptedServer::ScriptedServer(Handler handler, Options options)
    : impl_(std::make_unique<Impl>(std::move(handler), std::move(options))) {
  impl_->start();
}

ScriptedServer::~ScriptedServer() { impl_->stop(); }

std::uint16_t ScriptedServer::port() const { return impl_->port; }

std::string ScriptedServer::url() const {
  return (impl_->options.tls ? "https://127.0.0.1:" : "http://127.0.0.1:") +
         std::to_string(impl_->port);
}

void ScriptedServer::set_handler(Handler handler) {
  auto shared = std::make_shared<const Handler>(std::move(handler));
  const std::lock_guard lock(impl_->mutex);
  impl_->handler.swap(shared);
}

void ScriptedServer::reset_new_connections(bool on) { impl_->reset_new = on; }

std::vector<SeenRequest> ScriptedServer::requests() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->remembered;
}

std::size_t ScriptedServer::request_count() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->seen;
}

std::size_t ScriptedServer::connection_count() const {
  return static_cast<std::size_t>(impl_->accepted);
}

void ScriptedServer::forget() {
  const std::lock_guard lock(impl_->mutex);
  impl_->remembered.clear();
  impl_->remembered.shrink_to_fit();
}

bool ScriptedServer::wait_for_requests(std::size_t count, std::chrono::milliseconds timeout) const {
  std::unique_lock lock(impl_->mutex);
  return impl_->changed.wait_for(lock, timeout, [&] { return impl_->seen >= count; });
}

bool ScriptedServer::wait_for_answers(std::size_t count, std::chrono::milliseconds timeout) const {
  std::unique_lock lock(impl_->mutex);
  return impl_->changed.wait_for(lock, timeout, [&] { return impl_->answered >= count; });
}

void ScriptedServer::stop() { impl_->stop(); }

void ScriptedServer::set_tls(const std::optional<TlsOptions>& tls) {
  impl_->tls = tls ? std::make_unique<TlsServer>(*tls) : nullptr;
}

void ScriptedServer::restart() { impl_->start(); }

}  // namespace sluice::test
