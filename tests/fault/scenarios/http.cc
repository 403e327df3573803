// An API that answers with anything but what was promised, or not at all, and then is well again.
#include <fmt/format.h>

#include <atomic>
#include <csignal>
#include <ctime>
#include <fstream>
#include <memory>
#include <thread>
#include <utility>

#include "fault/outage.h"
#include "fault/scenario.h"

namespace sluice::fault {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::Fault;

constexpr const char* kBreaker = "breaker_open";
constexpr const char* kMisconfigured = "misconfigured";

Outage status(int code, const std::string& reason) {
  return {.name = std::to_string(code),
          .mood = always({.status = code, .headers = {{"Location", "http://127.0.0.1:1/"}}}),
          .reason = reason,
          .detail = "status " + std::to_string(code)};
}

// A wait that the answer asks for, of a second or so.
Outage throttled(const std::string& name, int code, std::function<std::string()> retry_after) {
  const auto mood = [code, after = std::move(retry_after)](const auto&, const auto&) {
    test::Reply reply{.status = code};
    if (after) reply.headers = {{"Retry-After", after()}};
    return Said{.reply = std::move(reply)};
  };
  return {.name = name,
          .mood = mood,
          .reason = "throttled",
          .detail = "status " + std::to_string(code),
          .at_first = 4,
          .a_second = 3,
          .lasts = milliseconds(2500)};
}

std::string http_date(seconds from_now) {
  const std::time_t when =
      std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() + from_now);
  std::tm parts{};
  gmtime_r(&when, &parts);
  std::string text(64, ' ');
  text.resize(std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts));
  return text;
}

Outage broken(const std::string& name, test::Reply reply, const std::string& detail) {
  return {.name = name, .mood = always(std::move(reply)), .reason = kBreaker, .detail = detail};
}

Outage lost(const std::string& name, Fault fault, const std::string& detail) {
  return {.name = name,
          .mood = takes_but(fault),
          .reason = kBreaker,
          .detail = detail,
          .ends = Ends::untold};
}

Setup quick() { return {.timeouts = kQuickTarget}; }

Scenario outages(const std::string& name, Weight weight, const std::string& what,
                 const std::vector<Outage>& all, const Setup& setup = quick()) {
  return {.name = name, .weight = weight, .cases = {}, .what = what, .play = [=](Run& run) {
            suffer_all(run, setup, all);
          }};
}

// An hour at most, whatever it says; and a restart asks anew.
void wait_absurdly_long(Run& run) {
  Trial trial(run, run.brokers, quick());
  trial.start();
  const auto asked = std::make_shared<std::atomic<int>>(0);
  trial.api().misbehave([asked](const auto&, const auto&) {
    ++*asked;
    return Said{.reply = {.status = 429, .headers = {{"Retry-After", "99999999999999999999"}}}};
  });
  Trial::require(trial.shows(R"("reason": "throttled")"), "no throttled");
  std::this_thread::sleep_for(seconds(3));
  Trial::require(*asked >= 1 && *asked <= 4, std::to_string(*asked) + " requests");
  const auto held = trial.sluice().metric(R"(sluice_target_throttled_seconds_total{target="api"})");
  Trial::require(held && *held > 3500 && *held < 3610, "it is not held for an hour");
  trial.sluice().signal(SIGTERM);
  const auto ended = trial.sluice().wait(seconds(30));
  Trial::require(ended && ended->code == 0, "SIGTERM does not end it");
  trial.api().heal();
  trial.start_sluice();
  trial.finish();
}

// Every second request fails: costs requests, and nothing else.
void flap(Run& run, test::Reply reply) {
  Trial trial(run, run.brokers,
              {.timeouts = "timeout: 1s, circuit_breaker: {failures: 5, failure_rate: 90%, "
                           "open_for: 1s, max_open_for: 1s}"});
  trial.start();
  auto requests = std::make_shared<std::atomic<int>>(0);
  trial.api().misbehave([=](const auto&, const auto&) -> std::optional<Said> {
    if (++*requests % 2 == 0) return std::nullopt;
    return Said{.reply = reply};
  });
  const auto end = std::chrono::steady_clock::now() + seconds(4);
  while (std::chrono::steady_clock::now() < end) {
    Trial::require(trial.flows(), "nothing flows while it flaps");
  }
  Trial::require(*requests >= 10, "it did not flap");
  trial.note(std::to_string(*requests) + " requests while it flapped");
  trial.finish();
}

void be_gone(Run& run) {
  Trial trial(run, run.brokers, quick());
  trial.start();
  for (int i = 0; i < 2; ++i) {
    while_down(trial, [&] {
      Trial::require(trial.shows(R"("reason": "breaker_open")"), "no breaker_open");
      Trial::require(trial.shows("target api: connect: "), "/status does not say why");
      std::this_thread::sleep_for(seconds(2));
    });
    Trial::require(trial.flows(), "nothing flows after a restart of the API");
  }
  trial.api().server().reset_new_connections(true);
  trial.api().misbehave(always({.fault = Fault::reset_after_request}));
  Trial::require(trial.shows(R"("reason": "breaker_open")"), "no breaker_open");
  const std::size_t before = trial.api().server().connection_count();
  std::this_thread::sleep_for(seconds(3));
  const std::size_t tried = trial.api().server().connection_count() - before;
  Trial::require(tried >= 1 && tried <= 30, std::to_string(tried) + " connections in 3 s");
  trial.api().server().reset_new_connections(false);
  trial.note(std::to_string(tried) + " connections in 3 s while each was reset");
  trial.finish();
}

