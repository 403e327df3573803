#include "config/loader.h"

#include <utility>

#include "config/address.h"
#include "config/document.h"
#include "config/file.h"
#include "config/key_readers.h"
#include "config/names.h"
#include "config/reader.h"
#include "config/sections.h"

namespace sluice::config {
namespace {

constexpr std::size_t kMaxFileBytes = 4 * kMiB;

constexpr Choice<LogLevel> kLogLevels[] = {{"debug", LogLevel::debug},
                                           {"info", LogLevel::info},
                                           {"warn", LogLevel::warn},
                                           {"error", LogLevel::error}};
constexpr Choice<LogFormat> kLogFormats[] = {{"json", LogFormat::json}, {"text", LogFormat::text}};

void read_listen(Reader& reader, const Value& value, Admin& out) {
  const auto raw = reader.text(value);
  if (!raw) return;
  auto address = reader.take(value, parse_host_port(*raw));
  if (!address) return;
  out.host = std::move(address->host);
  out.port = address->port;
}

// Whoever has it can have records dropped, and it may be guessed at from the network.
void read_token(Reader& reader, const Value& value, Admin& out) {
  constexpr std::size_t kLeastBytes = 16;
  Secret token;
  reader.secret(value, token);
  if (token.empty()) return;
  if (token.reveal().size() < kLeastBytes) {
    reader.problem(value, "is shorter than " + std::to_string(kLeastBytes) + " bytes",
                   "make one with: openssl rand -hex 32");
    return;
  }
  out.token = std::move(token);
}

Form listen_form() {
  const Admin admin;
  Form form = host_port_text();
  form.fallback = json_quoted(admin.host + ":" + std::to_string(admin.port));
  return form;
}

constexpr Key<Admin> kAdminKeys[] = {
    {"listen", {read_listen, listen_form}},
    {"token", {read_token, secret_text}},
};
constexpr Key<Config> kMemoryKeys[] = {
    {"budget", size<&Config::memory_budget, kMiB, kMiB * 1024 * 1024>},
};
constexpr Key<Log> kLogKeys[] = {
    {"level", choice<&Log::level, kLogLevels>},
    {"format", choice<&Log::format, kLogFormats>},
};

void read_admin(Reader& reader, const Value& value, Config& out) {
  read_keys(reader, value, kAdminKeys, out.admin);
}
void read_memory(Reader& reader, const Value& value, Config& out) {
  read_keys(reader, value, kMemoryKeys, out);
}
void read_log(Reader& reader, const Value& value, Config& out) {
  read_keys(reader, value, kLogKeys, out.log);
}

constexpr Key<Config> kFileKeys[] = {
    {"kafka", {read_kafka, kafka_form}, Need::required, "kafka: {brokers: [localhost:9092]}"},
    {"admin", {read_admin, map_form<kAdminKeys>}},
    {"memory", {read_memory, map_form<kMemoryKeys>}},
    {"log", {read_log, map_form<kLogKeys>}},
    {"shutdown_timeout", duration<&Config::shutdown_timeout, 1, kHour>},
    {"instance_id", text<&Config::instance_id, parse_instance_id, instance_text>},
    {"targets",
     {read_targets, targets_form},
     Need::required,
     "targets: {api: {base_url: https://...}}"},
    {"pipelines",
     {read_pipelines, pipelines_form},
     Need::required,
     "pipelines: {deposits: {topics: [...], group: ..., target: api, path: /..., "
     "dead_letter: {topic: ...}}}"},
};

// The keys below which secrets are looked up: kafka, and the targets of these pipelines.
std::vector<std::string> keys_with_secrets(const Value& file,
                                           const std::vector<std::string>& pipelines) {
  std::vector<std::string> keys{"kafka"};
  const auto all = file.child("pipelines");
  for (const std::string& name : pipelines) {
    const auto pipeline = all ? all->child(name) : std::nullopt;
    const auto target = pipeline ? pipeline->child("target") : std::nullopt;
    if (target && target->is_scalar()) keys.push_back("targets." + target->node->text);
  }
  return keys;
}

std::vector<Problem> one_problem(const std::string& file, Place place, std::string cause,
                                 std::string remedy) {
  return {{file, place.line, place.column, std::move(cause), std::move(remedy)}};
}

}  // namespace

std::string Problem::text() const {
  std::string out = file;
  // A file that cannot be read has no place in it.
  if (line > 0) out += ":" + std::to_string(line) + ":" + std::to_string(column);
  return out + ": " + cause + (remedy.empty() ? "" : "; " + remedy);
}

Form form_of_file() { return form_of_keys(kFileKeys); }

LoadResult load_text(std::string_view yaml, const std::string& name, const LoadOptions& options) {
  const auto document = parse_document(yaml);
  if (!document) {
    const DocumentError& error = document.error();
    return tl::unexpected(one_problem(name, error.place, error.cause, error.remedy));
  }
  Reader reader(name, options);
  const Value file{document->get(), {}, {}, {}};
  if (options.no_secrets) {
    reader.look_up_only_below({});
  } else if (options.only_admin_secrets) {
    reader.look_up_only_below({"admin"});
  } else if (options.secrets_for) {
    reader.look_up_only_below(keys_with_secrets(file, *options.secrets_for));
  }
  Config config;
  read_keys(reader, file, kFileKeys, config);
  check_across(reader, file);
  check_rate_limits(reader, file, config);
  std::vector<Problem> problems = reader.take_problems();
  if (!problems.empty()) return tl::unexpected(std::move(problems));
  config.secret_files = reader.take_secret_files();
  return config;
}

tl::expected<std::string, Problem> read_configuration(const std::string& path) {
  auto content = read_regular_file(path, kMaxFileBytes);
  if (content) return std::move(*content);
  return tl::unexpected(Problem{path, 0, 0, "the configuration file " + content.error().cause,
                                content.error().remedy});
}

LoadResult load_file(const std::string& path, const LoadOptions& options) {
  const auto content = read_configuration(path);
  if (!content) return tl::unexpected(std::vector{content.error()});
  return load_text(*content, path, options);
}

}  // namespace sluice::config
