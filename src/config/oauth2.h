// How access tokens are got from a token server. Plain data; part of config.h.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "config/secret.h"

namespace sluice::config {

// Where the client's secret goes (RFC 6749, 2.3.1).
enum class ClientAuth : std::uint8_t { basic, post };

// RFC 7518, 3.1, and RFC 8037; EdDSA with Ed25519.
enum class JwtAlgorithm : std::uint8_t { rs256, rs384, rs512, ps256, es256, es384, eddsa };

// Of private_key_jwt.
struct ClientAssertion {
  std::string key_id;  // empty: the token server finds the key by itself
  JwtAlgorithm algorithm = JwtAlgorithm::rs256;
  std::string audience;  // empty: token_url
  bool operator==(const ClientAssertion&) const = default;
};

// Access tokens of RFC 6749: see credentials/token_source.h. The client proves itself with one of
// client_secret and private_key. The grant is client_credentials, or refresh_token where there is
// one; then there is a store, too.
struct OAuth2Auth {
  std::string token_url;  // as written
  std::string client_id;
  Secret client_secret;
  ClientAuth client_auth = ClientAuth::basic;
  Secret private_key;  // PEM
  ClientAssertion assertion;
  std::string scope;
  std::string audience;
  std::vector<std::pair<std::string, std::string>> parameters;  // further ones of the form
  Secret refresh_token;                                         // the first of its line
  std::string store;                                            // file of the newest one
  Duration timeout = std::chrono::seconds(10);                  // of one request for a token
  bool operator==(const OAuth2Auth&) const = default;
};

}  // namespace sluice::config
