// A pipeline of YAML, and what is explained of its records.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "config/loader.h"
#include "explain/explainer.h"
#include "support/fake_clock.h"
#include "support/records.h"

namespace sluice::explain {

class Explaining : public testing::Test {
 protected:
  // Keys in flow style, with a comma in front.
  void configure(const std::string& target, const std::string& pipeline) {
    const std::string yaml =
        "kafka: {brokers: ['localhost:9092']}\n"
        "targets:\n  api: {base_url: 'https://api.example.com'" +
        target +
        "}\n"
        "pipelines:\n  orders: {topics: [orders], group: g, target: api" +
        pipeline + "}\n";
    config::LoadOptions options{true, 0x020b00ff};
    options.no_secrets = no_secrets_;
    auto loaded = config::load_text(yaml, "test.yaml", options);
    if (!loaded) throw std::runtime_error(loaded.error().front().text());
    config_ = std::move(*loaded);
    begin();
  }
  void begin() {
    auto made = Explainer::make(config_, config_.pipelines.front(), {"orders", 3}, clock_);
    if (!made) throw std::runtime_error(made.error().text());
    explainer_ = std::move(*made);
  }
  bool add(std::int64_t offset, const std::string& value,
           const std::optional<std::string>& key = std::nullopt, std::int64_t timestamp_ms = -1) {
    test::TestRecord record{offset, value, key, {}, timestamp_ms};
    return explainer_->add(record.view());
  }
  Explanation explain() { return explainer_->explain(); }
  // Of one record with this value.
  Judged judged(const std::string& value) {
    begin();
    add(7, value);
    return explain().record->judged;
  }
  static std::string header(const ShownRequest& request, const std::string& name) {
    for (const auto& header : request.headers) {
      if (header.name == name) return header.value;
    }
    return "(no such header)";
  }

  test::FakeClock clock_;
  bool no_secrets_ = false;  // what they refer to is not looked up
  config::Config config_;
  std::unique_ptr<Explainer> explainer_;
};

}  // namespace sluice::explain
