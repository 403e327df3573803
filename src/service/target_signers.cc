#include "service/target_signers.h"

#include <utility>

#include "credentials/bearer.h"

namespace sluice::service {
namespace {

// Signs nothing; the gate lets nothing through before there is a token.
class NoSigner final : public auth::Signer {
 public:
  void sign(const auth::Outgoing& /*request*/, auth::Signed& /*out*/) const override {}
};

Result<SharedSigner> signer_of(const config::Auths& auths, const std::string& key) {
  const bool tokens = credentials::oauth2_in(auths) != nullptr;
  auto made =
      auth::make_signer(tokens ? credentials::with_token(auths, config::Secret("any")) : auths);
  if (!made) return fail(key + ": " + made.error().cause, made.error().remedy);
  if (tokens) return std::make_shared<NoSigner>();
  return SharedSigner(std::move(*made));
}

// `known`: those that are left out where their credentials are the same.
Result<TargetSigners> tenant_signers(const config::Target& target, const config::Tenants* known) {
  TargetSigners made;
  for (const auto& [name, tenant] : target.tenants->of) {
    if (known != nullptr) {
      const auto before = known->of.find(name);
      if (before != known->of.end() && before->second.auth == tenant.auth) continue;
    }
    auto signer = signer_of(tenant.auth, "targets." + target.name + ".tenants.of." + name);
    if (!signer) return tl::unexpected(signer.error());
    made.tenants.emplace(name, std::move(*signer));
  }
  return made;
}

}  // namespace

Result<TargetSigners> signers_of(const config::Target& target) {
  if (target.tenants) return tenant_signers(target, nullptr);
  auto signer = signer_of(target.auth, "targets." + target.name + ".auth");
  if (!signer) return tl::unexpected(signer.error());
  return TargetSigners{std::move(*signer), {}};
}

Result<std::optional<TargetSigners>> changed_signers(const config::Target& before,
                                                     const config::Target& target) {
  if (target.tenants) {
    if (before.tenants && before.tenants->of == target.tenants->of) return std::nullopt;
    return tenant_signers(target, before.tenants ? &*before.tenants : nullptr);
  }
  if (before.auth == target.auth) return std::nullopt;
  return signers_of(target);
}

}  // namespace sluice::service
