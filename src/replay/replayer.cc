#include "replay/replayer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "codec/envelope.h"
#include "replay/scan.h"
#include "replay/write_results.h"

namespace sluice::replay {
namespace {

// Of records in one batch, about.
constexpr std::size_t kBatchBytes = std::size_t{8} << 20;

std::vector<const LetterRecord*> pointers_to(const std::vector<LetterRecord>& letters) {
  std::vector<const LetterRecord*> pointers;
  for (const LetterRecord& letter : letters) pointers.push_back(&letter);
  return pointers;
}

std::optional<std::string> copy(std::optional<std::string_view> text) {
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

}  // namespace

std::string_view to_string(Ending ending) {
  switch (ending) {
    case Ending::replayed:
      return "replayed";
    case Ending::refused:
      return "refused";
    case Ending::uncertain:
      return "uncertain";
    case Ending::left:
      return "left";
  }
  return "unknown";
}

Replayer::Replayer(const Plan& plan, ReceiptBook receipts, ReplayParts parts)
    : receipts_(std::move(receipts)), parts_(std::move(parts)) {
  for (const Planned& planned : plan.letters) planned_.emplace(planned.letter.place, planned);
}

Tally Replayer::run() {
  while (!tally_.stopped) {
    auto batch = next_batch();
    if (!batch) {
      tally_.stopped = batch.error();
    } else if (batch->empty()) {
      break;
    } else if (auto done = replay_batch(std::move(*batch)); !done) {
      tally_.stopped = done.error();
    }
  }
  if (tally_.stopped) return tally_;
  for (const auto& [place, planned] : planned_) {
    note(tally_.gone, planned.letter, "gone", "the dead-letter topic no longer has it");
  }
  return tally_;
}

Result<std::vector<LetterRecord>> Replayer::next_batch() {
  // A batch lasts about a second at most: a crash leaves little in doubt.
  const auto in_a_second = static_cast<std::size_t>(std::ceil(parts_.pace.per_second()));
  const std::size_t most = std::min(parts_.destination.at_once(), in_a_second);
  Reading reading(parts_.values, parts_.clock, parts_.pace.waiting());
  std::vector<LetterRecord> batch;
  std::size_t bytes = 0;
  while (batch.size() < most && bytes < kBatchBytes && !planned_.empty()) {
    const auto polled = reading.next();
    if (!polled) return tl::unexpected(polled.error());
    if (*polled == nullptr) break;
    auto record = read_record(**polled);
    if (!record) continue;
    bytes += record->bytes();
    batch.push_back(std::move(*record));
  }
  return batch;
}

// nullopt: not planned, or it has no value any more.
std::optional<LetterRecord> Replayer::read_record(const kafka::PolledRecord& polled) {
  const auto found = planned_.find({polled.partition, polled.record.offset});
  if (found == planned_.end()) return std::nullopt;
  LetterRecord record{std::move(found->second.letter),
                      std::move(found->second.after),
                      copy(polled.record.key),
                      copy(polled.record.value),
                      {}};
  planned_.erase(found);
  for (const RecordHeader& header : polled.record.headers) {
    record.headers.push_back({std::string(header.name), copy(header.value)});
  }
  record.headers = codec::without_envelope(std::move(record.headers));
  if (!record.letter.left_out) return record;
  auto value = parts_.fetch_value(record.letter);
  if (!value) {
    note(tally_.gone, record.letter, "gone", value.error().text());
    return std::nullopt;
  }
  record.value = std::move(*value);
  return record;
}

Result<void> Replayer::replay_batch(std::vector<LetterRecord> batch) {
  if (auto claimed = claim(batch); !claimed) {
    // Nothing was sent: what was claimed all the same is given back, as far as that can be said.
    (void)write_receipts(ReceiptKind::not_sent, pointers_to(batch));
    return claimed;
  }
  std::erase_if(batch, [this](const LetterRecord& record) {
    const bool ours = receipts_.of(record.letter.place).run == parts_.run;
    if (!ours) note(tally_.taken, record.letter, "taken", "another replay has it");
    return !ours;
  });
  std::vector<Ended> endings(batch.size());
  auto brought = parts_.destination.bring(
      batch, parts_.pace, [&](std::size_t i, Ended ended) { endings[i] = std::move(ended); });
  std::vector<const LetterRecord*> done;
  std::vector<const LetterRecord*> not_sent;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const Ending ending = endings[i].ending;
    if (ending == Ending::replayed) done.push_back(&batch[i]);
    if (ending == Ending::refused || ending == Ending::left) not_sent.push_back(&batch[i]);
    count(batch[i].letter, endings[i]);
  }
  auto kept = write_receipts(ReceiptKind::done, done);
  auto released = write_receipts(ReceiptKind::not_sent, not_sent);
  if (!brought) return brought;
  return kept ? released : kept;
}

Result<void> Replayer::claim(const std::vector<LetterRecord>& batch) {
  const auto letters = pointers_to(batch);
  if (auto written = write_receipts(ReceiptKind::begun, letters); !written) return written;
  std::set<Place> claimed;
  for (const LetterRecord* letter : letters) claimed.insert(letter->letter.place);
  return follow_until(std::move(claimed));
}

Result<void> Replayer::write_receipts(ReceiptKind kind,
                                      const std::vector<const LetterRecord*>& letters) {
  WriteResults results;
  for (const LetterRecord* record : letters) {
    const Letter& letter = record->letter;
    const std::string key = letter.id();
    const auto headers =
        headers_of({kind, letter.place, parts_.run, kind == ReceiptKind::begun ? record->after : "",
                    letter.identity()});
    parts_.writer.write(
        {parts_.dead_letter_topic, key, std::nullopt, headers, letter.place.partition},
        results.expect());
  }
  for (const WriteResult& result : results.wait()) {
    if (result.status == WriteStatus::confirmed) continue;
    return fail("a receipt cannot be written to " + parts_.dead_letter_topic + ": " + result.detail,
                "replay writes there what it replayed: allow it, or try again later");
  }
  return {};
}

// The log is read up to our own claims: who claimed the same letters before us stands before them.
Result<void> Replayer::follow_until(std::set<Place> claimed) {
  Reading reading(parts_.log, parts_.clock, parts_.pace.waiting());
  while (!claimed.empty()) {
    const auto polled = reading.next_written();
    if (!polled) return tl::unexpected(polled.error());
    const auto receipt = read_receipt((*polled)->record);
    if (!receipt) continue;
    receipts_.note(*receipt);
    if (receipt->run == parts_.run && receipt->kind == ReceiptKind::begun) {
      claimed.erase(receipt->letter);
    }
  }
  return {};
}

void Replayer::count(const Letter& letter, const Ended& ended) {
  switch (ended.ending) {
    case Ending::replayed:
      return note(tally_.replayed, letter, to_string(ended.ending), "");
    case Ending::refused:
      return note(tally_.refused, letter, to_string(ended.ending), ended.detail);
    case Ending::uncertain:
      return note(tally_.uncertain, letter, to_string(ended.ending), ended.detail);
    case Ending::left:
      return;
  }
}

void Replayer::note(std::size_t& counter, const Letter& letter, std::string_view ending,
                    std::string_view why) {
  ++counter;
  parts_.on_letter(letter, ending, why);
}

}  // namespace sluice::replay
