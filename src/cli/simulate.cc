#include "cli/simulate.h"

#include <cstdio>
#include <utility>

#include "auth/credential_check.h"
#include "cli/cli.h"
#include "cli/signals.h"
#include "cli/standard_streams.h"
#include "config/address.h"
#include "config/values.h"
#include "simulator/simulator.h"

namespace sluice::cli {
namespace {

constexpr Duration kLongestLatency = std::chrono::seconds(60);

struct Start {
  simulator::Options simulator;
  simulator::Fault fault = simulator::Fault::none;
};

tl::unexpected<Error> wrong(const std::string& option, const Error& error) {
  return fail(option + ": " + error.cause, error.remedy);
}

Result<config::HkdfHmacAuth> read_credentials(const SimulateOptions& options) {
  const std::pair<const char*, const std::string*> values[] = {
      {"--token", &options.token},
      {"--account-id", &options.account_id},
      {"--workspace-id", &options.workspace_id}};
  for (const auto& [name, value] : values) {
    if (value->empty()) return fail(std::string(name) + " is empty", "leave it out or set it");
    if (const auto error = auth::check_value(name, *value)) return tl::unexpected(*error);
  }
  config::HkdfHmacAuth credentials;
  credentials.token = config::Secret(options.token);
  credentials.account_id = options.account_id;
  credentials.workspace_id = options.workspace_id;
  return credentials;
}

Result<Start> read(const SimulateOptions& options) {
  const auto listen = config::parse_host_port(options.listen);
  if (!listen) return wrong("--listen", listen.error());
  const auto credentials = read_credentials(options);
  if (!credentials) return tl::unexpected(credentials.error());
  const auto latency = config::parse_duration(options.latency);
  if (!latency) return wrong("--latency", latency.error());
  if (*latency > kLongestLatency) return fail("--latency is above 60s", "choose a shorter one");
  if (options.rate == 0) return fail("--rate is 0", "let at least one request a second pass");
  const auto fault = simulator::parse_fault(options.fault);
  if (!fault) return wrong("--fault", fault.error());
  Start start;
  start.simulator.host = listen->host;
  start.simulator.port = listen->port;
  start.simulator.credentials = *credentials;
  start.simulator.requests_per_second = options.rate;
  start.simulator.latency = *latency;
  start.fault = *fault;
  return start;
}

// Another token than the default may be one that matters elsewhere: it is not repeated.
std::string token_in_words(const SimulateOptions& options) {
  const bool is_default = options.token == SimulateOptions().token;
  return is_default ? "the token " + options.token : "the token of --token";
}

void print_what_it_takes(const SimulateOptions& options, const simulator::Simulator& api) {
  std::printf(
      "The Data Pipeline API, simulated, at %s\n"
      "It takes account %s, workspace %s and %s;\n"
      "%u requests a second at each endpoint, up to 500 records each. It answers after %s.\n"
      "Fault: %s\n\n",
      api.base_url().c_str(), options.account_id.c_str(), options.workspace_id.c_str(),
      token_in_words(options).c_str(), options.rate, options.latency.c_str(),
      options.fault.c_str());
}

void print_how_to_use_it(const SimulateOptions& options, const simulator::Simulator& api) {
  const std::string base = api.base_url();
  const std::string origin = base.substr(0, base.find('/', std::string("http://").size()));
  std::printf(
      "In a configuration such as config/data-pipeline.yaml, with the token in the environment:\n"
      "  export DATA_PIPELINE_TOKEN=%s\n"
      "  targets:\n"
      "    data-pipeline:\n"
      "      base_url: %s\n"
      "      auth: {type: hkdf_hmac, token: \"${env:DATA_PIPELINE_TOKEN}\", account_id: \"%s\", "
      "workspace_id: \"%s\"}\n"
      "      circuit_breaker: {open_for: 1s, max_open_for: 2s}   # to see it recover soon\n\n",
      options.token == SimulateOptions().token ? options.token.c_str() : "...", base.c_str(),
      options.account_id.c_str(), options.workspace_id.c_str());
  std::printf(
      "By hand:\n"
      "  curl %s/datapipeline/health\n"
      "  curl %s/simulator                       what it counted\n"
      "  curl -X PUT %s/simulator/fault/outage   or throttle, poison, unauthorized, slow\n"
      "  curl -X DELETE %s/simulator/fault       heal it\n"
      "A signed request: docs/simulator.md. Ctrl-C ends it.\n\n",
      base.c_str(), origin.c_str(), origin.c_str(), origin.c_str());
  flush_output();
}

void print_traffic(const simulator::Counts& now, const simulator::Counts& before,
                   simulator::Fault fault) {
  const auto more = [](std::uint64_t to, std::uint64_t from) {
    return static_cast<unsigned long long>(to - from);
  };
  std::printf(
      "requests %llu  accepted %llu  refused %llu  429 %llu  401/403 %llu  5xx %llu",
      more(now.requests, before.requests), more(now.accepted_records, before.accepted_records),
      more(now.refused_requests, before.refused_requests), more(now.throttled, before.throttled),
      more(now.unauthorized, before.unauthorized), more(now.failed, before.failed));
  if (fault != simulator::Fault::none) {
    std::printf("  fault %s", std::string(to_string(fault)).c_str());
  }
  std::printf("\n");
  flush_output();
}

void watch(const simulator::Simulator& api, const Signals& signals) {
  simulator::Counts before;
  for (;;) {
    const auto signal = signals.wait(std::chrono::seconds(1));
    if (signal && *signal != SIGHUP) return;
    const simulator::Counts now = api.counts();
    if (now.requests != before.requests) print_traffic(now, before, api.fault());
    before = now;
  }
}

int complain(const Error& error, int code) {
  std::fprintf(stderr, "sluice: %s\n", error.text().c_str());
  return code;
}

// Where it listens is said by an option here.
Error with_option(Error error) {
  if (error.cause.starts_with("cannot listen")) error.remedy += ": --listen HOST:PORT";
  return error;
}

}  // namespace

int simulate(const SimulateOptions& options, const Clock& clock) {
  const Signals signals;
  auto start = read(options);
  if (!start) return complain(start.error(), kBadInput);
  auto api = simulator::Simulator::start(std::move(start->simulator), clock);
  if (!api) return complain(with_option(api.error()), kFailed);
  (*api)->set_fault(start->fault);
  print_what_it_takes(options, **api);
  print_how_to_use_it(options, **api);
  watch(**api, signals);
  return kOk;
}

}  // namespace sluice::cli
