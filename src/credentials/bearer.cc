#include "credentials/bearer.h"

#include <variant>

namespace sluice::credentials {

const config::OAuth2Auth* oauth2_in(const config::Auths& auths) {
  for (const config::Auth& auth : auths) {
    if (const auto* const oauth2 = std::get_if<config::OAuth2Auth>(&auth)) return oauth2;
  }
  return nullptr;
}

config::Auths with_token(config::Auths auths, const config::Secret& token) {
  for (config::Auth& auth : auths) {
    if (std::holds_alternative<config::OAuth2Auth>(auth)) auth = config::BearerAuth{token};
  }
  return auths;
}

}  // namespace sluice::credentials
