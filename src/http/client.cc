#include "http/client.h"

#include <algorithm>
#include <deque>
#include <new>
#include <unordered_map>

#include "http/connection.h"
#include "http/curl_handles.h"
#include "http/transfer.h"
#include "http/transport_error.h"

namespace sluice::http {
namespace {

TransportError internal_error(CURLMcode code) {
  return {TransportErrorKind::other, curl_multi_strerror(code)};
}

// Rounded up, or the last fraction of a millisecond would be spun away; never endless.
int poll_milliseconds(Duration wait) {
  constexpr Duration kLongest = std::chrono::hours(1);
  return static_cast<int>(
      std::chrono::ceil<std::chrono::milliseconds>(std::min(wait, kLongest)).count());
}

// One for each request: up to libcurl 8.0 a handle that is used again still points to the last
// header of its last answer, and an answer whose first header begins with a blank writes there.
// Connections are the multi handle's, so they are kept.
EasyHandle new_handle() {
  EasyHandle easy(curl_easy_init());
  if (easy == nullptr) throw std::bad_alloc();  // as `new` would: nothing else makes it fail
  return easy;
}

}  // namespace

const std::string* Answer::header(std::string_view name) const {
  const auto found = std::find_if(headers.begin(), headers.end(),
                                  [name](const Header& header) { return header.name == name; });
  return found == headers.end() ? nullptr : &found->value;
}

// A request is `waiting`, then `running` (its handle is in the multi handle), then reported. It
// waits here and not in libcurl, whose timeouts run from the moment a handle is added.
struct Client::Impl {
  Impl(SharedConnection client_connection, const Clock& client_clock, MultiHandle handle)
      : connection(std::move(client_connection)), clock(client_clock), multi(std::move(handle)) {}
  ~Impl() {
    for (auto& [id, transfer] : running) curl_multi_remove_handle(multi.get(), transfer->easy());
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void move(std::vector<Completion>& completed);
  void start_waiting(std::vector<Completion>& completed);
  void start(std::unique_ptr<Transfer> transfer, std::vector<Completion>& completed);
  void collect(std::vector<Completion>& completed);
  void fail_running(CURLMcode code, std::vector<Completion>& completed);
  void retire(RequestId id);

  bool may_start() const {
    return !waiting.empty() && running.size() < connection->options().connections;
  }

  SharedConnection connection;
  const Clock& clock;
  RequestId last_id = 0;
  MultiHandle multi;
  std::deque<std::unique_ptr<Transfer>> waiting;
  std::unordered_map<RequestId, std::unique_ptr<Transfer>> running;
};

void Client::Impl::move(std::vector<Completion>& completed) {
  do {
    start_waiting(completed);
    int unfinished = 0;
    const CURLMcode code = curl_multi_perform(multi.get(), &unfinished);
    collect(completed);
    if (code != CURLM_OK) fail_running(code, completed);
  } while (may_start());
}

void Client::Impl::start_waiting(std::vector<Completion>& completed) {
  while (may_start()) {
    std::unique_ptr<Transfer> transfer = std::move(waiting.front());
    waiting.pop_front();
    start(std::move(transfer), completed);
  }
}

void Client::Impl::start(std::unique_ptr<Transfer> transfer, std::vector<Completion>& completed) {
  const Instant now = clock.now();
  auto started = transfer->start(new_handle(), connection, now);
  if (started) {
    const CURLMcode code = curl_multi_add_handle(multi.get(), transfer->easy());
    if (code == CURLM_OK) {
      running.emplace(transfer->id(), std::move(transfer));
      return;
    }
    started = tl::unexpected(internal_error(code));
  }
  completed.push_back(transfer->fail(std::move(started.error()), now));
}

void Client::Impl::collect(std::vector<Completion>& completed) {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi.get(), &left)) {
    char* owner = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &owner);
    auto* transfer = static_cast<Transfer*>(static_cast<void*>(owner));
    completed.push_back(transfer->finish(message->data.result, clock.now()));
    retire(transfer->id());
  }
}

// libcurl is out of memory or sockets: an answer to whoever waits, rather than none for ever.
void Client::Impl::fail_running(CURLMcode code, std::vector<Completion>& completed) {
  const Instant now = clock.now();
  while (!running.empty()) {
    const auto& [id, transfer] = *running.begin();
    completed.push_back(transfer->fail(internal_error(code), now));
    retire(id);
  }
}

void Client::Impl::retire(RequestId id) {
  const auto found = running.find(id);
  curl_multi_remove_handle(multi.get(), found->second->easy());
  running.erase(found);
}

Result<SharedConnection> prepare_connection(const ClientOptions& options) {
  auto connection = Connection::create(options);
  if (!connection) return tl::unexpected(std::move(connection.error()));
  return std::make_shared<const Connection>(std::move(*connection));
}

Result<std::unique_ptr<Client>> Client::create(const ClientOptions& options, const Clock& clock) {
  auto connection = prepare_connection(options);
  if (!connection) return tl::unexpected(std::move(connection.error()));
  return create(std::move(*connection), clock);
}

Result<std::unique_ptr<Client>> Client::create(SharedConnection connection, const Clock& clock) {
  MultiHandle multi(curl_multi_init());
  const long connections = static_cast<long>(connection->options().connections);
  if (multi == nullptr ||
      curl_multi_setopt(multi.get(), CURLMOPT_MAX_TOTAL_CONNECTIONS, connections) != CURLM_OK ||
      curl_multi_setopt(multi.get(), CURLMOPT_MAXCONNECTS, connections) != CURLM_OK) {
    return fail("cannot make a libcurl multi handle");
  }
  return std::unique_ptr<Client>(
      new Client(std::make_unique<Impl>(std::move(connection), clock, std::move(multi))));
}

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Client::~Client() = default;

RequestId Client::send(Request request) {
  const RequestId id = ++impl_->last_id;
  impl_->waiting.push_back(std::make_unique<Transfer>(id, std::move(request)));
  return id;
}

void Client::cancel(RequestId id) {
  if (impl_->running.contains(id)) {
    impl_->retire(id);
    return;
  }
  std::erase_if(impl_->waiting, [id](const auto& transfer) { return transfer->id() == id; });
}

void Client::use(SharedConnection connection) { impl_->connection = std::move(connection); }

std::size_t Client::in_flight() const { return impl_->waiting.size() + impl_->running.size(); }

void Client::poll(Duration max_wait, int wake_fd, std::vector<Completion>& completed) {
  const std::size_t before = completed.size();
  impl_->move(completed);
  // What is there to report is reported at once.
  if (completed.size() != before || max_wait <= Duration::zero()) return;
  curl_waitfd wake{.fd = wake_fd, .events = CURL_WAIT_POLLIN, .revents = 0};
  const CURLMcode code = curl_multi_poll(impl_->multi.get(), &wake, wake_fd == -1 ? 0U : 1U,
                                         poll_milliseconds(max_wait), nullptr);
  if (code != CURLM_OK) impl_->fail_running(code, completed);
  impl_->move(completed);
}

}  // namespace sluice::http
