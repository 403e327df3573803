// librdkafka properties, checked. Private to this folder.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/result.h"
#include "kafka/cluster_errors.h"
#include "kafka/credentials.h"
#include "kafka/handles.h"
#include "kafka/options.h"

namespace sluice::kafka {

// What a client's conf opaque points to, so that librdkafka's log lines find their way; classes
// with callbacks of their own derive from it.
struct ClientOpaque {
  LogSink log;
  Identity identity;
  SeenFlaws flaws;
  Sasl sasl;  // of OAUTHBEARER, which asks for tokens

  void adopt(const ClientOptions& options);
  // With what is known of the broker's certificate.
  ConnectionError connection_error(int code, std::string_view text) const {
    return {static_cast<rd_kafka_resp_err_t>(code), settled_text(text), flaws.of(code, text)};
  }
};

// The properties that options.tls and options.sasl stand for.
std::map<std::string, std::string> security_properties(const ClientOptions& options);

// Defaults, then ours that keep promises, then the user's pass-through (the loader has refused
// those that would break one). A property librdkafka does not know or take is an error that names
// it, without its value.
Result<ConfHandle> make_conf(const ClientOptions& options,
                             const std::map<std::string, std::string>& defaults,
                             const std::map<std::string, std::string>& ours);

// A client with that configuration, or why there is none; `what` it is, as in "the consumer".
Result<ClientHandle> make_client(rd_kafka_type_t type, ConfHandle conf,
                                 const ClientOptions& options, const std::string& what);

// librdkafka's reason in one line, e.g. "Broker: Unknown topic or partition".
std::string error_text(rd_kafka_resp_err_t error);

}  // namespace sluice::kafka
