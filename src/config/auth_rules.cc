#include "config/auth_rules.h"

#include "config/hmac_section.h"
#include "config/oauth2_section.h"
#include "config/text_forms.h"

namespace sluice::config {

std::string auth_rules(std::string_view type) {
  if (type == "api_key") {
    return R"({"if":{"properties":{"in":{"enum":["query"]}},"required":["in"]},"else":)"
           R"({"properties":{"name":{)" +
           header_text().keywords + "}}}}";
  }
  if (type == "hkdf_hmac") {
    return R"({"if":{"properties":{"salt":{"enum":["account_workspace"]}},"required":["salt"]},)"
           R"("then":{"required":["ikm"],"properties":{"ikm":{"enum":["token"]}}},)"
           R"("else":{"properties":{"ikm":{"enum":["account_workspace"]}}}})";
  }
  if (type == "hmac") return hmac_form().rules;
  return type == "oauth2" ? oauth2_form().rules : std::string{};
}

}  // namespace sluice::config
