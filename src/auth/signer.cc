#include "auth/signer.h"

#include <algorithm>
#include <utility>

#include "auth/credential_check.h"
#include "auth/encoding.h"
#include "auth/hkdf_hmac.h"
#include "auth/hmac.h"

namespace sluice::auth {
namespace {

using MadeSigner = Result<std::unique_ptr<Signer>>;

// The same header on every request, whatever the body.
class HeaderSigner final : public Signer {
 public:
  HeaderSigner(std::string name, config::Secret value, std::vector<config::Secret> secrets)
      : name_(std::move(name)), value_(std::move(value)), secrets_(std::move(secrets)) {}

  void sign(const Outgoing&, Signed& out) const override {
    out.headers.push_back({name_, std::string(value_.reveal())});
    for (const config::Secret& secret : secrets_) out.secrets.add(std::string(secret.reveal()));
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

  void sign(const Outgoing&, Signed& out) const override {
    if (!out.query.empty()) out.query += '&';
    out.query += parameter_.reveal();
    out.secrets.add(std::string(value_.reveal()));
  }

 private:
  config::Secret parameter_;  // "name=value", encoded
  config::Secret value_;
};

class AllSigners final : public Signer {
 public:
  explicit AllSigners(std::vector<std::unique_ptr<Signer>> signers)
      : signers_(std::move(signers)) {}

  void sign(const Outgoing& request, Signed& out) const override {
    for (const auto& signer : signers_) signer->sign(request, out);
  }

 private:
  std::vector<std::unique_ptr<Signer>> signers_;
};

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

MadeSigner make(const config::HmacAuth& auth) { return HmacSigner::make(auth); }

// Its tokens come and go: whoever fetches them puts each into a BearerAuth in its place.
MadeSigner make(const config::OAuth2Auth& /*auth*/) {
  return fail("auth of type oauth2 has no token yet", "wait for the token server's answer");
}

bool adds_to_query(const config::Auth& auth) {
  const auto* const key = std::get_if<config::ApiKeyAuth>(&auth);
  return key != nullptr && key->in == config::ApiKeyPlace::query;
}

// The port that a client leaves out of the header (RFC 9110, 4.2 and 7.2).
std::string_view without_default_port(std::string_view authority, bool secure) {
  const std::string_view port = secure ? ":443" : ":80";
  if (authority.ends_with(port)) authority.remove_suffix(port.size());
  return authority;
}

}  // namespace

Signed::~Signed() {
  for (Header& header : headers) wipe(header.value);
  wipe(query);
}

Outgoing outgoing_to(std::string_view url) {
  Outgoing out;
  const bool secure = url.starts_with("https:");
  url.remove_prefix(std::min(url.find("://") + 3, url.size()));
  const std::size_t path = std::min(url.find('/'), url.size());
  out.host = without_default_port(url.substr(0, path), secure);
  url.remove_prefix(path);
  const std::size_t query = std::min(url.find('?'), url.size());
  out.path = url.substr(0, query);
  if (query < url.size()) out.query = url.substr(query + 1);
  return out;
}

Result<std::unique_ptr<Signer>> make_signer(const config::Auth& auth) {
  return std::visit([](const auto& kind) { return make(kind); }, auth);
}

Result<std::unique_ptr<Signer>> make_signer(const config::Auths& auths) {
  if (auths.size() == 1) return make_signer(auths.front());
  std::vector<std::unique_ptr<Signer>> signers;
  std::size_t of_query = 0;  // of them, all in front
  for (std::size_t i = 0; i < auths.size(); ++i) {
    auto signer = make_signer(auths[i]);
    if (!signer) {
      return fail("auth[" + std::to_string(i) + "]: " + signer.error().cause,
                  signer.error().remedy);
    }
    const std::size_t place = adds_to_query(auths[i]) ? of_query++ : signers.size();
    signers.insert(signers.begin() + static_cast<std::ptrdiff_t>(place), std::move(*signer));
  }
  return std::make_unique<AllSigners>(std::move(signers));
}

}  // namespace sluice::auth
