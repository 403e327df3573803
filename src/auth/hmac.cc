#include "auth/hmac.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <new>
#include <optional>
#include <utility>

#include "auth/credential_check.h"
#include "auth/encoding.h"

namespace sluice::auth {
namespace {

using Kind = config::SignatureTemplate::Part::Kind;

std::string_view digest_name(config::HmacAlgorithm algorithm) {
  switch (algorithm) {
    case config::HmacAlgorithm::sha256:
      return "SHA256";
    case config::HmacAlgorithm::sha512:
      return "SHA512";
    case config::HmacAlgorithm::sha1:
      return "SHA1";
  }
  return "SHA256";
}

std::string encoded(std::span<const unsigned char> bytes, config::SignatureEncoding encoding) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  switch (encoding) {
    case config::SignatureEncoding::hex:
      return lower_hex(bytes);
    case config::SignatureEncoding::base64:
      return base64(text);
    case config::SignatureEncoding::base64url:
      return base64url(text);
  }
  return {};
}

tl::unexpected<Error> malformed(const std::string& encoding) {
  return fail("auth.secret is not " + encoding,
              "correct what it refers to, or auth.secret_encoding");
}

Result<config::Secret> decoded(const config::HmacAuth& auth) {
  std::string_view text = auth.secret.reveal();
  if (auto error = check_value("auth.secret", text)) return tl::unexpected(*error);
  switch (auth.format.secret_encoding) {
    case config::SecretEncoding::text:
      return auth.secret;
    case config::SecretEncoding::hex:
      if (auto key = from_hex(text)) return std::move(*key);
      return malformed("hex: an even number of 0-9 and a-f");
    case config::SecretEncoding::whsec:
      if (text.starts_with("whsec_")) text.remove_prefix(6);
      if (auto key = from_base64(text)) return std::move(*key);
      return fail("auth.secret is not base64 with its padding, perhaps behind whsec_",
                  "correct what it refers to");
    case config::SecretEncoding::base64:
      if (auto key = from_base64(text)) return std::move(*key);
      return malformed("base64 with its padding");
  }
  return auth.secret;
}

// Of a part that needs no work.
std::string_view as_it_stands(const config::SignatureTemplate::Part& part, const Outgoing& request,
                              std::string_view timestamp) {
  switch (part.kind) {
    case Kind::timestamp:
      return timestamp;
    case Kind::method:
      return request.method;
    case Kind::path:
      return request.path;
    case Kind::host:
      return request.host;
    case Kind::id:
      return request.id;
    case Kind::body:
      return request.body;
    default:
      return part.text;
  }
}

std::string filled(const config::SignatureTemplate& value, const Outgoing& request,
                   std::string_view timestamp, std::string_view signature) {
  std::string out;
  for (const auto& part : value.parts()) {
    out += part.kind == Kind::signature ? signature : as_it_stands(part, request, timestamp);
  }
  return out;
}

}  // namespace

std::string timestamp_text(WallTime now, config::TimestampFormat format) {
  using namespace std::chrono;
  const auto time = floor<seconds>(now);
  if (format == config::TimestampFormat::seconds) {
    return std::to_string(time.time_since_epoch().count());
  }
  if (format == config::TimestampFormat::milliseconds) {
    return std::to_string(floor<milliseconds>(now).time_since_epoch().count());
  }
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text.data();
}

Result<std::unique_ptr<Signer>> HmacSigner::make(const config::HmacAuth& auth) {
  const auto secret = decoded(auth);
  if (!secret) return tl::unexpected(secret.error());
  if (secret->empty()) return fail("auth.secret holds no key", "correct what it refers to");
  const std::string name(digest_name(auth.format.algorithm));
  auto key = HmacKey::make(secret->reveal(), name);
  if (!key) return tl::unexpected(key.error());
  DigestPtr digest;
  if (auth.format.string_to_sign.has(Kind::body_hash)) {
    digest.reset(EVP_MD_fetch(nullptr, name.c_str(), nullptr));
    if (!digest) return fail("OpenSSL has no " + name, "enable OpenSSL's default provider");
  }
  return std::unique_ptr<Signer>(new HmacSigner(auth.format, std::move(*key), std::move(digest)));
}

HmacSigner::HmacSigner(config::HmacFormat format, HmacKey key, DigestPtr digest)
    : format_(std::move(format)), key_(std::move(key)), digest_(std::move(digest)) {}

void HmacSigner::sign(const Outgoing& request, Signed& out) const {
  const std::string timestamp = timestamp_text(request.now, format_.timestamp);
  std::string signature = signature_of(request, timestamp, out.query);
  if (!format_.id_header.empty()) {
    out.headers.push_back({format_.id_header, std::string(request.id)});
  }
  if (!format_.timestamp_header.empty()) {
    out.headers.push_back({format_.timestamp_header, timestamp});
  }
  out.headers.push_back({format_.header, filled(format_.value, request, timestamp, signature)});
  out.secrets.add(std::move(signature));
}

std::string HmacSigner::signature_of(const Outgoing& request, std::string_view timestamp,
                                     std::string_view added_query) const {
  Hmac hmac(key_);
  for (const auto& part : format_.string_to_sign.parts()) {
    if (part.kind == Kind::query) {
      hmac.add(request.query);
      if (!request.query.empty() && !added_query.empty()) hmac.add("&");
      hmac.add(added_query);
    } else if (part.kind == Kind::body_hash) {
      hmac.add(body_hash(request.body));
    } else {
      hmac.add(as_it_stands(part, request, timestamp));
    }
  }
  return encoded(hmac.finish(), format_.encoding);
}

std::string HmacSigner::body_hash(std::string_view body) const {
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash;
  unsigned int size = 0;
  if (EVP_Digest(body.data(), body.size(), hash.data(), &size, digest_.get(), nullptr) != 1) {
    throw std::bad_alloc();
  }
  return lower_hex({hash.data(), size});
}

}  // namespace sluice::auth
