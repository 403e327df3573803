// Answers of a token server: a token that is taken can be sent, and what is said of the others
// repeats nothing of them.
#include <algorithm>
#include <string>

#include "credentials/token_answer.h"
#include "fuzz/fuzz_input.h"

namespace {

using namespace sluice;
using fuzz::require;

// What the bodies of the corpus call everything that is not to be repeated.
constexpr std::string_view kMark = "s3cr3t";

bool can_be_sent(std::string_view token) {
  return !token.empty() &&
         std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c <= '~'; });
}

void check_answer(const credentials::TokenAnswer& answer, int status) {
  require(status >= 200 && status <= 299, "tokens come with a success");
  require(can_be_sent(answer.access_token.reveal()), "an access token can be a header's value");
  require(answer.refresh_token.empty() || can_be_sent(answer.refresh_token.reveal()),
          "a refresh token is one line");
  require(!answer.life || (*answer.life >= std::chrono::seconds(1) &&
                           *answer.life <= credentials::kLongestLife),
          "a life is within its bounds");
}

void check_error(const Error& error) {
  require(!error.cause.empty() && fuzz::is_one_line(error.text()), "an error is one line",
          error.text());
  require(error.text().find(kMark) == std::string::npos, "an error repeats nothing", error.text());
}

}  // namespace

// The status; then the body.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const int status = static_cast<int>(input.choice(600));
  std::string body(input.rest());
  const auto answer = credentials::read_token_answer(status, body);
  require(body.empty(), "the body is wiped");
  if (answer) {
    check_answer(*answer, status);
  } else {
    check_error(answer.error());
  }
  return 0;
}
