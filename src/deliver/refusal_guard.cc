#include "deliver/refusal_guard.h"

#include <algorithm>

namespace sluice::deliver {

void RefusalGuard::judged(std::size_t taken, std::size_t refused) {
  if (closed_) return;
  add(false, taken);
  add(true, refused);
  closed_ = refused > 0 && static_cast<double>(refused_) >= limits_.share * limits_.of;
}

void RefusalGuard::add(bool refused, std::size_t records) {
  if (records == 0) return;
  if (runs_.empty() || runs_.back().refused != refused) runs_.push_back({refused, 0});
  runs_.back().records += records;
  judged_ += records;
  refused_ += refused ? records : 0;
  while (judged_ > limits_.of) {
    Run& oldest = runs_.front();
    const std::size_t gone = std::min<std::size_t>(oldest.records, judged_ - limits_.of);
    oldest.records -= gone;
    judged_ -= gone;
    refused_ -= oldest.refused ? gone : 0;
    if (oldest.records == 0) runs_.pop_front();
  }
}

void RefusalGuard::release() {
  runs_.clear();
  judged_ = 0;
  refused_ = 0;
  closed_ = false;
}

}  // namespace sluice::deliver
