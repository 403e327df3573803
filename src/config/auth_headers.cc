#include "config/auth_headers.h"

#include <algorithm>
#include <string>

#include "config/names.h"
#include "config/values.h"

namespace sluice::config {
namespace {

using Names = std::vector<std::string_view>;

struct HeadersOf {
  Names operator()(const BearerAuth&) const { return {"Authorization"}; }
  Names operator()(const BasicAuth&) const { return {"Authorization"}; }
  Names operator()(const ApiKeyAuth& auth) const {
    return auth.in == ApiKeyPlace::header ? Names{auth.name} : Names{};
  }
  Names operator()(const HkdfHmacAuth&) const {
    return {"x-optikpi-token", "x-optikpi-account-id", "x-optikpi-workspace-id", "x-hmac-signature",
            "x-hmac-algorithm"};
  }
  Names operator()(const HmacAuth& auth) const {
    Names names{auth.format.header};
    if (!auth.format.timestamp_header.empty()) names.push_back(auth.format.timestamp_header);
    if (!auth.format.id_header.empty()) names.push_back(auth.format.id_header);
    return names;
  }
  Names operator()(const OAuth2Auth&) const { return {"Authorization"}; }
};

}  // namespace

std::vector<std::string_view> auth_headers(const Auth& auth) {
  return std::visit(HeadersOf{}, auth);
}

std::optional<std::string_view> auth_query(const Auth& auth) {
  const auto* const key = std::get_if<ApiKeyAuth>(&auth);
  if (key == nullptr || key->in != ApiKeyPlace::query) return std::nullopt;
  return key->name;
}

void check_beside(Reader& reader, const Value& value, const Auth& auth, const Value& other_value,
                  const Auth& other) {
  const std::string as_well = ", as " + other_value.path + " does";
  for (const std::string_view header : auth_headers(auth)) {
    const auto others = auth_headers(other);
    const auto same = [&](std::string_view name) { return same_header(name, header); };
    if (header.empty() || std::none_of(others.begin(), others.end(), same)) continue;
    reader.problem_of_key(value, "sends the header " + in_quotes(header) + as_well,
                          "keep one of the two");
  }
  const auto query = auth_query(auth);
  if (query && !query->empty() && query == auth_query(other)) {
    reader.problem_of_key(value, "sends the query parameter " + in_quotes(*query) + as_well,
                          "keep one of the two");
  }
}

}  // namespace sluice::config
