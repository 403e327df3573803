#include "dead_letter/outbox.h"

#include <algorithm>
#include <utility>

#include "base/failpoint.h"
#include "base/record_time.h"

namespace sluice::dead_letter {
namespace {

// Of a letter beside its record: the envelope and our own book-keeping, about.
constexpr std::size_t kOverhead = 512;

std::string over_limit(const DeadLetter& letter) {
  return "a dead letter of " + std::to_string(letter.record_bytes()) +
         " bytes is above dead_letter.max_bytes";
}

std::optional<std::string_view> view(const std::optional<std::string>& text) {
  return text ? std::optional<std::string_view>(*text) : std::nullopt;
}

std::vector<telemetry::Field> fields_of(const DeadLetter& letter,
                                        std::vector<telemetry::Field> more) {
  const codec::DeadLetterOrigin& origin = letter.origin;
  std::vector<telemetry::Field> fields{{"pipeline", origin.pipeline},
                                       {"topic", origin.topic},
                                       {"partition", origin.partition},
                                       {"offset", origin.offset}};
  if (!letter.cause.batch_id.empty()) fields.emplace_back("batch_id", letter.cause.batch_id);
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}

}  // namespace

std::size_t DeadLetter::bytes() const { return record_bytes() + kOverhead; }

std::size_t DeadLetter::record_bytes() const {
  std::size_t bytes = key ? key->size() : 0;
  bytes += value ? value->size() : 0;
  for (const auto& header : headers) {
    bytes += header.name.size() + (header.value ? header.value->size() : 0);
  }
  return bytes;
}

Outbox::Outbox(config::DeadLetter options, std::size_t window, OutboxParts parts,
               Confirmed confirmed)
    : options_(std::move(options)),
      window_(window),
      parts_(std::move(parts)),
      confirmed_(std::move(confirmed)),
      handle_(std::make_shared<Handle>(Handle{this})) {}

Outbox::~Outbox() { handle_->outbox = nullptr; }

void Outbox::add(DeadLetter letter) {
  const LetterId id = next_id_++;
  bytes_ += letter.bytes();
  Pending& pending = letters_[id];
  pending.letter = std::move(letter);
  pending.added_at = parts_.clock.now();
  if (too_large(pending.letter)) {
    if (options_.oversized == config::Oversized::park) {
      hold(id, pending, over_limit(pending.letter));
      return;
    }
    pending.as_reference = true;
  }
  write_or_wait(id, pending);
}

void Outbox::write_or_wait(LetterId id, Pending& pending) {
  const bool room = !writing() || bytes_writing_ + pending.letter.bytes() <= window_;
  if (stalled_ || !room) {
    waiting_.insert(id);
  } else {
    write(id, pending);
  }
}

void Outbox::forget(LaneId lane) {
  for (auto entry = letters_.begin(); entry != letters_.end();) {
    if (entry->second.letter.lane != lane) {
      ++entry;
      continue;
    }
    bytes_ -= entry->second.letter.bytes();
    if (entry->second.writing) bytes_writing_ -= entry->second.letter.bytes();
    waiting_.erase(entry->first);
    entry = letters_.erase(entry);
  }
  if (letters_.empty()) stalled_.reset();
  write_waiting();
}

void Outbox::advance(Instant now) {
  if (!stalled_ || now < retry_at_ || writing()) return;
  const LetterId first = *waiting_.begin();
  write(first, letters_.at(first));
}

std::optional<Instant> Outbox::deadline() const {
  if (!stalled_ || writing()) return std::nullopt;  // a result wakes the worker by itself
  return retry_at_;
}

std::size_t Outbox::pending(LaneId lane) const {
  return static_cast<std::size_t>(
      std::count_if(letters_.begin(), letters_.end(),
                    [&](const auto& entry) { return entry.second.letter.lane == lane; }));
}

std::map<LaneId, Duration> Outbox::oldest_ages() const {
  std::map<LaneId, Duration> ages;
  const Instant now = parts_.clock.now();
  const WallTime wall = parts_.clock.wall_now();
  for (const auto& [id, pending] : letters_) {
    const std::int64_t timestamp = pending.letter.origin.timestamp_ms;
    const Duration age =
        timestamp < 0 ? now - pending.added_at : Duration(wall - record_time(timestamp));
    Duration& oldest = ages[pending.letter.lane];
    oldest = std::max({oldest, age, Duration::zero()});
  }
  return ages;
}

bool Outbox::too_large(const DeadLetter& letter) const {
  return letter.record_bytes() > options_.max_bytes;
}

void Outbox::write(LetterId id, Pending& pending) {
  const DeadLetter& letter = pending.letter;
  if (options_.oversized == config::Oversized::park && too_large(letter)) {
    hold(id, pending, over_limit(letter));  // only a new configuration helps
    return;
  }
  pending.writing = true;
  bytes_writing_ += letter.bytes();
  waiting_.erase(id);
  auto headers = codec::without_envelope(letter.headers);
  auto why = codec::envelope(letter.origin, letter.cause, parts_.clock.wall_now());
  headers.insert(headers.end(), std::make_move_iterator(why.begin()),
                 std::make_move_iterator(why.end()));
  auto value = view(letter.value);
  if (pending.as_reference) {
    headers.push_back(codec::oversized_marker(letter.value ? letter.value->size() : 0));
    value.reset();
  }
  const OutgoingRecord record{options_.topic, view(letter.key), value, headers};
  parts_.writer.write(record, [id, handle = handle_, post = parts_.post](WriteResult result) {
    post([id, handle, result = std::move(result)] {
      if (handle->outbox != nullptr) handle->outbox->on_result(id, result);
    });
  });
  pass_failpoint(Failpoint::dead_letter_written);
}

void Outbox::on_result(LetterId id, const WriteResult& result) {
  auto found = letters_.find(id);
  if (found == letters_.end()) return;
  Pending& pending = found->second;
  pending.writing = false;
  bytes_writing_ -= pending.letter.bytes();
  switch (result.status) {
    case WriteStatus::confirmed:
      confirm(id, pending);
      return;
    case WriteStatus::too_large:
      if (options_.oversized == config::Oversized::reference && !pending.as_reference) {
        pending.as_reference = true;
        write(id, pending);
        return;
      }
      hold(id, pending, "the dead-letter topic's max.message.bytes is too small: " + result.detail);
      return;
    case WriteStatus::failed:
      hold(id, pending, result.detail);
      return;
  }
}

void Outbox::confirm(LetterId id, Pending& pending) {
  pass_failpoint(Failpoint::dead_letter_confirmed);
  const DeadLetter& letter = pending.letter;
  parts_.log.write(telemetry::Level::warn, telemetry::Event::record_dead_lettered,
                   fields_of(letter, {{"reason", to_string(letter.cause.reason)},
                                      {"detail", letter.cause.detail},
                                      {"dead_letter_topic", options_.topic}}));
  parts_.metrics.record_dead_lettered(letter.cause.reason);
  confirmed_(letter.lane, letter.ticket, letter.cause.reason);
  bytes_ -= letter.bytes();
  letters_.erase(id);
  failures_ = 0;
  stalled_.reset();
  write_waiting();
}

void Outbox::hold(LetterId id, Pending& pending, const std::string& why) {
  waiting_.insert(id);
  parts_.metrics.dead_letter_write_failed();
  // Letters that were on their way together fail together: that is one failure.
  if (!stalled_ || parts_.clock.now() >= retry_at_) {
    const Duration wait = kFirstRetry * (1U << std::min(failures_, 5U));
    ++failures_;
    retry_at_ = parts_.clock.now() + std::min(wait, Duration(kLastRetry));
  }
  stalled_ = why;
  parts_.log.write(
      telemetry::Level::error, telemetry::Event::dead_letter_failed,
      fields_of(pending.letter, {{"dead_letter_topic", options_.topic}, {"detail", why}}));
}

void Outbox::write_waiting() {
  while (!stalled_ && !waiting_.empty()) {
    const LetterId next = *waiting_.begin();
    Pending& pending = letters_.at(next);
    if (writing() && bytes_writing_ + pending.letter.bytes() > window_) return;
    write(next, pending);
  }
}

}  // namespace sluice::dead_letter
