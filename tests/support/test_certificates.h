// Certificates that tests make for themselves, and what a server does with them.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace sluice::test {

// In PEM form.
struct Credentials {
  std::string cert;
  std::string key;
};

// A certificate for 127.0.0.1 that nobody but itself has signed.
Credentials self_signed();

class TestCa {
 public:
  TestCa();
  ~TestCa();
  TestCa(const TestCa&) = delete;
  TestCa& operator=(const TestCa&) = delete;

  const std::string& pem() const;
  // For `name`, a DNS name or an IPv4 address. Expired where `valid_for` is negative.
  Credentials issue(const std::string& name,
                    std::chrono::seconds valid_for = std::chrono::hours(1)) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// How a ScriptedServer speaks TLS.
struct TlsOptions {
  std::optional<Credentials> identity = std::nullopt;  // none: self_signed()
  std::string client_ca = {};  // PEM; if not empty: clients must have a certificate it has signed
  bool only_1_2 = false;
};

}  // namespace sluice::test
