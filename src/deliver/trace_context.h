// Which trace a request belongs to: W3C Trace Context (https://www.w3.org/TR/trace-context/).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "batch/batch.h"
#include "http/client.h"

namespace sluice::deliver {

// Of version 00, in full: lower-case hexadecimal digits, neither id all zeros.
bool is_traceparent(std::string_view text);
// Printable ASCII of at most 512 bytes that neither begins nor ends with a blank.
bool is_tracestate(std::string_view text);

// Borrows from a batch.
struct TraceContext {
  std::string_view parent;
  std::string_view state;  // empty: none, or none that may be sent

  std::string_view trace_id() const { return parent.substr(3, 32); }
};

// Of the first record of the part whose header `traceparent` (the last of that name) is one.
// Looks at no record where none of the batch has headers.
std::optional<TraceContext> trace_of(const batch::Batch& batch, batch::Range part);

// What a request has of it. A configured header of that name takes its place, and a configured
// `traceparent` that of both.
class TraceHeaders {
 public:
  // `configured`: names of headers.
  explicit TraceHeaders(const std::vector<std::string>& configured);
  void add(const batch::Batch& batch, batch::Range part, std::vector<http::Header>& headers) const;

 private:
  bool parent_;
  bool state_;
};

// Whether one of the headers has that name (in lower case), however it is written.
bool names_header(const std::vector<std::string>& headers, std::string_view name);

}  // namespace sluice::deliver
