#include "integration/marked_secrets.h"

#include <array>
#include <cstdint>

namespace sluice::test {
namespace {

// What of a secret tells too much of it, wherever in the secret it stands.
constexpr std::size_t kPart = 10;

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Without padding.
std::string base64_of(std::string_view bytes) {
  std::string out;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (held += 8; held >= 6; held -= 6) out += kBase64[bits >> (held - 6) & 63];
  }
  return out;
}

std::string hex_of(std::string_view bytes, std::string_view digits) {
  std::string out;
  for (const char c : bytes) {
    out += digits[static_cast<unsigned char>(c) >> 4];
    out += digits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

using Forms = std::vector<std::pair<std::string, std::string>>;  // how, what

// Base64 looks different with what stands before it in its group of three: what of it depends on
// the secret alone.
void add_base64(std::string_view secret, Forms& forms) {
  for (std::size_t before = 0; before < 3; ++before) {
    std::string text = base64_of(std::string(before, 'x').append(secret));
    text = text.substr(before == 0 ? 0 : before + 1);
    text.resize(text.size() - 2);
    forms.emplace_back("in base64", text.substr(0, 2 * kPart));
    for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
    forms.emplace_back("in base64 for URLs", text.substr(0, 2 * kPart));
  }
}

Forms forms_of(std::string_view secret) {
  Forms forms;
  for (std::size_t at = 0; at == 0 || at + kPart <= secret.size(); ++at) {
    forms.emplace_back("in part", secret.substr(at, kPart));
  }
  add_base64(secret, forms);
  forms.emplace_back("in hex", hex_of(secret.substr(0, kPart), "0123456789abcdef"));
  forms.emplace_back("in hex", hex_of(secret.substr(0, kPart), "0123456789ABCDEF"));
  return forms;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// As people see it: without the escapes of JSON and URLs.
std::string without_escapes(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool json = text.substr(at).starts_with("\\u00");
    const std::size_t digits = at + (json ? 4 : 1);
    if ((json || text[at] == '%') && digits + 1 < text.size() && hex_digit(text[digits]) >= 0 &&
        hex_digit(text[digits + 1]) >= 0) {
      out += static_cast<char>(hex_digit(text[digits]) * 16 + hex_digit(text[digits + 1]));
      at = digits + 1;
    } else if (text[at] != '\\') {
      out += text[at];
    }
  }
  return out;
}

}  // namespace

std::string MarkedSecrets::mark(const std::string& name) {
  const std::lock_guard lock(mutex_);
  std::string& secret = secrets_[name];
  if (secret.empty()) {
    for (int i = 0; i < 40; ++i) secret += kBase64[random_() % (kBase64.size() - 2)];
    secret[15] = '/';
    secret[31] = '+';
  }
  return secret;
}

void MarkedSecrets::remember_credentials_of(const SeenRequest& request) {
  static constexpr std::array<std::string_view, 5> kHeaders = {
      "authorization", "proxy-authorization", "x-optikpi-token", "x-hmac-signature", "x-api-key"};
  const std::lock_guard lock(mutex_);
  const auto remember = [&](std::string_view from, std::string_view value) {
    value = value.substr(value.find(' ') == value.npos ? 0 : value.find(' ') + 1);
    secrets_.try_emplace("sent " + std::string(from) + " " + std::string(value), value);
  };
  for (const std::string_view name : kHeaders) {
    if (const std::string* value = request.header(name)) remember(name, *value);
  }
  const std::size_t query = request.path.find("?key=");
  if (query != request.path.npos) remember("query", request.path.substr(query + 5));
}

std::size_t MarkedSecrets::known() const {
  const std::lock_guard lock(mutex_);
  return secrets_.size();
}

void MarkedSecrets::came_out(const std::string& where, std::string text) {
  const std::lock_guard lock(mutex_);
  out_.emplace_back(where, std::move(text));
}

std::vector<std::string> MarkedSecrets::leaks() const {
  std::vector<std::pair<std::string, std::string>> out;
  {
    const std::lock_guard lock(mutex_);
    out = out_;
  }
  std::vector<std::string> all;
  for (const auto& [where, text] : out) {
    for (auto& leak : leaks_in(where, text)) all.push_back(std::move(leak));
  }
  return all;
}

std::vector<std::string> MarkedSecrets::leaks_in(const std::string& where,
                                                 std::string_view text) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> found;
  for (const std::string& shown : {std::string(text), without_escapes(text)}) {
    for (const auto& [name, secret] : secrets_) {
      for (const auto& [how, form] : forms_of(secret)) {
        const std::size_t at = shown.find(form);
        if (at == shown.npos) continue;
        const std::size_t from = at > 80 ? at - 80 : 0;
        found.push_back(where + ": " + name + ", " + how + ": " + shown.substr(from, 200));
        break;
      }
    }
  }
  return found;
}

}  // namespace sluice::test
