#include "codec/record_codec.h"

#include <string>

namespace sluice::codec {

std::variant<std::string_view, Rejection, Skipped> RecordCodec::admit(
    const RecordView& record) const {
  if (!record.value || record.value->empty()) {
    switch (nulls_) {
      case NullPolicy::skip:
        return Skipped{};
      case NullPolicy::send_null:
        return std::string_view("null");
      case NullPolicy::dead_letter:
        return Rejection{DeadLetterReason::null_value,
                         record.value ? "the value is empty" : "the value is null (a tombstone)"};
    }
  }
  if (record.value->size() > max_record_bytes_) {
    return Rejection{DeadLetterReason::too_large, std::to_string(record.value->size()) +
                                                      " bytes, max_record_bytes is " +
                                                      std::to_string(max_record_bytes_)};
  }
  return *record.value;
}

std::optional<Rejection> RecordCodec::append(std::string_view value, Body& body) {
  const std::string_view copy = body.append(value);
  auto rejection = json_.check(copy);
  if (!rejection && schema_) rejection = schema_->check(copy);
  if (rejection) {
    body.retract_last();
  } else {
    body.minify_last();
  }
  return rejection;
}

}  // namespace sluice::codec
