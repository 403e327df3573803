// Why brokers do not answer, in words that name what to change. Private to this folder.
#pragma once

#include <librdkafka/rdkafka.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sluice::kafka {

// One of librdkafka's reports about a connection.
struct ConnectionError {
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::string text;
};

// The text without what differs from one attempt to the next.
std::string settled_text(std::string_view text);

// The most telling of `errors`, the latest of its kind; `last` is what the call itself ended with.
Error why_no_answer(const std::vector<ConnectionError>& errors, rd_kafka_resp_err_t last);

// For questions to a cluster that answered others.
tl::unexpected<Error> cannot_ask(const std::string& about, rd_kafka_resp_err_t error);

}  // namespace sluice::kafka
