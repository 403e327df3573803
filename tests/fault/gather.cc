#include "fault/gather.h"

#include <algorithm>
#include <map>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "fault/records.h"
#include "support/kafka_client.h"
#include "support/rdkafka_handles.h"
#include "support/record_ids.h"

namespace sluice::fault {
namespace {

using test::RdKafka;

void read_log_bounds(rd_kafka_t* client, const std::string& topic, Evidence& evidence) {
  const int partitions = test::partition_count(client, topic);
  for (int partition = 0; partition < partitions; ++partition) {
    std::int64_t start = 0;
    std::int64_t end = 0;
    test::require(rd_kafka_query_watermark_offsets(client, topic.c_str(), partition, &start, &end,
                                                   test::kCallTimeoutMs),
                  "ask for the ends of " + topic);
    evidence.log_starts.push_back(start);
    evidence.log_ends.push_back(end);
  }
}

std::int64_t number_in(const std::string& text) {
  try {
    return std::stoll(text);
  } catch (const std::exception&) {
    return -1;
  }
}

// Of its record: from the headers, as a reader of dead letters finds it.
Letter place_of(const test::StoredRecord& stored) {
  Letter letter{.partition = -1, .offset = -1, .at_ms = stored.timestamp_ms};
  for (const auto& [name, value] : stored.headers) {
    if (name == "sluice.partition") {
      letter.partition = static_cast<std::int32_t>(number_in(value.value_or("")));
    }
    if (name == "sluice.offset") letter.offset = number_in(value.value_or(""));
  }
  return letter;
}

// By where the records stood; of a topic made anew the last one that stood there.
using ByPlace = std::map<std::pair<std::int32_t, std::int64_t>, const Produced*>;

ByPlace by_place(const std::vector<Produced>& produced) {
  ByPlace records;
  for (const Produced& record : produced) records[{record.partition, record.offset}] = &record;
  return records;
}

// A letter that was too large for its topic says instead how long the value is.
bool tells_length(const test::StoredRecord& stored, const Produced& record, const Book& book) {
  const auto said = std::find_if(stored.headers.begin(), stored.headers.end(),
                                 [](const auto& it) { return it.first == "sluice.oversized"; });
  return !stored.value && said != stored.headers.end() &&
         number_in(said->second.value_or("")) ==
             static_cast<std::int64_t>(book.value_of(record.id).size());
}

std::vector<Letter> read_letters(const Places& places, const std::vector<Produced>& produced,
                                 const Book& book) {
  const ByPlace records = by_place(produced);
  std::unordered_map<std::string_view, const Produced*> by_id;
  for (const Produced& record : produced) by_id.emplace(record.id, &record);
  std::vector<Letter> letters;
  for (const auto& stored : test::read_topic(places.brokers, places.dead_letter_topic)) {
    Letter letter = place_of(stored);
    const std::vector<std::string> ids = test::ids_in(stored.value.value_or(""));
    if (ids.size() == 1) letter.id = ids.front();
    const auto there = records.find({letter.partition, letter.offset});
    const auto named = by_id.find(letter.id);
    const Produced* const record = named != by_id.end()     ? named->second
                                   : there != records.end() ? there->second
                                                            : nullptr;
    letter.bytes_equal =
        record != nullptr && stored.key.value_or("") == record->key &&
        (stored.value == book.value_of(record->id) || tells_length(stored, *record, book));
    letters.push_back(letter);
  }
  return letters;
}

}  // namespace

Evidence read_kafka(const Places& places, const Book& book) {
  const RdKafka client = test::make_client(RD_KAFKA_PRODUCER, places.brokers);
  Evidence evidence;
  evidence.produced = book.confirmed();
  for (const Produced& record : evidence.produced) {
    evidence.last_log = std::max(evidence.last_log, record.log);
  }
  evidence.cluster_id = test::cluster_id(places.brokers);
  read_log_bounds(client.get(), places.topic, evidence);
  evidence.letters = read_letters(places, evidence.produced, book);
  for (test::Commit& commit : test::commit_history(places.brokers, places.group)) {
    const bool counts = commit.topic == places.topic &&
                        static_cast<std::size_t>(commit.partition) < evidence.log_ends.size();
    if (counts) evidence.commits.push_back(std::move(commit));
  }
  return evidence;
}

std::string partition_in(const std::string& id) {
  const std::size_t end = id.rfind('-');
  const std::size_t begin = id.rfind('-', end - 1) + 1;
  return id.substr(begin, end - begin);
}

double recovered_seconds(const Evidence& evidence, std::int64_t healed_ms) {
  const Records records(evidence);
  std::vector<std::int64_t> first(evidence.log_ends.size(), kNever);
  for (const Fate& fate : records.all()) {
    if (fate.record->at_ms < healed_ms) continue;
    std::int64_t& its = first.at(static_cast<std::size_t>(fate.record->partition));
    its = std::min(its, fate.first_taken_ms);
  }
  const std::int64_t last = *std::max_element(first.begin(), first.end());
  return last == kNever ? -1 : static_cast<double>(last - healed_ms) / 1000;
}

}  // namespace sluice::fault
