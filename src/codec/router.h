// Where the request of a record goes, and with which headers of its own.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/record.h"
#include "base/text_template.h"
#include "codec/json_pointer.h"
#include "codec/rejection.h"

namespace sluice::codec {

// What the records of one request have in common.
struct Route {
  std::string path;
  std::vector<std::string> headers;  // values, in the order of the router's templates
  std::vector<std::string> group{};  // likewise of what records are grouped by

  bool operator==(const Route&) const = default;
};

// Fills a pipeline's path and its target's headers in from a record. A value in a path is
// percent-encoded and never makes a "." or ".." segment; one in a header is one line. A record that
// has no value for a placeholder, or an empty one, goes nowhere: guessing would put it somewhere
// else. What it is grouped by may be missing: such records are a group of their own. No allocation
// per record once warm. Not thread-safe.
class Router {
 public:
  static constexpr std::size_t kLongest = 4096;  // bytes of a path or a header's value

  Router(TextTemplate path, std::vector<TextTemplate> headers,
         std::vector<TextTemplate> group_by = {});

  // Every record has the same route; route() need not be called.
  bool fixed() const { return fixed_; }
  const Route& fixed_route() const { return fixed_route_; }
  // Records differ in their path, or in what they are grouped by.
  bool groups() const { return groups_; }

  // `value`: the bytes that are sent for the record. Leaves `out` in no particular state where it
  // returns a rejection.
  std::optional<Rejection> route(const RecordView& record, const TopicPartition& of,
                                 std::string_view value, Route& out);

 private:
  std::optional<Rejection> read_value(std::string_view value);
  // Valid until the next call.
  std::optional<std::string_view> text_of(const TextTemplate::Part& part, const RecordView& record,
                                          const TopicPartition& of);
  std::string_view written(std::int64_t number);
  void fill_group(const TextTemplate& by, const RecordView& record, const TopicPartition& of,
                  std::string& out);
  std::optional<Rejection> fill(const TextTemplate& from, bool in_path, const RecordView& record,
                                const TopicPartition& of, std::string& out);

  TextTemplate path_;
  std::vector<TextTemplate> headers_;
  std::vector<TextTemplate> group_by_;
  std::vector<std::string> pointers_;
  bool fixed_ = true;
  bool groups_ = false;
  Route fixed_route_;
  std::optional<TextReader> reader_;          // of pointers_, where there are any
  const TextReader::Texts* texts_ = nullptr;  // at pointers_, of the record at hand
  std::array<char, 20> digits_{};             // a number in text
};

}  // namespace sluice::codec
