// What makes a request ours: pure functions of credentials and the exact bytes sent.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/config.h"

namespace sluice::auth {

struct Header {
  std::string name;
  std::string value;
};

// What a signer adds to one request.
struct Signed {
  std::vector<Header> headers;
  std::string query;                 // "name=value", percent-encoded, or empty
  std::vector<std::string> secrets;  // that stand in them; not to be shown where they come back
};

// Immutable after construction, so one signer serves all workers of a target.
class Signer {
 public:
  virtual ~Signer() = default;
  // Appends to `out`. `body` is every byte of the request body as it goes on the wire.
  virtual void sign(std::string_view body, Signed& out) const = 0;
};

// Keys are derived here, once. Fails where a credential cannot be put into a request (a line
// break in a token, an empty secret); the message names the option, never the value.
Result<std::unique_ptr<Signer>> make_signer(const config::Auth& auth);

}  // namespace sluice::auth
