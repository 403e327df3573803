// From a record's bytes to a place in a request body, or to the reason why not.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>

#include "base/record.h"
#include "codec/body.h"
#include "codec/json_check.h"
#include "codec/rejection.h"
#include "codec/schema.h"

namespace sluice::codec {

// What becomes of tombstones (null) and empty values.
enum class NullPolicy { skip, dead_letter, send_null };

// The record has no place in any request, by policy and not by mistake.
struct Skipped {};

// Two steps, since the batch must know a record's size before it takes it: admit() looks at the
// outside, append() copies the bytes into the body and proves them there. Not thread-safe.
class RecordCodec {
 public:
  // `schema` may be null.
  RecordCodec(std::size_t max_record_bytes, NullPolicy nulls, std::unique_ptr<Schema> schema)
      : max_record_bytes_(max_record_bytes), nulls_(nulls), schema_(std::move(schema)) {}

  // The bytes that are to be sent for the record, borrowed from it.
  std::variant<std::string_view, Rejection, Skipped> admit(const RecordView& record) const;

  // Leaves `body` as it was where it returns a rejection.
  std::optional<Rejection> append(std::string_view value, Body& body);

 private:
  std::size_t max_record_bytes_;
  NullPolicy nulls_;
  std::unique_ptr<Schema> schema_;
  JsonCheck json_;
};

}  // namespace sluice::codec
