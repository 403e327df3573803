// Records that the API takes, field by field, so that a test can spoil one.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "auth/signer.h"
#include "config/config.h"
#include "simulator/event_types.h"

namespace sluice::simulator {

inline constexpr const char* kAccount = "account-1";
inline constexpr const char* kWorkspace = "workspace-1";

// A field's name to the JSON of its value.
using Fields = std::map<std::string, std::string>;

inline Fields sample(const EventType& type, const std::string& id = "id-1") {
  Fields fields{{"account_id", R"("account-1")"}, {"workspace_id", R"("workspace-1")"}};
  fields["user_id"] = R"("user-1")";
  if (type.name == "customers") {
    fields["creation_timestamp"] = R"("2024-01-15T10:30:00Z")";
    fields["email"] = R"("john@example.com")";
    fields["financial_risk_level"] = "0.3";
    for (const char* limit :
         {"deposit_limits", "loss_limits", "wagering_limits", "session_time_limits"}) {
      fields[limit] = "1000.5";
    }
  } else if (type.name == "extattributes") {
    fields["list_name"] = R"("loyalty")";
    fields["ext_data"] = R"({"tier":"gold"})";
  } else {
    const std::string category(type.category.empty() ? "Maintenance" : type.category);
    fields["event_category"] = '"' + category + '"';
    fields["event_name"] = R"("Something happened")";
    fields["event_time"] = R"("2024-01-15T10:30:00Z")";
  }
  if (type.name == "deposit" || type.name == "withdraw") fields["amount"] = "250.75";
  if (type.name == "system-events") {
    fields.erase("user_id");
    fields["event_data"] = R"({"load":0.5})";
  }
  fields[std::string(type.id_field)] = '"' + id + '"';
  return fields;
}

inline std::string json_of(const Fields& fields) {
  std::string json;
  for (const auto& [name, value] : fields) {
    json += (json.empty() ? "{\"" : ",\"") + name + "\":" + value;
  }
  return json + '}';
}

inline const EventType& type_of(std::string_view path) { return *find_event_type(path); }

// A batch of deposits with the ids "id-<first>" and on.
inline std::string deposits(int count, int first = 0) {
  std::string body = "[";
  for (int i = 0; i < count; ++i) {
    body += (i == 0 ? "" : ",") +
            json_of(sample(type_of("/events/deposit"), "id-" + std::to_string(first + i)));
  }
  return body + ']';
}

inline config::HkdfHmacAuth credentials() {
  config::HkdfHmacAuth auth;
  auth.token = config::Secret("token-1");
  auth.account_id = kAccount;
  auth.workspace_id = kWorkspace;
  return auth;
}

// The headers of a request with this body.
inline std::map<std::string, std::string> signed_headers(const config::HkdfHmacAuth& auth,
                                                         const std::string& body) {
  auth::Signed out;
  auth::Outgoing request;
  request.body = body;
  (*auth::make_signer(auth))->sign(request, out);
  std::map<std::string, std::string> headers;
  for (const auto& [name, value] : out.headers) headers[name] = value;
  return headers;
}

}  // namespace sluice::simulator
