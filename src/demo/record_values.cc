#include "demo/record_values.h"

#include <array>

namespace sluice::demo {
namespace {

constexpr std::array kFirstNames{"Anna", "Luis", "Mei", "Omar", "Ines", "Jonas", "Priya", "Tomas"};
constexpr std::array kLastNames{"Keller", "Garcia", "Chen", "Haddad", "Silva", "Berg", "Nair"};
constexpr std::array kCurrencies{"EUR", "USD", "GBP", "SEK", "BRL"};
constexpr std::array kCountries{"Germany", "Spain", "Sweden", "Brazil", "United Kingdom"};
constexpr std::array kDevices{"desktop", "mobile", "tablet"};
constexpr std::array kGames{"Starlight Reels", "Blackjack Classic", "Lucky Harbour",
                            "Roulette Royal"};
constexpr std::array kGameCategories{"slots", "table", "slots", "table"};
constexpr std::array kAccountEvents{"Login", "Registration", "Verification", "Logout"};
constexpr std::array kLevels{"Gold", "Silver", "Bronze"};
constexpr std::array kLists{"vip_candidates", "newsletter", "win_back"};
constexpr std::array kPaymentMethods{"bank", "credit_card"};
constexpr std::array kSystemEvents{"Maintenance", "Release", "Limit Changed"};
constexpr std::array kYesNo{"Verified", "NotVerified"};

std::uint64_t below(Random& random, std::uint64_t limit) {
  return static_cast<std::uint64_t>(random.next_unit() * static_cast<double>(limit));
}

template <std::size_t n>
const char* one_of(const std::array<const char*, n>& choices, Random& random) {
  return choices.at(below(random, n));
}

// Above 0, with cents.
std::string money(Random& random, std::uint64_t most) {
  const std::uint64_t cents = 1 + below(random, most * 100);
  std::string rest = std::to_string(cents % 100);
  if (rest.size() < 2) rest.insert(0, "0");
  return std::to_string(cents / 100) + '.' + rest;
}

std::string whole(Random& random, std::uint64_t least, std::uint64_t most) {
  return std::to_string(least + below(random, most - least + 1));
}

std::string date(Random& random) {
  const auto two = [](const std::string& text) { return text.size() < 2 ? '0' + text : text; };
  return whole(random, 1950, 2004) + '-' + two(whole(random, 1, 12)) + '-' +
         two(whole(random, 1, 28));
}

std::string address(Random& random) {
  return "198.51.100." + whole(random, 1, 254);  // set aside for documentation (RFC 5737)
}

void fill_customer(Fields& out, const Subject& subject, Random& random) {
  const std::string first = one_of(kFirstNames, random);
  const std::string last = one_of(kLastNames, random);
  out.text("username", first + '.' + subject.user_id);
  out.text("full_name", first + ' ' + last);
  out.text("date_of_birth", date(random));
  out.text("email", first + '.' + last + "@example.com");
  out.text("phone_number", "+4930" + whole(random, 1'000'000, 9'999'999));
  out.text("country", one_of(kCountries, random));
  out.text("currency", one_of(kCurrencies, random));
  out.text("subscription", "Subscribed");
  out.json("deposit_limits", whole(random, 1, 50) + "00");
  out.json("loss_limits", whole(random, 1, 20) + "00");
  out.json("wagering_limits", whole(random, 1, 90) + "00");
  out.json("session_time_limits", whole(random, 30, 240));
  out.json("cooling_off_period", whole(random, 1, 14));
  out.json("self_exclusion_period", whole(random, 0, 90));
  out.text("account_status", "Active");
  out.text("vip_status", below(random, 10) == 0 ? "VIP" : "Regular");
  out.text("loyalty_program_tiers", one_of(kLevels, random));
  out.json("financial_risk_level", "0." + whole(random, 10, 99));
  out.text("referral_link_code", "REF" + whole(random, 1000, 9999));
  out.text("creation_timestamp", subject.time);
  for (const char* what :
       {"phone_verification", "email_verification", "bank_verification", "iddoc_verification"}) {
    out.text(what, one_of(kYesNo, random));
  }
}

void fill_account(Fields& out, const Subject& /*subject*/, Random& random) {
  out.text("event_name", one_of(kAccountEvents, random));
  out.text("device", one_of(kDevices, random));
  out.text("ip_address", address(random));
  out.text("status", "verified");
}

void fill_payment(Fields& out, const Subject& subject, Random& random) {
  out.text("event_name", below(random, 20) == 0 ? "Payment Reversed" : "Payment Completed");
  out.json("amount", money(random, 500));
  out.text("currency", one_of(kCurrencies, random));
  out.text("payment_method", one_of(kPaymentMethods, random));
  out.text("transaction_id", "tx-" + subject.id);
  out.text("status", "success");
}

void fill_game(Fields& out, const Subject& /*subject*/, Random& random) {
  const std::uint64_t game = below(random, kGames.size());
  out.text("event_name", "Round Finished");
  out.json("wager_amount", money(random, 20));
  out.json("win_amount", money(random, 40));
  out.text("game_title", kGames.at(game));
  out.text("game_category", kGameCategories.at(game));
  out.json("session_duration", whole(random, 60, 7200));
}

void fill_wallet(Fields& out, const Subject& /*subject*/, Random& random) {
  out.text("event_name", "Balance Changed");
  out.json("balance", money(random, 2000));
  out.text("currency", one_of(kCurrencies, random));
}

void fill_referral(Fields& out, const Subject& /*subject*/, Random& random) {
  out.text("event_name", "Friend Joined");
  out.text("referral_link_code", "REF" + whole(random, 1000, 9999));
}

void fill_system(Fields& out, const Subject& /*subject*/, Random& random) {
  out.text("event_name", one_of(kSystemEvents, random));
  out.json("event_data", R"({"region":"eu-)" + whole(random, 1, 3) + R"(","severity":"info"})");
}

void fill_attributes(Fields& out, const Subject& /*subject*/, Random& random) {
  out.text("list_name", one_of(kLists, random));
  out.json("ext_data", R"({"score":)" + whole(random, 1, 100) + R"(,"segment":")" +
                           one_of(kLevels, random) + "\"}");
}

struct Kind {
  std::string_view name;
  std::uint32_t share;
  void (*fill)(Fields&, const Subject&, Random&);
};
constexpr std::array<Kind, simulator::kEventTypes.size()> kKinds{{
    {"customers", 5, fill_customer},
    {"account", 10, fill_account},
    {"deposit", 15, fill_payment},
    {"withdraw", 10, fill_payment},
    {"gaming-activity", 30, fill_game},
    {"wallet-balance", 15, fill_wallet},
    {"refer-friend", 5, fill_referral},
    {"system-events", 5, fill_system},
    {"extattributes", 5, fill_attributes},
}};

constexpr bool all_there() {
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    if (kKinds[i].name != simulator::kEventTypes[i].name) return false;
  }
  return true;
}
static_assert(all_there(), "one kind for each event type, in the same order");

