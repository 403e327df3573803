#include "support/test_certificates.h"

#include <atomic>
#include <cctype>

#include "support/openssl_handles.h"

namespace sluice::test {
namespace {

Key make_key() {
  Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  require(key != nullptr);
  return key;
}

int next_number() {
  static std::atomic<int> last = 0;
  return ++last;
}

// Unsigned, and without an issuer.
Certificate draft(const std::string& common_name, EVP_PKEY* key, std::chrono::seconds valid_for) {
  constexpr long kSecondsADay = 24L * 60 * 60;
  Certificate certificate(X509_new());
  X509* const raw = certificate.get();
  const auto* const name = reinterpret_cast<const unsigned char*>(common_name.c_str());
  require(raw != nullptr && X509_set_version(raw, 2) == 1 &&
          ASN1_INTEGER_set(X509_get_serialNumber(raw), next_number()) == 1 &&
          X509_gmtime_adj(X509_getm_notBefore(raw), -kSecondsADay) != nullptr &&
          X509_gmtime_adj(X509_getm_notAfter(raw), valid_for.count()) != nullptr &&
          X509_NAME_add_entry_by_txt(X509_get_subject_name(raw), "CN", MBSTRING_ASC, name, -1, -1,
                                     0) == 1 &&
          X509_set_pubkey(raw, key) == 1);
  return certificate;
}

void add_extension(X509* certificate, int kind, const std::string& value) {
  const Extension extension(X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str()));
  require(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1);
}

void sign(X509* certificate, X509* issuer, EVP_PKEY* key) {
  require(X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1 &&
          X509_sign(certificate, key, EVP_sha256()) != 0);
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string pem_of(X509* certificate) {
  const Bio bio(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_X509(bio.get(), certificate) == 1);
  return text_of(bio.get());
}

std::string pem_of(EVP_PKEY* key) {
  const Bio bio(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return text_of(bio.get());
}

}  // namespace

Credentials self_signed() {
  const Key key = make_key();
  const Certificate certificate = draft("127.0.0.1", key.get(), std::chrono::hours(1));
  sign(certificate.get(), certificate.get(), key.get());
  return {pem_of(certificate.get()), pem_of(key.get())};
}

// Of a name of its own: two of one name would be taken for one with a broken signature.
struct TestCa::Impl {
  Key key = make_key();
  Certificate certificate =
      draft("Test CA " + std::to_string(next_number()), key.get(), std::chrono::hours(1));
  std::string pem;
};

TestCa::TestCa() : impl_(std::make_unique<Impl>()) {
  X509* const certificate = impl_->certificate.get();
  add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE");
  sign(certificate, certificate, impl_->key.get());
  impl_->pem = pem_of(certificate);
}

TestCa::~TestCa() = default;

const std::string& TestCa::pem() const { return impl_->pem; }

Credentials TestCa::issue(const std::string& name, std::chrono::seconds valid_for) const {
  const bool address = std::isdigit(static_cast<unsigned char>(name.front())) != 0;
  const Key key = make_key();
  const Certificate certificate = draft(name, key.get(), valid_for);
  add_extension(certificate.get(), NID_subject_alt_name, (address ? "IP:" : "DNS:") + name);
  sign(certificate.get(), impl_->certificate.get(), impl_->key.get());
  return {pem_of(certificate.get()), pem_of(key.get())};
}

}  // namespace sluice::test
