#include "auth/token_request.h"

#include <string>
#include <string_view>
#include <utility>

#include "auth/credential_check.h"
#include "auth/encoding.h"
#include "auth/jwt.h"

namespace sluice::auth {
namespace {

constexpr std::string_view kAssertionType =
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";  // RFC 7523, 2.2

class Form {
 public:
  void add(std::string_view name, std::string_view value) {
    if (!text_.empty()) text_ += '&';
    text_ += percent_encoded(name) + '=' + percent_encoded(value);
  }
  void add_if_any(std::string_view name, std::string_view value) {
    if (!value.empty()) add(name, value);
  }
  config::Secret take() { return config::Secret(std::move(text_)); }

 private:
  std::string text_;
};

std::optional<Error> check(const config::OAuth2Auth& auth) {
  if (auto error = check_value("auth.client_id", auth.client_id)) return error;
  if (!auth.refresh_token.empty()) {
    if (auto error = check_value("auth.refresh_token", auth.refresh_token.reveal())) return error;
  }
  if (!auth.private_key.empty()) return std::nullopt;
  return check_value("auth.client_secret", auth.client_secret.reveal());
}

}  // namespace

Result<TokenRequests> TokenRequests::make(const config::OAuth2Auth& auth) {
  if (auto error = check(auth)) return tl::unexpected(std::move(*error));
  if (auth.private_key.empty()) return TokenRequests(auth, std::nullopt);
  auto key = JwtKey::parse(auth.private_key, auth.assertion.algorithm);
  if (!key) return tl::unexpected(std::move(key.error()));
  return TokenRequests(auth, std::move(*key));
}

TokenRequests::TokenRequests(config::OAuth2Auth auth, std::optional<JwtKey> key)
    : auth_(std::move(auth)), key_(std::move(key)) {}

TokenRequest TokenRequests::next(const config::Secret& refresh_token, WallTime now,
                                 Random& random) const {
  TokenRequest request{
      {{"content-type", "application/x-www-form-urlencoded"}, {"accept", "application/json"}}, {}};
  Form form;
  form.add("grant_type", refresh_token.empty() ? "client_credentials" : "refresh_token");
  form.add_if_any("refresh_token", refresh_token.reveal());
  form.add_if_any("scope", auth_.scope);
  form.add_if_any("audience", auth_.audience);
  for (const auto& [name, value] : auth_.parameters) form.add(name, value);
  if (key_) {
    const std::string& audience = auth_.assertion.audience;
    const AssertionClaims claims{auth_.client_id, audience.empty() ? auth_.token_url : audience,
                                 auth_.assertion.key_id};
    form.add("client_id", auth_.client_id);
    form.add("client_assertion_type", kAssertionType);
    form.add("client_assertion", client_assertion(*key_, claims, now, random).reveal());
  } else if (auth_.client_auth == config::ClientAuth::post) {
    form.add("client_id", auth_.client_id);
    form.add("client_secret", auth_.client_secret.reveal());
  } else {
    // Both are encoded as in a form before they are joined (RFC 6749, 2.3.1).
    request.headers.push_back(
        {"authorization",
         "Basic " + basic_credentials(percent_encoded(auth_.client_id),
                                      percent_encoded(auth_.client_secret.reveal()))});
  }
  request.body = form.take();
  return request;
}

}  // namespace sluice::auth
