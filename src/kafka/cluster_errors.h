// Why brokers do not answer or refuse us, in words that name what to change. Private to this
// folder.
#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "kafka/options.h"

namespace sluice::kafka {

// What is wrong with a broker's certificate. librdkafka's text does not tell.
enum class CertificateFlaw : std::uint8_t {
  none,
  expired,
  not_yet_valid,
  other_name,
  untrusted,  // or anything else
};

// What of a client's options its errors are about, for their remedies.
struct Identity {
  bool by_properties = false;  // said by kafka.properties, not by kafka.tls and kafka.sasl
  std::string mechanism;       // empty: nobody logs in
  std::string who = "this client";
  std::string brokers;  // that it begins with, for what librdkafka reports without one
  bool has_certificate = false;
};
Identity identity_of(const ClientOptions& options);

// One of librdkafka's reports about a connection.
struct ConnectionError {
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::string text;
  CertificateFlaw flaw = CertificateFlaw::none;  // that of the broker's, where TLS failed for it
};

// Of a report: `refused`, where it is for who we are. nullopt where it is not about a connection.
struct ConnectionTrouble {
  Error error;
  bool refused = false;
};
std::optional<ConnectionTrouble> connection_trouble(const ConnectionError& error,
                                                    const Identity& identity);

// The text without what differs from one attempt to the next, and without guesses.
std::string settled_text(std::string_view text);

// The most telling of `errors`, the latest of its kind; `last` is what the call itself ended with.
Error why_no_answer(const std::vector<ConnectionError>& errors, rd_kafka_resp_err_t last,
                    const Identity& identity);

// A right that is missing; nullopt where `code` is of something else. `thing`: "group g", "topic
// t"; `to_do`: "join", "read", "write to"; `right`: as Kafka names it.
std::optional<Error> missing_right(rd_kafka_resp_err_t code, const Identity& identity,
                                   const std::string& thing, const std::string& to_do,
                                   const std::string& right);

// For questions to a cluster that answered others.
tl::unexpected<Error> cannot_ask(const std::string& about, rd_kafka_resp_err_t error);

}  // namespace sluice::kafka
