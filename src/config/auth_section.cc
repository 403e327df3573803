#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "config/key_readers.h"
#include "config/names.h"
#include "config/sections.h"

namespace sluice::config {
namespace {

enum class AuthType : std::uint8_t { none, bearer, basic, api_key, hkdf_hmac };

constexpr std::string_view kTypeMeanwhile = "use one of none, bearer, basic, api_key, hkdf_hmac";
constexpr Choice<AuthType> kTypes[] = {{"none", AuthType::none},
                                       {"bearer", AuthType::bearer},
                                       {"basic", AuthType::basic},
                                       {"api_key", AuthType::api_key},
                                       {"hkdf_hmac", AuthType::hkdf_hmac},
                                       {"hmac", AuthType::none, kTypeMeanwhile},
                                       {"oauth2", AuthType::none, kTypeMeanwhile}};
constexpr Choice<ApiKeyPlace> kPlaces[] = {{"header", ApiKeyPlace::header},
                                           {"query", ApiKeyPlace::query}};
constexpr Choice<HkdfInput> kInputs[] = {{"token", HkdfInput::token},
                                         {"account_workspace", HkdfInput::account_workspace}};

// The keys of all types; one that two types share is kept once.
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
};

// They end up in a header of one line.
Result<std::string> parse_line(std::string_view text) {
  const bool control = std::any_of(text.begin(), text.end(),
                                   [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; });
  if (control) return fail("holds a control character", "write one line of text");
  return std::string(text);
}

Result<std::string> parse_user(std::string_view text) {
  if (text.find(':') != text.npos) return fail("holds a colon", "write the user without one");
  return parse_line(text);
}

// Reading `type` decides about the others, so it comes before them.
void read_type(Reader& reader, const Value& value, Draft& out) {
  out.type = read_choice(reader, value, kTypes);
}

constexpr unsigned bit(AuthType type) { return 1U << static_cast<unsigned>(type); }
constexpr unsigned kEvery = ~0U;
constexpr unsigned kBearer = bit(AuthType::bearer);
constexpr unsigned kBasic = bit(AuthType::basic);
constexpr unsigned kApiKey = bit(AuthType::api_key);
constexpr unsigned kHkdfHmac = bit(AuthType::hkdf_hmac);

struct AuthKey {
  unsigned types = 0;  // which have it; required holds for those
  Key<Draft> key;
};

constexpr AuthKey kAuthKeys[] = {
    {kEvery, {"type", read_type, Need::required, "type: bearer"}},
    {kBearer | kHkdfHmac,
     {"token", secret<&Draft::token>, Need::required, "token: \"${env:API_TOKEN}\""}},
    {kBasic, {"user", text<&Draft::user, parse_user>, Need::required, "user: sluice"}},
    {kBasic,
     {"password", secret<&Draft::password>, Need::required, "password: \"${env:API_PASSWORD}\""}},
    {kApiKey, {"name", text<&Draft::name, parse_line>, Need::required, "name: X-Api-Key"}},
    {kApiKey, {"in", choice<&Draft::in, kPlaces>}},
    {kApiKey, {"value", secret<&Draft::value>, Need::required, "value: \"${env:API_KEY}\""}},
    {kHkdfHmac,
     {"account_id", text<&Draft::account_id, parse_line>, Need::required, "account_id: \"...\""}},
    {kHkdfHmac,
     {"workspace_id", text<&Draft::workspace_id, parse_line>, Need::required,
      "workspace_id: \"...\""}},
    {kHkdfHmac, {"salt", choice<&Draft::salt, kInputs>}},
    {kHkdfHmac, {"ikm", choice<&Draft::ikm, kInputs>}},
    {kHkdfHmac, {"info", text<&Draft::info, parse_line>}},
    {kEvery, {"store", nullptr, Need::not_yet, "remove it; credentials are read at start"}},
    {kEvery, {"overlap", nullptr, Need::not_yet, "remove it; restart to change credentials"}},
};

bool has(const AuthKey& key, AuthType type) { return (key.types & bit(type)) != 0; }

// The table as `type` sees it: what others require it does not.
std::vector<KeyInfo> keys_of(std::optional<AuthType> type) {
  std::vector<KeyInfo> out;
  for (const AuthKey& k : kAuthKeys) {
    const bool binding = k.types == kEvery || (type && has(k, *type));
    out.push_back({k.key.name, binding ? k.key.need : Need::optional, k.key.hint});
  }
  return out;
}

std::string_view name_of(AuthType type) {
  const auto* const choice = std::find_if(std::begin(kTypes), std::end(kTypes),
                                          [&](const auto& c) { return c.value == type; });
  return choice->name;
}

std::string types_with(const AuthKey& key) {
  std::string out;
  for (const Choice<AuthType>& choice : kTypes) {
    if (!choice.not_yet.empty() || !has(key, choice.value)) continue;
    out += (out.empty() ? "" : " or ") + std::string(choice.name);
  }
  return out;
}

void read_fields(Reader& reader, const Value& value, Draft& draft) {
  for (const KnownValue& known : known_values(reader, value, keys_of(draft.type))) {
    const AuthKey& key = kAuthKeys[known.key];
    if (!draft.type || key.key.read == read_type) continue;
    if (has(key, *draft.type)) {
      key.key.read(reader, known.value, draft);
    } else {
      reader.problem_of_key(
          known.value,
          "is a key of type " + types_with(key) + ", not of " + std::string(name_of(*draft.type)),
          "remove it or change the type");
    }
  }
}

Auth finish(Draft& draft) {
  switch (draft.type.value_or(AuthType::none)) {
    case AuthType::none:
      return NoAuth{};
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
  }
  return NoAuth{};
}

void check_fields(Reader& reader, const Value& value, const Draft& draft) {
  if (draft.type == AuthType::hkdf_hmac && draft.salt == draft.ikm) {
    reader.problem_of_key(value, "salt and ikm are the same",
                          "write salt: token with ikm: account_workspace, or the two swapped");
  }
  if (draft.type == AuthType::api_key && draft.in == ApiKeyPlace::header && !draft.name.empty()) {
    reader.take(*value.child("name"), parse_header_name(draft.name));
  }
}

}  // namespace

void read_auth(Reader& reader, const Value& value, Target& out) {
  if (value.node->kind == Node::Kind::sequence) {
    reader.problem(value, "a list is not yet supported", "write one map, {type: ...}");
    return;
  }
  Draft draft;
  const auto type = value.child("type");
  if (type && type->node->kind != Node::Kind::null) read_type(reader, *type, draft);
  read_fields(reader, value, draft);
  check_fields(reader, value, draft);
  out.auth = finish(draft);
}

}  // namespace sluice::config
