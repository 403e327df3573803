// Errors are values: what went wrong and what to do about it.
#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace sluice {

// A failure a person will read. Both parts are whole clauses without a full stop; neither ever
// holds a secret or a payload.
struct Error {
  std::string cause;   // names the thing: "cannot listen on 127.0.0.1:9464: address in use"
  std::string remedy;  // what to do: "stop the other process or set admin.listen"; may be empty

  // "cause; remedy", or the cause alone where there is no remedy.
  std::string text() const { return remedy.empty() ? cause : cause + "; " + remedy; }
};

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(std::string cause, std::string remedy = {}) {
  return tl::unexpected<Error>(Error{std::move(cause), std::move(remedy)});
}

}  // namespace sluice
