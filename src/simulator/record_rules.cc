#include "simulator/record_rules.h"

#include <rapidjson/document.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

namespace sluice::simulator {
namespace {

enum class Must : std::uint8_t {
  be_there,
  be_text,
  be_account,    // the headers' account id
  be_workspace,  // the headers' workspace id
  be_category,   // the event type's word
  be_time,
  be_email,
  be_number,
  be_positive,
  be_share,
  be_object_or_text,
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The date and the T of ISO 8601; what follows has more forms than are worth telling apart.
bool is_time(std::string_view text) {
  constexpr std::string_view kShape = "dddd-dd-ddT";
  if (text.size() <= kShape.size() || text.find(' ') != text.npos) return false;
  return std::equal(kShape.begin(), kShape.end(), text.begin(),
                    [](char shape, char c) { return shape == 'd' ? is_digit(c) : shape == c; });
}

std::string_view text_of(const rapidjson::Value& value) {
  return value.IsString() ? std::string_view(value.GetString(), value.GetStringLength())
                          : std::string_view();
}

bool is_text(const rapidjson::Value& value, std::string_view wanted) {
  return value.IsString() && text_of(value) == wanted;
}

bool is_absent(const rapidjson::Value& value) {
  return value.IsNull() || (value.IsString() && value.GetStringLength() == 0);
}

}  // namespace

struct RecordRules::Field {
  std::string_view name;
  bool required = false;
  Must must = Must::be_there;
};

namespace {

using Field = RecordRules::Field;

constexpr std::array kEventFields{
    Field{"account_id", true, Must::be_account}, Field{"workspace_id", true, Must::be_workspace},
    Field{"user_id", true, Must::be_text},       Field{"event_category", true, Must::be_category},
    Field{"event_name", true, Must::be_text},    Field{"event_id", true, Must::be_text},
    Field{"event_time", true, Must::be_time},
};
constexpr std::array kSystemEventFields{
    Field{"account_id", true, Must::be_account},
    Field{"workspace_id", true, Must::be_workspace},
    Field{"event_category", true, Must::be_text},
    Field{"event_name", true, Must::be_text},
    Field{"event_id", true, Must::be_text},
    Field{"event_time", true, Must::be_time},
    Field{"event_data", true, Must::be_object_or_text},
};
constexpr std::array kCustomerFields{
    Field{"account_id", true, Must::be_account},
    Field{"workspace_id", true, Must::be_workspace},
    Field{"user_id", true, Must::be_text},
    Field{"creation_timestamp", true, Must::be_text},
    Field{"email", false, Must::be_email},
    Field{"deposit_limits", false, Must::be_number},
    Field{"loss_limits", false, Must::be_number},
    Field{"wagering_limits", false, Must::be_number},
    Field{"session_time_limits", false, Must::be_number},
    Field{"financial_risk_level", false, Must::be_share},
};
constexpr std::array kExtendedAttributeFields{
    Field{"account_id", false, Must::be_account}, Field{"workspace_id", true, Must::be_workspace},
    Field{"user_id", true, Must::be_text},        Field{"list_name", true, Must::be_text},
    Field{"ext_data", true, Must::be_there},
};
constexpr std::array kDepositFields{Field{"amount", true, Must::be_positive}};
constexpr std::array kWithdrawFields{Field{"amount", false, Must::be_positive}};

std::span<const Field> common_fields(std::string_view type) {
  if (type == "customers") return kCustomerFields;
  if (type == "system-events") return kSystemEventFields;
  if (type == "extattributes") return kExtendedAttributeFields;
  return kEventFields;
}

std::span<const Field> own_fields(std::string_view type) {
  if (type == "deposit") return kDepositFields;
  if (type == "withdraw") return kWithdrawFields;
  return {};
}

// What is wrong with a value that is there, as words behind the field's name; empty: nothing.
std::string_view problem_of(const rapidjson::Value& value, Must must, const EventType& type,
                            const Tenant& tenant) {
  const auto unless = [](bool fine, std::string_view words) {
    return fine ? std::string_view() : words;
  };
  switch (must) {
    case Must::be_there:
      return {};
    case Must::be_text:
      return unless(value.IsString(), "must be a string");
    case Must::be_account:
      return unless(is_text(value, tenant.account_id), "must equal x-optikpi-account-id");
    case Must::be_workspace:
      return unless(is_text(value, tenant.workspace_id), "must equal x-optikpi-workspace-id");
    case Must::be_category:
      return unless(is_text(value, type.category), "must be the category of this endpoint");
    case Must::be_time:
      return unless(is_time(text_of(value)), "must be a time in ISO 8601");
    case Must::be_email:
      return unless(text_of(value).find('@') != std::string_view::npos,
                    "must be an e-mail address");
    case Must::be_number:
      return unless(value.IsNumber(), "must be a number");
    case Must::be_positive:
      return unless(value.IsNumber() && value.GetDouble() > 0, "must be a number above 0");
    case Must::be_share:
      return unless(value.IsNumber() && value.GetDouble() >= 0 && value.GetDouble() <= 1,
                    "must be a number from 0 to 1");
    case Must::be_object_or_text:
      return unless(value.IsObject() || value.IsString(), "must be an object or JSON in a string");
  }
  return {};
}

std::optional<Refusal> check_field(const rapidjson::Value& record, const Field& field,
                                   const EventType& type, const Tenant& tenant) {
  const std::string name(field.name);
  const auto found = record.FindMember(
      rapidjson::StringRef(field.name.data(), static_cast<rapidjson::SizeType>(field.name.size())));
  const bool there = found != record.MemberEnd();
  if (field.required && (!there || is_absent(found->value))) {
    return Refusal{400, "Validation failed: " + name + " is required", name,
                   "missing required field"};
  }
  if (!there || found->value.IsNull()) return std::nullopt;
  const std::string problem(problem_of(found->value, field.must, type, tenant));
  if (problem.empty()) return std::nullopt;
  return Refusal{400, "Validation failed: " + name + " " + problem, name, problem};
}

}  // namespace

RecordRules::RecordRules(const EventType& type)
    : type_(type), common_(common_fields(type.name)), own_(own_fields(type.name)) {}

std::optional<Refusal> RecordRules::check(const rapidjson::Value& record,
                                          const Tenant& tenant) const {
  if (!record.IsObject()) return Refusal{400, "Validation failed: a record must be an object"};
  for (const std::span<const Field> fields : {common_, own_}) {
    for (const Field& field : fields) {
      if (auto refusal = check_field(record, field, type_, tenant)) return refusal;
    }
  }
  return std::nullopt;
}

}  // namespace sluice::simulator
