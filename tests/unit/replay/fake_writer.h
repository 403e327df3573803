#pragma once

#include <functional>
#include <string>
#include <vector>

#include "unit/replay/letters.h"

namespace sluice::replay {

struct Written {
  std::string topic;
  std::optional<std::int32_t> partition;
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<OwnedHeader> headers;

  std::string header(const std::string& name) const {
    for (const auto& header : headers) {
      if (header.name == name) return header.value.value_or("(null)");
    }
    return "(none)";
  }
};

// Confirms at once, unless told otherwise.
class FakeWriter final : public RecordWriter {
 public:
  void write(const OutgoingRecord& record, std::function<void(WriteResult)> done) override {
    const auto copy = [](std::optional<std::string_view> text) {
      return text ? std::optional<std::string>(*text) : std::nullopt;
    };
    Written made{std::string(record.topic), record.partition, copy(record.key), copy(record.value),
                 record.headers};
    const WriteResult result = answer ? answer(made) : WriteResult{WriteStatus::confirmed, ""};
    if (result.status == WriteStatus::confirmed) {
      if (confirmed) confirmed(made);
      records.push_back(std::move(made));
    }
    done(result);
  }

  std::function<WriteResult(const Written&)> answer;
  std::function<void(const Written&)> confirmed;
  std::vector<Written> records;
};

}  // namespace sluice::replay
