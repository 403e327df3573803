// Secrets that are known again wherever they turn up, whole, in part or encoded.
#pragma once

#include <map>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/scripted_server.h"

namespace sluice::test {

// Remembers what must not come out, and what came out. Thread-safe.
class MarkedSecrets {
 public:
  // A secret of its own for `name`, the same each time: letters, digits and what base64 adds, so
  // that it may stand anywhere a credential may.
  std::string mark(const std::string& name);
  // What a peer was sent to prove ourselves: the credentials in its headers and its query.
  void remember_credentials_of(const SeenRequest& request);
  std::size_t known() const;

  void came_out(const std::string& where, std::string text);
  // Everything that came out and should not have, as "<where>: <which secret>, <how>: <around it>".
  std::vector<std::string> leaks() const;
  // The same of one text. Empty: nothing is in it.
  std::vector<std::string> leaks_in(const std::string& where, std::string_view text) const;

 private:
  mutable std::mutex mutex_;
  std::mt19937_64 random_{20261126};
  std::map<std::string, std::string> secrets_;  // by name
  std::vector<std::pair<std::string, std::string>> out_;
};

}  // namespace sluice::test
