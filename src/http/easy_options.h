// Typed setters of one easy handle's options. Private to this folder.
#pragma once

#include <string>

#include "http/curl_handles.h"

namespace sluice::http {

// libcurl takes option values through C varargs, where an `int` for a `long` is undefined
// behaviour and no compiler says so in C++. Here a value of the wrong class does not compile. The
// first failure is kept and what follows it is skipped, so that a block of settings has one check.
class EasyOptions {
 public:
  explicit EasyOptions(CURL* easy) : easy_(easy) {}

  template <CURLoption kOption>
  void number(long value) {
    static_assert(is<kOption>(CURLOPTTYPE_LONG), "the option takes no long");
    apply<kOption>(value);
  }
  template <CURLoption kOption>
  void size(curl_off_t value) {
    static_assert(is<kOption>(CURLOPTTYPE_OFF_T), "the option takes no curl_off_t");
    apply<kOption>(value);
  }
  // Strings are copied by libcurl (CURLOPT_POSTFIELDS is not); everything else is borrowed.
  template <CURLoption kOption, class T>
  void pointer(T* value) {
    static_assert(is<kOption>(CURLOPTTYPE_OBJECTPOINT), "the option takes no pointer");
    apply<kOption>(value);
  }
  // Borrowed, not copied: it must outlive every use of the handle.
  template <CURLoption kOption>
  void blob(const std::string& value) {
    static_assert(is<kOption>(CURLOPTTYPE_BLOB), "the option takes no blob");
    // libcurl's struct is the same for input and output; it does not write to its input.
    curl_blob blob{const_cast<char*>(value.data()), value.size(), CURL_BLOB_NOCOPY};
    apply<kOption>(&blob);
  }
  template <CURLoption kOption>
  void callback(curl_write_callback value) {
    static_assert(kOption == CURLOPT_WRITEFUNCTION || kOption == CURLOPT_HEADERFUNCTION,
                  "the option takes another kind of function");
    apply<kOption>(value);
  }

  CURLcode result() const { return result_; }

 private:
  template <CURLoption kOption>
  static constexpr bool is(int first_of_class) {
    return kOption >= first_of_class && kOption < first_of_class + 10000;
  }
  template <CURLoption kOption, class Value>
  void apply(Value value) {
    if (result_ == CURLE_OK) result_ = curl_easy_setopt(easy_, kOption, value);
  }

  CURL* easy_;
  CURLcode result_ = CURLE_OK;
};

}  // namespace sluice::http
