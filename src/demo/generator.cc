#include "demo/generator.h"

#include <utility>

#include "demo/record_id.h"
#include "demo/record_values.h"
#include "telemetry/text.h"

namespace sluice::demo {
namespace {

constexpr double kPlayers = 5000;

std::uint32_t all_shares() {
  std::uint32_t sum = 0;
  for (const auto& type : simulator::kEventTypes) sum += share_of(type);
  return sum;
}

}  // namespace

Generator::Generator(std::string account_id, std::string workspace_id, std::uint64_t seed)
    : account_id_(std::move(account_id)), workspace_id_(std::move(workspace_id)), random_(seed) {}

GeneratedRecord Generator::next(WallTime now) {
  GeneratedRecord record;
  record.number = next_number_++;
  record.type = pick_type();
  const simulator::EventType& type = simulator::kEventTypes.at(record.type);
  record.id = record_id(type, record.number);
  const auto player = static_cast<std::uint64_t>(random_.next_unit() * kPlayers);
  record.key = type.id_field == "user_id" ? record.id : "player-" + std::to_string(player);
  const Subject subject{account_id_, workspace_id_, record.key, record.id, telemetry::to_utc(now)};
  Fields fields = record_values(type, subject, random_);
  record.bad = record.number % kBadEvery == kBadEvery / 2;
  const auto flaw = static_cast<Flaw>(record.number / kBadEvery % kFlaws);
  record.value = record.bad ? spoiled(std::move(fields), flaw) : fields.to_json();
  return record;
}

std::size_t Generator::pick_type() {
  static const std::uint32_t all = all_shares();
  auto left = static_cast<std::uint32_t>(random_.next_unit() * all);
  std::size_t type = 0;
  for (; left >= share_of(simulator::kEventTypes.at(type)); ++type) {
    left -= share_of(simulator::kEventTypes.at(type));
  }
  return type;
}

}  // namespace sluice::demo
