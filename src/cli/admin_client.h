// Asks a Sluice that runs, through its admin port.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "config/secret.h"
#include "http/client.h"

namespace sluice::cli {

// One of them at most.
struct AdminOptions {
  std::string url;
  std::string config_path;
};

// Whether the token is to be looked up: who only asks needs none, and it need not be there.
enum class AdminToken { unused, wanted };

// Where it listens, and what one has to know there.
struct AdminPlace {
  std::string url;       // without a slash at its end
  config::Secret token;  // empty: nobody said
};

// Of --url and of admin.listen in --config; http://127.0.0.1:9464 where neither is given. The token
// is admin.token of --config, or else $SLUICE_ADMIN_TOKEN. Reads the file and what its admin
// section refers to, no other secret. The error is one line, or several of the file.
tl::expected<AdminPlace, std::string> find_admin(const AdminOptions& options, AdminToken token);

class AdminClient {
 public:
  static Result<std::unique_ptr<AdminClient>> create(AdminPlace place, Duration timeout,
                                                     const Clock& clock);

  // Another one for the same place.
  Result<std::unique_ptr<AdminClient>> with_timeout(Duration timeout, const Clock& clock) const {
    return create(place_, timeout, clock);
  }

  const std::string& url() const { return place_.url; }
  bool has_token() const { return !place_.token.empty(); }
  // Both block, for `timeout` at most. The error says who did not answer, and what to check.
  Result<http::Answer> get(const std::string& path);
  Result<http::Answer> post(const std::string& path);

 private:
  AdminClient(AdminPlace place, std::unique_ptr<http::Client> client);
  Result<http::Answer> ask(http::Request request);

  const AdminPlace place_;
  const std::unique_ptr<http::Client> client_;
};

}  // namespace sluice::cli
