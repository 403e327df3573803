#include "http/transfer.h"

#include <algorithm>
#include <cctype>

#include "base/version.h"
#include "base/wipe.h"
#include "http/easy_options.h"
#include "http/transport_error.h"

namespace sluice::http {
namespace {

constexpr std::size_t kMaxHeaderBytes = 64 * 1024;  // all header lines of an answer together
constexpr int kProxyWantsUser = 407;                // where there is one, it was the proxy's answer

bool equal_names(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

// Whether the header ends where its line ends: anything else would let a value add headers.
bool one_line(const Header& header) {
  constexpr std::string_view kBreaks("\r\n\0", 3);
  return !header.name.empty() && header.name.find(':') == std::string::npos &&
         header.name.find_first_of(kBreaks) == std::string::npos &&
         header.value.find_first_of(kBreaks) == std::string::npos;
}

bool append(Slist& list, const std::string& line) {
  curl_slist* longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) return false;
  static_cast<void>(list.release());  // `longer` starts with the same node
  list.reset(longer);
  return true;
}

void set_method(EasyOptions& set, const Request& request) {
  if (request.method == "GET" && request.body.empty()) {
    set.number<CURLOPT_HTTPGET>(1);
    return;
  }
  if (request.method == "HEAD") {
    set.number<CURLOPT_NOBODY>(1);
    return;
  }
  set.number<CURLOPT_POST>(1);
  set.pointer<CURLOPT_CUSTOMREQUEST>(request.method.c_str());
  set.pointer<CURLOPT_POSTFIELDS>(request.body.empty() ? "" : request.body.data());
  set.size<CURLOPT_POSTFIELDSIZE_LARGE>(static_cast<curl_off_t>(request.body.size()));
}

std::string lower(std::string_view name) {
  std::string out(name);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

}  // namespace

Transfer::~Transfer() {
  for (Header& header : request_.headers) wipe(header.value);
  wipe(request_.url);
}

tl::expected<void, TransportError> Transfer::start(EasyHandle easy, SharedConnection connection,
                                                   Instant now) {
  connection_ = std::move(connection);
  easy_ = std::move(easy);
  started_ = now;
  if (!std::all_of(request_.headers.begin(), request_.headers.end(), one_line)) {
    return tl::unexpected(
        TransportError{TransportErrorKind::other, "a header of the request is not one line"});
  }
  CURLcode code = make_header_list() ? configure() : CURLE_OUT_OF_MEMORY;
  if (code == CURLE_OK) code = describe_request();
  if (code != CURLE_OK) return tl::unexpected(explain(code));
  return {};
}

CURLcode Transfer::configure() {
  EasyOptions set(easy_.get());
  connection_->apply(request_.url, set);
  set.pointer<CURLOPT_PRIVATE>(this);
  set.pointer<CURLOPT_ERRORBUFFER>(words_.data());
  set.pointer<CURLOPT_HEADERDATA>(this);
  set.callback<CURLOPT_HEADERFUNCTION>(take_header);
  set.pointer<CURLOPT_WRITEDATA>(this);
  set.callback<CURLOPT_WRITEFUNCTION>(take_body);
  return set.result();
}

CURLcode Transfer::describe_request() {
  static const std::string user_agent = "sluice/" + std::string(kVersion);
  EasyOptions set(easy_.get());
  set.pointer<CURLOPT_URL>(request_.url.c_str());
  set.pointer<CURLOPT_USERAGENT>(user_agent.c_str());
  set.pointer<CURLOPT_HTTPHEADER>(header_list_.get());
  set_method(set, request_);
  return set.result();
}

bool Transfer::make_header_list() {
  bool has_content_type = false;
  for (const Header& header : request_.headers) {
    has_content_type = has_content_type || equal_names(header.name, "content-type");
    // To libcurl "Name:" removes a header and "Name;" sends an empty one.
    const std::string line =
        header.value.empty() ? header.name + ";" : header.name + ": " + header.value;
    if (!append(header_list_, line)) return false;
  }
  // libcurl would call every body a web form.
  if (!has_content_type && !append(header_list_, "Content-Type:")) return false;
  // Above 1 MB libcurl would wait up to a second for the server's leave to send.
  return append(header_list_, "Expect:");
}

std::size_t Transfer::take_header(char* /*data*/, std::size_t size, std::size_t count, void* self) {
  auto* transfer = static_cast<Transfer*>(self);
  transfer->header_bytes_ += size * count;
  transfer->header_too_long_ = transfer->header_bytes_ > kMaxHeaderBytes;
  return transfer->header_too_long_ ? 0 : size * count;
}

std::size_t Transfer::take_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto* transfer = static_cast<Transfer*>(self);
  const std::size_t bytes = size * count;
  if (bytes > transfer->connection_->options().max_response - transfer->body_.size()) {
    transfer->body_too_long_ = true;
    return 0;
  }
  transfer->body_.append(data, bytes);
  return bytes;
}

Completion Transfer::finish(CURLcode code, Instant now) {
  if (code != CURLE_OK) return fail(explain(code), now);
  Answer received = answer();
  if (received.status == kProxyWantsUser && connection_->options().proxy)
    return fail(proxy_answered(received.status), now);
  return {id_, std::move(received), now - started_};
}

Completion Transfer::fail(TransportError error, Instant now) const {
  return {id_, tl::unexpected(std::move(error)), now - started_};
}

TransportError Transfer::explain(CURLcode code) const {
  if (header_too_long_) {
    return {TransportErrorKind::protocol,
            "the answer's headers are longer than " + std::to_string(kMaxHeaderBytes) + " bytes"};
  }
  if (body_too_long_) {
    return {TransportErrorKind::too_large, "the answer's body is longer than " +
                                               std::to_string(connection_->options().max_response) +
                                               " bytes"};
  }
  return http::explain(easy_.get(), code, words_.data());
}

Answer Transfer::answer() {
  Answer answer;
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  answer.status = static_cast<int>(status);
  // The headers of the last answer only: no 1xx before it, no trailers after it.
  curl_header* header = nullptr;
  while ((header = curl_easy_nextheader(easy_.get(), CURLH_HEADER, -1, header)) != nullptr) {
    answer.headers.push_back({lower(header->name), header->value});
  }
  answer.body = std::move(body_);
  return answer;
}

}  // namespace sluice::http
