#include "check/health_check.h"

#include <vector>

#include "auth/signer.h"
#include "base/text_template.h"
#include "check/words.h"
#include "deliver/http_date.h"
#include "http/client.h"
#include "pipeline/options_of.h"

namespace sluice::check {
namespace {

// Signatures with a time in them are refused beyond some minutes.
constexpr std::chrono::seconds kLargestClockDifference(30);

// An error is one of the credentials, which check_credentials() reports.
Result<http::Request> request_for(const config::Target& target, bool authenticated, WallTime now) {
  http::Request request{"GET", target.base_url + target.health->path, {}, {}};
  for (const config::TargetHeader& header : target.headers) {
    const auto value = TextTemplate::parse(header.value);
    if (value && value->fixed()) request.headers.push_back({header.name, value->filled_with("")});
  }
  if (!authenticated) return request;
  const auto signer = auth::make_signer(target.auth);
  if (!signer) return tl::unexpected(signer.error());
  auth::Outgoing outgoing = auth::outgoing_to(request.url);
  outgoing.method = request.method;
  outgoing.id = "sluice-check";
  outgoing.now = now;
  auth::Signed added;
  (*signer)->sign(outgoing, added);
  for (auto& [name, value] : added.headers) request.headers.push_back({name, value});
  if (!added.query.empty()) request.url += "?" + added.query;
  return request;
}

tl::expected<http::Answer, http::TransportError> ask(http::Client& client, http::Request request) {
  client.send(std::move(request));
  std::vector<http::Completion> completed;
  while (completed.empty()) client.poll(std::chrono::seconds(1), -1, completed);
  return std::move(completed.front().result);
}

bool is_success(const http::Answer& answer) { return answer.status >= 200 && answer.status <= 299; }

std::string remedy_for(const config::Target& target, int status) {
  const std::string health = key_of("targets", target.name, "health");
  if ((status == 401 || status == 403) && target.health->authenticated) {
    return "the API refuses the credentials: correct " + key_of("targets", target.name, "auth") +
           " and what it refers to";
  }
  if (status == 401 || status == 403) {
    return "the path wants credentials: add authenticated: true to " + health +
           ", or name another path";
  }
  if (status == 404 || status == 405 || status == 410) {
    return "correct " + health + ".path, or " + key_of("targets", target.name, "base_url");
  }
  if (status >= 300 && status < 400) {
    return "redirects are not followed: correct " + health + ".path to where it leads";
  }
  if (status >= 500 || status == 429) return "try again, or ask those who run the API";
  return "correct " + health + ".path";
}

void check_clock(const config::Target& target, const http::Answer& answer, WallTime now,
                 Report& report) {
  const std::string* const header = answer.header("date");
  const auto theirs = header == nullptr ? std::nullopt : deliver::parse_http_date(*header);
  if (!theirs) return;
  const auto ahead = *theirs - std::chrono::floor<std::chrono::seconds>(now.time_since_epoch());
  if (std::chrono::abs(ahead) <= kLargestClockDifference) return;
  report.warn(key_of("targets", target.name, "health"),
              "the API's clock is " + std::to_string(std::chrono::abs(ahead).count()) + " s " +
                  (ahead.count() > 0 ? "ahead of" : "behind") + " this machine's",
              "set the wrong one: signatures that carry a time are refused when it is off");
}

}  // namespace

// Without asking first there is no other way to find out than to do it.
void check_http_2(const config::Target& target, const Clock& clock, Report& report) {
  if (target.http_version != config::HttpVersion::v2) return;
  const std::string key = key_of("targets", target.name, "http_version");
  http::ClientOptions options = pipeline::client_options_of(target);
  options.timeout = options.connect_timeout;
  auto client = http::Client::create(options, clock);
  if (!client) return;
  const auto answer = ask(**client, {"GET", target.base_url + "/", {}, {}});
  if (answer) {
    report.ok(key, "answers in HTTP/2");
  } else {
    report.fail(key, {"does not answer in HTTP/2: " + answer.error().detail, "remove " + key});
  }
}

void check_health(const config::Target& target, const Clock& clock, Report& report) {
  const std::string key = key_of("targets", target.name, "health");
  http::ClientOptions options = pipeline::client_options_of(target);
  options.timeout = options.connect_timeout;
  auto client = http::Client::create(options, clock);
  auto request = request_for(target, target.health->authenticated, clock.wall_now());
  if (!client || !request) return;
  const std::string what = "GET " + target.health->path;
  const auto answer = ask(**client, std::move(*request));
  if (!answer) {
    report.fail(key, {what + ": " + answer.error().detail, "try again, or correct " + key});
    return;
  }
  const std::string status = what + " answers " + std::to_string(answer->status);
  if (!is_success(*answer)) {
    report.fail(key, {status, remedy_for(target, answer->status)});
  } else if (!target.health->authenticated) {
    report.ok(key, status);
  } else if (const auto without = ask(**client, *request_for(target, false, clock.wall_now()));
             without && is_success(*without)) {
    report.warn(key, status + ", but so it does without credentials: it proves none",
                "name a path that asks for them, or remove authenticated");
  } else {
    report.ok(key, status + ", so the credentials are good");
  }
  check_clock(target, *answer, clock.wall_now(), report);
}

}  // namespace sluice::check
