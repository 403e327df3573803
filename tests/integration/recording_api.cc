#include "integration/recording_api.h"

#include <algorithm>
#include <charconv>
#include <ostream>
#include <thread>
#include <utility>

#include "integration/flow.h"
#include "support/eventually.h"
#include "support/kafka_client.h"
#include "support/record_ids.h"

namespace sluice::test {
namespace {

std::string lane_of(const std::string& id) { return id.substr(0, id.rfind('-')); }

std::int64_t number_of(const std::string& id) {
  std::int64_t number = -1;
  std::from_chars(id.data() + id.rfind('-') + 1, id.data() + id.size(), number);
  return number;
}

std::set<std::string> lanes_of(const std::vector<std::string>& ids) {
  std::set<std::string> lanes;
  for (const std::string& id : ids) lanes.insert(lane_of(id));
  return lanes;
}

std::string place_of(const StoredRecord& record) {
  return std::to_string(record.partition) + "/" + std::to_string(record.offset);
}

// Where a dead letter says that its record stands.
std::string origin_of(const StoredRecord& letter) {
  std::string partition;
  std::string offset;
  for (const auto& [name, value] : letter.headers) {
    if (name == "sluice.partition") partition = value.value_or("");
    if (name == "sluice.offset") offset = value.value_or("");
  }
  return partition + "/" + offset;
}

// The ids of what the letters say they stand for: a letter may have left its value out. Sorted.
std::vector<std::string> ids_of_letters(const std::vector<StoredRecord>& letters,
                                        const std::vector<StoredRecord>& records) {
  std::map<std::string, std::vector<std::string>> ids_at;
  for (const StoredRecord& record : records) {
    ids_at[place_of(record)] = ids_in(record.value.value_or(""));
  }
  std::vector<std::string> ids;
  for (const StoredRecord& letter : letters) {
    const auto found = ids_at.find(origin_of(letter));
    if (found == ids_at.end()) {
      ids.push_back("a letter of " + origin_of(letter));
    } else {
      ids.insert(ids.end(), found->second.begin(), found->second.end());
    }
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

void print_some(std::ostream& out, const char* what, const std::vector<std::string>& ids) {
  constexpr std::size_t kEnough = 10;
  out << ids.size() << ' ' << what;
  for (std::size_t i = 0; i < std::min(ids.size(), kEnough); ++i) {
    out << (i == 0 ? " (" : ", ") << ids[i];
  }
  if (!ids.empty()) out << (ids.size() > kEnough ? ", ...)" : ")");
}

}  // namespace

std::string record_id(const std::string& topic, std::int32_t partition, std::int64_t number) {
  return topic + "-" + std::to_string(partition) + "-" + std::to_string(number);
}

RecordingApi::Answer RecordingApi::take_all() { return always(Reply{}); }

RecordingApi::Answer RecordingApi::always(Reply reply) {
  return [reply = std::move(reply)](const SeenRequest&, const std::vector<std::string>&) {
    return reply;
  };
}

RecordingApi::RecordingApi(Answer answer, ScriptedServer::Options options)
    : answer_(std::move(answer)),
      server_([this](const SeenRequest& request) { return handle(request); }, options) {}

void RecordingApi::answer_with(Answer answer) {
  const std::lock_guard lock(mutex_);
  answer_ = std::move(answer);
}

void RecordingApi::take(const std::vector<std::string>& ids) {
  const std::lock_guard lock(mutex_);
  note_taken(ids);
}

Reply RecordingApi::taking_none(int status, const std::string& body) {
  return {.raw = "HTTP/1.1 " + std::to_string(status) + " Said\r\nContent-Type: application/json" +
                 "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body};
}

void RecordingApi::work_for(std::chrono::milliseconds time) {
  const std::lock_guard lock(mutex_);
  work_ = time;
}

Reply RecordingApi::handle(const SeenRequest& request) {
  const std::vector<std::string> ids = ids_in(request.body);
  const std::set<std::string> lanes = lanes_of(ids);
  std::unique_lock lock(mutex_);
  for (const std::string& lane : lanes) {
    if (lanes_at_work_.contains(lane)) overlaps_.push_back(lane + ": request of " + ids.front());
    lanes_at_work_.insert(lane);
  }
  const Answer answer = answer_;
  const auto work = work_;
  lock.unlock();
  std::this_thread::sleep_for(work);
  Reply reply = answer(request, ids);
  lock.lock();
  for (const std::string& lane : lanes) lanes_at_work_.erase(lanes_at_work_.find(lane));
  const bool ok = reply.status >= 200 && reply.status <= 299 && reply.raw.empty();
  if (ok && reply.fault == Fault::none) note_taken(ids);
  return reply;
}

void RecordingApi::note_taken(const std::vector<std::string>& ids) {
  for (const std::string& id : ids) {
    const bool first_time = ++taken_[id] == 1;
    const std::int64_t number = number_of(id);
    std::int64_t& highest = highest_.try_emplace(lane_of(id), -1).first->second;
    if (first_time && number <= highest) {
      disorder_.push_back(id + " after " + std::to_string(highest));
    }
    highest = std::max(highest, number);
  }
}

std::size_t RecordingApi::distinct() const {
  const std::lock_guard lock(mutex_);
  return taken_.size();
}

std::map<std::string, int> RecordingApi::taken() const {
  const std::lock_guard lock(mutex_);
  return taken_;
}

bool RecordingApi::took(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  return taken_.contains(id);
}

bool RecordingApi::wait_for_distinct(std::size_t count, std::chrono::milliseconds timeout) const {
  return eventually([&] { return distinct() >= count; }, timeout);
}

bool RecordingApi::wait_for_id(const std::string& id, std::chrono::milliseconds timeout) const {
  return eventually([&] { return took(id); }, timeout);
}

std::vector<std::string> RecordingApi::disorder() const {
  const std::lock_guard lock(mutex_);
  return disorder_;
}

std::vector<std::string> RecordingApi::overlaps() const {
  const std::lock_guard lock(mutex_);
  return overlaps_;
}

Accounts reconcile(const KafkaBroker& broker, const std::string& topic,
                   const std::vector<const RecordingApi*>& apis,
                   const std::string& dead_letter_topic) {
  std::map<std::string, int> ended;
  for (const RecordingApi* api : apis) {
    for (const auto& [id, times] : api->taken()) ended[id] += times;
  }
  Accounts accounts;
  const std::vector<StoredRecord> records = read_topic(broker.brokers(), topic);
  if (!dead_letter_topic.empty()) {
    const auto letters = read_topic(broker.brokers(), dead_letter_topic);
    accounts.dead = ids_of_letters(letters, records);
  }
  for (const std::string& id : accounts.dead) ++ended[id];
  accounts.dead.erase(std::unique(accounts.dead.begin(), accounts.dead.end()), accounts.dead.end());
  const auto committed = committed_offsets(broker.brokers(), group_of(topic), topic);
  std::set<std::string> known;
  for (const StoredRecord& record : records) {
    const bool covered = record.offset < committed.at(static_cast<std::size_t>(record.partition));
    if (!covered) ++accounts.uncommitted;
    for (const std::string& id : ids_in(record.value.value_or(""))) {
      known.insert(id);
      if (covered && !ended.contains(id)) accounts.lost.push_back(id);
    }
  }
  for (const auto& [id, times] : ended) {
    if (!known.contains(id)) accounts.invented.push_back(id);
    if (times > 1) accounts.repeated.push_back(id);
  }
  return accounts;
}

void PrintTo(const Accounts& accounts, std::ostream* out) {
  print_some(*out, "lost", accounts.lost);
  print_some(*out << ", ", "invented", accounts.invented);
  print_some(*out << ", ", "repeated", accounts.repeated);
  print_some(*out << ", ", "dead", accounts.dead);
  *out << ", " << accounts.uncommitted << " uncommitted";
}

}  // namespace sluice::test