const Kind& kind_of(const simulator::EventType& type) {
  return kKinds.at(static_cast<std::size_t>(&type - simulator::kEventTypes.data()));
}

bool spoil(Fields& fields, Flaw flaw) {
  const auto replace = [&](std::string_view name, std::string_view from, std::string_view to) {
    std::string value = fields.get(name);
    const std::size_t at = value.find(from);
    if (at == std::string::npos) return false;
    fields.json(name, value.replace(at, from.size(), to));
    return true;
  };
  switch (flaw) {
    case Flaw::amount_as_text:
      if (fields.get("amount").empty()) return false;
      fields.text("amount", fields.get("amount"));
      return true;
    case Flaw::negative_amount:
      if (fields.get("amount").empty()) return false;
      fields.json("amount", '-' + fields.get("amount"));
      return true;
    case Flaw::blank_in_time:
      return replace("event_time", "T", " ");
    case Flaw::email_without_at:
      return replace("email", "@", " at ");
    case Flaw::not_json:
    case Flaw::missing_field:
      return false;
  }
  return false;
}

}  // namespace

Fields record_values(const simulator::EventType& type, const Subject& subject, Random& random) {
  Fields out;
  out.text("account_id", subject.account_id);
  out.text("workspace_id", subject.workspace_id);
  out.text("user_id", subject.user_id);
  if (type.id_field == "event_id") {
    out.text("event_category", type.category.empty() ? "System" : type.category);
    out.text("event_id", subject.id);
    out.text("event_time", subject.time);
  }
  kind_of(type).fill(out, subject, random);
  return out;
}

std::uint32_t share_of(const simulator::EventType& type) { return kind_of(type).share; }

std::string spoiled(Fields fields, Flaw flaw) {
  if (flaw == Flaw::not_json) {
    const std::string whole = fields.to_json();
    return whole.substr(0, whole.size() / 2);  // as if its writer had died
  }
  // Every type requires it, and it identifies no record.
  if (!spoil(fields, flaw)) fields.remove("workspace_id");
  return fields.to_json();
}

}  // namespace sluice::demo
