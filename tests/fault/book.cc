#include "fault/book.h"

#include <array>

namespace sluice::fault {
namespace {

constexpr std::string_view kPoisonMark = R"("poison":true)";
constexpr std::array<std::string_view, 6> kForms = {
    R"(,"amount":12.50)",
    R"( , "amount" : 1.0e+2 , "big":9223372036854775807)",
    R"(,"name":"Zo\u00eb \"Z\" \/ \n","none":null)",
    R"(,"name":"Zoë 漢字","list":[ 1 , [] , {} ])",
    R"(,"huge":1e400,"tiny":0.000000000000000000000000000001,"long":12345678901234567890123456789)",
    ",\n\t\"spaced\" :\ttrue"};

}  // namespace

std::string record_value(std::string_view id, std::int64_t number, std::size_t padding,
                         bool poison) {
  std::string value = R"({"id":")";
  value += id;
  value += '"';
  value += kForms[static_cast<std::size_t>(number) % kForms.size()];
  if (poison) value.append(",").append(kPoisonMark);
  if (padding != 0) value += R"(,"padding":")" + std::string(padding, 'x') + '"';
  return value + '}';
}

bool is_poison(std::string_view body) { return body.find(kPoisonMark) != body.npos; }

void Book::write(const std::string& id, std::string value) {
  const std::lock_guard lock(mutex_);
  values_[id] = std::move(value);
}

void Book::confirm(Produced record) {
  const std::lock_guard lock(mutex_);
  confirmed_.push_back(std::move(record));
}

void Book::withdraw(const std::unordered_set<std::string>& ids) {
  const std::lock_guard lock(mutex_);
  std::erase_if(confirmed_, [&](const Produced& record) { return ids.contains(record.id); });
}

std::string Book::value_of(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = values_.find(id);
  return found == values_.end() ? "" : found->second;
}

std::string Book::body_of(const std::vector<std::string>& ids) const {
  const std::lock_guard lock(mutex_);
  std::string body = "[";
  for (const std::string& id : ids) {
    if (body.size() > 1) body += ',';
    const auto found = values_.find(id);
    if (found != values_.end()) body += found->second;
  }
  return body + ']';
}

std::vector<Produced> Book::confirmed() const {
  const std::lock_guard lock(mutex_);
  return confirmed_;
}

std::size_t Book::confirmed_count() const {
  const std::lock_guard lock(mutex_);
  return confirmed_.size();
}

}  // namespace sluice::fault
