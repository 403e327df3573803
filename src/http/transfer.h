// One request on its way through one easy handle. Private to this folder.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "http/client.h"
#include "http/connection.h"
#include "http/curl_handles.h"

namespace sluice::http {

// Stays where it is: libcurl holds pointers into it while it runs.
class Transfer {
 public:
  Transfer(RequestId id, Request request) : id_(id), request_(std::move(request)) {}
  ~Transfer();  // wipes its headers and its URL: credentials stand there
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  // Makes `easy` ready to be added to a multi handle; CURLOPT_PRIVATE leads back here. An error
  // means that the request can never be sent as it is.
  tl::expected<void, TransportError> start(EasyHandle easy, SharedConnection connection,
                                           Instant now);
  // After libcurl is done with it; takes the answer out.
  Completion finish(CURLcode code, Instant now);
  // Without libcurl's verdict, or before any.
  Completion fail(TransportError error, Instant now) const;

  RequestId id() const { return id_; }
  CURL* easy() const { return easy_.get(); }  // null before start()

 private:
  static std::size_t take_header(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t take_body(char* data, std::size_t size, std::size_t count, void* self);
  CURLcode configure();
  CURLcode describe_request();
  bool make_header_list();
  TransportError explain(CURLcode code) const;
  Answer answer();

  RequestId id_;
  Request request_;
  SharedConnection connection_;  // the handle reads from it
  EasyHandle easy_;
  Slist header_list_;
  Instant started_{};
  std::size_t header_bytes_ = 0;
  bool header_too_long_ = false;
  bool body_too_long_ = false;
  std::string body_;
  std::array<char, CURL_ERROR_SIZE> words_{};
};

}  // namespace sluice::http
