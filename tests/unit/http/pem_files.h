// PEM files for tests.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "http/options.h"
#include "support/temp_dir.h"
#include "support/test_certificates.h"

namespace sluice::http {

// A folder of files.
class PemFiles {
 public:
  // The path of the file, new or overwritten.
  std::string write(const std::string& name, const std::string& content) const {
    const std::filesystem::path file = dir_.path() / name;
    std::ofstream(file, std::ios::binary | std::ios::trunc) << content;
    return file.string();
  }
  void add(const test::Credentials& client, Tls& tls) const {
    tls.cert = write("client.pem", client.cert);
    tls.key = write("client.key", client.key);
  }
  std::string folder() const { return dir_.path().string(); }

 private:
  test::TempDir dir_;
};

}  // namespace sluice::http
