// The file that keeps the newest refresh token, and who may use it.
#pragma once

#include <string>
#include <utility>

#include "base/result.h"
#include "config/secret.h"

namespace sluice::credentials {

// A refresh token that is replaced with each use has one owner: whoever uses an old one is taken
// for a thief. So the store is locked (flock of a file beside it, <path>.lock) for as long as this
// object lives, also against others in this process. Blocks for as long as the disk does. Not
// thread-safe.
//
// The file is three lines: a version, the line that its token is of, the token.
class TokenStore {
 public:
  // `line` tells the tokens of one configured refresh token from those of another: what is kept for
  // another line is not used, and replaced by the first keep(). Fails where the lock is taken,
  // where the folder cannot be written to, and where the file is something else.
  static Result<TokenStore> open(const std::string& path, const std::string& line);

  TokenStore(TokenStore&& other) noexcept;
  TokenStore& operator=(TokenStore&&) = delete;
  ~TokenStore();

  // As of open(); empty: nothing of that line was kept.
  const config::Secret& kept() const { return kept_; }

  // The file is replaced in one step, with mode 0600, and is on the disk when this returns.
  // `token` is one line. After a failure the file is whole: what it was, or the new one.
  Result<void> keep(const config::Secret& token);

 private:
  TokenStore(std::string path, std::string line, int lock)
      : path_(std::move(path)), line_(std::move(line)), lock_(lock) {}
  Result<void> read();

  std::string path_;
  std::string line_;
  int lock_;
  config::Secret kept_;
};

}  // namespace sluice::credentials
