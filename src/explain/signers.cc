#include "explain/signers.h"

#include <utility>

#include "credentials/bearer.h"
#include "deliver/redaction.h"

namespace sluice::explain {
namespace {

using SharedSigner = std::shared_ptr<const auth::Signer>;

// Text, hex and base64 in one, whatever a key is written in; in nobody's header by chance.
constexpr const char* kStandIn = "5ec4e75ec4e70000";

struct PutStandIn {
  void operator()(config::BearerAuth& auth) const { auth.token = config::Secret(kStandIn); }
  void operator()(config::BasicAuth& auth) const { auth.password = config::Secret(kStandIn); }
  void operator()(config::ApiKeyAuth& auth) const { auth.value = config::Secret(kStandIn); }
  void operator()(config::HkdfHmacAuth& auth) const { auth.token = config::Secret(kStandIn); }
  void operator()(config::HmacAuth& auth) const { auth.secret = config::Secret(kStandIn); }
  void operator()(config::OAuth2Auth& /*auth*/) const {}  // a BearerAuth stands for it
};

config::Auths with_stand_ins(config::Auths auths) {
  auths = credentials::with_token(std::move(auths), config::Secret(kStandIn));
  for (config::Auth& auth : auths) std::visit(PutStandIn{}, auth);
  return auths;
}

Result<SharedSigner> signer_of(const config::Auths& auths, const std::string& key,
                               NotedSigner::Notes& notes) {
  auto made = auth::make_signer(with_stand_ins(auths));
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
