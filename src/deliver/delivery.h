// The progress of one batch.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auth/credential.h"
#include "base/clock.h"
#include "base/record.h"
#include "base/wipe.h"
#include "batch/batch.h"
#include "deliver/admission.h"
#include "deliver/bisection.h"
#include "deliver/breaker.h"
#include "deliver/delivery_waits.h"
#include "deliver/learned_size.h"
#include "deliver/live_credential.h"
#include "deliver/packed_body.h"
#include "deliver/suspicion.h"
#include "deliver/tallies.h"
#include "deliver/tenant.h"
#include "http/client.h"

namespace sluice::deliver {

// Who signs an attempt. With a tenant comes a permit, which goes back to it once.
struct Mandate {
  LiveCredential* credential = nullptr;
  std::shared_ptr<Tenant> tenant;  // null: the target has none
  Breaker::Permit permit;
};

// Why the batch's tenant keeps it from going.
struct Standing {
  Instant until;            // asked again then; never by itself where the tenant is not known
  std::string words;        // plain ones
  std::uint64_t moves = 0;  // of the credentials, by then
  Instant since{};          // it stands still
};

// An attempt that is under way.
struct Attempt {
  http::RequestId request = 0;
  std::size_t bytes = 0;  // of its body
  Instant sent_at{};
  Pass pass;
  Mandate mandate;
  auth::Credential::Lease lease;
};

// One batch on its way: which part is next, and what was tried. Pure but for its batch's frame().
class Delivery {
 public:
  Delivery(LaneId lane, TopicPartition partition, std::unique_ptr<batch::Batch> batch,
           const DeliveryWaits& waits, Random& random, batch::MemoryMeter& memory);

  // The part that is sent next, or is under way; nullopt: the batch is finished.
  std::optional<batch::Range> part() const { return part_; }
  bool alone() const { return part_->size() == 1; }
  // The part is a piece of one that failed for some record of it.
  bool searching() const { return bisection_.searching(); }
  RequestSize size() const;
  // The part as one body, and its batch id; both stay the same until the part changes.
  std::string_view body();
  const std::string& batch_id() const { return batch_id_; }

  // Sends less at once: fewer records from the part's end, but one. Only before the part is sent
  // again: what an API may have taken without an answer has to keep its batch id.
  void cut(RequestSize most);
  bool may_be_cut() const { return !unanswered_; }

  void part_delivered();
  // The API refused the part; `named`: and said that this record of it is the bad one. True: it
  // was a single record, which is out now.
  bool part_refused(std::optional<std::size_t> named = std::nullopt);
  // The part is too large for the API. True: it was a single record, as above.
  bool part_too_large();
  // The part was neither delivered nor refused; its single record is out where this says
  // `exhausted`. `neighbours`: a request sent after the part's failure before was delivered.
  Suspicion::Next part_failed(bool neighbours, bool answered, const Suspicion::Limits& limits,
                              Instant now);
  // What is left goes on as `rest`, whose records were numbers `kept` here. Returns the batch
  // before.
  std::unique_ptr<batch::Batch> replace(std::unique_ptr<batch::Batch> rest,
                                        const std::vector<std::size_t>& kept);
  // Nothing is left.
  void finish() { part_.reset(); }
  // Some of the part's records have to be sent again: not at once, and each time later.
  void wait_for_the_rest(Instant now);

  // When the part failed last; nullopt: it has not.
  std::optional<Instant> failed_at() const { return failed_at_; }
  bool blames_record() const { return suspicion_.blames_record(); }
  // Waits for its next try, or for an operator, since nobody can tell whether its record or the
  // target is bad.
  bool parked() const { return parked_; }
  // Or it fails alone for so long that a person may know: at the head of the only partition it
  // looks like an outage.
  bool may_be_given_up(std::uint32_t lonely) const {
    return parked_ || (part_ && alone() && suspicion_.lonely() >= lonely);
  }
  // Something of it failed, and it is tried again until that went or is given up.
  bool retrying() const { return part_ && !parked_ && (trying_again_ || blames_record()); }
  // An operator wants to know now.
  void try_now();

  // The part goes out. True: with records that went before, and were not delivered.
  bool note_sent(WallTime now);
  std::optional<WallTime> first_sent() const { return first_sent_; }
  std::optional<WallTime> last_sent() const { return last_sent_; }
  // The part was sent and not delivered.
  void note_undelivered();

  const LaneId lane;
  const TopicPartition partition;
  std::unique_ptr<batch::Batch> batch;
  PackedBody packed;  // of the part
  Tallies tallies;
  std::optional<Attempt> attempt;
  std::string tenant;                         // whose records they are; empty where nobody asks
  std::optional<Standing> standing;           // of that tenant, and so said to the sink
  SecretTexts secrets;                        // of the last attempt; its answer may echo them
  Instant not_before{};                       // backoff
  std::string trouble;                        // plain words about the last attempt that failed
  std::optional<LearnedSize> learned_before;  // what its 413s add to, until they are understood
  std::uint64_t place = 0;                    // in the deliverer's queue
  std::uint32_t sent_again = 0;               // in a row, since its credentials were refused
  bool draining = false;

 private:
  void choose_part();
  void name_part();

  WaitSchedule waits_;
  Bisection bisection_;
  Suspicion suspicion_;
  std::size_t suspects_end_ = 0;       // of the part that failed last
  std::size_t tried_end_ = 0;          // records before it have gone once
  std::size_t most_bytes_ = SIZE_MAX;  // what the API said is too large, halved
  std::optional<batch::Range> part_;
  std::string batch_id_;
  std::optional<Instant> failed_at_;
  bool unanswered_ = false;
  bool parked_ = false;
  bool trying_again_ = false;
  std::optional<WallTime> first_sent_;
  std::optional<WallTime> last_sent_;
};

}  // namespace sluice::deliver
