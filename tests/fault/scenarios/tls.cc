// An API whose TLS is not to be trusted: it gets nothing, is named, and flows once it is mended.
#include <fmt/format.h>

#include <fstream>
#include <thread>

#include "fault/outage.h"
#include "fault/scenario.h"

namespace sluice::fault {
namespace {

using std::chrono::seconds;
using test::Credentials;
using test::TestCa;
using test::TlsOptions;

constexpr const char* kHost = "127.0.0.1";

std::string file_of(const Run& run, const std::string& name, const std::string& content) {
  const std::filesystem::path file = run.dir / name;
  std::ofstream(file) << content;
  return file.string();
}

struct BadTls {
  std::string name;
  std::optional<TlsOptions> tls;  // none: it does not speak TLS
  std::string detail;             // in the words of `/status`
};

// Nothing is sent, and few connections are made, while the API speaks like that.
void distrust(Trial& trial, const BadTls& bad, const TlsOptions& good) {
  const auto of = [&](const std::string& what) { return bad.name + ": " + what; };
  auto& server = trial.api().server();
  while_down(trial, [&] { server.set_tls(bad.tls); });
  const std::size_t requests = trial.api().batch_count();
  const std::size_t connections = server.connection_count();
  Trial::require(trial.shows(R"("reason": "breaker_open")"), of("no breaker_open"));
  Trial::require(trial.shows(bad.detail), of("/status does not say: " + bad.detail));
  std::this_thread::sleep_for(seconds(1));
  const std::size_t tried = server.connection_count() - connections;
  Trial::require(trial.api().batch_count() == requests, of("a request was sent"));
  Trial::require(tried >= 1 && tried <= 40, of(std::to_string(tried) + " connections"));
  while_down(trial, [&] { server.set_tls(good); });
  Trial::require(trial.flows(), of("nothing flows afterwards"));
  trial.note(fmt::format("{}: {} connections", bad.name, tried));
}

Setup with_tls(const TlsOptions& good, const std::string& keys) {
  Setup setup;
  setup.api.tls = good;
  setup.timeouts = kQuickTarget;
  setup.target = "tls: {" + keys + "}";
  return setup;
}

void play(Run& run, const Setup& setup, const std::vector<BadTls>& all) {
  Trial trial(run, run.brokers, setup);
  trial.start();
  for (const BadTls& bad : all) distrust(trial, bad, *setup.api.tls);
  trial.finish();
}

void bad_certificates(Run& run) {
  const TestCa ca;
  const TestCa other;
  const TlsOptions good{.identity = ca.issue(kHost)};
  play(run, with_tls(good, "ca: " + file_of(run, "ca.pem", ca.pem())),
       {{"expired", TlsOptions{.identity = ca.issue(kHost, seconds(-60))}, "has expired"},
        {"another host", TlsOptions{.identity = ca.issue("api.example")}, "tls: "},
        {"an unknown CA", TlsOptions{.identity = other.issue(kHost)}, "issuer certificate"}});
}

void no_tls(Run& run) {
  const TestCa ca;
  const TlsOptions good{.identity = ca.issue(kHost)};
  TlsOptions old = good;
  old.only_1_2 = true;
  play(run, with_tls(good, "min_version: 1.3, ca: " + file_of(run, "ca.pem", ca.pem())),
       {{"self-signed", TlsOptions{}, "tls: "},
        {"too old a version", old, "tls: "},
        {"HTTP instead of TLS", std::nullopt, "target api: "}});
}

// The API wants a certificate of us; a second process has the right one.
void client_certificate(Run& run, bool wrong) {
  const TestCa ca;
  const TestCa clients;
  const TestCa other;
  const TlsOptions open{.identity = ca.issue(kHost)};
  TlsOptions demanding = open;
  demanding.client_ca = clients.pem();
  std::string keys = "ca: " + file_of(run, "ca.pem", ca.pem());
  if (wrong) {
    const Credentials ours = other.issue("sluice");
    keys += ", cert: " + file_of(run, "cert.pem", ours.cert) +
            ", key: " + file_of(run, "key.pem", ours.key);
  }
  play(run, with_tls(open, keys),
       {{wrong ? "wrong client certificate" : "no client certificate", demanding,
         "it wants a client certificate that it trusts"}});
}

// With the right one it flows from the start, over restarts of the API.
void right_client_certificate(Run& run) {
  const TestCa ca;
  const TlsOptions good{.identity = ca.issue(kHost), .client_ca = ca.pem()};
  TlsOptions distrusting = good;
  const TestCa other;
  distrusting.client_ca = other.pem();
  const Credentials ours = ca.issue("sluice");
  play(run,
       with_tls(good, "ca: " + file_of(run, "ca.pem", ca.pem()) +
                          ", cert: " + file_of(run, "cert.pem", ours.cert) +
                          ", key: " + file_of(run, "key.pem", ours.key)),
       {{"the API trusts others for a while", distrusting,
         "it wants a client certificate that it trusts"}});
}

Scenario single(const std::string& name, Weight weight, const std::string& what,
                std::function<void(Run&)> play_it) {
  return {.name = name, .weight = weight, .cases = {}, .what = what, .play = std::move(play_it)};
}

}  // namespace

std::vector<Scenario> tls_scenarios() {
  return {single("tls-certificates", Weight::quick,
                 "the API's certificate is expired, of another host, of an unknown CA",
                 bad_certificates),
          single("tls-none", Weight::full,
                 "self-signed, a TLS version that is too old, HTTP instead of TLS", no_tls),
          single("tls-no-client-certificate", Weight::full, "the API demands one for a while",
                 [](Run& run) { client_certificate(run, false); }),
          single("tls-wrong-client-certificate", Weight::full,
                 "the API demands one of another CA for a while",
                 [](Run& run) { client_certificate(run, true); }),
          single("tls-client-certificate", Weight::quick, "ours is trusted, then for a while not",
                 right_client_certificate)};
}

}  // namespace sluice::fault
