#include "deliver/result_places.h"

#include <charconv>
#include <map>
#include <string_view>

#include "codec/json_pointer.h"

namespace sluice::deliver {
namespace {

using Places = std::vector<std::vector<std::size_t>>;

std::optional<std::size_t> index_of(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  std::size_t index = 0;
  const char* end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, index);
  if (error != std::errc() || stop != end) return std::nullopt;
  return index;
}

struct SameId {
  std::vector<std::size_t> records;
  std::size_t items = 0;
  std::size_t seen = 0;  // of the items
};

std::map<std::string, SameId> records_by_id(const std::string& pointer, const Sent& sent) {
  std::map<std::string, SameId> by_id;
  for (std::size_t i = sent.records.first; i < sent.records.last; ++i) {
    auto id = codec::texts_at(sent.batch.body().record(i), {pointer}).front();
    if (id) by_id[std::move(*id)].records.push_back(i);
  }
  return by_id;
}

Places places_by_id(const std::string& pointer, const std::vector<ResultItem>& items,
                    const Sent& sent) {
  Places places(items.size());
  if (items.empty()) return places;  // all went well: no record is parsed
  auto by_id = records_by_id(pointer, sent);
  const auto find = [&](const ResultItem& item) {
    const auto found = item.name ? by_id.find(*item.name) : by_id.end();
    return found == by_id.end() ? nullptr : &found->second;
  };
  for (const ResultItem& item : items) {
    if (SameId* same = find(item)) ++same->items;
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    SameId* same = find(items[i]);
    if (same == nullptr) continue;
    const bool in_order = same->items == same->records.size();
    places[i] = in_order ? std::vector{same->records[same->seen++]} : same->records;
  }
  return places;
}

}  // namespace

Places places_of(const config::Results& results, const std::vector<ResultItem>& items,
                 const Sent& sent) {
  if (results.id) return places_by_id(results.record_id, items, sent);
  Places places(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto index = results.index ? index_of(items[i].name) : i;
    if (index && *index < sent.records.size()) places[i] = {sent.records.first + *index};
  }
  return places;
}

}  // namespace sluice::deliver
