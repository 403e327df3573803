#include "deliver/request_id.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "deliver/redaction.h"

namespace sluice::deliver {

std::string request_id_of(const http::Answer& answer, const std::vector<std::string>& secrets) {
  static constexpr std::array<std::string_view, 9> kNames = {
      "x-request-id",    "x-amzn-requestid", "x-amz-request-id", "x-correlation-id", "request-id",
      "x-ms-request-id", "cf-ray",           "x-amzn-trace-id",  "apigw-requestid"};
  constexpr std::size_t kLongest = 128;
  for (const std::string_view name : kNames) {
    const std::string* id = answer.header(name);
    if (id == nullptr) continue;
    const bool printable =
        std::all_of(id->begin(), id->end(), [](char c) { return c >= ' ' && c <= '~'; });
    return printable && id->size() <= kLongest ? redacted(*id, kLongest, secrets) : std::string();
  }
  return {};
}

}  // namespace sluice::deliver
