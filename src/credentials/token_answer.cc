#include "credentials/token_answer.h"

#include <rapidjson/document.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

#include "base/wipe.h"

namespace sluice::credentials {
namespace {

using rapidjson::Value;

constexpr std::string_view kCorrectProof =
    "correct client_id and client_secret, or private_key and what is beside it";
constexpr std::string_view kSeeToIt = "see to the token server";

struct Code {
  std::string_view name;
  std::string_view means;
  std::string_view remedy;
};

// RFC 6749, 4.1.2.1 and 5.2; invalid_target of RFC 8707.
constexpr std::array<Code, 10> kCodes{
    {{"invalid_client", "it does not know the client, or refuses its proof", kCorrectProof},
     {"invalid_grant", "it does not take the refresh token (any more), or the client's proof",
      "put a new refresh token where refresh_token refers to, or correct private_key and what is "
      "beside it"},
     {"unauthorized_client", "the client may not ask for tokens in this way",
      "let the token server allow it to the client"},
     {"unsupported_grant_type", "it gives no tokens in this way",
      "add or remove refresh_token, or correct token_url"},
     {"invalid_scope", "it does not give that scope to the client", "correct scope"},
     {"invalid_target", "it gives no tokens for that API", "correct audience or parameters"},
     {"invalid_request", "something is missing in the request, or not known to it",
      "correct scope, audience, parameters or client_auth"},
     {"access_denied", "it denies the client access",
      "correct scope or audience, or let it allow them"},
     {"temporarily_unavailable", "it is overloaded or being mended", kSeeToIt},
     {"server_error", "it has a fault of its own", kSeeToIt}}};

struct Body {
  explicit Body(std::string& text) : text_(text) {
    if (text_.find('\0') != text_.npos) return;  // it would pass for the end
    // In place, so that no other copy of a token stays behind; without recursion, since nobody
    // bounds how deep the body is nested; without a look at its encoding, for which RapidJSON reads
    // beyond the end, and since what is no ASCII is refused anyway.
    document_.ParseInsitu<rapidjson::kParseIterativeFlag>(text_.data());
  }
  ~Body() { wipe(text_); }
  Body(const Body&) = delete;
  Body& operator=(const Body&) = delete;

  bool is_object() const { return !document_.HasParseError() && document_.IsObject(); }
  // Null where there is none.
  const Value* find(const char* name) const {
    if (!is_object()) return nullptr;
    const auto found = document_.FindMember(name);
    return found == document_.MemberEnd() || found->value.IsNull() ? nullptr : &found->value;
  }

 private:
  std::string& text_;
  rapidjson::Document document_;
};

std::string_view text_of(const Value& value) {
  return {value.GetString(), value.GetStringLength()};
}

tl::unexpected<Error> refused(const std::string& cause, std::string remedy) {
  return fail("answers " + cause, std::move(remedy));
}

// Of an answer that is no JSON object, or no success without a code that is known.
tl::unexpected<Error> refused_with(int status) {
  const std::string number = std::to_string(status);
  if (status >= 300 && status < 400) {
    return refused(number + ", a redirect, which is not followed",
                   "correct token_url to where it leads");
  }
  if (status == 404 || status == 405 || status == 410) {
    return refused(number + ": there is no token server at that path", "correct token_url");
  }
  if (status == 401 || status == 403) {
    return refused(number + ": it refuses the client", std::string(kCorrectProof));
  }
  if (status == 429 || status >= 500) return refused(number, std::string(kSeeToIt));
  return refused(number, "correct token_url, parameters or audience");
}

const Code* code_of(const Body& body) {
  const Value* const error = body.find("error");
  if (error == nullptr || !error->IsString()) return nullptr;
  const auto* const found = std::find_if(
      kCodes.begin(), kCodes.end(), [&](const Code& code) { return code.name == text_of(*error); });
  return found == kCodes.end() ? nullptr : found;
}

bool can_be_sent(std::string_view token) {
  return !token.empty() &&
         std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c <= '~'; });
}

bool is_bearer(const Value* type) {
  constexpr std::string_view kBearer = "bearer";  // in any case (RFC 6749, 5.1)
  if (type == nullptr || !type->IsString()) return false;
  const std::string_view text = text_of(*type);
  return std::equal(text.begin(), text.end(), kBearer.begin(), kBearer.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? a + ('a' - 'A') : a) == b;
  });
}

// In seconds. Some servers write the number in quotes.
std::optional<double> seconds_in(const Value& value) {
  if (value.IsNumber()) return value.GetDouble();
  if (!value.IsString()) return std::nullopt;
  const std::string_view text = text_of(value);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end != text.data() + text.size() || text.empty()) return std::nullopt;
  if (error == std::errc::result_out_of_range) return 1e18;
  if (error != std::errc()) return std::nullopt;
  return static_cast<double>(number);
}

Result<std::optional<Duration>> life_in(const Value* value) {
  if (value == nullptr) return std::optional<Duration>();
  const auto seconds = seconds_in(*value);
  if (!seconds) {
    return fail("answers with an expires_in that is no number of seconds", std::string(kSeeToIt));
  }
  if (*seconds < 1) {
    return fail("answers with a token that has no time left (expires_in is below 1)",
                "see to the token server and its clock");
  }
  const double most = std::chrono::duration<double>(kLongestLife).count();
  return std::chrono::seconds(static_cast<std::int64_t>(std::min(*seconds, most)));
}

Result<TokenAnswer> tokens_in(const Body& body) {
  const Value* const token = body.find("access_token");
  if (token == nullptr || !token->IsString() || !can_be_sent(text_of(*token))) {
    return fail(token == nullptr ? "answers without an access_token"
                                 : "answers with an access_token that no header can carry",
                "correct token_url, or see to the token server");
  }
  if (!is_bearer(body.find("token_type"))) {
    return fail("answers with a token_type other than Bearer, or without one",
                "let the token server give bearer tokens");
  }
  auto life = life_in(body.find("expires_in"));
  if (!life) return tl::unexpected(std::move(life.error()));
  TokenAnswer answer{config::Secret(std::string(text_of(*token))), *life, {}};
  const Value* const refresh = body.find("refresh_token");
  if (refresh == nullptr) return answer;
  if (!refresh->IsString() || !can_be_sent(text_of(*refresh))) {
    return fail("answers with a refresh_token that is no line of visible ASCII",
                std::string(kSeeToIt));
  }
  answer.refresh_token = config::Secret(std::string(text_of(*refresh)));
  return answer;
}

}  // namespace

Result<TokenAnswer> read_token_answer(int status, std::string& text) {
  const Body body(text);
  const Code* const code = code_of(body);
  const bool success = status >= 200 && status <= 299;
  if (code != nullptr && !(success && body.find("access_token") != nullptr)) {
    return refused(
        std::to_string(status) + " (" + std::string(code->name) + "): " + std::string(code->means),
        std::string(code->remedy));
  }
  if (!success) return refused_with(status);
  if (body.is_object()) return tokens_in(body);
  return refused(std::to_string(status) + ", but not with a JSON object", "correct token_url");
}

}  // namespace sluice::credentials
