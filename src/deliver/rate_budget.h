// Never more than so much in a time.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "config/config.h"
#include "deliver/admission.h"
#include "telemetry/metrics.h"

namespace sluice::deliver {

// What requests take from budgets.
struct Demand {
  std::size_t requests = 0;
  RequestSize size = {};

  void add(RequestSize request) {
    ++requests;
    size.records += request.records;
    size.bytes += request.bytes;
  }
};

// One limit: so many requests, records or bytes in any stretch of time as long as its window.
//
// A token bucket. With L the limit times its safety, it holds C = `capacity` of L, but at least a
// request with one record, and refills at (L - C) per window, so that no window of that length,
// wherever it begins, passes more than L. It starts empty: a restart is no burst. (Where L has
// hardly any rest beyond C, the refill makes use of the safety, or of requests being whole.)
//
// Where replicas share the limit, one that holds the part f of the partitions has a bucket for
// f * L. A part that is lost takes its tokens along at once; one that is gained brings none. The
// least that each bucket holds makes the sum of their capacities depend on who holds what: for one
// window after a change each refills as if that sum were the largest there can be, D = 10 % of L
// and one request for each partition. So the bound holds across changes, too: up to a change the
// replicas pass C + a * (L - C) of a window, after it (1 - a) * (L - D), and C <= D. The property
// test plays it through. Pure; not thread-safe.
class RateBucket {
 public:
  // `largest_record`: bytes of the largest request that holds a single record.
  RateBucket(const config::RateLimit& limit, std::size_t largest_record, Instant now);

  // nullopt: there is enough for `request` beside `ahead`, which others are to have first.
  // Otherwise when there will be, if nobody takes of it.
  std::optional<Instant> wait_for(RequestSize request, const Demand& ahead, Instant now);
  // Only right after wait_for() said so. A request that is larger than largest() (it was made while
  // this process had a larger part, and must not change any more) goes when the bucket is full, and
  // is paid off afterwards. Returns how much it took.
  std::size_t take(RequestSize request);

  // This process holds `held` of `of_all` partitions. Nothing changes where the limit is not shared
  // by the group.
  void set_share(std::size_t held, std::size_t of_all, Instant now);
  // The largest request that it can ever let through.
  RequestSize largest() const;
  // What it lets through in the long run, in its unit: 0 while this process has no part of it.
  double per_second() const;
  // Which part of that went in the last window: 0 to 1.
  double used(Instant now) const;

 private:
  double amount(const Demand& demand) const;
  double settling_refill() const;  // per window
  double refill() const;           // per window
  void fill(Instant now);
  void fill_at(double per_window, Instant until);
  Instant when_filled_by(double missing, Instant now) const;

  const config::RateUnit unit_;
  const double window_;   // nanoseconds
  const double least_;    // that a request takes
  const double allowed_;  // in a window, to all that share it
  const double burst_;    // of that, at once
  const double slack_;    // that the refill may have beyond what is allowed
  const bool shared_;
  double share_;
  double partitions_ = 1;  // that the limit is divided by
  double capacity_ = 0;
  double tokens_ = 0;
  Instant filled_at_;
  // Of the window at hand, and of the one before it, whose part the last one still has.
  Instant window_began_;
  double spent_ = 0;
  double spent_before_ = 0;
  Instant settled_at_;
};

// The limits of a target or of a path: a request has to find room in each.
class RateBudget {
 public:
  RateBudget(const std::vector<config::RateLimit>& limits, std::size_t largest_record, Instant now);

  // As RateBucket's.
  std::optional<Instant> wait_for(RequestSize request, const Demand& ahead, Instant now);
  // Told to whoever shows it, if anybody does.
  void take(RequestSize request);
  void set_share(std::size_t held, std::size_t of_all, Instant now);
  RequestSize largest() const;
  // One for each limit, in their order.
  std::vector<double> used(Instant now) const;
  // Likewise: shown there from now on.
  using Shown = std::vector<std::shared_ptr<telemetry::BudgetMetrics>>;
  void show_at(Shown shown);

 private:
  void show() const;

  std::vector<RateBucket> buckets_;
  Shown shown_;  // as many as buckets, or none
};

}  // namespace sluice::deliver
