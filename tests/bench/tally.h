// What the benchmark's HTTP API counts.
#pragma once

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::bench {

inline constexpr std::string_view kMarker = R"("event_id":")";
inline constexpr std::string_view kIdPrefix = "evt_";

inline constexpr std::string_view kStamp = R"(","at":)";
inline constexpr std::int64_t kUnstamped = std::numeric_limits<std::int64_t>::min();

inline std::int64_t wall_us() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

inline std::uint64_t monotonic_ns() {
  return static_cast<std::uint64_t>(
      std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count());
}

// What arrived: which ids, how often, and between which instants.
class Tally {
 public:
  Tally(std::uint64_t expected, std::uint64_t bad_every)
      : seen_(expected, false), bad_every_(bad_every), took_us_(expected, kUnstamped) {}

  void begin_request() {
    if (requests_ == 0) first_ns_ = monotonic_ns();
    ++requests_;
  }

  // Records in `body`, all read by now: each carries the marker once, and nothing else does.
  std::uint64_t count(std::string_view body) {
    read_us_ = wall_us();
    bytes_ += body.size();
    std::uint64_t records = 0;
    const char* const end = body.data() + body.size();
    const char* at = body.data();
    while ((at = find_marker(at, end)) != nullptr) {
      at += kMarker.size();
      note({at, static_cast<std::size_t>(end - at)});
      ++records;
    }
    records_ += records;
    return records;
  }

  // Whether a record of `body` is bad.
  bool refuses(std::string_view body) {
    if (bad_every_ == 0) return false;
    std::uint64_t records = 0;
    std::optional<std::uint64_t> bad;
    const char* const end = body.data() + body.size();
    for (const char* at = body.data(); (at = find_marker(at, end)) != nullptr; ++records) {
      at += kMarker.size();
      std::string_view rest(at, static_cast<std::size_t>(end - at));
      const std::optional<std::uint64_t> id = take_id(rest);
      if (id && *id < seen_.size() && is_bad(*id)) bad = id;
    }
    if (!bad) return false;
    ++refused_;
    if (records == 1 && !seen_[*bad]) {
      seen_[*bad] = true;
      ++set_aside_;
    }
    return true;
  }

  // True at the request that completed the set.
  bool end_request() {
    last_ns_ = monotonic_ns();
    return !complete_ && (complete_ = unique_ + set_aside_ == seen_.size());
  }

  std::string json() const {
    char out[400];
    std::snprintf(out, sizeof out,
                  R"({"requests":%llu,"bytes":%llu,"records":%llu,"unique":%llu,)"
                  R"("repeated":%llu,"unknown":%llu,"first_ns":%llu,"last_ns":%llu,)"
                  R"("refused":%llu,"set_aside":%llu})",
                  ull(requests_), ull(bytes_), ull(records_), ull(unique_), ull(repeated_),
                  ull(unknown_), ull(first_ns_), ull(last_ns_), ull(refused_), ull(set_aside_));
    return out;
  }

  std::string latencies() const {
    std::string out = "[";
    for (const std::int64_t took : took_us_) {
      if (out.size() > 1) out += ',';
      out += took == kUnstamped ? "null" : std::to_string(took);
    }
    return out + "]";
  }

 private:
  static unsigned long long ull(std::uint64_t value) { return value; }

  static const char* find_marker(const char* at, const char* end) {
    return static_cast<const char*>(
        memmem(at, static_cast<std::size_t>(end - at), kMarker.data(), kMarker.size()));
  }

  // One of each `bad_every_`, at another place of each, so that they are in all partitions; a step
  // that is prime. cost_cases.py has the same rule.
  bool is_bad(std::uint64_t id) const {
    return id % bad_every_ == id / bad_every_ * 7919 % bad_every_;
  }

  // The number in `evt_<number>"...`, which is taken off.
  static std::optional<std::uint64_t> take_id(std::string_view& text) {
    if (!text.starts_with(kIdPrefix)) return std::nullopt;
    const char* const end = text.data() + text.size();
    std::uint64_t id = 0;
    const auto [stop, error] = std::from_chars(text.data() + kIdPrefix.size(), end, id);
    if (error != std::errc() || stop == end || *stop != '"') return std::nullopt;
    text = {stop, static_cast<std::size_t>(end - stop)};
    return id;
  }

  // What a record took whose text goes on so after its id.
  std::int64_t took(std::string_view after_id) const {
    if (!after_id.starts_with(kStamp)) return kUnstamped;
    std::int64_t at = 0;
    std::from_chars(after_id.data() + kStamp.size(), after_id.data() + after_id.size(), at);
    return read_us_ - at;
  }

  void note(std::string_view rest) {
    const std::optional<std::uint64_t> id = take_id(rest);
    if (!id || *id >= seen_.size()) {
      ++unknown_;
    } else if (seen_[*id]) {
      ++repeated_;
    } else {
      seen_[*id] = true;
      took_us_[*id] = took(rest);
      ++unique_;
    }
  }

  std::vector<bool> seen_;
  const std::uint64_t bad_every_;
  std::vector<std::int64_t> took_us_;
  std::int64_t read_us_ = 0;
  std::uint64_t requests_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t records_ = 0;
  std::uint64_t unique_ = 0;
  std::uint64_t repeated_ = 0;
  std::uint64_t unknown_ = 0;
  std::uint64_t refused_ = 0;    // requests
  std::uint64_t set_aside_ = 0;  // records
  std::uint64_t first_ns_ = 0;
  std::uint64_t last_ns_ = 0;
  bool complete_ = false;
};

}  // namespace sluice::bench
