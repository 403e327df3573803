// The metrics of one credential. Private to telemetry.
#pragma once

#include "telemetry/metrics.h"
#include "telemetry/series_maker.h"

namespace sluice::telemetry {

class CredentialSeries final : public CredentialMetrics {
 public:
  explicit CredentialSeries(const SeriesMaker& maker)
      : since_(maker.make(kCredentialSince)),
        expires_(maker.make(kCredentialExpires)),
        newest_refused_(maker.make(kCredentialNewestRefused)),
        changes_(maker.make(kCredentialChanges)) {}

  void set_in_use_since(WallTime since) override { since_.Set(timestamp(since)); }
  void set_expires(std::optional<WallTime> expires) override { expires_.Set(timestamp(expires)); }
  void set_newest_refused(bool refused) override { newest_refused_.Set(refused ? 1 : 0); }
  void changed() override { changes_.Increment(); }

 private:
  prometheus::Gauge& since_;
  prometheus::Gauge& expires_;
  prometheus::Gauge& newest_refused_;
  prometheus::Counter& changes_;
};

}  // namespace sluice::telemetry
