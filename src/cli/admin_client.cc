#include "cli/admin_client.h"

#include <cstdlib>
#include <utility>

#include "config/address.h"
#include "config/loader.h"
#include "http/ask.h"
#include "kafka/options.h"

namespace sluice::cli {
namespace {

constexpr const char* kDefaultUrl = "http://127.0.0.1:9464";
constexpr const char* kTokenVariable = "SLUICE_ADMIN_TOKEN";
constexpr Duration kConnectTimeout = std::chrono::seconds(3);
// Thousands of partitions.
constexpr std::size_t kMostStatus = std::size_t{64} << 20;

// Who listens everywhere is asked on this machine.
std::string url_of(const config::Admin& admin) {
  std::string host = admin.host;
  if (host == "0.0.0.0") host = "127.0.0.1";
  if (host == "::") host = "::1";
  if (host.find(':') != std::string::npos) host = '[' + host + ']';
  return "http://" + host + ':' + std::to_string(admin.port);
}

config::Secret token_of_environment() {
  const char* const token = std::getenv(kTokenVariable);
  return config::Secret(token == nullptr ? "" : token);
}

tl::expected<AdminPlace, std::string> place_of_file(const std::string& path, AdminToken token) {
  config::LoadOptions how{true, kafka::library_version()};
  how.only_admin_secrets = token == AdminToken::wanted;
  how.no_secrets = token == AdminToken::unused;
  const auto loaded = config::load_file(path, how);
  if (!loaded) {
    std::string all;
    for (const auto& problem : loaded.error()) all += (all.empty() ? "" : "\n") + problem.text();
    return tl::unexpected(std::move(all));
  }
  if (loaded->admin.port == 0) {
    return tl::unexpected(path +
                          ": admin.listen takes any free port, which its log names "
                          "(admin_listening); write --url http://HOST:PORT");
  }
  return AdminPlace{url_of(loaded->admin), loaded->admin.token.value_or(token_of_environment())};
}

}  // namespace

tl::expected<AdminPlace, std::string> find_admin(const AdminOptions& options, AdminToken token) {
  if (!options.config_path.empty()) return place_of_file(options.config_path, token);
  if (options.url.empty()) return AdminPlace{kDefaultUrl, token_of_environment()};
  const auto url = config::parse_base_url(options.url);
  if (!url) return tl::unexpected("--url: " + url.error().text());
  return AdminPlace{url->url, token_of_environment()};
}

Result<std::unique_ptr<AdminClient>> AdminClient::create(AdminPlace place, Duration timeout,
                                                         const Clock& clock) {
  http::ClientOptions options;
  options.connections = 1;
  options.connect_timeout = kConnectTimeout;
  options.timeout = timeout;
  options.max_response = kMostStatus;
  options.version = http::Version::v1_1;
  auto client = http::Client::create(options, clock);
  if (!client) return tl::unexpected(client.error());
  return std::unique_ptr<AdminClient>(new AdminClient(std::move(place), std::move(*client)));
}

AdminClient::AdminClient(AdminPlace place, std::unique_ptr<http::Client> client)
    : place_(std::move(place)), client_(std::move(client)) {}

Result<http::Answer> AdminClient::get(const std::string& path) {
  return ask({"GET", place_.url + path, {}, {}});
}

Result<http::Answer> AdminClient::post(const std::string& path) {
  http::Request request{"POST", place_.url + path, {}, {}};
  if (has_token()) {
    request.headers.push_back({"Authorization", "Bearer " + std::string(place_.token.reveal())});
  }
  return ask(std::move(request));
}

Result<http::Answer> AdminClient::ask(http::Request request) {
  auto answer = http::ask(*client_, std::move(request));
  if (answer) return std::move(*answer);
  return fail("nobody answers at " + place_.url + " (" + answer.error().detail + ")",
              "check that Sluice runs there and that admin.listen is that address; say where it "
              "is with --url http://HOST:PORT or --config FILE");
}

}  // namespace sluice::cli
