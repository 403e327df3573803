#include "demo/record_id.h"

#include <gtest/gtest.h>

namespace sluice::demo {
namespace {

const auto& kDeposit = *simulator::find_event_type("/events/deposit");
const auto& kCustomers = *simulator::find_event_type("/customers");

TEST(RecordId, SaysTheTypeAndTheNumber) {
  EXPECT_EQ(record_id(kDeposit, 42), "deposit-0000000042");
  EXPECT_EQ(record_id(kDeposit, 12'345'678'901), "deposit-12345678901");
}

TEST(RecordId, WhereUsersAreIdentifiedItIsAUsersId) {
  EXPECT_EQ(record_id(kCustomers, 7), "player-0000000007");
}

TEST(RecordId, LeadsBackToTheNumber) {
  for (const auto& type : simulator::kEventTypes) {
    for (const std::uint64_t number : {0ULL, 9ULL, 12'345'678'901ULL}) {
      EXPECT_EQ(record_number(type, record_id(type, number)), number);
    }
  }
}

TEST(RecordId, NothingElseIsTakenForOne) {
  for (const char* text :
       {"", "deposit", "deposit-", "deposit-42", "deposit-000000004x", "deposit-00000000420",
        "withdraw-0000000042", "player-0000000042", "deposit--000000042", "deposit-0000000042 "}) {
    EXPECT_EQ(record_number(kDeposit, text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace sluice::demo
