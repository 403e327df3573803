#include "http/tls_trial.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <string>

#include "http/transport_error.h"

namespace sluice::http {
namespace {

constexpr int kPatience = 5000;  // ms; never spent

// Somebody to connect to who says nothing, and hangs up: a socket of this process alone, not of
// the network.
class DeadLine {
 public:
  DeadLine() : listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address.sun_family;  // without a path the kernel finds a free name
    if (::bind(listener_, generic, size) != 0 || ::listen(listener_, 1) != 0) return;
    size = sizeof address;
    if (::getsockname(listener_, generic, &size) != 0) return;
    // Behind the zero byte that says it is not a file's.
    name_.assign(address.sun_path + 1, size - offsetof(sockaddr_un, sun_path) - 1);
  }
  ~DeadLine() { hang_up(); }
  DeadLine(const DeadLine&) = delete;
  DeadLine& operator=(const DeadLine&) = delete;

  bool ready() const { return !name_.empty(); }
  const std::string& name() const { return name_; }
  void hang_up() {
    if (listener_ >= 0) ::close(listener_);
    listener_ = -1;
  }

 private:
  int listener_;
  std::string name_;
};

// libcurl has loaded all files by the time that it greets, and the greeting finds no answer.
CURLcode call(CURL* easy, CURLM* multi, DeadLine& line) {
  int running = 0;
  CURLMcode code = curl_multi_add_handle(multi, easy);
  if (code == CURLM_OK) code = curl_multi_perform(multi, &running);
  line.hang_up();
  while (code == CURLM_OK && running != 0) {
    code = curl_multi_poll(multi, nullptr, 0, kPatience, nullptr);
    if (code == CURLM_OK) code = curl_multi_perform(multi, &running);
  }
  const CURLMsg* const message = curl_multi_info_read(multi, &running);
  const CURLcode result = message != nullptr ? message->data.result : CURLE_OUT_OF_MEMORY;
  curl_multi_remove_handle(multi, easy);
  return result;
}

// Any other failure than these two is that of the greeting.
Result<void> judge(CURLcode code, const std::string& words, const Tls& tls) {
  if (code == CURLE_SSL_CACERT_BADFILE) {
    return fail("cannot use the CA file " + *tls.ca + ": " + words,
                "name a file with whole certificates in PEM form");
  }
  if (code == CURLE_SSL_CERTPROBLEM) {
    return fail("cannot use the client certificate " + *tls.cert + " with the key " + *tls.key +
                    ": " + words,
                "name a certificate and the key that belongs to it, both whole");
  }
  return {};
}

}  // namespace

void set_tls_files(EasyOptions& set, const TlsFiles& files) {
  if (!files.ca().empty()) {
    set.blob<CURLOPT_CAINFO_BLOB>(files.ca());
    set.blob<CURLOPT_PROXY_CAINFO_BLOB>(files.ca());
    // Without these the system's directory of CAs would go on being trusted.
    set.pointer<CURLOPT_CAPATH>(static_cast<const char*>(nullptr));
    set.pointer<CURLOPT_PROXY_CAPATH>(static_cast<const char*>(nullptr));
  }
  if (!files.cert().empty()) {
    set.blob<CURLOPT_SSLCERT_BLOB>(files.cert());
    set.blob<CURLOPT_SSLKEY_BLOB>(files.key());
  }
}

Result<void> try_tls_files(const Tls& tls, const TlsFiles& files) {
  if (!tls.ca && !tls.cert) return {};
  DeadLine line;
  std::array<char, CURL_ERROR_SIZE> words{};
  const EasyHandle easy(curl_easy_init());
  const MultiHandle multi(curl_multi_init());
  if (!line.ready() || easy == nullptr || multi == nullptr) {
    return fail("cannot try the TLS files: no memory or no sockets left");
  }
  EasyOptions set(easy.get());
  set.pointer<CURLOPT_ERRORBUFFER>(words.data());
  set.pointer<CURLOPT_URL>("https://localhost/");
  set.pointer<CURLOPT_ABSTRACT_UNIX_SOCKET>(line.name().c_str());
  set.pointer<CURLOPT_PROXY>("");
  set.number<CURLOPT_NOSIGNAL>(1);
  set.number<CURLOPT_TIMEOUT_MS>(kPatience);
  set_tls_files(set, files);
  if (set.result() != CURLE_OK) {
    return fail(std::string("cannot try the TLS files: ") + curl_easy_strerror(set.result()));
  }
  const CURLcode code = call(easy.get(), multi.get(), line);
  return judge(code, presentable(words.data()), tls);
}

}  // namespace sluice::http
