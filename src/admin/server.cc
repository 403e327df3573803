#include "admin/server.h"

#include <httplib.h>
#include <sys/socket.h>

#include <cerrno>
#include <future>
#include <thread>
#include <utility>
#include <vector>

#include "admin/bounded_server.h"
#include "admin/console.h"
#include "base/threads.h"

namespace sluice::admin {
namespace {

// Clients that say nothing, or hardly anything, hold one each until their time is over; a probe
// must not wait for them.
constexpr std::size_t kPool = Server::kThreads - 1;

constexpr const char* kPlain = "text/plain; charset=utf-8";
constexpr const char* kPrometheus = "text/plain; version=0.0.4; charset=utf-8";
constexpr std::string_view kReload = "reload";
constexpr const char* kNotFound = "not found; there are:\n/\n/metrics\n/livez\n/readyz\n/status\n";

void answer(httplib::Response& response, int status, const std::string& body) {
  response.status = status;
  response.set_content(body, kPlain);
}

void answer_console(httplib::Response& response, const ConsoleFile& file) {
  response.set_header("Content-Security-Policy", kConsolePolicy);
  response.set_header("Referrer-Policy", "no-referrer");
  response.set_content(file.body.data(), file.body.size(), file.type);
}

// "ok" when nobody is in trouble, else 503 and a line for each.
void answer_health(httplib::Response& response, const std::string& trouble,
                   const std::vector<std::string>& workers) {
  if (workers.empty()) return response.set_content("ok\n", kPlain);
  std::string body;
  for (const std::string& worker : workers) body += trouble + worker + '\n';
  answer(response, 503, body);
}

// httplib would set SO_REUSEPORT, under which a second process shares the port without a word.
void allow_quick_restart(int socket) {
  const int on = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
}

std::string address(const std::string& host, std::uint16_t port) {
  const bool ipv6 = host.find(':') != std::string::npos;
  return (ipv6 ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

Error bind_error(const std::string& host, std::uint16_t port, int error) {
  const std::string cause = "cannot listen on " + address(host, port) + ": ";
  switch (error) {
    case EADDRINUSE:
      return {cause + "address in use", "stop the other process or set admin.listen"};
    case EACCES:
      return {cause + "no permission for this port",
              "set admin.listen to a port above 1023, or give Sluice CAP_NET_BIND_SERVICE"};
    default:
      return {cause + "not an address of this machine",
              "set admin.listen to an address of this machine, or to 0.0.0.0 for all"};
  }
}

}  // namespace

struct Server::Impl {
  Impl(const Clock& clock, const telemetry::Metrics& metrics_in,
       const telemetry::StatusBoard& status_in, ActionPort actions_in);
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  // The bound port; 0: errno says why not.
  std::uint16_t bind(const std::string& host, std::uint16_t wanted);
  Result<void> serve();
  void handle(const httplib::Request& request, httplib::Response& response) const;
  void act(const ActionRequest& action, const httplib::Request& request,
           httplib::Response& response) const;
  ActionReply perform(const ActionRequest& action, const httplib::Request& request,
                      httplib::Response& response) const;

  const telemetry::Metrics& metrics;
  const telemetry::StatusBoard& status;
  const ActionPort actions;
  std::uint16_t port = 0;
  BoundedServer http;
  std::promise<void> serving;
  std::thread thread;
};

Server::Impl::Impl(const Clock& clock, const telemetry::Metrics& metrics_in,
                   const telemetry::StatusBoard& status_in, ActionPort actions_in)
    : metrics(metrics_in), status(status_in), actions(std::move(actions_in)), http(clock) {
  http.set_socket_options(allow_quick_restart);
  http.set_default_headers({{"X-Content-Type-Options", "nosniff"}, {"Cache-Control", "no-store"}});
  // Before httplib's own routing, which would read a body.
  http.set_pre_routing_handler(
      [this](const httplib::Request& request, httplib::Response& response) {
        handle(request, response);
        return httplib::Server::HandlerResponse::Handled;
      });
}

Server::Impl::~Impl() {
  if (!thread.joinable()) return;
  http.stop();
  thread.join();
}

// httplib says only that it failed; what the last system call left in errno is the reason, and 0
// stands for a name that does not resolve.
std::uint16_t Server::Impl::bind(const std::string& host, std::uint16_t wanted) {
  errno = 0;
  if (wanted != 0) return http.bind_to_port(host, wanted) ? wanted : std::uint16_t{0};
  const int free_port = http.bind_to_any_port(host);
  return free_port > 0 ? static_cast<std::uint16_t>(free_port) : std::uint16_t{0};
}

// httplib forgets a stop() that comes before its loop runs; it asks for its task queue once it
// does, so that is awaited here, and with it all of its threads.
Result<void> Server::Impl::serve() {
  http.new_task_queue = [this] {
    auto queue = http.make_queue(kPool);
    serving.set_value();
    return queue.release();  // httplib takes it over
  };
  auto started = start_thread("admin", [this] { http.listen_after_bind(); });
  if (!started) return tl::unexpected(started.error());
  thread = std::move(*started);
  serving.get_future().wait();
  return {};
}

void Server::Impl::handle(const httplib::Request& request, httplib::Response& response) const {
  if (auto action = parse_action_path(request.path)) {
    action->parameters.insert(request.params.begin(), request.params.end());
    act(*action, request, response);
  } else if (request.method != "GET" && request.method != "HEAD") {
    response.set_header("Allow", "GET, HEAD");
    answer(response, 405, "only GET and HEAD\n");
  } else if (const ConsoleFile* file = find_console_file(request.path)) {
    answer_console(response, *file);
  } else if (request.path == "/metrics") {
    response.set_content(metrics.serialize(), kPrometheus);
  } else if (request.path == "/livez") {
    answer_health(response, "stuck: ", status.stuck());
  } else if (request.path == "/readyz") {
    answer_health(response, "", status.not_ready());
  } else if (request.path == "/status") {
    response.set_content(status.to_json(request.has_param("history")), "application/json");
  } else {
    answer(response, 404, kNotFound);
  }
}

void Server::Impl::act(const ActionRequest& action, const httplib::Request& request,
                       httplib::Response& response) const {
  const ActionReply reply = perform(action, request, response);
  if (reply.status != 200 && reply.status != 409) actions.refused(action, reply);
  answer(response, reply.status, reply.text + '\n');
}

ActionReply Server::Impl::perform(const ActionRequest& action, const httplib::Request& request,
                                  httplib::Response& response) const {
  if (request.method != "POST") {
    response.set_header("Allow", "POST");
    return {405, "an action is a POST"};
  }
  const std::string token = actions.token();
  if (token.empty()) return {403, "there are no actions without a token; set admin.token"};
  if (!knows_token(request.get_header_value("Authorization"), token)) {
    response.set_header("WWW-Authenticate", "Bearer");
    return {401, "send admin.token: Authorization: Bearer TOKEN"};
  }
  if (action.name != kReload || !action.pipeline.empty() || !action.target.empty()) {
    return actions.perform(action);
  }
  return actions.reload ? actions.reload() : ActionReply{404, "there is nothing to reload"};
}

Result<std::unique_ptr<Server>> Server::start(const std::string& host, std::uint16_t port,
                                              const Clock& clock, const telemetry::Metrics& metrics,
                                              const telemetry::StatusBoard& status,
                                              ActionPort actions) {
  if (auto there = require_threads(kThreads); !there) return tl::unexpected(there.error());
  auto impl = std::make_unique<Impl>(clock, metrics, status, std::move(actions));
  impl->port = impl->bind(host, port);
  if (impl->port == 0) return tl::unexpected(bind_error(host, port, errno));
  if (auto done = impl->serve(); !done) return tl::unexpected(done.error());
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

std::uint16_t Server::port() const { return impl_->port; }

}  // namespace sluice::admin
