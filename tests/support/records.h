#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/record.h"

namespace sluice::test {

// A record that owns its bytes, for handing views of it to code under test.
struct TestRecord {
  std::int64_t offset = 0;
  std::optional<std::string> value;
  std::optional<std::string> key;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
  std::int64_t timestamp_ms = -1;
  std::vector<RecordHeader> header_views = {};

  RecordView view() {
    header_views.clear();
    for (const auto& [name, text] : headers) {
      header_views.push_back({name, text ? std::optional<std::string_view>(*text) : std::nullopt});
    }
    RecordView made;
    made.offset = offset;
    made.timestamp_ms = timestamp_ms;
    if (key) made.key = *key;
    if (value) made.value = *value;
    made.headers = header_views;
    return made;
  }
};

}  // namespace sluice::test
