// The records of the benchmarks: deposit events, mostly prose where they are long.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace sluice::bench {

// Same number and size, same bytes: a second fill makes the same topic.
class DepositEvent {
 public:
  static constexpr std::size_t kBytes = 780;
  static constexpr std::size_t kLeastBytes = 560;
  static constexpr std::uint64_t kUsers = 1'000'000;

  // `bytes` of the value, at least kLeastBytes; the key is one of `users`.
  explicit DepositEvent(std::uint64_t number, std::size_t bytes = kBytes,
                        std::uint64_t users = kUsers)
      : value_(bytes, '\0') {
    const std::uint64_t random = mix(number + 1);
    const auto user = static_cast<unsigned>(random % users);
    key_bytes_ = print(key_, sizeof key_, "user_%07u", user);
    const auto cents = static_cast<unsigned>(1 + (random >> 20) % 500'000);
    const auto second = static_cast<unsigned>(number / 1000 % 86'400);
    std::size_t used = print(
        value_.data(), value_.size(),
        R"({"account_id":"688743ad724a144fc1e051d9","workspace_id":"67bed03cc39204069f2f0366",)"
        R"("user_id":"%s","event_category":"Deposit","event_name":"Successful Deposit",)"
        R"("event_id":"evt_%09llu","event_time":"2026-01-15T%02u:%02u:%02u.%03uZ",)"
        R"("amount":%u.%02u,"currency":"EUR","payment_method":"credit_card",)"
        R"("transaction_id":"txn_%016llx","status":"completed","metadata":{"city":"Málaga",)"
        R"("device":"mobile","first_deposit":%s,"balance_before":%u.50,"attempt":1,)"
        R"("user_agent":"Mozilla\/5.0 (Linux; Android 14) AppleWebKit\/537.36","note":")",
        key_, static_cast<unsigned long long>(number), second / 3600, second / 60 % 60, second % 60,
        static_cast<unsigned>(number % 1000), cents / 100, cents % 100,
        static_cast<unsigned long long>(random), random % 8 == 0 ? "true" : "false", cents / 37);
    for (std::size_t at = random % kProse.size(); used < bytes - kEnd.size(); ++at) {
      value_[used++] = kProse[at % kProse.size()];
    }
    value_.replace(used, kEnd.size(), kEnd);
  }

  std::string_view key() const { return {key_, key_bytes_}; }
  const std::string& value() const { return value_; }
  std::string& value() { return value_; }

  // Right after the id, where bench_sink looks for it: `"at"`, microseconds since the epoch. The
  // prose gives up as many bytes.
  void stamp(std::uint64_t microseconds) {
    const std::string field = R"("at":)" + std::to_string(microseconds) + ",";
    value_.erase(value_.size() - kEnd.size() - field.size(), field.size());
    value_.insert(value_.find(R"("event_time":)"), field);
  }

 private:
  static constexpr std::string_view kEnd = R"("}})";
  static constexpr std::string_view kProse =
      "Deposit accepted after the usual checks of limits and source of funds; the player was told "
      "by mail and in the app, the receipt is kept with the cashier. Nothing else was changed in "
      "the account, and the bonus, where one was due, is booked by its own event. ";

  static std::uint64_t mix(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31);
  }
  template <typename... Args>
  static std::size_t print(char* out, std::size_t size, const char* format, Args... args) {
    return static_cast<std::size_t>(std::snprintf(out, size, format, args...));
  }

  char key_[16];
  std::size_t key_bytes_;
  std::string value_;
};

}  // namespace sluice::bench
