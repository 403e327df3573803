#include "kafka/consumer_defaults.h"

#include <gtest/gtest.h>

namespace sluice::kafka {
namespace {

std::string of(const std::string& property, int library) {
  const auto defaults = consumer_defaults({}, library);
  const auto found = defaults.find(property);
  return found == defaults.end() ? "none" : found->second;
}

TEST(ConsumerDefaultsTest, AFullPrefetchQueueIsLookedAtAgainAtOnceWhereTheLibraryCan) {
  EXPECT_EQ(of("fetch.queue.backoff.ms", 0x020002ff), "none");
  EXPECT_EQ(of("fetch.queue.backoff.ms", 0x020200ff), "1");
}

TEST(ConsumerDefaultsTest, TopicsAreCachedShortlyWhereAChangedIdDamagesTheCache) {
  for (const int damaged : {0x020400ff, 0x020800ff, 0x020901ff}) {
    EXPECT_EQ(of("metadata.max.age.ms", damaged), "100") << damaged;
  }
  for (const int sound : {0x020002ff, 0x020300ff, 0x020a00ff, 0x020c00ff}) {
    EXPECT_EQ(of("metadata.max.age.ms", sound), "none") << sound;
  }
}

TEST(ConsumerDefaultsTest, AFetchFitsTheQueueItGoesToAndTheHeapThatIsUsedAgain) {
  const auto largest_fetch = [](std::size_t prefetch) {
    ConsumerOptions with;
    with.prefetch_bytes = prefetch;
    return consumer_defaults(with, 0x020800ff).at("fetch.max.bytes");
  };
  ConsumerOptions options;
  options.prefetch_bytes = std::size_t{64} << 20;
  EXPECT_EQ(consumer_defaults(options, 0x020800ff).at("queued.max.messages.kbytes"), "65536");
  EXPECT_EQ(largest_fetch(std::size_t{1} << 20), std::to_string(1 << 20));
  EXPECT_EQ(largest_fetch(std::size_t{8} << 20), std::to_string(2 << 20));
  EXPECT_EQ(largest_fetch(std::size_t{64} << 20), std::to_string(3 << 20));
}

}  // namespace
}  // namespace sluice::kafka
