// What the answers of an API mean. Plain data; part of config.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/verdict.h"

namespace sluice::config {

struct StatusRange {
  int first = 0;
  int last = 0;  // inclusive
  bool operator==(const StatusRange&) const = default;
};

// How a text has to be: equal to one of `equals`, or with `contains` in it; neither: it is there.
struct TextMatch {
  std::vector<std::string> equals;
  std::optional<std::string> contains;
  bool operator==(const TextMatch&) const = default;
};

struct HeaderMatch {
  std::string name;  // in lower case
  TextMatch value;
  bool operator==(const HeaderMatch&) const = default;
};

struct BodyMatch {
  std::optional<std::string> pointer;  // JSON Pointer to a string, number or boolean; nullopt: the
                                       // body as it is, and only `contains`
  TextMatch value;
  bool operator==(const BodyMatch&) const = default;
};

// What an answer means that all of its conditions hold for.
struct VerdictOverride {
  std::vector<StatusRange> statuses;  // empty: any
  std::optional<HeaderMatch> header;
  std::optional<BodyMatch> body;
  Verdict verdict = Verdict::retry;
  bool operator==(const VerdictOverride&) const = default;
};

// Where an answer says what became of single records. `pointer` leads from the answer to a list,
// the other pointers from an item of it.
struct Results {
  std::string pointer;
  std::optional<std::string> index;   // number of the record in the request, from 0
  std::optional<std::string> id;      // the same text as at `record_id` in the record
  std::string record_id;              // JSON Pointer into the record; the same as `id` by default
  std::optional<std::string> status;  // a success status: the record is delivered
  std::optional<std::string> retryable;  // true: the record is sent again
  bool operator==(const Results&) const = default;
};

}  // namespace sluice::config
