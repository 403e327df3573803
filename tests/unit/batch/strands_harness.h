// What the tests of strands have in common.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "batch/strands.h"
#include "support/fake_clock.h"
#include "support/records.h"

namespace sluice::batch {

class StrandsHarness : public testing::Test {
 protected:
  static constexpr auto kLinger = std::chrono::milliseconds(100);

  static codec::Router router(std::string_view path, const std::vector<std::string>& headers = {},
                              const std::vector<std::string>& group_by = {}) {
    return {TextTemplate::parse(path).value(), parsed(headers), parsed(group_by)};
  }

  // One strand of small batches.
  static Strands::Options one_strand(std::size_t max_records, std::size_t max_bytes = 1000) {
    Strands::Options options;
    options.batch = {max_records, max_bytes, kLinger};
    return options;
  }
  // Keys divided among so many strands, batches of `max_records`.
  static Strands::Options by_key(std::uint32_t shards, std::size_t max_records) {
    Strands::Options options = one_strand(max_records, 100'000);
    options.key_shards = options.at_once = shards;
    return options;
  }
  static Strands::Options unordered(std::uint32_t at_once, std::size_t max_records) {
    Strands::Options options = one_strand(max_records, 100'000);
    options.ordered = false;
    options.at_once = at_once;
    return options;
  }

  Strands make(const Strands::Options& options) { return make(options, plain_); }
  Strands make(const Strands::Options& options, codec::Router& router) {
    return {{"events", 0}, options, codec_, router, pool_};
  }

  AddResult add(Strands& strands, std::string value, std::optional<std::string> key = {}) {
    return add(strands, test::TestRecord{0, std::move(value), std::move(key), {}, -1});
  }
  // Gives the record the next offset.
  AddResult add(Strands& strands, test::TestRecord record) {
    record.offset = next_offset_++;
    return strands.add(record.view(), ticket_++, clock_.now());
  }

  void pass(Strands& strands, Duration time) {
    clock_.advance(time);
    strands.close_due(clock_.now());
  }

  // Empty for no batch.
  static std::string body(const std::unique_ptr<Batch>& batch) {
    return batch ? std::string(batch->body().frame(0, batch->size())) : std::string();
  }
  // The body of the next batch, which is finished at once.
  std::string take(Strands& strands) {
    auto batch = strands.take_next();
    if (!batch) return {};
    std::string text = body(batch);
    strands.finished(*batch);
    pool_.give_back(std::move(batch));
    return text;
  }

  test::FakeClock clock_;
  MemoryMeter meter_;
  BatchPool pool_{codec::BodyFormat::json_array, meter_, 1 << 20};
  codec::RecordCodec codec_{1000, codec::NullPolicy::dead_letter, nullptr};
  codec::Router plain_ = router("/events");
  std::int64_t next_offset_ = 100;
  Ticket ticket_ = 0;

 private:
  static std::vector<TextTemplate> parsed(const std::vector<std::string>& texts) {
    std::vector<TextTemplate> templates;
    for (const auto& text : texts) templates.push_back(TextTemplate::parse(text).value());
    return templates;
  }
};

}  // namespace sluice::batch
