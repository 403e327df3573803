// The metrics of one credential. Private to telemetry.
#pragma once

#include <chrono>

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

  void set_in_use_since(WallTime since) override { since_.Set(seconds(since)); }
  void set_expires(std::optional<WallTime> expires) override {
    expires_.Set(expires ? seconds(*expires) : 0);
  }
  void set_newest_refused(bool refused) override { newest_refused_.Set(refused ? 1 : 0); }
  void changed() override { changes_.Increment(); }

 private:
  static double seconds(WallTime when) {
    return std::chrono::duration<double>(when.time_since_epoch()).count();
  }

  prometheus::Gauge& since_;
  prometheus::Gauge& expires_;
  prometheus::Gauge& newest_refused_;
  prometheus::Counter& changes_;
};

}  // namespace sluice::telemetry
