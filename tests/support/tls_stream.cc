#include <sys/socket.h>

#include <array>
#include <csignal>

#include "support/byte_stream.h"
#include "support/openssl_handles.h"

namespace sluice::test {
namespace {

class TlsStream final : public ByteStream {
 public:
  explicit TlsStream(Session session) : session_(std::move(session)) {}

  std::size_t read(char* to, std::size_t most) override {
    std::size_t got = 0;
    return SSL_read_ex(session_.get(), to, most, &got) == 1 ? got : 0;
  }

  bool write(std::string_view bytes) override {
    std::size_t sent = 0;
    return bytes.empty() || SSL_write_ex(session_.get(), bytes.data(), bytes.size(), &sent) == 1;
  }

  std::string peer() const override {
    const Certificate certificate(SSL_get1_peer_certificate(session_.get()));
    if (certificate == nullptr) return {};
    std::array<char, 256> name{};
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name.data(),
                              static_cast<int>(name.size()));
    return name.data();
  }

 private:
  Session session_;
};

void demand_client_certificate(SSL_CTX* context, const std::string& ca) {
  require(X509_STORE_add_cert(SSL_CTX_get_cert_store(context), read_certificate(ca).get()) == 1);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
}

// What the client has sent already would make close() reset the connection, and so lose the alert
// that says why it was refused.
void close_gently(int socket) {
  ::shutdown(socket, SHUT_WR);
  char ignored = 0;
  while (::recv(socket, &ignored, 1, 0) > 0) continue;
}

}  // namespace

struct TlsServer::Impl {
  Context context{SSL_CTX_new(TLS_server_method())};
};

TlsServer::TlsServer(const TlsOptions& options) : impl_(std::make_unique<Impl>()) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
  const Credentials own = options.identity ? *options.identity : self_signed();
  SSL_CTX* const context = impl_->context.get();
  require(SSL_CTX_use_certificate(context, read_certificate(own.cert).get()) == 1 &&
          SSL_CTX_use_PrivateKey(context, read_key(own.key).get()) == 1);
  if (options.only_1_2) require(SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION) == 1);
  if (!options.client_ca.empty()) demand_client_certificate(context, options.client_ca);
}

TlsServer::~TlsServer() = default;

std::unique_ptr<ByteStream> TlsServer::accept(int socket) const {
  Session session(SSL_new(impl_->context.get()));
  if (session == nullptr || SSL_set_fd(session.get(), socket) != 1) return nullptr;
  if (SSL_accept(session.get()) != 1) {
    close_gently(socket);
    return nullptr;
  }
  return std::make_unique<TlsStream>(std::move(session));
}

}  // namespace sluice::test
