#include <openssl/ssl.h>

#include <csignal>
#include <stdexcept>

#include <openssl/x509.h>

#include "support/byte_stream.h"

namespace sluice::test {
namespace {

template <auto kFree>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Context = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;
using Session = std::unique_ptr<SSL, Freed<SSL_free>>;

void require(bool holds) {
  if (!holds) throw std::runtime_error("OpenSSL cannot make a test certificate");
}

Certificate self_signed(EVP_PKEY* key) {
  static constexpr unsigned char kName[] = "127.0.0.1";
  Certificate certificate(X509_new());
  require(certificate != nullptr);
  X509* const raw = certificate.get();
  X509_NAME* const name = X509_get_subject_name(raw);
  require(X509_set_version(raw, 2) == 1 && ASN1_INTEGER_set(X509_get_serialNumber(raw), 1) == 1 &&
          X509_gmtime_adj(X509_getm_notBefore(raw), -3600) != nullptr &&
          X509_gmtime_adj(X509_getm_notAfter(raw), 3600) != nullptr &&
          X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, kName, -1, -1, 0) == 1 &&
          X509_set_issuer_name(raw, name) == 1 && X509_set_pubkey(raw, key) == 1 &&
          X509_sign(raw, key, EVP_sha256()) != 0);
  return certificate;
}

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

 private:
  Session session_;
};

}  // namespace

struct TlsIdentity::Impl {
  Key key{EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")};
  Certificate certificate = self_signed(key.get());
  Context context{SSL_CTX_new(TLS_server_method())};
};

TlsIdentity::TlsIdentity(bool tls_1_2_only) : impl_(std::make_unique<Impl>()) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
  SSL_CTX* const context = impl_->context.get();
  require(SSL_CTX_use_certificate(context, impl_->certificate.get()) == 1 &&
          SSL_CTX_use_PrivateKey(context, impl_->key.get()) == 1);
  if (tls_1_2_only) require(SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION) == 1);
}

TlsIdentity::~TlsIdentity() = default;

std::unique_ptr<ByteStream> TlsIdentity::accept(int socket) const {
  Session session(SSL_new(impl_->context.get()));
  if (session == nullptr || SSL_set_fd(session.get(), socket) != 1) return nullptr;
  if (SSL_accept(session.get()) != 1) return nullptr;
  return std::make_unique<TlsStream>(std::move(session));
}

}  // namespace sluice::test
