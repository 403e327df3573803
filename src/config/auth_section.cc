#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "config/auth_headers.h"
#include "config/auth_rules.h"
#include "config/hmac_section.h"
#include "config/key_readers.h"
#include "config/names.h"
#include "config/oauth2_section.h"
#include "config/sections.h"

namespace sluice::config {
namespace {

enum class AuthType : std::uint8_t { none, bearer, basic, api_key, hkdf_hmac, hmac, oauth2 };

constexpr Choice<AuthType> kTypes[] = {
    {"none", AuthType::none},       {"bearer", AuthType::bearer},       {"basic", AuthType::basic},
    {"api_key", AuthType::api_key}, {"hkdf_hmac", AuthType::hkdf_hmac}, {"hmac", AuthType::hmac},
    {"oauth2", AuthType::oauth2}};
constexpr Choice<ApiKeyPlace> kPlaces[] = {{"header", ApiKeyPlace::header},
                                           {"query", ApiKeyPlace::query}};
constexpr Choice<HkdfInput> kInputs[] = {{"token", HkdfInput::token},
                                         {"account_workspace", HkdfInput::account_workspace}};

// The values of the keys of all types; one that two types share is kept once.
struct Draft {
  std::optional<AuthType> type;
  Secret token;
  std::string user;
  Secret password;
  std::string name;
  ApiKeyPlace in = ApiKeyAuth{}.in;
  Secret value;
  std::string account_id;
  std::string workspace_id;
  HkdfInput salt = HkdfHmacAuth{}.salt;
  HkdfInput ikm = HkdfHmacAuth{}.ikm;
  std::string info = HkdfHmacAuth{}.info;
  Secret secret;
  HmacDraft hmac;
  Duration overlap{};
  OAuth2Auth oauth2;
};

Result<std::string> parse_user(std::string_view text) {
  if (text.find(':') != text.npos) return fail("holds a colon", "write the user without one");
  return parse_line(text);
}

// Reading `type` decides about the others, so it comes before them.
void read_type(Reader& reader, const Value& value, Draft& out) {
  out.type = read_choice(reader, value, kTypes);
}

// What it says the keys beside it are measured by, so it comes before those.
void read_preset(Reader& reader, const Value& value, Draft& out) {
  read_hmac_preset(reader, value, out.hmac);
}

void hmac(Reader& reader, const Value& value, Draft& out) {
  read_hmac_key(reader, value, out.hmac);
}

void oauth2(Reader& reader, const Value& value, Draft& out) {
  read_oauth2_key(reader, value, out.oauth2);
}

Form type_form() { return choice_form(kTypes, AuthType::none); }

constexpr unsigned bit(AuthType type) { return 1U << static_cast<unsigned>(type); }
constexpr unsigned kEvery = ~0U;
constexpr unsigned kBearer = bit(AuthType::bearer);
constexpr unsigned kBasic = bit(AuthType::basic);
constexpr unsigned kApiKey = bit(AuthType::api_key);
constexpr unsigned kHkdfHmac = bit(AuthType::hkdf_hmac);
constexpr unsigned kHmac = bit(AuthType::hmac);
constexpr unsigned kOAuth2 = bit(AuthType::oauth2);

struct AuthKey {
  unsigned types = 0;  // which have it; required holds for those
  Key<Draft> key;      // its form is null where hmac_form() or oauth2_form() has it
};

constexpr AuthKey kAuthKeys[] = {
    {kEvery, {"type", {read_type, type_form}, Need::required, "type: bearer"}},
    {kBearer | kHkdfHmac,
     {"token", secret<&Draft::token>, Need::required, "token: \"${env:API_TOKEN}\""}},
    {kBasic, {"user", text<&Draft::user, parse_user, user_text>, Need::required, "user: sluice"}},
    {kBasic,
     {"password", secret<&Draft::password>, Need::required, "password: \"${env:API_PASSWORD}\""}},
    {kApiKey,
     {"name", text<&Draft::name, parse_line, line_text>, Need::required, "name: X-Api-Key"}},
    {kApiKey, {"in", choice<&Draft::in, kPlaces>}},
    {kApiKey, {"value", secret<&Draft::value>, Need::required, "value: \"${env:API_KEY}\""}},
    {kHkdfHmac,
     {"account_id", text<&Draft::account_id, parse_line, line_text>, Need::required,
      "account_id: \"...\""}},
    {kHkdfHmac,
     {"workspace_id", text<&Draft::workspace_id, parse_line, line_text>, Need::required,
      "workspace_id: \"...\""}},
    {kHkdfHmac, {"salt", choice<&Draft::salt, kInputs>}},
    {kHkdfHmac, {"ikm", choice<&Draft::ikm, kInputs>}},
    {kHkdfHmac, {"info", text<&Draft::info, parse_line, line_text>}},
    {kHmac,
     {"secret", secret<&Draft::secret>, Need::required, "secret: \"${env:SIGNING_SECRET}\""}},
    {kHmac, {"preset", {read_preset, nullptr}}},
    {kHmac, {"secret_encoding", {hmac, nullptr}}},
    {kHmac, {"algorithm", {hmac, nullptr}}},
    {kHmac, {"encoding", {hmac, nullptr}}},
    {kHmac, {"header", {hmac, nullptr}}},
    {kHmac, {"value", {hmac, nullptr}}},
    {kHmac, {"string_to_sign", {hmac, nullptr}}},
    {kHmac, {"timestamp", {hmac, nullptr}}},
    {kHmac, {"timestamp_header", {hmac, nullptr}}},
    {kHmac, {"id_header", {hmac, nullptr}}},
    {kEvery, {"overlap", duration<&Draft::overlap, 0, 30 * kDay>}},
    {kOAuth2,
     {"token_url",
      {oauth2, nullptr},
      Need::required,
      "token_url: https://login.example.com/oauth2/token"}},
    {kOAuth2, {"client_id", {oauth2, nullptr}, Need::required, "client_id: sluice"}},
    {kOAuth2, {"client_secret", {oauth2, nullptr}}},
    {kOAuth2, {"client_auth", {oauth2, nullptr}}},
    {kOAuth2, {"private_key", {oauth2, nullptr}}},
    {kOAuth2, {"key_id", {oauth2, nullptr}}},
    {kOAuth2, {"algorithm", {oauth2, nullptr}}},
    {kOAuth2, {"assertion_audience", {oauth2, nullptr}}},
    {kOAuth2, {"scope", {oauth2, nullptr}}},
    {kOAuth2, {"audience", {oauth2, nullptr}}},
    {kOAuth2, {"parameters", {oauth2, nullptr}}},
    {kOAuth2, {"refresh_token", {oauth2, nullptr}}},
    {kOAuth2, {"store", {oauth2, nullptr}}},
    {kOAuth2, {"timeout", {oauth2, nullptr}}},
};

bool has(const AuthKey& key, AuthType type) { return (key.types & bit(type)) != 0; }

// The table as `type` sees it: its own keys first, and of another type's none with such a name.
std::vector<const AuthKey*> keys_for(std::optional<AuthType> type) {
  std::vector<const AuthKey*> all;
  for (const AuthKey& key : kAuthKeys) all.push_back(&key);
  std::stable_partition(all.begin(), all.end(),
                        [&](const AuthKey* key) { return type && has(*key, *type); });
  std::vector<const AuthKey*> out;
  for (const AuthKey* key : all) {
    const auto same = [&](const AuthKey* other) { return other->key.name == key->key.name; };
    if (std::none_of(out.begin(), out.end(), same)) out.push_back(key);
  }
  return out;
}

// What other types require this one does not.
std::vector<KeyInfo> infos_of(const std::vector<const AuthKey*>& keys,
                              std::optional<AuthType> type) {
  std::vector<KeyInfo> out;
  for (const AuthKey* k : keys) {
    const bool binding = k->types == kEvery || (type && has(*k, *type));
    out.push_back({k->key.name, binding ? k->key.need : Need::optional, k->key.hint});
  }
  return out;
}

std::string_view name_of(AuthType type) {
  const auto* const choice = std::find_if(std::begin(kTypes), std::end(kTypes),
                                          [&](const auto& c) { return c.value == type; });
  return choice->name;
}

std::string types_with(std::string_view key) {
  unsigned types = 0;
  for (const AuthKey& k : kAuthKeys) types |= k.key.name == key ? k.types : 0U;
  std::string out;
  for (const Choice<AuthType>& choice : kTypes) {
    if (!choice.not_yet.empty() || (types & bit(choice.value)) == 0) continue;
    out += (out.empty() ? "" : " or ") + std::string(choice.name);
  }
  return out;
}

void read_fields(Reader& reader, const Value& value, Draft& draft) {
  const auto keys = keys_for(draft.type);
  auto values = known_values(reader, value, infos_of(keys, draft.type));
  std::stable_partition(values.begin(), values.end(), [&](const KnownValue& known) {
    return keys[known.key]->key.read.read == read_preset;
  });
  for (const KnownValue& known : values) {
    const AuthKey& key = *keys[known.key];
    if (!draft.type || key.key.read.read == read_type) continue;
    if (has(key, *draft.type)) {
      key.key.read(reader, known.value, draft);
    } else {
      reader.problem_of_key(known.value,
                            "is a key of type " + types_with(key.key.name) + ", not of " +
                                std::string(name_of(*draft.type)),
                            "remove it or change the type");
    }
  }
}

Form form_of_key(const Key<Draft>& key, AuthType type) {
  if (key.read.form != nullptr) return key.read.form();
  const Form section = type == AuthType::hmac ? hmac_form() : oauth2_form();
  return std::find_if(section.keys.begin(), section.keys.end(),
                      [&](const KeyForm& each) { return each.name == key.name; })
      ->form;
}

Form form_of_type(AuthType type) {
  Form form;
  for (const AuthKey& each : kAuthKeys) {
    if (!has(each, type)) continue;
    form.keys.push_back(
        {std::string(each.key.name), each.key.need == Need::required, form_of_key(each.key, type)});
  }
  form.rules = auth_rules(name_of(type));
  return form;
}

// None where there is nothing to send.
std::optional<Auth> finish(Draft& draft) {
  switch (draft.type.value_or(AuthType::none)) {
    case AuthType::none:
      return std::nullopt;
    case AuthType::bearer:
      return BearerAuth{std::move(draft.token)};
    case AuthType::basic:
      return BasicAuth{std::move(draft.user), std::move(draft.password)};
    case AuthType::api_key:
      return ApiKeyAuth{std::move(draft.name), draft.in, std::move(draft.value)};
    case AuthType::hkdf_hmac:
      return HkdfHmacAuth{std::move(draft.token),
                          std::move(draft.account_id),
                          std::move(draft.workspace_id),
                          draft.salt,
                          draft.ikm,
                          std::move(draft.info)};
    case AuthType::hmac:
      return HmacAuth{std::move(draft.secret), std::move(draft.hmac.format)};
    case AuthType::oauth2:
      return std::move(draft.oauth2);
  }
  return std::nullopt;
}

void check_fields(Reader& reader, const Value& value, const Draft& draft) {
  if (draft.type == AuthType::hkdf_hmac && draft.salt == draft.ikm) {
    reader.problem_of_key(value, "salt and ikm are the same",
                          "write salt: token with ikm: account_workspace, or the two swapped");
  }
  if (draft.type == AuthType::api_key && draft.in == ApiKeyPlace::header && !draft.name.empty()) {
    reader.take(*value.child("name"), parse_header_name(draft.name));
  }
  if (draft.type == AuthType::hmac) check_hmac(reader, value, draft.hmac.format);
  if (draft.type == AuthType::oauth2) check_oauth2(reader, value);
}

std::optional<Auth> read_one(Reader& reader, const Value& value, Duration& overlap) {
  Draft draft;
  const auto type = value.child("type");
  if (type && type->node->kind != Node::Kind::null) read_type(reader, *type, draft);
  read_fields(reader, value, draft);
  check_fields(reader, value, draft);
  overlap = std::max(overlap, draft.overlap);
  return finish(draft);
}

void read_list(Reader& reader, const Value& value, Auths& out, Duration& overlap) {
  std::vector<Value> places;
  for (const Value& item : reader.list(value, "[{type: bearer, ...}, {type: hmac, ...}]")) {
    auto auth = read_one(reader, item, overlap);
    if (!auth) {
      const auto type = item.child("type");
      if (type && type->is_scalar() && type->node->text == "none") {
        reader.problem(*type, "none says nothing in a list", "remove it");
      }
      continue;
    }
    for (std::size_t i = 0; i < out.size(); ++i) {
      check_beside(reader, item, *auth, places[i], out[i]);
    }
    places.push_back(item);
    out.push_back(std::move(*auth));
  }
}

}  // namespace

void read_auths(Reader& reader, const Value& value, Auths& out, Duration& overlap) {
  if (value.node->kind == Node::Kind::sequence) {
    read_list(reader, value, out, overlap);
  } else if (auto auth = read_one(reader, value, overlap)) {
    out.push_back(std::move(*auth));
  }
}

Form auths_form() {
  Form auth;
  auth.definition = "auth";
  for (const auto& type : kTypes) {
    auth.variants.push_back({std::string(type.name), form_of_type(type.value)});
  }
  Form form = one_or_list_form(std::move(auth));
  form.in_list = R"({"properties":{"type":{"not":{"enum":["none"]}}}})";
  return form;
}

void read_auth(Reader& reader, const Value& value, Target& out) {
  read_auths(reader, value, out.auth, out.overlap);
}

}  // namespace sluice::config
