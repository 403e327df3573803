// What a check found, as it is found.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace sluice::check {

enum class Status : std::uint8_t {
  ok,
  warn,  // works, but worth knowing
  fail,
};

struct Finding {
  Status status = Status::ok;
  std::string subject;  // a key of the configuration, or "kafka"
  std::string detail;   // of a failure: its cause
  std::string remedy;   // empty where nothing is to do
  Duration took{};      // since the finding before it
};

// Neither detail nor remedy ever holds a secret.
class Report {
 public:
  using Sink = std::function<void(const Finding&)>;

  // `clock` outlives the report; `sink` is called at once with each finding.
  Report(const Clock& clock, Sink sink);

  void ok(const std::string& subject, std::string detail);
  void warn(const std::string& subject, std::string detail, std::string remedy);
  void fail(const std::string& subject, Error error);

  std::size_t count(Status status) const { return counts_[static_cast<std::size_t>(status)]; }

 private:
  void add(Finding finding);

  const Clock& clock_;
  Sink sink_;
  Instant last_;
  std::array<std::size_t, 3> counts_{};  // by status
};

}  // namespace sluice::check
