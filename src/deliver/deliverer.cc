#include "deliver/deliverer.h"

#include <algorithm>
#include <cassert>
#include <cctype>
#include <utility>

namespace sluice::deliver {
namespace {

bool names_content_type(const std::string& name) {
  constexpr std::string_view kName = "content-type";
  return std::equal(name.begin(), name.end(), kName.begin(), kName.end(), [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == b;
  });
}

const codec::Route& route_of(const Delivery& delivery, const codec::Route& of_all) {
  const codec::Route& own = delivery.batch->route;
  return own.path.empty() ? of_all : own;
}

}  // namespace

Deliverer::Deliverer(DelivererOptions options, DelivererParts parts, DeliverySink& sink)
    : options_(std::move(options)),
      sets_content_type_(std::any_of(options_.header_names.begin(), options_.header_names.end(),
                                     names_content_type)),
      compressor_(options_.compression ? codec::Compressor::create(*options_.compression)
                                       : nullptr),
      parts_(parts),
      sink_(sink) {
  if (compressor_) parts_.memory.add(compressor_->memory());
}

Deliverer::~Deliverer() {
  while (!lanes_.empty()) cancel(lanes_.begin()->first);
  if (compressor_) parts_.memory.remove(compressor_->memory());
}

void Deliverer::start(LaneId lane, const TopicPartition& partition,
                      std::unique_ptr<batch::Batch> batch) {
  assert(idle(lane) && !batch->empty());
  lanes_.emplace(std::piecewise_construct, std::forward_as_tuple(lane),
                 std::forward_as_tuple(partition, std::move(batch), options_.backoff, parts_.random,
                                       parts_.memory));
}

bool Deliverer::in_flight(LaneId lane) const { return in_flight_since(lane).has_value(); }

std::optional<Instant> Deliverer::in_flight_since(LaneId lane) const {
  const auto found = lanes_.find(lane);
  if (found == lanes_.end() || !found->second.attempt) return std::nullopt;
  return found->second.attempt->sent_at;
}

void Deliverer::drain(LaneId lane) {
  auto found = lanes_.find(lane);
  if (found != lanes_.end()) found->second.draining = true;
}

std::unique_ptr<batch::Batch> Deliverer::cancel(LaneId lane) {
  auto found = lanes_.find(lane);
  if (found == lanes_.end()) return nullptr;
  Delivery& delivery = found->second;
  if (delivery.attempt) {
    parts_.http.cancel(delivery.attempt->request);
    requests_.erase(delivery.attempt->request);
    parts_.target_gate.released(delivery.attempt->permits.target);
    parts_.path_gate.released(delivery.attempt->permits.path);
  }
  auto batch = std::move(delivery.batch);
  lanes_.erase(found);
  return batch;
}

void Deliverer::advance(Instant now) {
  deadline_.reset();
  held_back_.reset();
  // From the lane behind the last one that sent, once around: a probe, or a slot of a closing
  // gate, goes to another partition each time.
  auto next = lanes_.upper_bound(last_sent_);
  for (std::size_t i = 0; i < lanes_.size(); ++i, ++next) {
    // What waited for a connection would go out whatever the gates say by then.
    if (requests_.size() >= options_.connections) return;
    if (next == lanes_.end()) next = lanes_.begin();
    if (!try_send(next->first, next->second, now) && held_back_) return;
  }
}

bool Deliverer::try_send(LaneId id, Delivery& delivery, Instant now) {
  if (delivery.attempt || delivery.draining) return false;
  if (now < delivery.not_before) {
    wait_until(delivery.not_before);
    return false;
  }
  const auto permits = ask_gates(now);
  if (!permits) return false;
  send(id, delivery, *permits, now);
  return true;
}

std::optional<Permits> Deliverer::ask_gates(Instant now) {
  const auto path = parts_.path_gate.ask(now);
  if (!path) {
    held_back_ = path.error();
    wait_until(path.error().until);
    return std::nullopt;
  }
  const auto target = parts_.target_gate.ask(now);
  if (!target) {
    parts_.path_gate.handed_back(*path);
    held_back_ = target.error();
    wait_until(target.error().until);
    return std::nullopt;
  }
  return Permits{*target, *path};
}

void Deliverer::send(LaneId id, Delivery& delivery, Permits permits, Instant now) {
  http::Request request = make_request(delivery);
  const std::size_t bytes = request.body.size();
  const auto sent = parts_.http.send(std::move(request));
  delivery.attempt = Attempt{sent, bytes, now, permits};
  requests_.emplace(sent, id);
  last_sent_ = id;
}

http::Request Deliverer::make_request(Delivery& delivery) {
  http::Request request;
  request.method = options_.method;
  request.body = delivery.body();
  add_headers(delivery, request);
  if (compressor_ && request.body.size() >= options_.compress_from) {
    request.body = delivery.packed.pack(request.body, *compressor_);
    request.headers.push_back({"Content-Encoding", std::string(compressor_->encoding())});
  }
  // What is signed is what goes on the wire.
  auth::Signed signature;
  parts_.signer.sign(request.body, signature);
  request.url = options_.base_url + route_of(delivery, options_.route).path;
  if (!signature.query.empty()) request.url += "?" + signature.query;
  for (auto& header : signature.headers) {
    request.headers.push_back({std::move(header.name), std::move(header.value)});
  }
  return request;
}

void Deliverer::add_headers(const Delivery& delivery, http::Request& request) const {
  const codec::Route& route = route_of(delivery, options_.route);
  if (!sets_content_type_) request.headers.push_back({"Content-Type", options_.content_type});
  request.headers.push_back({options_.batch_id_header, delivery.batch_id()});
  for (std::size_t i = 0; i < options_.header_names.size(); ++i) {
    request.headers.push_back({options_.header_names[i], route.headers[i]});
  }
}

void Deliverer::on_completion(const http::Completion& completion) {
  auto known = requests_.find(completion.id);
  if (known == requests_.end()) return;
  const LaneId id = known->second;
  requests_.erase(known);
  Delivery& delivery = lanes_.at(id);
  const Instant now = parts_.clock.now();
  const Judgement judgement = judge(completion, delivery);
  const Permits permits = delivery.attempt->permits;
  const std::size_t bytes = delivery.attempt->bytes;
  delivery.attempt.reset();
  parts_.target_gate.answered(permits.target, judgement, now);
  parts_.path_gate.answered(permits.path, judgement, now);
  note_attempt(delivery, bytes, judgement, completion);
  react(id, delivery, judgement, completion, now);
  if (delivery.part()) return;
  auto batch = std::move(delivery.batch);
  lanes_.erase(id);
  sink_.finished(id, std::move(batch));
}

Judgement Deliverer::judge(const http::Completion& completion, const Delivery& delivery) const {
  if (!completion.result) return parts_.rules.judge(completion.result.error());
  return parts_.rules.judge(*completion.result, delivery.part()->size(), parts_.clock.wall_now());
}

void Deliverer::react(LaneId id, Delivery& delivery, const Judgement& judgement,
                      const http::Completion& completion, Instant now) {
  switch (judgement.verdict) {
    case Verdict::delivered: {
      const batch::Range records = *delivery.part();
      delivery.part_delivered();
      sink_.delivered(id, *delivery.batch, records);
      return;
    }
    case Verdict::retry:
      delivery.not_before = now + delivery.backoff.next();
      return;
    case Verdict::rejected:
      refuse(id, delivery, DeadLetterReason::rejected, judgement, completion);
      return;
    case Verdict::split:
      refuse(id, delivery, DeadLetterReason::too_large, judgement, completion);
      return;
    // The gates hold the lane now, and count no attempt against its records.
    case Verdict::throttled:
    case Verdict::unauthorized:
    case Verdict::misconfigured:
      return;
  }
}

void Deliverer::refuse(LaneId id, Delivery& delivery, DeadLetterReason reason,
                       const Judgement& judgement, const http::Completion& completion) {
  codec::DeadLetterCause cause;
  cause.batch_id = delivery.batch_id();
  std::size_t record = 0;
  const bool alone = reason == DeadLetterReason::too_large ? delivery.part_too_large(record)
                                                           : delivery.part_refused(record);
  if (!alone) return;
  cause.reason = reason;
  cause.detail = judgement.detail;
  cause.attempts = delivery.refusals_of(record);
  if (completion.result) {
    cause.status = completion.result->status;
    cause.response_excerpt = completion.result->body.substr(0, options_.response_excerpt);
  }
  sink_.refused(id, *delivery.batch, record, std::move(cause));
}

void Deliverer::note_attempt(const Delivery& delivery, std::size_t bytes,
                             const Judgement& judgement, const http::Completion& completion) {
  const int status = completion.result ? completion.result->status : 0;
  const auto part = *delivery.part();
  parts_.metrics.request_finished(status, judgement.verdict, completion.elapsed, bytes);
  if (judgement.verdict == Verdict::delivered) return;
  last_error_ = judgement.words();
  std::vector<telemetry::Field> fields = {
      {"pipeline", options_.pipeline},
      {"topic", delivery.partition.topic},
      {"partition", delivery.partition.partition},
      {"first_offset", delivery.batch->entry(part.first).offset},
      {"last_offset", delivery.batch->entry(part.last - 1).offset},
      {"batch_id", delivery.batch_id()},
      {"verdict", to_string(judgement.verdict)},
      {"detail", judgement.detail}};
  if (!judgement.remedy.empty()) fields.emplace_back("remedy", judgement.remedy);
  parts_.log.write(telemetry::Level::warn, telemetry::Event::request_failed, fields);
}

void Deliverer::wait_until(Instant when) {
  deadline_ = deadline_ ? std::min(*deadline_, when) : when;
}

}  // namespace sluice::deliver
