#include "simulator/api.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "simulator/records.h"

namespace sluice::simulator {
namespace {

constexpr std::uint32_t kThrottledRequestsPerSecond = 2;

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void add_name(Writer& json, std::string_view name) {
  json.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
}

void add_counts(Writer& json, const Counts& counts) {
  const std::pair<const char*, std::uint64_t> fields[] = {
      {"requests", counts.requests},
      {"accepted_records", counts.accepted_records},
      {"refused_requests", counts.refused_requests},
      {"throttled", counts.throttled},
      {"unauthorized", counts.unauthorized},
      {"failed", counts.failed}};
  json.StartObject();
  for (const auto& [name, value] : fields) {
    json.Key(name);
    json.Uint64(value);
  }
  json.EndObject();
}

Counts& operator+=(Counts& sum, const Counts& counts) {
  sum.requests += counts.requests;
  sum.accepted_records += counts.accepted_records;
  sum.refused_requests += counts.refused_requests;
  sum.throttled += counts.throttled;
  sum.unauthorized += counts.unauthorized;
  sum.failed += counts.failed;
  return sum;
}

Refusal poisoned(const EventType& type) {
  const std::string field(type.id_field);
  return {400, "Validation failed: " + field + " is not acceptable", field, "not acceptable"};
}

}  // namespace

Api::Api(const Options& options, SignatureCheck signature)
    : prefix_(options.prefix),
      account_id_(options.credentials.account_id),
      workspace_id_(options.credentials.workspace_id),
      requests_per_second_(options.requests_per_second),
      on_accepted_(options.on_accepted),
      signature_(std::move(signature)) {}

Result<std::unique_ptr<Api>> Api::make(const Options& options) {
  auto signature = SignatureCheck::make(options.credentials);
  if (!signature) return tl::unexpected(signature.error());
  return std::unique_ptr<Api>(new Api(options, std::move(*signature)));
}

Answer Api::post(const Request& request, Fault fault, Instant now) {
  const EventType* type = type_at(request.path);
  Answer answer = decide(request, type, fault, now);
  count(type, answer.status);
  return answer;
}

void Api::count(std::string_view path, int status) { count(type_at(path), status); }

const EventType* Api::type_at(std::string_view path) const {
  if (!path.starts_with(prefix_)) return nullptr;
  return find_event_type(path.substr(prefix_.size()));
}

Api::Endpoint& Api::endpoint_of(const EventType* type) {
  return type == nullptr ? endpoints_.back()
                         : endpoints_.at(static_cast<std::size_t>(type - kEventTypes.data()));
}

Answer Api::decide(const Request& request, const EventType* type, Fault fault, Instant now) {
  if (fault == Fault::outage) return answer_outage();
  if (type == nullptr) return answer_refused({404, "There is no such endpoint"});
  if (request.body.size() > kMostBytes) {
    return answer_refused({413, "The body is larger than 6 MiB"});
  }
  const std::string encoding = request.header("content-encoding");
  if (!encoding.empty() && encoding != "identity") {
    return answer_refused({415, "The body must not be compressed"});
  }
  if (fault == Fault::unauthorized) {
    return answer_refused({401, "The token is not valid", "x-optikpi-token", "does not match"});
  }
  if (const auto refusal = signature_.check(request.header, request.body)) {
    return answer_refused(*refusal);
  }
  if (!within_rate(*type, fault, now)) return answer_throttled();
  return take(*type, request.body, fault);
}

bool Api::within_rate(const EventType& type, Fault fault, Instant now) {
  const std::uint32_t limit = fault == Fault::throttle
                                  ? std::min(requests_per_second_, kThrottledRequestsPerSecond)
                                  : requests_per_second_;
  const std::lock_guard lock(mutex_);
  return endpoint_of(&type).window.take(now, limit);
}

Answer Api::take(const EventType& type, std::string_view body, Fault fault) {
  const auto ids = read_records(type, body, {account_id_, workspace_id_});
  if (!ids) return answer_refused(ids.error());
  if (fault == Fault::poison && std::any_of(ids->begin(), ids->end(), is_poison)) {
    return answer_refused(poisoned(type));
  }
  {
    const std::lock_guard lock(mutex_);
    endpoint_of(&type).counts.accepted_records += ids->size();
  }
  if (on_accepted_) {
    for (const std::string& id : *ids) on_accepted_(type, id);
  }
  return answer_taken(type.name, *ids);
}

void Api::count(const EventType* type, int status) {
  const std::lock_guard lock(mutex_);
  Counts& counts = endpoint_of(type).counts;
  ++counts.requests;
  if (status == 429) {
    ++counts.throttled;
  } else if (status == 401 || status == 403) {
    ++counts.unauthorized;
  } else if (status >= 500) {
    ++counts.failed;
  } else if (status >= 400) {
    ++counts.refused_requests;
  }
}

Counts Api::counts() const {
  const std::lock_guard lock(mutex_);
  Counts sum;
  for (const Endpoint& endpoint : endpoints_) sum += endpoint.counts;
  return sum;
}

std::string Api::to_json(Fault fault) const {
  const Counts all = counts();
  rapidjson::StringBuffer buffer;
  Writer json(buffer);
  json.StartObject();
  json.Key("fault");
  json.String(to_string(fault).data());
  json.Key("counts");
  add_counts(json, all);
  json.Key("endpoints");
  json.StartObject();
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < kEventTypes.size(); ++i) {
    add_name(json, kEventTypes[i].name);
    add_counts(json, endpoints_[i].counts);
  }
  json.EndObject();
  json.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize()) + '\n';
}

}  // namespace sluice::simulator
