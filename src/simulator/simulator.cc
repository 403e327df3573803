#include "simulator/simulator.h"

#include <httplib.h>
#include <sys/socket.h>

#include <cerrno>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>
#include <utility>

#include "base/threads.h"
#include "simulator/api.h"

namespace sluice::simulator {
namespace {

constexpr Duration kSlow = std::chrono::seconds(3);
// httplib keeps a thread for each connection: enough for eight of each event type and a person.
constexpr std::size_t kThreads = 128;
constexpr int kBacklog = 128;        // httplib's own 5 makes a burst of connections wait a second
constexpr int kIdleSeconds = 2;      // a connection without a request; also holds up the end
constexpr int kTransferSeconds = 5;  // a request or answer that makes no progress
constexpr std::size_t kRequestsOfAConnection = 1'000'000'000;

constexpr const char* kControlPath = "/simulator";
constexpr std::string_view kFaultPath = "/simulator/fault";
constexpr std::string_view kFaultPrefix = "/simulator/fault/";

std::string address(const std::string& host, std::uint16_t port) {
  const bool ipv6 = host.find(':') != std::string::npos;
  return (ipv6 ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

Error bind_error(const std::string& host, std::uint16_t port, int error) {
  const std::string cause = "cannot listen on " + address(host, port) + ": ";
  switch (error) {
    case EADDRINUSE:
      return {cause + "address in use", "stop the other process or choose another port"};
    case EACCES:
      return {cause + "no permission for this port", "choose a port above 1023"};
    default:
      return {cause + "not an address of this machine",
              "choose an address of this machine, or 0.0.0.0 for all"};
  }
}

void send(const Answer& answer, httplib::Response& response) {
  response.status = answer.status;
  response.set_content(answer.body, answer.content_type);
  if (answer.retry_after) response.set_header("Retry-After", "1");
}

}  // namespace

struct Simulator::Impl {
  Impl(Options options_in, std::unique_ptr<Api> api_in, const Clock& clock_in);
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void set_limits();
  void set_routes();
  void set_control_routes();
  // The bound port; 0: errno says why not.
  std::uint16_t bind();
  Result<void> serve();
  void set_fault(Fault to);
  Fault current_fault() const;
  void control(const httplib::Request& request, httplib::Response& response);
  void post(const httplib::Request& request, httplib::Response& response);
  void hold(Fault began_with);

  const Options options;
  const std::unique_ptr<Api> api;
  const Clock& clock;
  std::uint16_t port = 0;
  mutable std::mutex mutex;  // guards the two below
  Fault fault = Fault::none;
  bool stopping = false;
  std::condition_variable changed;
  int socket = -1;  // httplib's
  httplib::Server http;
  std::promise<void> serving;
  std::thread thread;
};

Simulator::Impl::Impl(Options options_in, std::unique_ptr<Api> api_in, const Clock& clock_in)
    : options(std::move(options_in)), api(std::move(api_in)), clock(clock_in) {
  set_limits();
  set_routes();
  set_control_routes();
}

Simulator::Impl::~Impl() {
  if (!thread.joinable()) return;
  {
    const std::lock_guard lock(mutex);
    stopping = true;
  }
  changed.notify_all();
  http.stop();
  thread.join();
}

void Simulator::Impl::set_limits() {
  http.set_socket_options([this](int bound) {
    // httplib would set SO_REUSEPORT, under which a second process shares the port without a word.
    const int on = 1;
    setsockopt(bound, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    socket = bound;
  });
  http.set_tcp_nodelay(true);
  http.set_keep_alive_max_count(kRequestsOfAConnection);
  http.set_keep_alive_timeout(kIdleSeconds);
  http.set_read_timeout(kTransferSeconds);
  http.set_write_timeout(kTransferSeconds);
  http.set_payload_max_length(kMostBytes + 1);
}

void Simulator::Impl::set_routes() {
  http.Post(".*", [this](const auto& request, auto& response) { post(request, response); });
  http.Get(options.prefix + "/datapipeline/health", [this](const auto&, auto& response) {
    send(current_fault() == Fault::outage ? answer_outage() : answer_healthy(), response);
  });
  // What httplib refused by itself has no body yet.
  http.set_error_handler([this](const httplib::Request& request, httplib::Response& response) {
    if (!response.body.empty()) return;
    if (request.method == "POST") api->count(request.path, response.status);
    send(answer_refused({response.status, "The request cannot be served"}), response);
  });
}

void Simulator::Impl::set_control_routes() {
  const auto handle = [this](const httplib::Request& request, httplib::Response& response) {
    control(request, response);
  };
  http.Get(kControlPath, handle);
  http.Put(".*", handle);
  http.Delete(".*", handle);
  // `curl -X PUT` announces no body; httplib would refuse it for that before it came here.
  http.set_pre_routing_handler([this](const auto& request, auto& response) {
    const bool changes = request.method == "PUT" || request.method == "DELETE";
    if (!changes || request.has_header("Content-Length") ||
        request.has_header("Transfer-Encoding")) {
      return httplib::Server::HandlerResponse::Unhandled;
    }
    control(request, response);
    return httplib::Server::HandlerResponse::Handled;
  });
}

void Simulator::Impl::control(const httplib::Request& request, httplib::Response& response) {
  const std::string_view path = request.path;
  if (request.method == "PUT" && path.starts_with(kFaultPrefix)) {
    const auto wanted = parse_fault(path.substr(kFaultPrefix.size()));
    if (!wanted) return send(answer_refused({400, wanted.error().text()}), response);
    set_fault(*wanted);
  } else if (request.method == "DELETE" && path == kFaultPath) {
    set_fault(Fault::none);
  } else if (request.method != "GET") {
    return send(answer_refused({404, "There is no such endpoint"}), response);
  }
  send({200, api->to_json(current_fault())}, response);
}

// httplib says only that it failed; what the last system call left in errno is the reason, and 0
// stands for a name that does not resolve.
std::uint16_t Simulator::Impl::bind() {
  errno = 0;
  int bound = options.port;
  if (bound == 0) {
    bound = http.bind_to_any_port(options.host);
  } else if (!http.bind_to_port(options.host, bound)) {
    bound = 0;
  }
  if (bound <= 0) return 0;
  ::listen(socket, kBacklog);
  return static_cast<std::uint16_t>(bound);
}

// httplib forgets a stop() that comes before its loop runs; it asks for its task queue once it
// does, so that is awaited here, and with it all of its threads.
Result<void> Simulator::Impl::serve() {
  http.new_task_queue = [this] {
    auto pool = std::make_unique<httplib::ThreadPool>(kThreads);
    serving.set_value();
    return pool.release();  // httplib takes it over
  };
  auto started = start_thread("simulator", [this] { http.listen_after_bind(); });
  if (!started) return tl::unexpected(started.error());
  thread = std::move(*started);
  serving.get_future().wait();
  return {};
}

void Simulator::Impl::set_fault(Fault to) {
  {
    const std::lock_guard lock(mutex);
    fault = to;
  }
  changed.notify_all();
}

Fault Simulator::Impl::current_fault() const {
  const std::lock_guard lock(mutex);
  return fault;
}

void Simulator::Impl::post(const httplib::Request& request, httplib::Response& response) {
  const Fault began_with = current_fault();
  const auto header = [&request](const std::string& name) {
    return request.get_header_value(name);
  };
  send(api->post({request.path, request.body, header}, began_with, clock.now()), response);
  hold(began_with);
}

void Simulator::Impl::hold(Fault began_with) {
  std::unique_lock lock(mutex);
  if (began_with == Fault::slow) {
    changed.wait_for(lock, kSlow, [this] { return stopping || fault != Fault::slow; });
  } else if (options.latency > Duration::zero()) {
    changed.wait_for(lock, options.latency, [this] { return stopping; });
  }
}

Result<std::unique_ptr<Simulator>> Simulator::start(Options options, const Clock& clock) {
  auto api = Api::make(options);
  if (!api) return tl::unexpected(api.error());
  if (auto there = require_threads(kThreads + 1); !there) return tl::unexpected(there.error());
  auto impl = std::make_unique<Impl>(std::move(options), std::move(*api), clock);
  impl->port = impl->bind();
  if (impl->port == 0) {
    return tl::unexpected(bind_error(impl->options.host, impl->options.port, errno));
  }
  if (auto done = impl->serve(); !done) return tl::unexpected(done.error());
  return std::unique_ptr<Simulator>(new Simulator(std::move(impl)));
}

Simulator::Simulator(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Simulator::~Simulator() = default;

std::uint16_t Simulator::port() const { return impl_->port; }

std::string Simulator::base_url() const {
  return "http://" + address(impl_->options.host, impl_->port) + impl_->options.prefix;
}

void Simulator::set_fault(Fault fault) { impl_->set_fault(fault); }
Fault Simulator::fault() const { return impl_->current_fault(); }
Counts Simulator::counts() const { return impl_->api->counts(); }

}  // namespace sluice::simulator
