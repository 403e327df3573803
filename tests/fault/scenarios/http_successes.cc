// A 200 that says nothing, or not what was promised.
#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "fault/outage.h"
#include "fault/scenario.h"

namespace sluice::fault {
namespace {

using std::chrono::milliseconds;
using test::Fault;

Outage taken(const std::string& name, const test::Reply& reply) {
  return {.name = name,
          .mood = [reply](const auto&, const auto&) { return Said{.reply = reply, .takes = true}; },
          .ends = Ends::taken,
          .lasts = milliseconds(500)};
}

// Takes nothing, though its status says so.
Outage false_success(const std::string& name, const std::string& body, const std::string& why) {
  return {.name = name,
          .mood = [body](const auto&, const auto&) { return Said{.reply = {.body = body}}; },
          .reason = "misconfigured",
          .detail = "status 200, but " + why};
}

std::vector<Outage> odd_successes() {
  std::vector<Outage> all = {
      taken("204", {.status = 204}),
      taken("an empty 200", {}),
      taken("HTML", {.body = "<!DOCTYPE html><html><title>Welcome</title></html>"}),
      taken("cut JSON", {.body = R"({"taken":20,"errors":[)"}),
      taken("drips in time", {.fault = Fault::drip}),
      taken("closes after each answer", {.fault = Fault::close_after_answer}),
      taken("100 and 103 before the 200",
            {.raw = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"}),
      taken("ends the body by closing",
            {.fault = Fault::close_after_answer, .raw = "HTTP/1.0 200 OK\r\n\r\n{}"}),
      taken("slow", {.delay = milliseconds(600)})};
  all.back().lasts = milliseconds(1500);
  return all;
}

Setup quick(const std::string& pipeline, std::function<std::string(std::size_t)> body) {
  Setup setup{.timeouts = kQuickTarget, .pipeline = pipeline};
  if (body) setup.api.body = std::move(body);
  return setup;
}

void succeed_oddly(Run& run) { suffer_all(run, quick("", nullptr), odd_successes()); }

void expect_a_count(Run& run) {
  constexpr const char* kNoCount = "/taken is no number";
  const auto body = [](std::size_t n) { return R"({"taken":)" + std::to_string(n) + '}'; };
  suffer_all(run, quick("expect: /taken", body),
             {false_success("an empty answer", "", kNoCount), false_success("text", "OK", kNoCount),
              false_success("HTML", "<html></html>", kNoCount),
              false_success("cut JSON", R"({"taken":)", kNoCount),
              false_success("no such count", "{}", kNoCount),
              false_success("another count", R"({"taken":0})", "/taken is 0 for ")});
}

void expect_results(Run& run) {
  constexpr const char* kNoList = "there is no list at /errors";
  const auto body = [](std::size_t) { return R"({"errors":[]})"; };
  suffer_all(run, quick("results: {pointer: /errors, index: /index}", body),
             {false_success("an empty answer", "", kNoList), false_success("text", "OK", kNoList),
              false_success("HTML", "<html></html>", kNoList),
              false_success("cut JSON", R"({"errors":[)", kNoList)});
}

Scenario single(const std::string& name, const std::string& what, void (*play)(Run&)) {
  return {.name = name, .weight = Weight::quick, .cases = {}, .what = what, .play = play};
}

}  // namespace

std::vector<Scenario> http_success_scenarios() {
  return {single("http-odd-successes",
                 "204, 1xx before 200, HTML, slow, closing: each record is delivered once",
                 succeed_oddly),
          single("http-expect", "200 without the count that is promised: parks", expect_a_count),
          single("http-expect-results", "200 without the results that are promised: parks",
                 expect_results)};
}

}  // namespace sluice::fault