std::size_t rss_of(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{}/statm", pid));
  std::size_t pages = 0;
  file >> pages >> pages;
  return pages * 4096;
}

// 15 s of it under load, with a backlog that grows.
void storm(Run& run) {
  Trial trial(run, run.brokers,
              {.per_second = 4000,
               .padding = 2000,
               .timeouts = kQuickTarget,
               .top = "memory: {budget: 64MiB}\n"});
  trial.start();
  const std::size_t before = trial.api().batch_count();
  trial.api().misbehave(always({.status = 429}));
  Trial::require(trial.shows(R"("reason": "throttled")"), "no throttled");
  std::this_thread::sleep_for(seconds(8));
  const std::size_t halfway = rss_of(trial.sluice().pid());
  std::this_thread::sleep_for(seconds(7));
  const std::size_t at_end = rss_of(trial.sluice().pid());
  const std::size_t asked = trial.api().batch_count() - before;
  trial.note(fmt::format("{} requests in 15 s; RSS {} MiB after 8 s, {} MiB after 15 s", asked,
                         halfway >> 20, at_end >> 20));
  Trial::require(asked >= 2 && asked <= 20, std::to_string(asked) + " requests in 15 s");
  Trial::require(at_end < halfway + (std::size_t{16} << 20), "memory grows");
  Trial::require(at_end < std::size_t{128} << 20, "more memory than the budget and 64 MiB");
  trial.finish();
}

std::vector<Scenario> of_answers() {
  const std::string long_body(4000, 'x');
  return {
      outages("http-failures", Weight::quick, "503, 500, 408 and 425, one after the other",
              {status(503, kBreaker), status(500, kBreaker), status(408, kBreaker),
               status(425, kBreaker)}),
      outages("http-refusals", Weight::quick, "401, 403, 404 and 307, one after the other",
              {status(401, "unauthorized"), status(403, "unauthorized"),
               status(404, kMisconfigured), status(307, kMisconfigured)}),
      outages("http-wrong-place", Weight::full, "405, 410, 301 and 308, one after the other",
              {status(405, kMisconfigured), status(410, kMisconfigured),
               status(301, kMisconfigured), status(308, kMisconfigured)}),
      outages("http-throttled", Weight::quick, "429 with Retry-After in each form, 503 with it",
              {throttled("429, seconds", 429, [] { return "1"; }),
               throttled("429, date", 429, [] { return http_date(seconds(2)); }),
               throttled("503, seconds", 503, [] { return "1"; })}),
      outages("http-throttled-oddly", Weight::full, "429 with no Retry-After or a senseless one",
              {throttled("429, absent", 429, nullptr),
               throttled("429, negative", 429, [] { return "-7"; }),
               throttled("429, no number", 429, [] { return "soon"; }),
               throttled("429, date gone by", 429, [] { return http_date(seconds(-60)); })}),
      outages("http-no-answer", Weight::quick, "no answer, one too slow, one without an end",
              {broken("hangs", {.fault = Fault::hang}, "timed out"),
               broken("drips", {.body = long_body, .fault = Fault::drip}, "timed out"),
               broken("endless", {.fault = Fault::huge_body}, "raise max_response")}),
      outages("http-broken-answer", Weight::full,
              "connections reset and closed, halves of answers, bytes that are not HTTP",
              {broken("reset", {.fault = Fault::reset_after_request}, "reset"),
               broken("closed", {.fault = Fault::close_after_request}, "target api"),
               broken("reset in the answer", {.body = "{}", .fault = Fault::reset_in_body},
                      "target api"),
               broken("half an answer", {.body = "{}", .fault = Fault::half_answer}, "target api"),
               broken("not HTTP", {.fault = Fault::garbage}, "target api")})};
}

Scenario single(const std::string& name, Weight weight, const std::string& what,
                std::function<void(Run&)> play_it) {
  return {.name = name, .weight = weight, .cases = {}, .what = what, .play = std::move(play_it)};
}

std::vector<Scenario> of_effects() {
  return {outages("http-lost-answers", Weight::quick,
                  "records are taken and the answer is lost: sent again under the same batch id",
                  {lost("reset", Fault::reset_after_request, "reset"),
                   lost("reset in the answer", Fault::reset_in_body, "reset"),
                   lost("closed", Fault::close_after_request, "target api: "),
                   lost("half an answer", Fault::half_answer, "target api: "),
                   lost("hangs", Fault::hang, "timed out"),
                   lost("not HTTP", Fault::garbage, "target api: ")}),
          single("http-absurd-wait", Weight::quick,
                 "429 with an endless Retry-After: hardly a request; a restart asks anew",
                 wait_absurdly_long),
          single("http-flapping", Weight::full, "every second request answered with 500",
                 [](Run& run) { flap(run, {.status = 500}); }),
          single("http-flapping-connections", Weight::full, "every second request reset",
                 [](Run& run) { flap(run, {.fault = Fault::reset_after_request}); }),
          single("http-gone", Weight::quick,
                 "nobody listens, twice, then connections are reset at once", be_gone),
          single("http-storm", Weight::full, "429 for 15 s under load: few requests, memory flat",
                 storm)};
}

}  // namespace

std::vector<Scenario> http_scenarios() {
  std::vector<Scenario> all = of_answers();
  for (auto& scenario : of_effects()) all.push_back(std::move(scenario));
  return all;
}

}  // namespace sluice::fault
