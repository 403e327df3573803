#include "kafka/cluster_errors.h"

#include "kafka/client_conf.h"

namespace sluice::kafka {
namespace {

constexpr std::string_view kProtocolRemedy =
    "set security.protocol in kafka.properties to what the listener of that port speaks: "
    "plaintext, ssl, sasl_plaintext or sasl_ssl; or correct the port";

// What says more goes first.
int weight(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
      return 3;
    case RD_KAFKA_RESP_ERR__SSL:
      return 2;
    case RD_KAFKA_RESP_ERR__RESOLVE:
      return 1;
    default:
      return 0;
  }
}

bool asks_for_another_protocol(std::string_view text) {
  for (const std::string_view words :
       {"PLAINTEXT broker listener", "security.protocol", "wrong version number", "unexpected eof",
        "current SASL state"}) {
    if (text.find(words) != text.npos) return true;
  }
  return false;
}

Error explain(const ConnectionError& error) {
  if (asks_for_another_protocol(error.text)) {
    return {"no broker answers as it should: " + error.text, std::string(kProtocolRemedy)};
  }
  switch (error.code) {
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
      return {"the brokers refuse the login: " + error.text,
              "correct sasl.mechanism, sasl.username and sasl.password in kafka.properties"};
    case RD_KAFKA_RESP_ERR__SSL:
      return {"there is no TLS connection to a broker: " + error.text,
              "set ssl.ca.location in kafka.properties to the CA of the brokers' certificates, and "
              "name the brokers in kafka.brokers as their certificates do"};
    case RD_KAFKA_RESP_ERR__RESOLVE:
      return {"no broker answers: " + error.text, "correct the host in kafka.brokers"};
    default:
      return {"no broker answers: " + error.text,
              "start the brokers, or correct the host and port in kafka.brokers"};
  }
}

}  // namespace

std::string settled_text(std::string_view text) {
  return std::string(text.substr(0, text.find(" (after ")));
}

Error why_no_answer(const std::vector<ConnectionError>& errors, rd_kafka_resp_err_t last) {
  const ConnectionError* most = nullptr;
  for (const ConnectionError& error : errors) {
    if (error.code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) continue;
    if (most == nullptr || weight(error.code) >= weight(most->code)) most = &error;
  }
  return explain(most != nullptr ? *most : ConnectionError{last, error_text(last)});
}

tl::unexpected<Error> cannot_ask(const std::string& about, rd_kafka_resp_err_t error) {
  return fail("cannot ask the brokers about " + about + ": " + error_text(error),
              "see to the brokers, or try again");
}

}  // namespace sluice::kafka
