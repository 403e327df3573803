// Owners of libcurl's handles. Private to this folder, whose .cc files alone may name libcurl.
#pragma once

#include <curl/curl.h>

#include <cstring>
#include <memory>

namespace sluice::http {

struct EasyDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using EasyHandle = std::unique_ptr<CURL, EasyDeleter>;

// Every easy handle must be removed from it before either of the two is destroyed.
struct MultiDeleter {
  void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};
using MultiHandle = std::unique_ptr<CURLM, MultiDeleter>;

struct SlistDeleter {
  void operator()(curl_slist* list) const {
    // Headers of a request hold credentials.
    for (curl_slist* line = list; line != nullptr; line = line->next) {
      explicit_bzero(line->data, std::strlen(line->data));
    }
    curl_slist_free_all(list);
  }
};
using Slist = std::unique_ptr<curl_slist, SlistDeleter>;

}  // namespace sluice::http
