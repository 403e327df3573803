#include "fault/member_watch.h"

#include <chrono>
#include <stdexcept>
#include <utility>

#include "fault/wall_time.h"
#include "support/kafka_client.h"

namespace sluice::fault {
namespace {

constexpr std::chrono::milliseconds kLookEvery(250);

}  // namespace

MemberWatch::MemberWatch(std::string brokers, std::string group)
    : brokers_(std::move(brokers)), group_(std::move(group)), last_look_ms_(now_ms()) {
  for (const test::GroupMember& member : test::group_members(brokers_, group_)) {
    known_.insert(member.id);
  }
  if (known_.empty()) throw std::runtime_error("nobody is in the group to be watched");
  thread_ = std::thread([this] { watch(); });
}

MemberWatch::~MemberWatch() {
  enough_ = true;
  if (thread_.joinable()) thread_.join();
}

std::vector<Span> MemberWatch::losses() {
  enough_ = true;
  if (thread_.joinable()) thread_.join();
  look();  // what came back since the last one
  return losses_;
}

void MemberWatch::watch() {
  while (!enough_) {
    try {
      look();
    } catch (const std::runtime_error&) {
      // The next look covers this one's time, too.
    }
    std::this_thread::sleep_for(kLookEvery);
  }
}

void MemberWatch::look() {
  const std::int64_t began_ms = now_ms();
  for (const test::GroupMember& member : test::group_members(brokers_, group_)) {
    if (known_.insert(member.id).second) losses_.push_back({last_look_ms_, now_ms()});
  }
  last_look_ms_ = began_ms;
}

}  // namespace sluice::fault
