#include "simulator/records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "samples.h"

namespace sluice::simulator {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr Tenant kTenant{kAccount, kWorkspace};

// The field and the issue of the refusal, as "field: issue"; "taken" where there is none.
std::string verdict(const EventType& type, const std::string& body) {
  const auto ids = read_records(type, body, kTenant);
  if (ids) return "taken";
  EXPECT_EQ(ids.error().status, 400);
  return ids.error().field + ": " + ids.error().issue;
}

std::string verdict_with(const std::string& path, const std::string& field,
                         const std::string& value) {
  Fields fields = sample(type_of(path));
  fields[field] = value;
  return verdict(type_of(path), json_of(fields));
}

std::string message(const std::string& body) {
  const auto ids = read_records(type_of("/events/deposit"), body, kTenant);
  return ids ? "taken" : ids.error().message;
}

TEST(RecordsTest, ARecordOfEachTypeIsTaken) {
  for (const EventType& type : kEventTypes) {
    EXPECT_EQ(verdict(type, json_of(sample(type))), "taken") << type.name;
  }
}

TEST(RecordsTest, TheIdsComeInTheOrderOfTheRecords) {
  const auto ids = read_records(type_of("/events/deposit"), deposits(3, 7), kTenant);
  ASSERT_TRUE(ids);
  EXPECT_THAT(*ids, ElementsAre("id-7", "id-8", "id-9"));
}

TEST(RecordsTest, ACustomerIsIdentifiedByItsUser) {
  const EventType& type = type_of("/customers");
  const auto ids = read_records(type, json_of(sample(type, "user-9")), kTenant);
  ASSERT_TRUE(ids);
  EXPECT_THAT(*ids, ElementsAre("user-9"));
}

TEST(RecordsTest, EachRequiredFieldIsMissedWhereItIsAbsentNullOrEmpty) {
  const std::pair<const char*, std::vector<std::string>> required[] = {
      {"/customers", {"account_id", "workspace_id", "user_id", "creation_timestamp"}},
      {"/events/account",
       {"account_id", "workspace_id", "user_id", "event_category", "event_name", "event_id",
        "event_time"}},
      {"/events/deposit", {"event_id", "amount"}},
      {"/events/system-events", {"account_id", "event_category", "event_id", "event_data"}},
      {"/extattributes", {"workspace_id", "user_id", "list_name", "ext_data"}}};
  for (const auto& [path, names] : required) {
    for (const std::string& name : names) {
      const std::string missing = name + ": missing required field";
      Fields fields = sample(type_of(path));
      fields.erase(name);
      EXPECT_EQ(verdict(type_of(path), json_of(fields)), missing) << path;
      EXPECT_EQ(verdict_with(path, name, "null"), missing) << path;
      EXPECT_EQ(verdict_with(path, name, R"("")"), missing) << path;
    }
  }
}

TEST(RecordsTest, WhatOneOfTheGuidesLeavesOutMayBeLeftOut) {
  Fields withdraw = sample(type_of("/events/withdraw"));
  withdraw.erase("amount");
  EXPECT_EQ(verdict(type_of("/events/withdraw"), json_of(withdraw)), "taken");
  Fields attributes = sample(type_of("/extattributes"));
  attributes.erase("account_id");
  EXPECT_EQ(verdict(type_of("/extattributes"), json_of(attributes)), "taken");
  Fields customer = sample(type_of("/customers"));
  customer.erase("email");
  EXPECT_EQ(verdict(type_of("/customers"), json_of(customer)), "taken");
}

TEST(RecordsTest, AnAmountIsANumberAboveZero) {
  for (const char* path : {"/events/deposit", "/events/withdraw"}) {
    for (const char* amount : {R"("250.75")", "0", "-1", "true", "{}"}) {
      EXPECT_EQ(verdict_with(path, "amount", amount), "amount: must be a number above 0") << amount;
    }
    EXPECT_EQ(verdict_with(path, "amount", "0.01"), "taken");
  }
}

TEST(RecordsTest, ATimeHasATBetweenDateAndTime) {
  const std::string wrong = "event_time: must be a time in ISO 8601";
  for (const char* time : {R"("2024-01-15 10:30:00")", R"("2024-01-15T10:30:00 Z")",
                           R"("15.01.2024T10:30")", R"("2024-01-15T")", "1705314600"}) {
    EXPECT_EQ(verdict_with("/events/account", "event_time", time), wrong) << time;
  }
  EXPECT_EQ(verdict_with("/events/account", "event_time", R"("2024-01-15T10:30:00.123+01:00")"),
            "taken");
}

TEST(RecordsTest, ACustomersFieldsAreWhatTheySay) {
  EXPECT_EQ(verdict_with("/customers", "email", R"("john.example.com")"),
            "email: must be an e-mail address");
  EXPECT_EQ(verdict_with("/customers", "deposit_limits", R"("1000")"),
            "deposit_limits: must be a number");
  EXPECT_EQ(verdict_with("/customers", "session_time_limits", R"("120")"),
            "session_time_limits: must be a number");
  for (const char* risk : {"1.01", "-0.1", R"("0.3")"}) {
    EXPECT_EQ(verdict_with("/customers", "financial_risk_level", risk),
              "financial_risk_level: must be a number from 0 to 1");
  }
  EXPECT_EQ(verdict_with("/customers", "financial_risk_level", "1"), "taken");
}

TEST(RecordsTest, ACategoryIsTheWordOfItsEndpointAndFreeForSystemEvents) {
  EXPECT_EQ(verdict_with("/events/deposit", "event_category", R"("deposit")"),
            "event_category: must be the category of this endpoint");
  EXPECT_EQ(verdict_with("/events/system-events", "event_category", R"("Anything")"), "taken");
}

TEST(RecordsTest, ARecordBelongsToTheTenantOfTheHeaders) {
  EXPECT_EQ(verdict_with("/events/deposit", "account_id", R"("account-2")"),
            "account_id: must equal x-optikpi-account-id");
  EXPECT_EQ(verdict_with("/extattributes", "account_id", R"("account-2")"),
            "account_id: must equal x-optikpi-account-id");
  EXPECT_EQ(verdict_with("/customers", "workspace_id", R"("workspace-2")"),
            "workspace_id: must equal x-optikpi-workspace-id");
}

TEST(RecordsTest, EventDataIsAnObjectOrText) {
  EXPECT_EQ(verdict_with("/events/system-events", "event_data", R"("{\"a\":1}")"), "taken");
  EXPECT_EQ(verdict_with("/events/system-events", "event_data", "[]"),
            "event_data: must be an object or JSON in a string");
}

TEST(RecordsTest, OneBadRecordRefusesAllAndIsNotPointedAt) {
  std::string body = deposits(499, 10'000);
  Fields bad = sample(type_of("/events/deposit"), "id-bad");
  bad["amount"] = "0";
  body.insert(body.size() - 1, "," + json_of(bad));
  EXPECT_EQ(message(body), "Validation failed: amount must be a number above 0");
}

TEST(RecordsTest, ABatchHoldsOneTo500Records) {
  EXPECT_EQ(message(deposits(500)), "taken");
  EXPECT_EQ(message(deposits(501)), "501 records exceed the batch size of 500");
  EXPECT_EQ(message("[]"), "There is no record in the array");
}

TEST(RecordsTest, WhatIsNoRecordIsRefused) {
  for (const char* body : {"", "{", "[{},]", "\"\xFF\""}) {
    EXPECT_EQ(message(body), "The body is not JSON") << body;
  }
  for (const char* body : {"1", "null", "[[]]", "[null]"}) {
    EXPECT_EQ(message(body), "Validation failed: a record must be an object") << body;
  }
}

TEST(RecordsTest, DeepNestingCostsNoStack) {
  EXPECT_EQ(message(std::string(5'000'000, '[')), "The body is not JSON");
}

}  // namespace
}  // namespace sluice::simulator
