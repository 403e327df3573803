// The metrics of one credential. Private to telemetry.
#pragma once

#include <mutex>
#include <utility>

#include "telemetry/metrics.h"
#include "telemetry/series_maker.h"

namespace sluice::telemetry {

class CredentialSeries final : public CredentialMetrics {
 public:
  explicit CredentialSeries(SeriesMaker maker) : maker_(std::move(maker)) { make(); }

  // There it is again.
  void make() {
    const std::lock_guard lock(mutex_);
    if (since_ != nullptr) return;
    since_ = &maker_.make(kCredentialSince);
    expires_ = &maker_.make(kCredentialExpires);
    newest_refused_ = &maker_.make(kCredentialNewestRefused);
    changes_ = &maker_.make(kCredentialChanges);
  }

  void set_in_use_since(WallTime since) override {
    const std::lock_guard lock(mutex_);
    if (since_ != nullptr) since_->Set(timestamp(since));
  }
  void set_expires(std::optional<WallTime> expires) override {
    const std::lock_guard lock(mutex_);
    if (expires_ != nullptr) expires_->Set(timestamp(expires));
  }
  void set_newest_refused(bool refused) override {
    const std::lock_guard lock(mutex_);
    if (newest_refused_ != nullptr) newest_refused_->Set(refused ? 1 : 0);
  }
  void changed() override {
    const std::lock_guard lock(mutex_);
    if (changes_ != nullptr) changes_->Increment();
  }
  void forget() override {
    const std::lock_guard lock(mutex_);
    if (since_ == nullptr) return;
    maker_.remove(kCredentialSince, std::exchange(since_, nullptr));
    maker_.remove(kCredentialExpires, std::exchange(expires_, nullptr));
    maker_.remove(kCredentialNewestRefused, std::exchange(newest_refused_, nullptr));
    maker_.remove(kCredentialChanges, std::exchange(changes_, nullptr));
  }

 private:
  const SeriesMaker maker_;
  std::mutex mutex_;  // of those below, all or none of which are null
  prometheus::Gauge* since_ = nullptr;
  prometheus::Gauge* expires_ = nullptr;
  prometheus::Gauge* newest_refused_ = nullptr;
  prometheus::Counter* changes_ = nullptr;
};

}  // namespace sluice::telemetry
