// config/schemas against the simulator's rules: the schemas are the weaker of the two.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "codec/schema.h"
#include "samples.h"
#include "simulator/records.h"

namespace sluice::simulator {
namespace {

using testing::StartsWith;

constexpr Tenant kTenant{kAccount, kWorkspace};

std::unique_ptr<codec::Schema> schema_of(const EventType& type) {
  const std::string path = SLUICE_SOURCE_DIR "/config/schemas/" + std::string(type.name) + ".json";
  auto schema = codec::Schema::load(path);
  EXPECT_TRUE(schema) << schema.error().text();
  return schema ? std::move(*schema) : nullptr;
}

// Where a record with this value is refused, or "".
std::string violation(const std::string& path, const std::string& field, const std::string& value) {
  Fields fields = sample(type_of(path));
  fields[field] = value;
  const auto rejection = schema_of(type_of(path))->check(json_of(fields));
  return rejection ? rejection->detail.substr(0, rejection->detail.find(':')) : "";
}

bool api_takes(const EventType& type, const Fields& fields) {
  return read_records(type, json_of(fields), kTenant).has_value();
}

// Every way of spoiling or stretching one field that a rule might look at.
std::vector<std::string> values_to_try() {
  return {"null",
          R"("")",
          R"("x")",
          R"("a@b")",
          "0",
          "1",
          "-1",
          "0.5",
          "1e300",
          "12345678901234567890",
          "true",
          "[]",
          R"([1])",
          "{}",
          R"({"a":1})",
          R"("2024-01-15T10:30:00Z")",
          R"("2024-01-15T10:30:00.123456+05:30")",
          R"("2024-01-15 10:30:00")",
          R"("2024-01-15")",
          R"("Deposit")",
          R"("account-1")",
          R"("workspace-1")",
          R"("\u00e9\ud83d\ude00")"};
}

TEST(SchemasTest, EachTypeHasASchemaThatTakesItsRecords) {
  for (const EventType& type : kEventTypes) {
    const auto schema = schema_of(type);
    ASSERT_NE(schema, nullptr);
    const auto rejection = schema->check(json_of(sample(type)));
    EXPECT_FALSE(rejection) << type.name << ": " << rejection->detail;
  }
}

TEST(SchemasTest, WhateverTheApiTakesIsOfTheSchema) {
  int taken = 0;
  for (const EventType& type : kEventTypes) {
    const auto schema = schema_of(type);
    ASSERT_NE(schema, nullptr);
    const Fields good = sample(type);
    const auto expect_weaker = [&](const Fields& fields) {
      if (!api_takes(type, fields)) return;
      ++taken;
      const auto rejection = schema->check(json_of(fields));
      EXPECT_FALSE(rejection) << type.name << " " << json_of(fields) << ": " << rejection->detail;
    };
    for (const auto& [name, unused] : good) {
      Fields without = good;
      without.erase(name);
      expect_weaker(without);
      for (const std::string& value : values_to_try()) {
        Fields changed = good;
        changed[name] = value;
        expect_weaker(changed);
        changed["a_field_of_their_own"] = value;
        expect_weaker(changed);
      }
    }
  }
  EXPECT_GT(taken, 200) << "the variants are all refused, so nothing was compared";
}

TEST(SchemasTest, WhatTheApiIsKnownToRefuseIsRefusedAtItsField) {
  EXPECT_EQ(violation("/events/deposit", "amount", R"("250.75")"), "/amount");
  EXPECT_EQ(violation("/events/deposit", "amount", "0"), "/amount");
  EXPECT_EQ(violation("/events/withdraw", "amount", "-1"), "/amount");
  EXPECT_EQ(violation("/events/account", "event_time", R"("2024-01-15 10:30:00")"), "/event_time");
  EXPECT_EQ(violation("/events/deposit", "event_category", R"("deposit")"), "/event_category");
  EXPECT_EQ(violation("/customers", "email", R"("john.example.com")"), "/email");
  EXPECT_EQ(violation("/customers", "financial_risk_level", "1.5"), "/financial_risk_level");
  EXPECT_EQ(violation("/customers", "loss_limits", R"("500")"), "/loss_limits");
  EXPECT_EQ(violation("/events/system-events", "event_data", "5"), "/event_data");
}

TEST(SchemasTest, WhatTheApiRequiresIsRequired) {
  for (const EventType& type : kEventTypes) {
    const auto schema = schema_of(type);
    ASSERT_NE(schema, nullptr);
    for (const auto& [name, unused] : sample(type)) {
      Fields without = sample(type);
      without.erase(name);
      EXPECT_EQ(schema->check(json_of(without)).has_value(), !api_takes(type, without))
          << type.name << " without " << name;
    }
  }
}

TEST(SchemasTest, WhereTheGuidesDifferTheApiDecides) {
  EXPECT_EQ(violation("/events/deposit", "event_time", R"("2024-01-15")"), "");
  EXPECT_EQ(violation("/events/deposit", "user_id", "42"), "");
  EXPECT_EQ(violation("/customers", "vip_status", R"("Diamond")"), "");
}

}  // namespace
}  // namespace sluice::simulator
