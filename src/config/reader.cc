#include "config/reader.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <tuple>
#include <utility>

#include "config/nearest.h"
#include "config/secret_reference.h"
#include "config/values.h"

namespace sluice::config {
namespace {

std::string_view kind_name(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null:
      return "empty";
    case Node::Kind::scalar:
      return "a single value";
    case Node::Kind::sequence:
      return "a list";
    case Node::Kind::map:
      return "a map";
  }
  return "unknown";
}

// Keys come from the file: long ones and control characters do not belong into a message.
std::string shown_key(std::string_view key) {
  const std::string shown = in_quotes(key);
  return shown.substr(1, shown.size() - 2);
}

}  // namespace

Place Value::place() const { return node->kind == Node::Kind::null ? key_place : node->place; }

std::vector<Value> Value::children() const {
  std::vector<Value> out;
  for (const Entry& entry : node->entries) {
    std::string prefix = path.empty() ? "" : path + ".";
    out.push_back({entry.value.get(), entry.key, entry.place, prefix + shown_key(entry.key)});
  }
  return out;
}

std::vector<Value> Value::items() const {
  std::vector<Value> out;
  for (const NodePtr& item : node->items) {
    out.push_back({item.get(), key, item->place, path + "[" + std::to_string(out.size()) + "]"});
  }
  return out;
}

std::optional<Value> Value::child(std::string_view name) const {
  for (Value& candidate : children()) {
    if (candidate.key == name) return std::move(candidate);
  }
  return std::nullopt;
}

Reader::Reader(std::string file, const LoadOptions& options)
    : file_(std::move(file)), options_(options) {}

void Reader::add(Place place, const std::string& path, const std::string& cause,
                 std::string remedy) {
  std::string where = path.empty() ? "" : path + ": ";
  problems_.push_back({file_, place.line, place.column, where + cause, std::move(remedy)});
}

void Reader::problem(const Value& at, const std::string& cause, std::string remedy) {
  add(at.place(), at.path, cause, std::move(remedy));
}

void Reader::problem_of_key(const Value& at, const std::string& cause, std::string remedy) {
  add(at.key_place, at.path, cause, std::move(remedy));
}

std::string Reader::file_path(const std::string& name) const {
  return (std::filesystem::path(file_).parent_path() / name).string();
}

std::vector<Problem> Reader::take_problems() {
  const auto place = [](const Problem& p) { return std::tie(p.line, p.column); };
  std::stable_sort(problems_.begin(), problems_.end(),
                   [&](const Problem& a, const Problem& b) { return place(a) < place(b); });
  return std::exchange(problems_, {});
}

std::vector<Value> Reader::map(const Value& value) {
  if (!value.is_map()) {
    problem(value, "is " + std::string(kind_name(*value.node)) + ", not a map",
            "write its keys indented below it, or in {braces}");
    return {};
  }
  std::vector<Value> out;
  std::set<std::string_view> seen;
  for (Value& child : value.children()) {
    if (!seen.insert(child.key).second) {
      problem_of_key(child, "stands here a second time", "keep one of the two");
    } else {
      out.push_back(std::move(child));
    }
  }
  return out;
}

std::vector<Value> Reader::list(const Value& value, const std::string& example) {
  if (value.node->kind != Node::Kind::sequence) {
    problem(value, "is " + std::string(kind_name(*value.node)) + ", not a list",
            "write it as a list, such as " + example);
    return {};
  }
  if (value.node->items.empty()) problem(value, "is an empty list", "name one, such as " + example);
  return value.items();
}

std::vector<Value> Reader::one_or_list(const Value& value, const std::string& example) {
  return value.is_scalar() ? std::vector<Value>{value} : list(value, example);
}

std::optional<std::string> Reader::scalar(const Value& value) {
  if (value.is_scalar()) return value.node->text;
  problem(value, "is " + std::string(kind_name(*value.node)) + ", not a single value",
          "write one value");
  return std::nullopt;
}

std::optional<std::string> Reader::text(const Value& value) {
  auto out = scalar(value);
  if (!out) return std::nullopt;
  if (out->empty()) {
    problem(value, "is empty", "write a value");
    return std::nullopt;
  }
  if (holds_reference(*out)) {
    problem(value, "holds a ${reference}, but is not a secret",
            "write the value itself; references may stand in token, password, secret, value, "
            "client_secret, private_key and refresh_token of auth, in password of proxy, in token "
            "of admin, in password and client_secret of kafka.sasl, and in passwords, secrets and "
            ".pem keys of kafka.properties");
    return std::nullopt;
  }
  return out;
}

std::optional<std::string> Reader::plain(const Value& value) {
  auto out = text(value);
  if (out && value.node->quoted) {
    problem(value, "is in quotes, which makes it a text", "remove the quotes");
    return std::nullopt;
  }
  return out;
}

void Reader::boolean(const Value& value, bool& out) {
  const auto word = plain(value);
  if (!word) return;
  if (*word != "true" && *word != "false") {
    problem(value, "is neither true nor false", "write true or false");
    return;
  }
  out = *word == "true";
}

std::optional<std::size_t> Reader::choice(const Value& value,
                                          std::span<const std::string_view> names) {
  const auto word = text(value);
  if (!word) return std::nullopt;
  const auto found = std::find(names.begin(), names.end(), *word);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  const std::string_view near = nearest(*word, {names.begin(), names.end()});
  std::string all;
  for (const std::string_view name : names) all += (all.empty() ? "" : ", ") + std::string(name);
  problem(value, in_quotes(*word) + " is none of " + all,
          near.empty() ? "write one of them" : "did you mean " + std::string(near) + "?");
  return std::nullopt;
}

void Reader::look_up_only_below(std::vector<std::string> keys) {
  looked_up_below_ = std::move(keys);
}

bool Reader::looks_up(const Value& value) const {
  if (!looked_up_below_) return true;
  return std::any_of(looked_up_below_->begin(), looked_up_below_->end(),
                     [&](const std::string& key) { return value.path.starts_with(key + "."); });
}

void Reader::secret(const Value& value, Secret& out) {
  const auto literal = scalar(value);
  if (!literal || !looks_up(value)) return;
  if (holds_reference(*literal)) {
    if (auto file = referenced_file(*literal)) secret_files_.insert(std::move(*file));
    if (auto resolved = take(value, resolve_reference(*literal))) out = std::move(*resolved);
  } else if (literal->empty()) {
    problem(value, "is empty", "write a reference, such as \"${env:API_TOKEN}\"");
  } else if (!options_.allow_literal_secrets) {
    problem(value, "is a secret that stands in the file",
            "write a reference, such as \"${env:API_TOKEN}\", or allow it with "
            "--allow-literal-secrets");
  } else {
    out = Secret(*literal);
  }
}

}  // namespace sluice::config
