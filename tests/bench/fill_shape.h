// What bench_fill's records look like where they are not the plain ones.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "bench/deposit_event.h"

namespace sluice::bench {

// Same number and shape, same bytes.
struct Shape {
  std::uint64_t first = 0;                   // the first record's number
  std::size_t bytes = DepositEvent::kBytes;  // of a value, at least kLeastBytes
  std::uint64_t keys = 0;                    // so many users; 0: as DepositEvent has them
  static constexpr std::size_t kLeastBytes = 100;

  // Reads --first=N, --bytes=N and --keys=N and takes them out of the arguments.
  static Shape take(int& argc, char** argv) {
    Shape shape;
    int kept = 1;
    for (int i = 1; i < argc; ++i) {
      const std::string_view word = argv[i];
      const std::uint64_t number = std::strtoull(argv[i] + (word.find('=') + 1), nullptr, 10);
      if (word.starts_with("--first=")) {
        shape.first = number;
      } else if (word.starts_with("--bytes=") && number >= kLeastBytes) {
        shape.bytes = number;
      } else if (word.starts_with("--keys=")) {
        shape.keys = number;
      } else {
        argv[kept++] = argv[i];
      }
    }
    argc = kept;
    return shape;
  }

  DepositEvent event(std::uint64_t index) const {
    const std::uint64_t number = first + index;
    const std::uint64_t users = keys == 0 ? DepositEvent::kUsers : keys;
    if (bytes < DepositEvent::kLeastBytes) return short_event(number, users);
    if (bytes <= kLongestProse) return DepositEvent(number, bytes, users);
    return long_event(number, users);
  }

  // Dealt in turn; with `keys` all records of a key are in one partition, as producers have it.
  std::int32_t partition(const DepositEvent& event, std::uint64_t index,
                         std::uint64_t partitions) const {
    if (keys == 0) return static_cast<std::int32_t>(index % partitions);
    const std::string_view digits = event.key().substr(event.key().find('_') + 1);
    std::uint64_t user = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), user);
    return static_cast<std::int32_t>(user % partitions);
  }

 private:
  static constexpr std::size_t kLongestProse = 4096;
  static constexpr std::string_view kEnd = R"("}})";

  DepositEvent short_event(std::uint64_t number, std::uint64_t users) const {
    DepositEvent event(number, DepositEvent::kBytes, users);
    char head[kLeastBytes];
    const int used = std::snprintf(
        head, sizeof head, R"({"event_id":"evt_%09llu","user_id":"%.*s","amount":%u,"note":")",
        static_cast<unsigned long long>(number), static_cast<int>(event.key().size()),
        event.key().data(), static_cast<unsigned>(1 + number % 5000));
    const std::size_t note = event.value().find(R"("note":")") + 8;
    const std::string prose =
        event.value().substr(note, event.value().size() - kEnd.size() - note) + " ";
    event.value().assign(head, static_cast<std::size_t>(used));
    while (event.value().size() < bytes) event.value() += prose;
    event.value().resize(bytes - 2);
    event.value() += R"("})";
    return event;
  }

  // What grows in a large event is its structure: a list of steps, 200 bytes each.
  DepositEvent long_event(std::uint64_t number, std::uint64_t users) const {
    constexpr std::size_t kStepBytes = 200;
    constexpr std::size_t kBaseBytes = DepositEvent::kBytes;
    constexpr std::string_view kOpen = R"(","steps":[)";
    constexpr std::string_view kClose = "]}}";
    const std::size_t more = bytes - kBaseBytes + kEnd.size() - kOpen.size() - kClose.size();
    const std::size_t steps = more / (kStepBytes + 1);
    const std::size_t rest = more - steps * (kStepBytes + 1) + 1;  // no comma behind the last
    DepositEvent event(number, kBaseBytes + rest, users);
    std::string& value = event.value();
    const std::string prose = value.substr(value.size() - 180, 160);
    value.resize(value.size() - kEnd.size());
    value.reserve(bytes);
    value += kOpen;
    for (std::size_t i = 0; i < steps; ++i) {
      if (i > 0) value += ',';
      append_step(value, number, i, prose, kStepBytes);
    }
    value += kClose;
    return event;
  }

  static void append_step(std::string& value, std::uint64_t number, std::size_t index,
                          std::string_view prose, std::size_t size) {
    char head[160];
    const int used = std::snprintf(
        head, sizeof head,
        R"({"seq":%zu,"kind":"limit_check","by":"svc-%02u","passed":%s,"ms":%u.5,"ref":null,"text":")",
        index, static_cast<unsigned>((number + index) % 40), index % 7 == 0 ? "false" : "true",
        static_cast<unsigned>(index * 37 % 900));
    value.append(head, static_cast<std::size_t>(used));
    value.append(prose.substr(0, size - static_cast<std::size_t>(used) - 2));
    value += R"("})";
  }
};

}  // namespace sluice::bench
