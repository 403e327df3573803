// Who may post: the API's token, tenant and signature headers.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/signer.h"
#include "base/result.h"
#include "config/config.h"
#include "simulator/answer.h"

namespace sluice::simulator {

// The value of a request's header; empty where it has none.
using HeaderLookup = std::function<std::string(const std::string& name)>;

// Immutable, so thread-safe.
class SignatureCheck {
 public:
  // Fails where a credential cannot be a header's value.
  static Result<SignatureCheck> make(const config::HkdfHmacAuth& credentials);

  // nullopt: every header is what these credentials make of `body`. Otherwise 401, or 403 for a
  // token that says "expired". Takes as long for a value that is almost right as for any other.
  std::optional<Refusal> check(const HeaderLookup& header, std::string_view body) const;

 private:
  explicit SignatureCheck(std::unique_ptr<auth::Signer> signer);

  std::unique_ptr<auth::Signer> signer_;
};

}  // namespace sluice::simulator
