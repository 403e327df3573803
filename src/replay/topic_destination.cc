#include "replay/topic_destination.h"

#include "codec/envelope.h"
#include "replay/write_results.h"

namespace sluice::replay {
namespace {

std::optional<std::string_view> view(const std::optional<std::string>& text) {
  return text ? std::optional<std::string_view>(*text) : std::nullopt;
}

std::vector<OwnedHeader> marked_headers(const LetterRecord& record) {
  std::vector<OwnedHeader> headers;
  for (const OwnedHeader& own : record.headers) {
    if (!own.name.starts_with(codec::kEnvelopePrefix)) headers.push_back(own);
  }
  headers.push_back(
      {std::string(codec::kReplaysHeader), std::to_string(record.letter.replays + 1)});
  headers.push_back({std::string(codec::kReplayOfHeader), record.letter.id()});
  return headers;
}

Ended ended(const WriteResult& result) {
  switch (result.status) {
    case WriteStatus::confirmed:
      return {Ending::replayed};
    case WriteStatus::too_large:
      return {Ending::refused, "the topic's max.message.bytes is too small: " + result.detail};
    case WriteStatus::failed:
      break;
  }
  return {Ending::uncertain, "not known to be written: " + result.detail};
}

}  // namespace

std::string TopicDestination::name() const {
  return partitions_.size() == 1 ? "topic " + partitions_.begin()->first : "their topics";
}

Result<void> TopicDestination::bring(std::span<const LetterRecord> letters, Pace& pace,
                                     const OnEnd& on_end) {
  WriteResults written;
  bool interrupted = false;
  for (const LetterRecord& record : letters) {
    interrupted = !pace.pass();
    if (interrupted) break;
    const Letter& letter = record.letter;
    const auto headers = marked_headers(record);
    OutgoingRecord out{letter.topic, view(record.key), view(record.value), headers};
    if (letter.partition < partitions_.at(letter.topic)) out.partition = letter.partition;
    writer_.write(out, written.expect());
  }
  const auto results = written.wait();
  for (std::size_t i = 0; i < results.size(); ++i) on_end(i, ended(results[i]));
  for (const WriteResult& result : results) {
    if (result.status == WriteStatus::failed) {
      return fail("the topic cannot be written: " + result.detail,
                  "try again once the brokers take it");
    }
  }
  if (interrupted) return fail("interrupted");
  return {};
}

}  // namespace sluice::replay
