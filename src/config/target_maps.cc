// The maps inside a target.
#include <algorithm>
#include <utility>

#include "base/text_template.h"
#include "config/address.h"
#include "config/key_readers.h"
#include "config/names.h"
#include "config/sections.h"

namespace sluice::config {
namespace {

constexpr Choice<TlsVersion> kTlsVersions[] = {{"1.2", TlsVersion::v1_2},
                                               {"1.3", TlsVersion::v1_3}};

constexpr Key<TargetTls> kTargetTlsKeys[] = {
    {"min_version", choice<&TargetTls::min_version, kTlsVersions>},
    {"off", boolean<&TargetTls::off>},
    {"ca", pem_file<&TargetTls::ca>},
    {"cert", pem_file<&TargetTls::cert>},
    {"key", pem_file<&TargetTls::key>},
};

constexpr Key<CircuitBreaker> kBreakerKeys[] = {
    {"failures", whole<&CircuitBreaker::failures, 1, 10'000>},
    {"failure_rate", percent<&CircuitBreaker::failure_rate>},
    {"window", duration<&CircuitBreaker::window, 100, kHour>},
    {"minimum", whole<&CircuitBreaker::minimum, 1, 100'000>},
    {"open_for", duration<&CircuitBreaker::open_for, 1, kHour>},
    {"max_open_for", duration<&CircuitBreaker::max_open_for, 1, 24 * kHour>},
    {"probes", whole<&CircuitBreaker::probes, 1, 100>},
};

constexpr Key<Concurrency> kConcurrencyKeys[] = {
    {"min", whole<&Concurrency::min, 1, 10'000>},
    {"max", whole<&Concurrency::max, 1, 10'000>},
    {"adaptive", boolean<&Concurrency::adaptive>},
};

constexpr Choice<CompressionType> kCompressions[] = {{"none", CompressionType::none},
                                                     {"gzip", CompressionType::gzip},
                                                     {"zstd", CompressionType::zstd}};

constexpr Key<Compression> kCompressionKeys[] = {
    {"type", choice<&Compression::type, kCompressions>, Need::required, "type: gzip"},
    {"min_size", size<&Compression::min_size, 0, 64 * kMiB>},
};

Result<std::string> parse_proxy_user(std::string_view text) {
  if (text.find(':') != text.npos) return fail("has a colon", "put the password into password");
  return std::string(text);
}

Form proxy_user_text() { return with_keywords(any_text(), R"("not":{"pattern":":"})"); }

constexpr Key<Proxy> kProxyKeys[] = {
    {"url", text<&Proxy::url, parse_proxy_url, proxy_url_text>, Need::required,
     "url: http://proxy.example.com:3128"},
    {"user", text<&Proxy::user, parse_proxy_user, proxy_user_text>},
    {"password", secret<&Proxy::password>},
};

constexpr Key<Health> kHealthKeys[] = {
    {"path", text<&Health::path, parse_path, path_text>, Need::required, "path: /health"},
    {"authenticated", boolean<&Health::authenticated>},
};

// Unlike the other headers that a request sets itself, this one says what only the user may know.
Result<std::string> parse_own_header_name(std::string_view name) {
  if (same_header(name, "content-type")) return std::string(name);
  return parse_header_name(name);
}

Result<std::string> parse_header_value(std::string_view text) {
  const auto parsed = TextTemplate::parse(text);
  if (!parsed) return tl::unexpected(parsed.error());
  const bool one_line = std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == '\x7f';
  });
  if (!one_line) return fail("is more than one line", "write the header's value on one line");
  if (text.starts_with(' ') || text.ends_with(' ')) {
    return fail("begins or ends with a blank", "remove it: blanks there are lost on the way");
  }
  return std::string(text);
}

void read_header(Reader& reader, const Value& value, std::vector<TargetHeader>& out) {
  auto name = reader.take_key(value, parse_own_header_name(value.key));
  if (value.is_scalar() && value.node->text.find("${") != std::string::npos) {
    reader.problem(value, "holds a ${reference}: a secret does not belong here",
                   "use auth: {type: api_key, name: " + std::string(value.key) + ", value: ...}");
    return;
  }
  const auto raw = reader.text(value);
  if (!name || !raw) return;
  auto text = reader.take(value, parse_header_value(*raw));
  if (!text) return;
  const auto same = [&](const TargetHeader& other) { return same_header(other.name, *name); };
  if (std::any_of(out.begin(), out.end(), same)) {
    reader.problem_of_key(value, "stands here a second time", "keep one of the two");
    return;
  }
  out.push_back({std::move(*name), std::move(*text)});
}

}  // namespace

Form tls_form() {
  return or_words(with_rules(map_form<kTargetTlsKeys>(), together("cert", "key")), {"off"});
}

Form breaker_form() { return map_form<kBreakerKeys>(); }
Form concurrency_form() { return map_form<kConcurrencyKeys>(); }
Form health_form() { return map_form<kHealthKeys>(); }

Form compression_form() { return or_words(map_form<kCompressionKeys>(), words_of(kCompressions)); }

Form proxy_form() {
  Form form = with_rules(map_form<kProxyKeys>(), together("user", "password"));
  form.keywords = proxy_url_text().keywords;
  return form;
}

Form headers_form() { return named_form(header_value_text(), own_header_pattern()); }

void read_tls(Reader& reader, const Value& value, Target& out) {
  // Tools that pass YAML through JSON turn the word off into false.
  if (value.is_scalar() && (value.node->text == "off" || value.node->text == "false")) {
    out.tls.off = true;
  } else if (value.is_scalar()) {
    reader.problem(value, "is neither off nor a map", "write off or {min_version: 1.3}");
  } else {
    read_keys(reader, value, kTargetTlsKeys, out.tls);
  }
  const bool cert = value.child("cert").has_value();
  if (cert != value.child("key").has_value()) {
    reader.problem_of_key(value, cert ? "has cert, but no key" : "has key, but no cert",
                          "give the client certificate and its key, or neither");
  }
}

void read_breaker(Reader& reader, const Value& value, Target& out) {
  CircuitBreaker& breaker = out.circuit_breaker;
  read_keys(reader, value, kBreakerKeys, breaker);
  if (breaker.open_for > breaker.max_open_for) {
    reader.problem_of_key(value,
                          "open_for " + format_duration(breaker.open_for) +
                              " is longer than max_open_for " +
                              format_duration(breaker.max_open_for),
                          "raise max_open_for or lower open_for");
  }
}

void read_concurrency(Reader& reader, const Value& value, Target& out) {
  Concurrency& concurrency = out.concurrency;
  read_keys(reader, value, kConcurrencyKeys, concurrency);
  if (concurrency.min > concurrency.max) {
    reader.problem_of_key(value,
                          "min " + std::to_string(concurrency.min) + " is more than max " +
                              std::to_string(concurrency.max),
                          "raise max or lower min");
  }
}

void read_compression(Reader& reader, const Value& value, Target& out) {
  if (value.is_scalar()) {
    if (const auto type = read_choice(reader, value, kCompressions)) out.compression.type = *type;
  } else {
    read_keys(reader, value, kCompressionKeys, out.compression);
  }
}

void read_proxy(Reader& reader, const Value& value, Target& out) {
  Proxy proxy;
  if (value.is_scalar()) {
    text<&Proxy::url, parse_proxy_url, proxy_url_text>(reader, value, proxy);
  } else {
    read_keys(reader, value, kProxyKeys, proxy);
    if (value.child("user").has_value() != value.child("password").has_value()) {
      reader.problem_of_key(value, "needs user and password together", "give both, or neither");
    }
  }
  out.proxy = std::move(proxy);
}

void read_health(Reader& reader, const Value& value, Target& out) {
  Health health;
  read_keys(reader, value, kHealthKeys, health);
  out.health = std::move(health);
}

void read_headers(Reader& reader, const Value& value, Target& out) {
  for (const Value& header : reader.map(value)) read_header(reader, header, out.headers);
}

}  // namespace sluice::config
