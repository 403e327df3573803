#include "auth/jwt_key.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <array>
#include <new>
#include <utility>

namespace sluice::auth {
namespace {

using config::JwtAlgorithm;

struct KeyKind {
  std::string_view name;
  const char* key;     // OpenSSL's name of its type
  const char* digest;  // null: the algorithm has its own
  const char* curve;   // null: no curve to choose
  int half;            // bytes of each of the two numbers of an EC signature; 0: another form
  bool pss;
  std::string_view wants;
};

// By JwtAlgorithm.
constexpr std::string_view kRsa = "an RSA key of 2048 bits at least";
constexpr std::array<KeyKind, 7> kKeyKinds{
    {{"RS256", "RSA", "SHA256", nullptr, 0, false, kRsa},
     {"RS384", "RSA", "SHA384", nullptr, 0, false, kRsa},
     {"RS512", "RSA", "SHA512", nullptr, 0, false, kRsa},
     {"PS256", "RSA", "SHA256", nullptr, 0, true, kRsa},
     {"ES256", "EC", "SHA256", "prime256v1", 32, false, "an EC key on P-256 (prime256v1)"},
     {"ES384", "EC", "SHA384", "secp384r1", 48, false, "an EC key on P-384 (secp384r1)"},
     {"EdDSA", "ED25519", nullptr, nullptr, 0, false, "an Ed25519 key"}}};

const KeyKind& kind_of(JwtAlgorithm algorithm) {
  return kKeyKinds[static_cast<std::size_t>(algorithm)];
}

// Instead of OpenSSL's own, which asks on the terminal.
int has_no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

Error unreadable(const config::Secret& pem, bool asked) {
  if (asked) {
    return {"auth.private_key has a passphrase",
            "write it without one: openssl pkey -in key.pem -out plain.pem"};
  }
  if (pem.reveal().find("\\n") != std::string_view::npos) {
    return {"auth.private_key has \\n in the place of its line breaks",
            "put the file itself there, such as \"${file:/path/key.pem}\""};
  }
  return {"auth.private_key is no private key in PEM form",
          "put one there that begins with -----BEGIN PRIVATE KEY-----"};
}

bool fits(const EVP_PKEY* key, const KeyKind& kind) {
  constexpr int kLeastBits = 2048;  // RFC 7518, 3.3 and 3.5
  if (EVP_PKEY_is_a(key, kind.key) != 1) return false;
  if (std::string_view(kind.key) == "RSA") return EVP_PKEY_get_bits(key) >= kLeastBits;
  if (kind.curve == nullptr) return true;
  std::array<char, 64> name{};
  std::size_t size = 0;
  return EVP_PKEY_get_group_name(key, name.data(), name.size(), &size) == 1 &&
         std::string_view(name.data(), size) == kind.curve;
}

// The two numbers of an EC signature side by side (RFC 7518, 3.4), instead of in DER.
std::string side_by_side(const std::string& der, int half) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  const EcdsaSignaturePtr numbers(d2i_ECDSA_SIG(nullptr, &bytes, static_cast<long>(der.size())));
  if (!numbers) return {};
  std::string out(2 * static_cast<std::size_t>(half), '\0');
  auto* const to = reinterpret_cast<unsigned char*>(out.data());
  const bool done = BN_bn2binpad(ECDSA_SIG_get0_r(numbers.get()), to, half) == half &&
                    BN_bn2binpad(ECDSA_SIG_get0_s(numbers.get()), to + half, half) == half;
  return done ? out : std::string();
}

}  // namespace

Result<JwtKey> JwtKey::parse(const config::Secret& pem, JwtAlgorithm algorithm) {
  const std::string_view text = pem.reveal();
  const BioPtr bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  if (!bio) throw std::bad_alloc();
  bool asked = false;
  PkeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, has_no_passphrase, &asked));
  ERR_clear_error();  // or what is said of the next thing that fails would be about this
  if (!key) return tl::unexpected(unreadable(pem, asked));
  const KeyKind& kind = kind_of(algorithm);
  JwtKey made(std::move(key), algorithm);
  const bool usable = fits(made.key_.get(), kind) && !made.try_sign("").empty();
  ERR_clear_error();
  if (usable) return made;
  return fail("auth.private_key is no key for " + std::string(kind.name) + ", which takes " +
                  std::string(kind.wants),
              "put such a key there, or correct auth.algorithm");
}

std::string_view JwtKey::algorithm() const { return kind_of(algorithm_).name; }

std::string JwtKey::sign(std::string_view message) const {
  std::string signature = try_sign(message);
  if (signature.empty()) throw std::bad_alloc();
  return signature;
}

// Empty where OpenSSL does not.
std::string JwtKey::try_sign(std::string_view message) const {
  const KeyKind& kind = kind_of(algorithm_);
  const DigestContextPtr context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* options = nullptr;  // the context's own
  if (!context || EVP_DigestSignInit_ex(context.get(), &options, kind.digest, nullptr, nullptr,
                                        key_.get(), nullptr) != 1) {
    return {};
  }
  if (kind.pss && (EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) != 1 ||
                   EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) != 1)) {
    return {};
  }
  const auto* const bytes = reinterpret_cast<const unsigned char*>(message.data());
  std::size_t size = 0;
  if (EVP_DigestSign(context.get(), nullptr, &size, bytes, message.size()) != 1) return {};
  std::string signature(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     bytes, message.size()) != 1) {
    return {};
  }
  signature.resize(size);
  return kind.half == 0 ? signature : side_by_side(signature, kind.half);
}

}  // namespace sluice::auth
