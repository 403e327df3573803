// Keys that tests make for themselves, and the other half of a signature.
#pragma once

#include <openssl/bn.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <string>
#include <string_view>

#include "auth/openssl.h"
#include "config/secret.h"

namespace sluice::auth {

// Of RFC 8032, 7.1, "TEST 1", as PKCS #8.
inline constexpr std::string_view kEd25519Pem =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
    "-----END PRIVATE KEY-----\n";

inline const EVP_PKEY* rsa_key() {
  static const PkeyPtr key(EVP_RSA_gen(2048));
  return key.get();
}
inline const EVP_PKEY* p256_key() {
  static const PkeyPtr key(EVP_EC_gen("P-256"));
  return key.get();
}
inline const EVP_PKEY* p384_key() {
  static const PkeyPtr key(EVP_EC_gen("P-384"));
  return key.get();
}

inline std::string taken_from(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

// PKCS #8; encrypted where there is a passphrase.
inline std::string pem_of(const EVP_PKEY* key, const char* passphrase = nullptr) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PKCS8PrivateKey(bio.get(), key, passphrase != nullptr ? EVP_aes_128_cbc() : nullptr,
                                nullptr, 0, nullptr, const_cast<char*>(passphrase));
  return taken_from(bio.get());
}
// "BEGIN RSA PRIVATE KEY", "BEGIN EC PRIVATE KEY".
inline std::string older_pem_of(const EVP_PKEY* key) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey_traditional(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  return taken_from(bio.get());
}
inline std::string public_pem_of(const EVP_PKEY* key) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PUBKEY(bio.get(), key);
  return taken_from(bio.get());
}

// Two numbers side by side as DER has them.
inline std::string der_of(std::string_view signature) {
  const auto* const bytes = reinterpret_cast<const unsigned char*>(signature.data());
  const int half = static_cast<int>(signature.size() / 2);
  const EcdsaSignaturePtr numbers(ECDSA_SIG_new());
  ECDSA_SIG_set0(numbers.get(), BN_bin2bn(bytes, half, nullptr),
                 BN_bin2bn(bytes + half, half, nullptr));
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(numbers.get(), &der);
  std::string out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return out;
}

// `signature` is as OpenSSL writes one.
inline bool verifies(const EVP_PKEY* key, const char* digest, bool pss, std::string_view message,
                     std::string_view signature) {
  const DigestContextPtr context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* options = nullptr;
  if (EVP_DigestVerifyInit_ex(context.get(), &options, digest, nullptr, nullptr,
                              const_cast<EVP_PKEY*>(key), nullptr) != 1) {
    return false;
  }
  if (pss) {
    EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING);
    EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST);
  }
  return EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                          signature.size(), reinterpret_cast<const unsigned char*>(message.data()),
                          message.size()) == 1;
}

}  // namespace sluice::auth
