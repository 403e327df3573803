// Findings of a check, as tests compare them.
#pragma once

#include <string>
#include <vector>

#include "check/report.h"
#include "support/fake_clock.h"

namespace sluice::check {

// Collects, and writes each finding as "status subject: detail; remedy".
class Findings {
 public:
  Report& report() { return report_; }
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  static std::string name_of(Status status) {
    return status == Status::ok ? "ok" : status == Status::warn ? "warn" : "FAIL";
  }

  test::FakeClock clock_;
  std::vector<std::string> lines_;
  Report report_{clock_, [this](const Finding& finding) {
                   lines_.push_back(name_of(finding.status) + " " + finding.subject + ": " +
                                    Error{finding.detail, finding.remedy}.text());
                 }};
};

}  // namespace sluice::check
