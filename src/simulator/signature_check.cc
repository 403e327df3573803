#include "simulator/signature_check.h"

#include <utility>

namespace sluice::simulator {
namespace {

constexpr const char* kTokenHeader = "x-optikpi-token";
constexpr std::string_view kExpiredToken = "expired";

bool equal_in_constant_time(std::string_view left, std::string_view right) {
  if (left.size() != right.size()) return false;
  volatile unsigned char difference = 0;  // volatile: no way out before the end
  for (std::size_t i = 0; i < left.size(); ++i) {
    difference = static_cast<unsigned char>(difference | (left[i] ^ right[i]));
  }
  return difference == 0;
}

}  // namespace

SignatureCheck::SignatureCheck(std::unique_ptr<auth::Signer> signer) : signer_(std::move(signer)) {}

Result<SignatureCheck> SignatureCheck::make(const config::HkdfHmacAuth& credentials) {
  auto signer = auth::make_signer(credentials);
  if (!signer) return tl::unexpected(signer.error());
  return SignatureCheck(std::move(*signer));
}

std::optional<Refusal> SignatureCheck::check(const HeaderLookup& header,
                                             std::string_view body) const {
  if (header(kTokenHeader) == kExpiredToken) {
    return Refusal{403, "The token has expired", kTokenHeader, "expired"};
  }
  auth::Outgoing request;
  request.body = body;
  auth::Signed wanted;
  signer_->sign(request, wanted);
  for (const auto& [name, value] : wanted.headers) {
    const std::string given = header(name);
    if (given.empty()) return Refusal{401, name + " is required", name, "missing header"};
    if (!equal_in_constant_time(given, value)) {
      return Refusal{401, name + " is not valid", name, "does not match"};
    }
  }
  return std::nullopt;
}

}  // namespace sluice::simulator
