#include "codec/body.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

namespace sluice::codec {
namespace {

// Most records have none, and memchr() is many times as fast as a loop.
bool has_line_break(std::string_view text) {
  return std::memchr(text.data(), '\n', text.size()) != nullptr ||
         std::memchr(text.data(), '\r', text.size()) != nullptr;
}

}  // namespace

Body::Body(Body&& other) noexcept
    : format_(other.format_),
      data_(std::move(other.data_)),
      room_(std::exchange(other.room_, 0)),
      spans_(std::exchange(other.spans_, {})),
      framed_first_(std::exchange(other.framed_first_, 0)),
      framed_last_(std::exchange(other.framed_last_, 0)) {}

Body& Body::operator=(Body&& other) noexcept {
  format_ = other.format_;
  data_ = std::move(other.data_);
  room_ = std::exchange(other.room_, 0);
  spans_ = std::exchange(other.spans_, {});
  framed_first_ = std::exchange(other.framed_first_, 0);
  framed_last_ = std::exchange(other.framed_last_, 0);
  return *this;
}

void Body::reserve(std::size_t bytes) {
  if (data_ && bytes <= room_) return;
  // Not value-initialised: zeroing a megabyte per batch would cost as much as the copy.
  auto grown = std::make_unique_for_overwrite<char[]>(bytes + kPadding);
  if (!spans_.empty()) std::memcpy(grown.get(), data_.get(), spans_.back().end() + closing());
  data_ = std::move(grown);
  room_ = bytes;
}

void Body::make_room(std::size_t bytes) {
  if (!data_ || bytes > room_) reserve(std::max(bytes, 2 * room_));
}

std::string_view Body::append(std::string_view value) {
  assert(format_ != BodyFormat::json || spans_.empty());
  put_separators_back();
  const std::size_t begin = spans_.empty() ? opening() : spans_.back().end() + 1;
  make_room(begin + value.size() + closing());
  if (format_ == BodyFormat::json_array) data_[begin - 1] = ',';
  if (!value.empty()) std::memcpy(data_.get() + begin, value.data(), value.size());
  if (format_ == BodyFormat::ndjson) data_[begin + value.size()] = '\n';
  spans_.push_back({begin, value.size()});
  return record(spans_.size() - 1);
}

std::string_view Body::minify_last() {
  assert(!spans_.empty());
  Span& last = spans_.back();
  if (format_ == BodyFormat::ndjson && has_line_break(record(spans_.size() - 1))) {
    char* const begin = data_.get() + last.begin;
    char* const end =
        std::remove_if(begin, begin + last.size, [](char c) { return c == '\n' || c == '\r'; });
    last.size = static_cast<std::size_t>(end - begin);
    *end = '\n';
  }
  return record(spans_.size() - 1);
}

void Body::retract_last() {
  assert(!spans_.empty());
  put_separators_back();
  spans_.pop_back();
}

void Body::clear() {
  spans_.clear();
  framed_first_ = framed_last_ = 0;
}

std::string_view Body::record(std::size_t i) const {
  assert(i < spans_.size());
  return {data_.get() + spans_[i].begin, spans_[i].size};
}

std::size_t Body::size() const { return spans_.empty() ? 0 : framed_size(0, spans_.size()); }

std::size_t Body::size_with(std::size_t value_bytes) const {
  const std::size_t before = spans_.empty() ? opening() : spans_.back().end() + 1;
  return before + value_bytes + closing();
}

std::size_t Body::framed_size(std::size_t first, std::size_t last) const {
  assert(first < last && last <= spans_.size());
  return opening() + spans_[last - 1].end() - spans_[first].begin + closing();
}

std::string_view Body::frame(std::size_t first, std::size_t last) {
  const std::size_t size = framed_size(first, last);
  put_separators_back();
  char* const begin = data_.get() + spans_[first].begin - opening();
  if (format_ == BodyFormat::json_array) {
    begin[0] = '[';
    begin[size - 1] = ']';
    framed_first_ = first;
    framed_last_ = last;
  }
  return {begin, size};
}

void Body::put_separators_back() {
  if (framed_first_ == framed_last_) return;
  data_[spans_[framed_first_].begin - 1] = ',';
  data_[spans_[framed_last_ - 1].end()] = ',';
  framed_first_ = framed_last_ = 0;
}

std::size_t Body::capacity() const {
  return (data_ ? room_ + kPadding : 0) + spans_.capacity() * sizeof(Span);
}

}  // namespace sluice::codec
