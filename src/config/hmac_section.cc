#include "config/hmac_section.h"

#include <algorithm>
#include <iterator>

#include "config/key_readers.h"
#include "config/names.h"
#include "config/signature_template.h"

namespace sluice::config {
namespace {

constexpr Choice<SecretEncoding> kSecretEncodings[] = {{"text", SecretEncoding::text},
                                                       {"hex", SecretEncoding::hex},
                                                       {"base64", SecretEncoding::base64}};
constexpr Choice<HmacAlgorithm> kAlgorithms[] = {{"sha256", HmacAlgorithm::sha256},
                                                 {"sha512", HmacAlgorithm::sha512},
                                                 {"sha1", HmacAlgorithm::sha1}};
constexpr Choice<SignatureEncoding> kEncodings[] = {{"hex", SignatureEncoding::hex},
                                                    {"base64", SignatureEncoding::base64},
                                                    {"base64url", SignatureEncoding::base64url}};
constexpr Choice<TimestampFormat> kTimestamps[] = {{"seconds", TimestampFormat::seconds},
                                                   {"milliseconds", TimestampFormat::milliseconds},
                                                   {"iso8601", TimestampFormat::iso8601}};

// The defaults of HmacFormat.
Form value_form() {
  Form form = signature_value_text();
  form.fallback = json_quoted("{signature}");
  return form;
}

Form string_to_sign_form() {
  Form form = signed_text();
  form.fallback = json_quoted("{body}");
  return form;
}

constexpr Key<HmacFormat> kKeys[] = {
    {"secret_encoding", choice<&HmacFormat::secret_encoding, kSecretEncodings>},
    {"algorithm", choice<&HmacFormat::algorithm, kAlgorithms>},
    {"encoding", choice<&HmacFormat::encoding, kEncodings>},
    {"header", text<&HmacFormat::header, parse_header_name, header_text>},
    {"value", text<&HmacFormat::value, SignatureTemplate::parse_value, value_form>},
    {"string_to_sign",
     text<&HmacFormat::string_to_sign, SignatureTemplate::parse_signed, string_to_sign_form>},
    {"timestamp", choice<&HmacFormat::timestamp, kTimestamps>},
    {"timestamp_header", text<&HmacFormat::timestamp_header, parse_header_name, header_text>},
    {"id_header", text<&HmacFormat::id_header, parse_header_name, header_text>},
};

// standardwebhooks.com, version 1.0.0 of the specification, "Signature scheme".
HmacFormat standard_webhooks() {
  HmacFormat format;
  format.secret_encoding = SecretEncoding::whsec;
  format.encoding = SignatureEncoding::base64;
  format.header = "webhook-signature";
  format.value = SignatureTemplate::parse_value("v1,{signature}").value();
  format.string_to_sign = SignatureTemplate::parse_signed("{id}.{timestamp}.{body}").value();
  format.timestamp_header = "webhook-timestamp";
  format.id_header = "webhook-id";
  return format;
}

// A key that says what standard_webhooks() says anyway may stand beside it.
std::string preset_rule() {
  const std::pair<const char*, const char*> same[] = {{"algorithm", "sha256"},
                                                      {"encoding", "base64"},
                                                      {"header", "webhook-signature"},
                                                      {"value", "v1,{signature}"},
                                                      {"string_to_sign", "{id}.{timestamp}.{body}"},
                                                      {"timestamp", "seconds"},
                                                      {"timestamp_header", "webhook-timestamp"},
                                                      {"id_header", "webhook-id"}};
  std::string keys = R"("secret_encoding":{"not":{}})";
  for (const auto& [key, value] : same) {
    keys += "," + json_quoted(key) + ":{\"enum\":[" + json_quoted(value) + "]}";
  }
  return R"({"if":{"properties":{"preset":{"enum":["standard_webhooks"]}},"required":["preset"]},)"
         R"("then":{"properties":{)" +
         keys + "}}}";
}

// As check_hmac() has it.
constexpr const char* kTimeIsSent =
    R"({"if":{"properties":{"string_to_sign":{"pattern":"(^|[^{])(\\{\\{)*\\{timestamp\\}"}},)"
    R"("required":["string_to_sign"]},"then":{"anyOf":[{"required":["timestamp_header"]},)"
    R"({"required":["preset"]},{"properties":{"value":{"pattern":"\\{timestamp\\}"}},)"
    R"("required":["value"]}]}})";

enum class Preset : std::uint8_t { none, standard_webhooks };
constexpr Choice<Preset> kPresets[] = {{"none", Preset::none},
                                       {"standard_webhooks", Preset::standard_webhooks}};

void check_headers(Reader& reader, const Value& value, const HmacFormat& format) {
  const std::pair<const char*, const std::string*> headers[] = {
      {"header", &format.header},
      {"timestamp_header", &format.timestamp_header},
      {"id_header", &format.id_header}};
  for (const auto* one = std::begin(headers); one != std::end(headers); ++one) {
    for (const auto* other = std::begin(headers); other != one; ++other) {
      if (one->second->empty() || !same_header(*one->second, *other->second)) continue;
      reader.problem_of_key(value,
                            std::string(other->first) + " and " + one->first +
                                " are the same header, " + in_quotes(*one->second),
                            "give each its own");
    }
  }
}

}  // namespace

Form hmac_form() {
  Form form = map_form<kKeys>();
  form.keys.push_back({"preset", false, choice_form(kPresets, Preset::none)});
  form.rules = preset_rule() + "," + kTimeIsSent;
  return form;
}

void read_hmac_preset(Reader& reader, const Value& value, HmacDraft& out) {
  if (read_choice(reader, value, kPresets) != Preset::standard_webhooks) return;
  out.format = standard_webhooks();
  out.preset = out.format;
}

void read_hmac_key(Reader& reader, const Value& value, HmacDraft& out) {
  const auto* const key = std::find_if(std::begin(kKeys), std::end(kKeys),
                                       [&](const auto& each) { return each.name == value.key; });
  key->read(reader, value, out.format);
  if (!out.preset || out.format == *out.preset) return;
  reader.problem_of_key(value, "contradicts preset: standard_webhooks",
                        "remove it, or remove the preset");
  out.format = *out.preset;
}

void check_hmac(Reader& reader, const Value& value, const HmacFormat& format) {
  using Kind = SignatureTemplate::Part::Kind;
  check_headers(reader, value, format);
  const bool sends_time = !format.timestamp_header.empty() || format.value.has(Kind::timestamp);
  if (format.string_to_sign.has(Kind::timestamp) && !sends_time) {
    reader.problem_of_key(value,
                          "signs {timestamp} but does not send it, so nobody could verify it",
                          "add timestamp_header, or {timestamp} to value");
  }
}

}  // namespace sluice::config
