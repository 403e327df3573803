// What stands in the `read` column of a table of keys, by the kind of value; bounds are inclusive.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/keys.h"
#include "config/text_forms.h"
#include "config/values.h"

namespace sluice::config {

template <class Member>
struct MemberTraits;
template <class T, class V>
struct MemberTraits<V T::*> {
  using Owner = T;
  using Type = V;
};
template <auto kMember>
using OwnerOf = typename MemberTraits<decltype(kMember)>::Owner;

void read_bounded(Reader& reader, const Value& value, std::uint32_t low, std::uint32_t high,
                  std::uint32_t& out);
void read_bounded(Reader& reader, const Value& value, Duration low, Duration high, Duration& out);
void read_bounded(Reader& reader, const Value& value, std::size_t low, std::size_t high,
                  std::size_t& out);
// 1% to 100%, as a fraction of one.
void read_percent(Reader& reader, const Value& value, double& out);

// Their forms.
Form whole_form(std::uint64_t low, std::uint64_t high);
Form duration_form(Duration low, Duration high);
Form size_form(std::size_t low, std::size_t high);
Form percent_form();
Form boolean_form();

// The same with the default of the member it is read into.
Form with_default(Form form, std::uint32_t value);
Form with_default(Form form, std::size_t value);
Form with_default(Form form, double value);
Form with_default(Form form, Duration value);
Form with_default(Form form, bool value);
Form with_default(Form form, const std::string& value);
// What has no default, or none that one value says.
template <class T>
Form with_default(Form form, const T& /*value*/) {
  return form;
}
template <auto kMember>
Form with_member(Form form) {
  return with_default(std::move(form), OwnerOf<kMember>{}.*kMember);
}

template <auto kMember, std::uint32_t kLow, std::uint32_t kHigh>
inline constexpr Reads<OwnerOf<kMember>> whole{
    [](Reader& reader, const Value& value, OwnerOf<kMember>& out) {
      read_bounded(reader, value, kLow, kHigh, out.*kMember);
    },
    [] { return with_member<kMember>(whole_form(kLow, kHigh)); }};

template <auto kMember, std::size_t kLow, std::size_t kHigh>
inline constexpr Reads<OwnerOf<kMember>> size{
    [](Reader& reader, const Value& value, OwnerOf<kMember>& out) {
      read_bounded(reader, value, kLow, kHigh, out.*kMember);
    },
    [] { return with_member<kMember>(size_form(kLow, kHigh)); }};

template <auto kMember>
inline constexpr Reads<OwnerOf<kMember>> percent{
    [](Reader& reader, const Value& value, OwnerOf<kMember>& out) {
      read_percent(reader, value, out.*kMember);
    },
    [] { return with_member<kMember>(percent_form()); }};

// What records differ in: one or a list, none twice, each as parse_group_by() takes it.
void read_record_parts(Reader& reader, const Value& value, std::vector<std::string>& out);
Form record_parts_form();

// In milliseconds.
inline constexpr std::int64_t kSecond = 1000;
inline constexpr std::int64_t kMinute = 60 * kSecond;
inline constexpr std::int64_t kHour = 60 * kMinute;
inline constexpr std::int64_t kDay = 24 * kHour;

template <auto kMember, std::int64_t kLow, std::int64_t kHigh>
inline constexpr Reads<OwnerOf<kMember>> duration{
    [](Reader& reader, const Value& value, OwnerOf<kMember>& out) {
      read_bounded(reader, value, Duration(std::chrono::milliseconds(kLow)),
                   Duration(std::chrono::milliseconds(kHigh)), out.*kMember);
    },
    [] {
      return with_member<kMember>(
          duration_form(std::chrono::milliseconds(kLow), std::chrono::milliseconds(kHigh)));
    }};

// kParse: Result<std::string>(std::string_view); kForm: of what it takes.
template <auto kMember, auto kParse, Form (*kForm)()>
inline constexpr Reads<OwnerOf<kMember>> text{
    [](Reader& reader, const Value& value, OwnerOf<kMember>& out) {
      const auto raw = reader.text(value);
      if (!raw) return;
      if (auto parsed = reader.take(value, kParse(*raw))) out.*kMember = std::move(*parsed);
    },
    [] { return with_member<kMember>(kForm()); }};

// An RFC 6901 pointer; in quotes also the empty one, to all of it.
std::optional<std::string> read_json_pointer(Reader& reader, const Value& value);

template <auto kMember>
inline constexpr Reads<OwnerOf<kMember>> json_pointer{
    [](Reader& reader, const Value& value, OwnerOf<kMember>& out) {
      if (auto pointer = read_json_pointer(reader, value)) out.*kMember = std::move(*pointer);
    },
    json_pointer_text};

// The path of a PEM file; relative ones are to the configuration's folder. Read where it is used;
// here it must only be there.
std::optional<std::string> read_pem_path(Reader& reader, const Value& value);

template <auto kMember>
inline constexpr Reads<OwnerOf<kMember>> pem_file{
    [](Reader& reader, const Value& value, OwnerOf<kMember>& out) {
      if (auto path = read_pem_path(reader, value)) out.*kMember = std::move(*path);
    },
    any_text};

template <auto kMember>
inline constexpr Reads<OwnerOf<kMember>> boolean{
    [](Reader& reader, const Value& value, OwnerOf<kMember>& out) {
      reader.boolean(value, out.*kMember);
    },
    [] { return with_member<kMember>(boolean_form()); }};

template <auto kMember>
inline constexpr Reads<OwnerOf<kMember>> secret{
    [](Reader& reader, const Value& value, OwnerOf<kMember>& out) {
      reader.secret(value, out.*kMember);
    },
    secret_text};

// One word of a list.
template <class E>
struct Choice {
  std::string_view name;
  E value{};
  std::string_view not_yet = {};  // what to do meanwhile, where the word has no meaning yet
};

template <class E, std::size_t n>
std::optional<E> read_choice(Reader& reader, const Value& value, const Choice<E> (&choices)[n]) {
  std::vector<std::string_view> names;
  for (const Choice<E>& choice : choices) names.push_back(choice.name);
  const auto index = reader.choice(value, names);
  if (!index) return std::nullopt;
  const Choice<E>& chosen = choices[*index];
  if (chosen.not_yet.empty()) return chosen.value;
  reader.problem(value, in_quotes(chosen.name) + " is not yet supported",
                 std::string(chosen.not_yet));
  return std::nullopt;
}

// The words that read_choice() takes.
template <class E, std::size_t n>
std::vector<std::string> words_of(const Choice<E> (&choices)[n]) {
  std::vector<std::string> words;
  for (const Choice<E>& choice : choices) {
    if (choice.not_yet.empty()) words.emplace_back(choice.name);
  }
  return words;
}

template <const auto& kChoices>
Form words_form_of() {
  return words_form(words_of(kChoices));
}

// With the word of `value`, where one has it, as the default.
template <class E, std::size_t n>
Form choice_form(const Choice<E> (&choices)[n], E value) {
  Form form = words_form(words_of(choices));
  for (const Choice<E>& choice : choices) {
    if (choice.value == value && choice.not_yet.empty()) form.fallback = json_quoted(choice.name);
  }
  return form;
}

template <auto kMember, const auto& kChoices>
inline constexpr Reads<OwnerOf<kMember>> choice{
    [](Reader& reader, const Value& value, OwnerOf<kMember>& out) {
      if (const auto chosen = read_choice(reader, value, kChoices)) out.*kMember = *chosen;
    },
    [] { return choice_form(kChoices, OwnerOf<kMember>{}.*kMember); }};

}  // namespace sluice::config
