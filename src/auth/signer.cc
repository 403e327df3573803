#include "auth/signer.h"

#include <utility>

#include "auth/credential_check.h"
#include "auth/encoding.h"
#include "auth/hkdf_hmac.h"

namespace sluice::auth {
namespace {

using MadeSigner = Result<std::unique_ptr<Signer>>;

class NoSigner final : public Signer {
 public:
  void sign(std::string_view, Signed&) const override {}
};

// The same header on every request, whatever the body.
class HeaderSigner final : public Signer {
 public:
  HeaderSigner(std::string name, config::Secret value, std::vector<config::Secret> secrets)
      : name_(std::move(name)), value_(std::move(value)), secrets_(std::move(secrets)) {}

  void sign(std::string_view, Signed& out) const override {
    out.headers.push_back({name_, std::string(value_.reveal())});
    for (const config::Secret& secret : secrets_) out.secrets.emplace_back(secret.reveal());
  }

 private:
  std::string name_;
  config::Secret value_;
  std::vector<config::Secret> secrets_;  // in the value, without its scheme
};

class QuerySigner final : public Signer {
 public:
  QuerySigner(const std::string& name, config::Secret value)
      : parameter_(percent_encoded(name) + '=' + percent_encoded(value.reveal())),
        value_(std::move(value)) {}

  void sign(std::string_view, Signed& out) const override {
    if (!out.query.empty()) out.query += '&';
    out.query += parameter_.reveal();
    out.secrets.emplace_back(value_.reveal());
  }

 private:
  config::Secret parameter_;  // "name=value", encoded
  config::Secret value_;
};

MadeSigner make(const config::NoAuth&) { return std::make_unique<NoSigner>(); }

MadeSigner make(const config::BearerAuth& auth) {
  if (auto error = check_value("auth.token", auth.token.reveal())) return tl::unexpected(*error);
  return std::make_unique<HeaderSigner>(
      "authorization", config::Secret(std::string("Bearer ").append(auth.token.reveal())),
      std::vector{auth.token});
}

// RFC 7617: the first colon ends the user.
MadeSigner make(const config::BasicAuth& auth) {
  if (auto error = check_value("auth.user", auth.user)) return tl::unexpected(*error);
  if (auto error = check_value("auth.password", auth.password.reveal())) {
    return tl::unexpected(*error);
  }
  if (auth.user.find(':') != auth.user.npos) {
    return fail("auth.user has a colon", "basic authentication allows none before the password");
  }
  const config::Secret pair(basic_credentials(auth.user, auth.password.reveal()));
  return std::make_unique<HeaderSigner>("authorization",
                                        config::Secret(std::string("Basic ").append(pair.reveal())),
                                        std::vector{pair, auth.password});
}

MadeSigner make(const config::ApiKeyAuth& auth) {
  if (auto error = check_value("auth.value", auth.value.reveal())) return tl::unexpected(*error);
  if (auth.in == config::ApiKeyPlace::header) {
    if (auto error = check_header_name("auth.name", auth.name)) return tl::unexpected(*error);
    return std::make_unique<HeaderSigner>(auth.name, auth.value, std::vector{auth.value});
  }
  if (auto error = check_value("auth.name", auth.name)) return tl::unexpected(*error);
  return std::make_unique<QuerySigner>(auth.name, auth.value);
}

MadeSigner make(const config::HkdfHmacAuth& auth) { return HkdfHmacSigner::make(auth); }

}  // namespace

Result<std::unique_ptr<Signer>> make_signer(const config::Auth& auth) {
  return std::visit([](const auto& kind) { return make(kind); }, auth);
}

}  // namespace sluice::auth
