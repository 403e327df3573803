#include "demo/warnings.h"

#include <gtest/gtest.h>

namespace sluice::demo {
namespace {

using telemetry::Event;
using telemetry::Level;

TEST(Warnings, TheNewestWarningOrErrorIsKept) {
  Warnings log;
  EXPECT_EQ(log.newest(), "");
  log.write(Level::warn, Event::breaker_opened, {{"target", "api"}, {"detail", "status 503"}});
  log.write(Level::info, Event::breaker_closed, {{"target", "api"}});
  EXPECT_EQ(log.newest(), "breaker_opened: api: status 503");
  log.write(Level::error, Event::kafka_error, {});
  EXPECT_EQ(log.newest(), "kafka_error");
}

TEST(Warnings, SaysWhereAndWhatAndLeavesOutTheRest) {
  Warnings log;
  log.write(Level::warn, Event::record_dead_lettered,
            {{"pipeline", "deposit"},
             {"partition", std::int32_t{1}},
             {"detail", "the API refused it"},
             {"dead_letter_topic", "dlq"}});
  EXPECT_EQ(log.newest(), "record_dead_lettered: deposit: the API refused it");
}

}  // namespace
}  // namespace sluice::demo
