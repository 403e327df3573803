// What signs the requests to a target, made of its configuration.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "auth/signer.h"
#include "base/result.h"
#include "config/config.h"

namespace sluice::service {

using SharedSigner = std::shared_ptr<const auth::Signer>;

struct TargetSigners {
  SharedSigner of_all;  // null where each tenant has its own
  std::map<std::string, SharedSigner> tenants;
};

// All of them. Errors name the key. Where tokens are needed: one that stands for what signs before
// there is a token; it signs nothing.
Result<TargetSigners> signers_of(const config::Target& target);
// Those with other credentials than `before` has, tenants that are new among them. nullopt: nothing
// differs. Tenants may be gone where none is new.
Result<std::optional<TargetSigners>> changed_signers(const config::Target& before,
                                                     const config::Target& target);

}  // namespace sluice::service
