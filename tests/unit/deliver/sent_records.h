// A request of records that a test names by their values.
#pragma once

#include <initializer_list>
#include <string>

#include "batch/batch.h"
#include "deliver/verdict_rules.h"
#include "support/records.h"

namespace sluice::deliver {

class SentRecords {
 public:
  explicit SentRecords(std::initializer_list<std::string> values) {
    for (const std::string& value : values) add(value);
  }
  // Records that are their own numbers.
  explicit SentRecords(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) add(std::to_string(i));
  }

  Sent all() const { return {batch_, batch_.all()}; }
  Sent part(std::size_t first, std::size_t last) const { return {batch_, {first, last}}; }

 private:
  void add(const std::string& value) {
    test::TestRecord record;
    record.offset = static_cast<std::int64_t>(batch_.size());
    record.value = value;
    batch_.body().append(value);
    batch_.keep(record.view(), batch_.size());
  }

  batch::MemoryMeter meter_;
  batch::Batch batch_{codec::BodyFormat::json_array, meter_};
};

}  // namespace sluice::deliver
