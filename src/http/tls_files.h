// The PEM files of a client. Private to this folder.
#pragma once

#include <string>

#include "base/result.h"
#include "http/options.h"

namespace sluice::http {

// The bytes of the files, empty where there is none: read once, so that a file which changes under
// us changes nothing before a new client is made. The key is wiped when they go.
class TlsFiles {
 public:
  // An error names the file. What is read looks like what it should be, and no more than that:
  // whether it can be used is for try_tls_files().
  static Result<TlsFiles> read(const Tls& tls);

  TlsFiles() = default;
  TlsFiles(TlsFiles&& other) noexcept;
  ~TlsFiles();

  const std::string& ca() const { return ca_; }
  const std::string& cert() const { return cert_; }
  const std::string& key() const { return key_; }

 private:
  std::string ca_;
  std::string cert_;
  std::string key_;
};

}  // namespace sluice::http
