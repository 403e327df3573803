// What the rest of the house does with a token: it is a bearer's.
#pragma once

#include "config/auth.h"

namespace sluice::credentials {

// The one of `auths` whose tokens have to be fetched; there is never more than one, since each
// would set the same header. Null: there is none. Borrows.
const config::OAuth2Auth* oauth2_in(const config::Auths& auths);

// `auths` as they are to be signed with while `token` is good: it stands in the place of that one.
config::Auths with_token(config::Auths auths, const config::Secret& token);

}  // namespace sluice::credentials
