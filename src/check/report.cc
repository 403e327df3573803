#include "check/report.h"

#include <utility>

namespace sluice::check {

Report::Report(const Clock& clock, Sink sink)
    : clock_(clock), sink_(std::move(sink)), last_(clock.now()) {}

void Report::ok(const std::string& subject, std::string detail) {
  add({Status::ok, subject, std::move(detail), {}, {}});
}

void Report::warn(const std::string& subject, std::string detail, std::string remedy) {
  add({Status::warn, subject, std::move(detail), std::move(remedy), {}});
}

void Report::fail(const std::string& subject, Error error) {
  add({Status::fail, subject, std::move(error.cause), std::move(error.remedy), {}});
}

void Report::add(Finding finding) {
  const Instant now = clock_.now();
  finding.took = now - std::exchange(last_, now);
  ++counts_[static_cast<std::size_t>(finding.status)];
  sink_(finding);
}

}  // namespace sluice::check
