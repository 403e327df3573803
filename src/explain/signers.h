// What signs the requests that are shown and not sent.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "auth/signer.h"
#include "base/result.h"
#include "config/config.h"

namespace sluice::explain {

// Signs as another one does, and notes which of the headers are not to be shown. For one thread.
class NotedSigner final : public auth::Signer {
 public:
  // One for each header that was added last, in their order: whether it holds a secret.
  using Notes = std::vector<bool>;

  // `notes` outlives it.
  NotedSigner(std::unique_ptr<auth::Signer> signer, Notes& notes);
  void sign(const auth::Outgoing& request, auth::Signed& out) const override;

 private:
  std::unique_ptr<auth::Signer> signer_;
  Notes& notes_;
};

struct Signers {
  std::shared_ptr<const auth::Signer> of_all;  // null where each tenant has its own
  std::map<std::string, std::shared_ptr<const auth::Signer>> tenants;
};

// As a run's, but that some text stands for each secret and token, which are masked anyway: none
// has to be there. Errors name the key. `notes` outlives them.
Result<Signers> signers_of(const config::Target& target, NotedSigner::Notes& notes);

}  // namespace sluice::explain
