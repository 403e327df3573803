#include "config/oauth2_section.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "config/address.h"
#include "config/key_readers.h"
#include "config/names.h"

namespace sluice::config {
namespace {

constexpr Choice<ClientAuth> kClientAuths[] = {{"basic", ClientAuth::basic},
                                               {"post", ClientAuth::post}};
constexpr Choice<JwtAlgorithm> kJwtAlgorithms[] = {
    {"RS256", JwtAlgorithm::rs256}, {"RS384", JwtAlgorithm::rs384}, {"RS512", JwtAlgorithm::rs512},
    {"PS256", JwtAlgorithm::ps256}, {"ES256", JwtAlgorithm::es256}, {"ES384", JwtAlgorithm::es384},
    {"EdDSA", JwtAlgorithm::eddsa}};

// What Sluice itself puts into the form, and where it comes from.
constexpr std::pair<std::string_view, std::string_view> kOwnParameters[] = {
    {"grant_type", "by whether there is a refresh_token"},
    {"client_id", "from client_id"},
    {"client_secret", "from client_secret"},
    {"client_assertion", "from private_key"},
    {"client_assertion_type", "from private_key"},
    {"scope", "from scope"},
    {"audience", "from audience"},
    {"refresh_token", "from refresh_token"}};

// As written: a slash at its end is part of it.
Result<std::string> parse_token_url(std::string_view text) {
  if (const auto url = parse_base_url(text); !url) return tl::unexpected(url.error());
  return std::string(text);
}

void read_parameters(Reader& reader, const Value& value, OAuth2Auth& out) {
  for (const Value& parameter : reader.map(value)) {
    const auto* const own =
        std::find_if(std::begin(kOwnParameters), std::end(kOwnParameters),
                     [&](const auto& each) { return each.first == parameter.key; });
    if (own != std::end(kOwnParameters)) {
      reader.problem_of_key(parameter, "is set " + std::string(own->second), "remove it here");
      continue;
    }
    if (!reader.take_key(parameter, parse_line(parameter.key))) continue;
    if (auto text = reader.text(parameter)) {
      out.parameters.emplace_back(parameter.key, std::move(*text));
    }
  }
}

Form parameters_form() {
  std::string own;
  for (const auto& each : kOwnParameters) (own += own.empty() ? "" : "|") += each.first;
  return named_form(any_text(), "^(?!(" + own + R"_()$)[^\x00-\x1f\x7f]*$)_");
}

void read_store(Reader& reader, const Value& value, OAuth2Auth& out) {
  const auto raw = reader.text(value);
  if (raw && reader.take(value, parse_line(*raw))) out.store = reader.file_path(*raw);
}

constexpr Key<ClientAssertion> kAssertionKeys[] = {
    {"key_id", text<&ClientAssertion::key_id, parse_line, line_text>},
    {"algorithm", choice<&ClientAssertion::algorithm, kJwtAlgorithms>},
    {"assertion_audience", text<&ClientAssertion::audience, parse_line, line_text>},
};

constexpr Key<OAuth2Auth> kOAuth2Keys[] = {
    {"token_url", text<&OAuth2Auth::token_url, parse_token_url, base_url_text>},
    {"client_id", text<&OAuth2Auth::client_id, parse_line, line_text>},
    {"client_secret", secret<&OAuth2Auth::client_secret>},
    {"client_auth", choice<&OAuth2Auth::client_auth, kClientAuths>},
    {"private_key", secret<&OAuth2Auth::private_key>},
    {"scope", text<&OAuth2Auth::scope, parse_line, line_text>},
    {"audience", text<&OAuth2Auth::audience, parse_line, line_text>},
    {"parameters", {read_parameters, parameters_form}},
    {"refresh_token", secret<&OAuth2Auth::refresh_token>},
    {"store", {read_store, line_text}},
    {"timeout", duration<&OAuth2Auth::timeout, 1, 5 * kMinute>},
};

// Whether it stands there: a secret's value may be one that is not looked up.
bool has(const Value& value, std::string_view key) { return value.child(key).has_value(); }

// A key that means nothing beside, or without, another.
void check_meaning(Reader& reader, const Value& value, std::string_view key, bool meant,
                   const std::string& cause) {
  const auto child = value.child(key);
  if (child && !meant) reader.problem_of_key(*child, cause, "remove it");
}

void check_proof(Reader& reader, const Value& value) {
  const bool secret = has(value, "client_secret");
  const bool key = has(value, "private_key");
  if (secret && key) {
    reader.problem_of_key(*value.child("private_key"), "stands beside client_secret",
                          "keep the one of the two that the token server knows");
    return;
  }
  if (!secret && !key) {
    reader.problem_of_key(value, "has neither client_secret nor private_key",
                          "add the one that the token server knows");
    return;
  }
  check_meaning(reader, value, "client_auth", secret, "is about client_secret, which is not here");
  for (const auto& each : kAssertionKeys) {
    check_meaning(reader, value, each.name, key, "is about private_key, which is not here");
  }
}

}  // namespace

Form oauth2_form() {
  Form form = map_form<kOAuth2Keys>();
  for (KeyForm& key : map_form<kAssertionKeys>().keys) form.keys.push_back(std::move(key));
  form.rules =
      R"({"if":{"required":["client_secret"]},"then":{"properties":{"private_key":{"not":{}}}},)"
      R"("else":{"required":["private_key"]}},)" +
      needs("client_auth", "client_secret") + "," + together("refresh_token", "store");
  for (const auto& each : kAssertionKeys) form.rules += "," + needs(each.name, "private_key");
  return form;
}

void read_oauth2_key(Reader& reader, const Value& value, OAuth2Auth& out) {
  const auto named = [&](const auto& each) { return each.name == value.key; };
  const auto* const key = std::find_if(std::begin(kOAuth2Keys), std::end(kOAuth2Keys), named);
  if (key != std::end(kOAuth2Keys)) return key->read(reader, value, out);
  std::find_if(std::begin(kAssertionKeys), std::end(kAssertionKeys), named)
      ->read(reader, value, out.assertion);
}

void check_oauth2(Reader& reader, const Value& value) {
  check_proof(reader, value);
  const bool refreshes = has(value, "refresh_token");
  if (refreshes && !has(value, "store")) {
    reader.problem_of_key(*value.child("refresh_token"),
                          "has no store: a token server may replace it with each use, and the new "
                          "one would be lost with the process",
                          "add store, such as store: /var/lib/sluice/refresh-token, a file that "
                          "only this process uses");
  }
  check_meaning(reader, value, "store", refreshes, "is for a refresh_token, and there is none");
}

void check_token_urls(Reader& reader, const Value& auth, bool clear_allowed) {
  const auto all = auth.is_map() ? std::vector<Value>{auth} : auth.items();
  for (const Value& one : all) {
    const auto place = one.child("token_url");
    if (!place || !place->is_scalar()) continue;
    const auto url = parse_base_url(place->node->text);
    if (!url || url->secure || url->loopback || clear_allowed) continue;
    reader.problem(*place, "is http, so secrets and tokens would cross the network in clear",
                   "use https; tls: off of the target allows it, beside a base_url that is http");
  }
}

}  // namespace sluice::config
