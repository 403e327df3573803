#include "fault/witness_api.h"

#include <algorithm>
#include <string_view>
#include <thread>
#include <utility>

#include "fault/wall_time.h"
#include "support/record_ids.h"

namespace sluice::fault {
namespace {

bool is_success(const test::Reply& reply) {
  return reply.status >= 200 && reply.status <= 299 && reply.raw.empty() &&
         reply.fault == test::Fault::none;
}

// Whether the client can read all of it and understand it.
bool is_whole(const test::Reply& reply) {
  using test::Fault;
  return reply.fault == Fault::none || reply.fault == Fault::drip ||
         reply.fault == Fault::close_after_answer;
}

}  // namespace

Mood always(test::Reply reply) {
  return [reply = std::move(reply)](const test::SeenRequest&, const std::vector<std::string>&) {
    return Said{.reply = reply, .takes = is_success(reply)};
  };
}

Mood takes_but(test::Fault fault) {
  return [fault](const test::SeenRequest& request,
                 const std::vector<std::string>&) -> std::optional<Said> {
    if (is_poison(request.body)) return std::nullopt;
    return Said{.reply = {.fault = fault}, .takes = true};
  };
}

WitnessApi::WitnessApi(const Book& book, Options options)
    : book_(book),
      work_(options.work),
      body_(std::move(options.body)),
      server_([this](const test::SeenRequest& request) { return handle(request); },
              {.remember = false, .tls = std::move(options.tls)}) {}

void WitnessApi::misbehave(Mood mood) {
  const std::lock_guard lock(mutex_);
  mood_ = std::move(mood);
}

void WitnessApi::heal() { misbehave(nullptr); }

void WitnessApi::work_for(std::chrono::milliseconds time) {
  const std::lock_guard lock(mutex_);
  work_ = time;
}

void WitnessApi::doubt(bool on) {
  const std::lock_guard lock(mutex_);
  doubtful_ = on;
}

void WitnessApi::on_request(std::function<void()> call) {
  const std::lock_guard lock(mutex_);
  on_request_ = std::move(call);
}

bool WitnessApi::took(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  return taken_.contains(id);
}

std::size_t WitnessApi::taken_count() const {
  const std::lock_guard lock(mutex_);
  return taken_.size();
}

std::size_t WitnessApi::batch_count() const {
  const std::lock_guard lock(mutex_);
  return batches_.size();
}

std::vector<SeenBatch> WitnessApi::batches() const {
  const std::lock_guard lock(mutex_);
  return batches_;
}

test::Reply WitnessApi::handle(const test::SeenRequest& request) {
  const std::vector<std::string> ids = test::ids_in(request.body);
  if (request.method != "POST") return {};  // a health check
  const std::string* const batch_id = request.header("idempotency-key");
  SeenBatch batch{.batch_id = batch_id == nullptr ? "" : *batch_id,
                  .body_hash = std::hash<std::string_view>()(request.body),
                  .bytes_equal = request.body == book_.body_of(ids),
                  .ids = ids,
                  .came_ms = now_ms()};
  std::unique_lock lock(mutex_);
  const std::size_t index = batches_.size();
  batch.request = index;
  batches_.push_back(batch);
  const auto work = work_;
  const auto on_request = on_request_;
  lock.unlock();
  if (on_request) on_request();
  std::this_thread::sleep_for(work);
  const Said said = ids.empty() ? Said{.reply = {.status = 400}} : say(request, ids);
  lock.lock();
  SeenBatch& seen = batches_[index];
  seen.taken = said.takes;
  seen.answered = is_whole(said.reply) && !doubtful_;
  seen.answered_ms = now_ms() + said.reply.delay.count();
  seen.told = seen.answered && is_success(said.reply);
  seen.done_ms = now_ms();
  leave_out(said.left_out, index);
  if (batches_[index].taken) taken_.insert(batches_[index].ids.begin(), batches_[index].ids.end());
  return said.reply;
}

// One request whose records had two fates stands in the evidence as two.
void WitnessApi::leave_out(const std::vector<std::string>& ids, std::size_t index) {
  if (ids.empty()) return;
  SeenBatch rest = batches_[index];
  rest.taken = false;
  rest.ids = ids;
  std::erase_if(batches_[index].ids, [&](const std::string& id) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
  });
  batches_.push_back(std::move(rest));
}

Said WitnessApi::say(const test::SeenRequest& request, const std::vector<std::string>& ids) const {
  std::unique_lock lock(mutex_);
  const Mood mood = mood_;
  lock.unlock();
  if (mood) {
    if (auto said = mood(request, ids)) return *std::move(said);
  }
  if (is_poison(request.body)) return {.reply = {.status = 400}, .takes = false};
  return {.reply = {.body = body_(ids.size())}, .takes = true};
}

}  // namespace sluice::fault
