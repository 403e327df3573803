#include "kafka/connection_watch.h"

#include <algorithm>

#include "kafka/admin_call.h"
#include "kafka/cluster_probe.h"

namespace sluice::kafka {
namespace {

constexpr int kTries = 5;
constexpr int kTryMs = 1000;
static_assert(kProbeTimeout == std::chrono::milliseconds(kTries * kTryMs));
static_assert(kProbeTimeoutMs == kTries * kTryMs);

void on_watched_error(rd_kafka_t* /*client*/, int code, const char* text, void* opaque) {
  auto* const watch = static_cast<ConnectionWatch*>(static_cast<ClientOpaque*>(opaque));
  auto& errors = watch->errors;
  if (errors.size() == ConnectionWatch::kMostErrors) errors.erase(errors.begin());
  errors.push_back(watch->connection_error(code, text));
}

}  // namespace

bool ConnectionWatch::refused() const {
  return std::any_of(errors.begin(), errors.end(), [&](const ConnectionError& error) {
    const auto trouble = connection_trouble(error, identity);
    return trouble && (trouble->refused || error.flaw != CertificateFlaw::none);
  });
}

void watch_connections(rd_kafka_conf_t* conf, ConnectionWatch& watch) {
  rd_kafka_conf_set_opaque(conf, static_cast<ClientOpaque*>(&watch));
  rd_kafka_conf_set_error_cb(conf, &on_watched_error);
}

Result<MetadataHandle> first_metadata(rd_kafka_t* client, rd_kafka_topic_t* topic,
                                      ConnectionWatch& watch) {
  MetadataHandle metadata;
  auto error = RD_KAFKA_RESP_ERR__TIMED_OUT;
  // In short calls, since what is refused is refused long before the time is over.
  for (int tries = 0; tries < kTries && !metadata && !watch.refused(); ++tries) {
    const rd_kafka_metadata_t* raw = nullptr;
    error = rd_kafka_metadata(client, 0, topic, &raw, kTryMs);
    metadata.reset(raw);
    rd_kafka_poll(client, 0);
  }
  if (!metadata) return tl::unexpected(why_no_answer(watch.errors, error, watch.identity));
  return metadata;
}

}  // namespace sluice::kafka
