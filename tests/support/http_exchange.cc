#include "support/http_exchange.h"

#include <poll.h>

#include <algorithm>
#include <cctype>
#include <charconv>

namespace sluice::test {
namespace {

constexpr std::size_t kMaxHead = 1 << 20;
constexpr std::size_t kReadSize = 16 * 1024;

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

// Takes everything before `separator` from the front of `text`, and the separator.
std::string_view take(std::string_view& text, std::string_view separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(std::min(end + separator.size(), text.size()));
  return taken;
}

void parse_head(SeenRequest& request) {
  std::string_view rest = request.raw_head;
  std::string_view line = take(rest, "\r\n");
  request.method = take(line, " ");
  request.path = take(line, " ");
  request.headers.clear();
  while (!(line = take(rest, "\r\n")).empty()) {
    const std::string_view name = take(line, ":");
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    request.headers.emplace_back(lower(name), line);
  }
}

std::string head_of(const Reply& reply, std::size_t length) {
  std::string head = "HTTP/1.1 " + std::to_string(reply.status) + " Scripted\r\n";
  for (const auto& [name, value] : reply.headers) head += name + ": " + value + "\r\n";
  const bool bodiless = reply.status == 204 || reply.status == 304;
  if (!bodiless) head += "Content-Length: " + std::to_string(length) + "\r\n";
  return head + "\r\n";
}

}  // namespace

bool HttpExchange::read(SeenRequest& request) {
  std::size_t end = 0;
  while ((end = buffered_.find("\r\n\r\n")) == std::string::npos) {
    const std::size_t had = buffered_.size();
    if (had > kMaxHead) return false;
    buffered_.resize(had + kReadSize);
    const std::size_t got = stream_.read(buffered_.data() + had, kReadSize);
    buffered_.resize(had + got);
    if (got == 0) return false;
  }
  request.raw_head.assign(buffered_, 0, end + 4);
  parse_head(request);
  return read_body(request, end + 4);
}

// Straight into the body: a copy of 390 KB more would show in throughput tests.
bool HttpExchange::read_body(SeenRequest& request, std::size_t head) {
  std::size_t size = 0;
  if (const std::string* length = request.header("content-length")) {
    std::from_chars(length->data(), length->data() + length->size(), size);
  }
  request.body.resize(size);
  std::size_t got = std::min(size, buffered_.size() - head);
  std::copy_n(buffered_.data() + head, got, request.body.data());
  buffered_.erase(0, head + got);
  while (got < size) {
    const std::size_t more = stream_.read(request.body.data() + got, size - got);
    if (more == 0) return false;
    got += more;
  }
  return true;
}

After HttpExchange::answer(const Reply& reply) {
  wait(reply.delay);
  const auto whole = [&reply] {
    return reply.raw.empty() ? head_of(reply, reply.body.size()) + reply.body : reply.raw;
  };
  switch (reply.fault) {
    case Fault::none:
      return stream_.write(whole()) ? After::keep_open : After::close;
    case Fault::drip:
      drip(whole());
      return After::keep_open;
    case Fault::close_after_answer:
      stream_.write(whole());
      return After::close;
    default:
      return break_down(reply);
  }
}

After HttpExchange::break_down(const Reply& reply) {
  constexpr std::size_t kNeverSent = 1000;
  switch (reply.fault) {
    case Fault::reset_after_request:
      return After::reset;
    case Fault::hang:
      hang();
      return After::close;
    case Fault::garbage:
      stream_.write("\x01\x02this is not HTTP\r\n\r\n");
      return After::close;
    case Fault::huge_body:
      return send_endless_body();
    case Fault::half_answer:
    case Fault::reset_in_body:
      stream_.write(head_of(reply, reply.body.size() + kNeverSent) + reply.body);
      return reply.fault == Fault::half_answer ? After::close : After::reset;
    default:  // close_after_request
      return After::close;
  }
}

After HttpExchange::send_endless_body() {
  const std::string piece(64 * 1024, 'x');
  bool open = stream_.write("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
  while (open) open = stream_.write(piece);
  return After::close;
}

void HttpExchange::hang() {
  char ignored = 0;
  while (stream_.read(&ignored, 1) != 0) continue;
}

void HttpExchange::drip(std::string_view bytes) {
  constexpr std::chrono::milliseconds kPause(2);
  while (!bytes.empty() && stream_.write(bytes.substr(0, 1))) {
    bytes.remove_prefix(1);
    wait(kPause);
  }
}

// Ends early when the server stops: the socket is shut down then.
void HttpExchange::wait(std::chrono::milliseconds time) const {
  if (time.count() <= 0) return;
  pollfd watched{.fd = socket_, .events = 0, .revents = 0};
  ::poll(&watched, 1, static_cast<int>(time.count()));
}

}  // namespace sluice::test
