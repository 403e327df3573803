#include "replay/api_destination.h"

#include <utility>
#include <variant>

#include "batch/batch_id.h"
#include "codec/envelope.h"

namespace sluice::replay {
namespace {

using deliver::Judgement;

constexpr std::uint32_t kMostFailures = 3;

// The record as it was read from its topic.
class OriginalRecord {
 public:
  explicit OriginalRecord(const LetterRecord& record) {
    for (const OwnedHeader& header : record.headers) {
      headers_.push_back({header.name, header.value});
    }
    view_.offset = record.letter.offset;
    view_.timestamp_ms = codec::envelope_timestamp_ms(record.letter.timestamp);
    view_.key = record.key;
    view_.value = record.value;
    view_.headers = headers_;
  }
  OriginalRecord(const OriginalRecord&) = delete;
  OriginalRecord& operator=(const OriginalRecord&) = delete;

  const RecordView& view() const { return view_; }

 private:
  std::vector<RecordHeader> headers_;
  RecordView view_;
};

// Whether the API may have taken the record although we were not told so.
bool may_have_arrived(const http::Completion& completion, Verdict verdict) {
  constexpr int kBadGateway = 502;
  constexpr int kGatewayTimeout = 504;
  if (completion.result) {
    const int status = completion.result->status;
    const bool took_it_in_other_words =
        status >= 200 && status < 300 && verdict == Verdict::misconfigured;
    return took_it_in_other_words || status == kBadGateway || status == kGatewayTimeout;
  }
  switch (completion.result.error().kind) {
    case http::TransportErrorKind::resolve:
    case http::TransportErrorKind::connect:
    case http::TransportErrorKind::tls:
      return false;
    default:
      return true;
  }
}

}  // namespace

ApiDestination::ApiDestination(ApiOptions options, ApiParts parts)
    : options_(std::move(options)),
      parts_(std::move(parts)),
      compressor_(options_.compression ? codec::Compressor::create(*options_.compression)
                                       : nullptr),
      trace_headers_(options_.header_names),
      batch_(options_.body, memory_) {}

std::string ApiDestination::name() const { return options_.base_url + options_.path; }

Result<void> ApiDestination::bring(std::span<const LetterRecord> letters, Pace& pace,
                                   const OnEnd& on_end) {
  for (std::size_t i = 0; i < letters.size(); ++i) {
    if (!pace.pass()) return fail("interrupted");
    if (auto why_not = make_request(letters[i])) {
      on_end(i, {Ending::refused, std::move(*why_not)});
      continue;
    }
    Tried tried = deliver(pace.waiting());
    on_end(i, std::move(tried.ended));
    if (tried.stop) return tl::unexpected(std::move(*tried.stop));
  }
  return {};
}

std::optional<std::string> ApiDestination::make_request(const LetterRecord& record) {
  const OriginalRecord original(record);
  const TopicPartition of{record.letter.topic, record.letter.partition};
  const auto admitted = parts_.codec.admit(original.view());
  if (std::holds_alternative<codec::Skipped>(admitted)) return "null_values: skip leaves it out";
  if (const auto* rejection = std::get_if<codec::Rejection>(&admitted)) return rejection->detail;
  const auto value = std::get<std::string_view>(admitted);
  batch_.clear();
  if (auto rejection = parts_.codec.append(value, batch_.body())) return rejection->detail;
  batch_.keep(original.view(), 0);
  codec::Route route = parts_.router.fixed_route();
  if (!parts_.router.fixed()) {
    if (auto rejection = parts_.router.route(original.view(), of, value, route)) {
      return rejection->detail;
    }
  }
  const auto signer = parts_.signer_of(route);
  if (!signer) return signer.error().text();
  signer_ = *signer;
  if (const auto before = refused_.find(signer_); before != refused_.end()) {
    return "not sent, since its tenant's credentials were refused: " + before->second;
  }
  request_ = {options_.method, options_.base_url + route.path, {}, batch_.body().frame(0, 1)};
  batch_id_ = batch::batch_id(of.topic, of.partition, batch_, batch_.all());
  add_headers(route);
  return std::nullopt;
}

void ApiDestination::add_headers(const codec::Route& route) {
  auto& headers = request_.headers;
  if (!options_.content_type.empty()) headers.push_back({"Content-Type", options_.content_type});
  headers.push_back({options_.batch_id_header, batch_id_});
  for (std::size_t i = 0; i < options_.header_names.size(); ++i) {
    headers.push_back({options_.header_names[i], route.headers[i]});
  }
  trace_headers_.add(batch_, batch_.all(), headers);
  if (!compressor_ || request_.body.size() < options_.compress_from) return;
  compressor_->compress(request_.body, packed_);
  request_.body = packed_;
  headers.push_back({"Content-Encoding", std::string(compressor_->encoding())});
}

// What is signed is what goes on the wire, with the time of this attempt.
http::Request ApiDestination::signed_now() const {
  http::Request request = request_;
  auth::Outgoing outgoing = auth::outgoing_to(request.url);
  outgoing.method = request.method;
  outgoing.body = request.body;
  outgoing.id = batch_id_;
  outgoing.now = parts_.clock.wall_now();
  auth::Signed signature;
  signer_->sign(outgoing, signature);
  if (!signature.query.empty()) request.url += "?" + signature.query;
  for (auto& header : signature.headers) {
    request.headers.push_back({std::move(header.name), std::move(header.value)});
  }
  return request;
}

ApiDestination::Tried ApiDestination::deliver(Waiting& waiting) {
  deliver::Backoff backoff(options_.backoff, parts_.random);
  bool in_doubt = false;
  std::uint32_t failures = 0;
  while (true) {
    const http::Completion completion = ask();
    const Judgement judgement = judge(completion);
    if (judgement.verdict == Verdict::delivered) {
      failed_in_a_row_ = 0;
      return {{Ending::replayed}};
    }
    in_doubt = in_doubt || may_have_arrived(completion, judgement.verdict);
    Tried tried{{in_doubt ? Ending::uncertain : Ending::refused, judgement.detail}};
    switch (judgement.verdict) {
      case Verdict::delivered:
      case Verdict::rejected:
      case Verdict::split:
        failed_in_a_row_ = 0;
        return tried;
      case Verdict::unauthorized:
        if (options_.by_tenant) {
          refused_.emplace(signer_, judgement.detail);
          return tried;
        }
        tried.stop = Error{judgement.detail, std::string(judgement.remedy)};
        return tried;
      case Verdict::misconfigured:
        tried.stop = Error{judgement.detail, std::string(judgement.remedy)};
        return tried;
      case Verdict::throttled:
        break;
      case Verdict::retry:
        if (++failures < options_.attempts) break;
        if (++failed_in_a_row_ >= kMostFailures) {
          tried.stop = Error{"the API fails: " + judgement.detail, "replay again once it answers"};
        }
        return tried;
    }
    if (!waiting.wait(judgement.retry_after.value_or(backoff.next()))) {
      tried.stop = Error{"interrupted", ""};
      return tried;
    }
  }
}

http::Completion ApiDestination::ask() {
  constexpr Duration kTurn = std::chrono::seconds(1);
  parts_.http.send(signed_now());
  std::vector<http::Completion> completed;
  while (completed.empty()) parts_.http.poll(kTurn, -1, completed);
  return std::move(completed.front());
}

Judgement ApiDestination::judge(const http::Completion& completion) const {
  if (!completion.result) return parts_.rules.judge(completion.result.error());
  Judgement judgement =
      parts_.rules.judge(*completion.result, {batch_, batch_.all()}, parts_.clock.wall_now());
  if (judgement.verdict != Verdict::delivered || judgement.records.empty()) return judgement;
  judgement.verdict = judgement.records.front().verdict;  // of the one record that was sent
  judgement.detail = judgement.records.front().detail;
  return judgement;
}

}  // namespace sluice::replay
