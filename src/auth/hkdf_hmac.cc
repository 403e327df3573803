#include "auth/hkdf_hmac.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>

#include <utility>

#include "auth/credential_check.h"
#include "auth/encoding.h"

namespace sluice::auth {
namespace {

char* digest_name() {
  static char name[] = "SHA256";  // OpenSSL's parameters are not const-correct
  return name;
}

OSSL_PARAM octets(const char* name, std::string_view bytes) {
  return OSSL_PARAM_construct_octet_string(name, const_cast<char*>(bytes.data()), bytes.size());
}

// The input of the derivation that the configuration names. The token is wiped by its owner; the
// concatenation is of public identifiers.
std::string_view input(config::HkdfInput which, const config::HkdfHmacAuth& auth,
                       const std::string& account_workspace) {
  return which == config::HkdfInput::token ? auth.token.reveal() : account_workspace;
}

std::optional<Error> check(const config::HkdfHmacAuth& auth) {
  if (auto error = check_value("auth.token", auth.token.reveal())) return error;
  if (auto error = check_value("auth.account_id", auth.account_id)) return error;
  if (auto error = check_value("auth.workspace_id", auth.workspace_id)) return error;
  if (auth.salt == auth.ikm) {
    return Error{"auth.salt and auth.ikm are the same input",
                 "set one to token and the other to account_workspace"};
  }
  return std::nullopt;
}

}  // namespace

SigningKey::~SigningKey() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

Result<SigningKey> derive_key(std::string_view salt, std::string_view ikm, std::string_view info) {
  const KdfPtr kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  const KdfContextPtr context(kdf ? EVP_KDF_CTX_new(kdf.get()) : nullptr);
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest_name(), 0),
      octets(OSSL_KDF_PARAM_SALT, salt), octets(OSSL_KDF_PARAM_KEY, ikm),
      octets(OSSL_KDF_PARAM_INFO, info), OSSL_PARAM_construct_end()};
  SigningKey key;
  if (!context ||
      EVP_KDF_derive(context.get(), key.bytes().data(), SigningKey::kSize, parameters) != 1) {
    return fail("OpenSSL has no HKDF-SHA256", "enable OpenSSL's default provider");
  }
  return key;
}

Result<std::unique_ptr<Signer>> HkdfHmacSigner::make(const config::HkdfHmacAuth& auth) {
  if (auto error = check(auth)) return tl::unexpected(*error);
  const std::string account_workspace = auth.account_id + auth.workspace_id;
  const auto key = derive_key(input(auth.salt, auth, account_workspace),
                              input(auth.ikm, auth, account_workspace), auth.info);
  if (!key) return tl::unexpected(key.error());
  const auto& bytes = key->bytes();
  auto keyed = HmacKey::make({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, "SHA256");
  if (!keyed) return tl::unexpected(keyed.error());
  return std::unique_ptr<Signer>(new HkdfHmacSigner(auth, std::move(*keyed)));
}

HkdfHmacSigner::HkdfHmacSigner(const config::HkdfHmacAuth& auth, HmacKey key)
    : token_(auth.token),
      account_id_(auth.account_id),
      workspace_id_(auth.workspace_id),
      key_(std::move(key)) {}

void HkdfHmacSigner::sign(const Outgoing& request, Signed& out) const {
  Hmac hmac(key_);
  hmac.add(request.body);
  const std::string signature = lower_hex(hmac.finish());
  out.headers.push_back({"x-optikpi-token", std::string(token_.reveal())});
  out.headers.push_back({"x-optikpi-account-id", account_id_});
  out.headers.push_back({"x-optikpi-workspace-id", workspace_id_});
  out.headers.push_back({"x-hmac-signature", signature});
  out.headers.push_back({"x-hmac-algorithm", "sha256"});
  out.secrets.add(std::string(token_.reveal()));
  out.secrets.add(signature);
}

}  // namespace sluice::auth
