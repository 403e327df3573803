// The API's answers, in its own form.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace sluice::simulator {

struct Answer {
  int status = 200;
  std::string body;
  const char* content_type = "application/json";
  bool retry_after = false;  // after one second
};

// Why a request is refused: {"error","message","details":{"field","issue"}}. As with the real API
// nothing says which record of the batch it was.
struct Refusal {
  int status = 400;
  std::string message;
  std::string field = {};  // empty: no details
  std::string issue = {};
};

Answer answer_refused(const Refusal& refusal);
Answer answer_taken(std::string_view type, std::span<const std::string> ids);
Answer answer_throttled();
// What the gateway in front of a dead API says.
Answer answer_outage();
Answer answer_healthy();

}  // namespace sluice::simulator
