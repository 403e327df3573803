#include "deliver/request_maker.h"

#include <string>
#include <utility>

namespace sluice::deliver {
namespace {

const codec::Route& route_of(const Delivery& delivery, const codec::Route& of_all) {
  const codec::Route& own = delivery.batch->route;
  return own.path.empty() ? of_all : own;
}

}  // namespace

RequestMaker::RequestMaker(const DelivererOptions& options, batch::MemoryMeter& memory)
    : options_(options),
      memory_(memory),
      sets_content_type_(names_header(options.header_names, "content-type")),
      trace_headers_(options.header_names),
      compressor_(options.compression ? codec::Compressor::create(*options.compression) : nullptr) {
  if (compressor_) memory_.add(compressor_->memory());
}

RequestMaker::~RequestMaker() {
  if (compressor_) memory_.remove(compressor_->memory());
}

http::Request RequestMaker::make(Delivery& delivery, const auth::Signer& signer, WallTime now) {
  http::Request request;
  request.method = options_.method;
  request.url = options_.base_url + route_of(delivery, options_.route).path;
  request.body = delivery.body();
  add_headers(delivery, request);
  if (compressor_ && request.body.size() >= options_.compress_from) {
    request.body = delivery.packed.pack(request.body, *compressor_);
    request.headers.push_back({"Content-Encoding", std::string(compressor_->encoding())});
  }
  sign(delivery, signer, now, request);
  return request;
}

// What is signed is what goes on the wire.
void RequestMaker::sign(Delivery& delivery, const auth::Signer& signer, WallTime now,
                        http::Request& request) const {
  auth::Outgoing outgoing = auth::outgoing_to(request.url);
  outgoing.method = request.method;
  outgoing.body = request.body;
  outgoing.id = delivery.batch_id();
  outgoing.now = now;
  auth::Signed signature;
  signer.sign(outgoing, signature);
  if (!signature.query.empty()) request.url += "?" + signature.query;
  delivery.secrets = options_.secrets;
  delivery.secrets.add(signature.secrets);
  for (auto& header : signature.headers) {
    request.headers.push_back({std::move(header.name), std::move(header.value)});
  }
}

void RequestMaker::add_headers(const Delivery& delivery, http::Request& request) const {
  const codec::Route& route = route_of(delivery, options_.route);
  if (!sets_content_type_) request.headers.push_back({"Content-Type", options_.content_type});
  request.headers.push_back({options_.batch_id_header, delivery.batch_id()});
  for (std::size_t i = 0; i < options_.header_names.size(); ++i) {
    request.headers.push_back({options_.header_names[i], route.headers[i]});
  }
  trace_headers_.add(*delivery.batch, *delivery.part(), request.headers);
}

}  // namespace sluice::deliver
