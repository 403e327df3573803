#include "explain/signers.h"

#include <utility>

#include "credentials/bearer.h"
#include "deliver/redaction.h"

namespace sluice::explain {
namespace {

using SharedSigner = std::shared_ptr<const auth::Signer>;

Result<SharedSigner> signer_of(const config::Auths& auths, const std::string& key,
                               NotedSigner::Notes& notes) {
  const bool tokens = credentials::oauth2_in(auths) != nullptr;
  auto made = auth::make_signer(
      tokens ? credentials::with_token(auths, config::Secret("not-fetched")) : auths);
  if (!made) return fail(key + ": " + made.error().cause, made.error().remedy);
  return std::make_shared<NotedSigner>(std::move(*made), notes);
}

}  // namespace

NotedSigner::NotedSigner(std::unique_ptr<auth::Signer> signer, Notes& notes)
    : signer_(std::move(signer)), notes_(notes) {}

void NotedSigner::sign(const auth::Outgoing& request, auth::Signed& out) const {
  signer_->sign(request, out);
  notes_.clear();
  for (const auth::Header& header : out.headers) {
    const std::string shown =
        deliver::redacted(header.value, header.value.size(), out.secrets.all());
    notes_.push_back(shown != header.value);
  }
}

Result<Signers> signers_of(const config::Target& target, NotedSigner::Notes& notes) {
  const std::string key = "targets." + target.name;
  Signers made;
  if (!target.tenants) {
    auto signer = signer_of(target.auth, key + ".auth", notes);
    if (!signer) return tl::unexpected(signer.error());
    made.of_all = std::move(*signer);
    return made;
  }
  for (const auto& [name, tenant] : target.tenants->of) {
    auto signer = signer_of(tenant.auth, key + ".tenants.of." + name, notes);
    if (!signer) return tl::unexpected(signer.error());
    made.tenants.emplace(name, std::move(*signer));
  }
  return made;
}

}  // namespace sluice::explain
