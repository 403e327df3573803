// What makes a request ours: pure functions of credentials, the exact bytes sent, and the time.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/wipe.h"
#include "config/auth.h"

namespace sluice::auth {

struct Header {
  std::string name;
  std::string value;
};

// What a signer adds to one request.
struct Signed {
  std::vector<Header> headers;
  std::string query;    // "name=value", percent-encoded, or empty
  SecretTexts secrets;  // that stand in them; not to be shown where they come back

  Signed() = default;
  Signed(const Signed&) = delete;
  Signed& operator=(const Signed&) = delete;
  ~Signed();  // wipes what is left of it
};

// A request before it is signed, as it goes on the wire. Borrows all of it.
struct Outgoing {
  std::string_view method;
  std::string_view path;   // without the query
  std::string_view query;  // what stands behind '?' before signers add to it, or empty
  std::string_view host;   // as in the header: without the port where it is the scheme's own
  std::string_view body;   // every byte, compressed where it is
  std::string_view id;     // of the batch: the same for every attempt
  WallTime now{};          // of this attempt
};

// With path, query and host of `url` ("https://api.example.com:8443/events?a=b").
Outgoing outgoing_to(std::string_view url);

// Immutable after construction, so one signer serves all workers of a target.
class Signer {
 public:
  virtual ~Signer() = default;
  // Appends to `out`, whose query counts as part of the request.
  virtual void sign(const Outgoing& request, Signed& out) const = 0;
};

// Keys are derived here, once. Fails where a credential cannot be put into a request (a line
// break in a token, an empty secret); the message names the option, never the value. Fails for
// oauth2, whose tokens are signed with as a BearerAuth is.
Result<std::unique_ptr<Signer>> make_signer(const config::Auth& auth);

// All of them on each request, in this order but for those that add to the query: they come first,
// so that the query that is signed is the one that is sent. No signature covers another's headers.
Result<std::unique_ptr<Signer>> make_signer(const config::Auths& auths);

}  // namespace sluice::auth
