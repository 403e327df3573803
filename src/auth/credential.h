// Which of the values that a credential has had signs the next request, and what the API's answers
// say of them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "auth/signer.h"
#include "base/clock.h"

namespace sluice::auth {

// A new value is offered while requests go on. One request tries it: when that is delivered all
// others follow; when the API refuses it they never do, and the value in use stays. A refused value
// is tried again later, first after ten seconds, in the end every five minutes, since it may only
// not have arrived at the API yet.
//
// For `overlap` after a change the value before is kept: where the API refuses the new one after
// all (some of its servers may not know it yet) requests go back to it.
//
// Pure; not thread-safe.
class Credential {
 public:
  using Version = std::uint64_t;

  // What signs one request. Its answer comes back through one of the three below.
  struct Lease {
    std::shared_ptr<const Signer> signer;
    Version version = 0;
  };

  enum class Move : std::uint8_t {
    none,
    changed,      // the value that was offered is in use from now on
    refused,      // the value that was offered was refused; it is tried again at next_try()
    rolled_back,  // the value in use was refused; the one before is in use again
  };
  struct Consequence {
    // Another value is in use than the one that was refused: the request says nothing against the
    // target or its records.
    bool send_again = false;
    Move move = Move::none;
  };

  // `first` is taken for good until the API says otherwise.
  Credential(std::shared_ptr<const Signer> first, Duration overlap, Instant now);

  Lease lease(Instant now);
  // The API took the request.
  Consequence accepted(Version version, Instant now);
  // The API refused the credentials.
  Consequence refused(Version version, Instant now);
  // It refused the request in words that may mean the credentials or what they ask for (403): that
  // is held against a value on trial only.
  Consequence forbidden(Version version, Instant now);
  // The request ended without saying anything of its credentials.
  void unanswered(Version version);

  // To be tried with the next request. Takes the place of what was offered before.
  void offer(std::shared_ptr<const Signer> signer, Instant now);
  // In use at once: it was proved elsewhere. What is offered is `offered` from now on, with what is
  // known of it; null: nothing is.
  void replace(std::shared_ptr<const Signer> signer, std::shared_ptr<const Signer> offered,
               Instant now);
  // What is offered is not to be used after all.
  void withdraw();
  // Wipes the value before, where the overlap is over.
  void expire(Instant now);

  // Of changes from now on.
  void set_overlap(Duration overlap) { overlap_ = overlap; }

  Version version() const { return current_.version; }
  Instant in_use_since() const { return since_; }
  // Of what is offered; 0: nothing is.
  Version offered_version() const { return offered_ ? offered_->version : 0; }
  bool on_trial() const { return offered_.has_value(); }
  // What is offered was refused, and the value in use is older than it.
  bool newest_refused() const { return offered_ && refusals_ > 0; }
  Instant next_try() const { return try_at_; }

 private:
  void use(Lease value, Instant now);
  Consequence offered_refused(Instant now);
  Consequence current_refused(Instant now);
  void wait_before_next_try(Instant now);

  Duration overlap_;
  Version last_version_ = 0;
  Lease current_;
  Instant since_;
  bool refused_ = false;  // current_, and not accepted since
  std::optional<Lease> offered_;
  bool trying_ = false;         // a request with it is under way
  std::uint32_t refusals_ = 0;  // of it
  Instant try_at_{};
  std::optional<Lease> before_;
  Instant before_until_{};
};

}  // namespace sluice::auth
