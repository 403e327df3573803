#include "demo/configuration.h"

#include <gtest/gtest.h>

#include "config/loader.h"

namespace sluice::demo {
namespace {

TEST(Configuration, IsOneThatTheLoaderTakesWithAPipelineForEachEventType) {
  const auto config =
      config::load_text(configuration("127.0.0.1:9092", "http://127.0.0.1:8080/apigw/ingest",
                                      "an-admin-token-of-some-length"),
                        "demo", {.allow_literal_secrets = true, .librdkafka_version = 0x020002ff});
  ASSERT_TRUE(config.has_value()) << config.error().front().text();
  ASSERT_EQ(config->pipelines.size(), simulator::kEventTypes.size());
  for (std::size_t i = 0; i < config->pipelines.size(); ++i) {
    const auto& pipeline = config->pipelines[i];
    const auto& type = simulator::kEventTypes.at(i);
    EXPECT_EQ(pipeline.name, type.name);
    EXPECT_EQ(pipeline.path, type.path);
    EXPECT_EQ(pipeline.topics.front(), topic_of(type));
    EXPECT_EQ(pipeline.dead_letter->topic, dead_letter_topic_of(type));
  }
  EXPECT_EQ(config->admin.port, 0);
  EXPECT_EQ(config->admin.token->reveal(), "an-admin-token-of-some-length");
}

}  // namespace
}  // namespace sluice::demo
