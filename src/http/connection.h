// What all connections of a client have in common: limits, route, version of HTTP, TLS. Private to
// this folder.
#pragma once

#include <string_view>

#include "base/result.h"
#include "http/easy_options.h"
#include "http/options.h"
#include "http/tls_files.h"

namespace sluice::http {

// libcurl must be initialised once per process, which is not thread-safe before 7.84.
Result<void> initialize_libcurl();

// Outlives every handle that it was applied to: they read the TLS files from it.
class Connection {
 public:
  // Reads the TLS files and lets libcurl try them.
  static Result<Connection> create(const ClientOptions& options);

  const ClientOptions& options() const { return options_; }
  // For a request to `url`.
  void apply(std::string_view url, EasyOptions& set) const;

 private:
  Connection(const ClientOptions& options, TlsFiles files)
      : options_(options), files_(std::move(files)) {}
  void set_proxy(EasyOptions& set) const;

  ClientOptions options_;
  TlsFiles files_;
};

}  // namespace sluice::http
