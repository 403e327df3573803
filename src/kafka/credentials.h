// Who we are to the brokers, as librdkafka wants to be told. Private to this folder.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.h"
#include "kafka/cluster_errors.h"
#include "kafka/handles.h"
#include "kafka/options.h"

namespace sluice::kafka {

// "SCRAM-SHA-256", wherever it is said; empty: nobody logs in.
std::string mechanism_of(const ClientOptions& options);

// Before 2.6.1 librdkafka's first message has a nonce that Kafka 4 refuses.
bool can_scram_with_kafka_4();

// What TLS found wrong with the certificates of brokers: by librdkafka's own threads. Thread-safe.
class SeenFlaws {
 public:
  // `broker`: host:port.
  void note(const std::string& broker, CertificateFlaw flaw);
  // Of the broker that `text` names, where `code` is of TLS.
  CertificateFlaw of(int code, std::string_view text) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, CertificateFlaw> by_broker_;
};
// Of a client that is to be made.
void look_at_certificates(rd_kafka_conf_t* conf);

bool asks_for_tokens(const ClientOptions& options);
// Of a client that is to be made.
void take_token_requests(rd_kafka_conf_t* conf);
// Of one that is made, whose opaque is a ClientOpaque: from here on a thread of its own asks for
// tokens, the first one at once.
Result<void> answer_token_requests(rd_kafka_t* client);

}  // namespace sluice::kafka
