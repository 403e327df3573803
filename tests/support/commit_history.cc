#include "support/commit_history.h"

#include <limits>
#include <map>
#include <optional>
#include <stdexcept>
#include <string_view>

namespace sluice::test {
namespace {

constexpr char kTopic[] = "__consumer_offsets";

// Reads what Kafka's message schemas describe; numbers are big-endian.
class Fields {
 public:
  explicit Fields(std::string_view bytes) : left_(bytes) {}

  std::int16_t int16() { return static_cast<std::int16_t>(number(2)); }
  std::int32_t int32() { return static_cast<std::int32_t>(number(4)); }
  std::int64_t int64() { return static_cast<std::int64_t>(number(8)); }

  std::string string() {
    const std::int16_t size = int16();
    if (size < 0) throw std::runtime_error("a string that is null");
    return std::string(take(static_cast<std::size_t>(size)));
  }

  std::string compact_string() {
    const std::uint32_t size = varint();
    if (size == 0) throw std::runtime_error("a string that is null");
    return std::string(take(size - 1));
  }

  void skip_tagged_fields() {
    for (std::uint32_t count = varint(); count > 0; --count) {
      varint();  // its tag
      take(varint());
    }
  }

  void expect_end() const {
    if (!left_.empty()) throw std::runtime_error("more bytes than fields");
  }

 private:
  std::string_view take(std::size_t size) {
    if (size > left_.size()) throw std::runtime_error("it ends too early");
    const std::string_view taken = left_.substr(0, size);
    left_.remove_prefix(size);
    return taken;
  }

  std::uint64_t number(std::size_t size) {
    std::uint64_t value = 0;
    for (const char byte : take(size)) value = value << 8 | static_cast<unsigned char>(byte);
    return value;
  }

  std::uint32_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
      const std::uint64_t byte = number(1);
      value |= (byte & 0x7f) << shift;
      if (byte >= 0x80) continue;
      if (value > std::numeric_limits<std::uint32_t>::max()) break;
      return static_cast<std::uint32_t>(value);
    }
    throw std::runtime_error("a number that is too long");
  }

  std::string_view left_;
};

// OffsetCommitKey; nullopt: the record is no commit, or one of another group.
std::optional<Commit> commit_for(std::string_view key, const std::string& group) {
  Fields fields(key);
  const std::int16_t version = fields.int16();
  if (version < 0) throw std::runtime_error("a key of version " + std::to_string(version));
  if (version > 1) return std::nullopt;  // these tell of members
  const std::string of = fields.string();
  Commit commit;
  commit.topic = fields.string();
  commit.partition = fields.int32();
  fields.expect_end();
  return of == group ? std::optional(commit) : std::nullopt;
}

// OffsetCommitValue.
void read_value(std::string_view value, Commit& commit) {
  Fields fields(value);
  const std::int16_t version = fields.int16();
  if (version < 0 || version > 4) {
    throw std::runtime_error("a value of version " + std::to_string(version));
  }
  const bool flexible = version >= 4;
  commit.offset = fields.int64();
  if (version >= 3) fields.int32();  // leaderEpoch
  commit.metadata = flexible ? fields.compact_string() : fields.string();
  fields.int64();                    // commitTimestamp: what the record's own timestamp says too
  if (version == 1) fields.int64();  // expireTimestamp
  if (flexible) fields.skip_tagged_fields();
  fields.expect_end();
}

std::optional<Commit> commit_in(const StoredRecord& record, const std::string& group) {
  if (!record.key) throw std::runtime_error("a record without a key");
  std::optional<Commit> commit = commit_for(*record.key, group);
  if (!commit) return std::nullopt;
  commit->at_ms = record.timestamp_ms;
  if (record.value) {
    read_value(*record.value, *commit);
  } else {
    commit->offset = -1;
  }
  return commit;
}

}  // namespace

std::vector<Commit> commit_history(const std::string& brokers, const std::string& group) {
  return commits_in(read_topic(brokers, kTopic, Isolation::uncommitted), group);
}

std::vector<Commit> commits_in(const std::vector<StoredRecord>& log, const std::string& group) {
  std::vector<Commit> history;
  std::map<std::int32_t, std::int64_t> next_offsets;
  for (const StoredRecord& record : log) {
    const auto fail = [&](const std::string& why) {
      throw std::runtime_error(std::string(kTopic) + " " + std::to_string(record.partition) + "/" +
                               std::to_string(record.offset) + ": " + why);
    };
    if (record.offset != next_offsets[record.partition]++) fail("it is missing what came before");
    try {
      if (auto commit = commit_in(record, group)) history.push_back(std::move(*commit));
    } catch (const std::runtime_error& error) {
      fail(error.what());
    }
  }
  return history;
}

}  // namespace sluice::test
