#include "replay/documents.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "auth/encoding.h"
#include "codec/envelope.h"
#include "telemetry/text.h"

namespace sluice::replay {
namespace {

// Objects and arrays are opened and closed by hand; the text is UTF-8 whatever it is given.
class Document {
 public:
  Document() : writer_(buffer_) { writer_.StartObject(); }

  void key(std::string_view name) { put(name, true); }
  void text(std::string_view value) { put(value, false); }
  void text(std::string_view name, std::string_view value) {
    key(name);
    text(value);
  }
  void number(std::string_view name, std::size_t value) {
    key(name);
    writer_.Uint64(value);
  }
  void null(std::string_view name) {
    key(name);
    writer_.Null();
  }
  void object(std::string_view name) {
    key(name);
    writer_.StartObject();
  }
  void object() { writer_.StartObject(); }
  void end_object() { writer_.EndObject(); }
  void array(std::string_view name) {
    key(name);
    writer_.StartArray();
  }
  void end_array() { writer_.EndArray(); }

  std::string take() {
    writer_.EndObject();
    return {buffer_.GetString(), buffer_.GetSize()};
  }

 private:
  void put(std::string_view value, bool as_key) {
    const std::string clean = telemetry::to_utf8(value);
    const auto size = static_cast<rapidjson::SizeType>(clean.size());
    if (as_key) {
      writer_.Key(clean.data(), size);
    } else {
      writer_.String(clean.data(), size);
    }
  }

  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_;
};

void put_counts(Document& document, const LetterCounts& counts) {
  document.number("letters", counts.letters);
  document.number("waiting", counts.waiting);
  document.number("uncertain", counts.uncertain);
  document.number("replayed", counts.replayed);
  if (counts.letters == 0) return;
  document.text("oldest", telemetry::to_utc(counts.oldest));
  document.text("newest", telemetry::to_utc(counts.newest));
}

void put_bytes(Document& document, std::string_view name, const std::optional<std::string>& bytes,
               bool payload) {
  if (!bytes) {
    document.null(name);
    return;
  }
  document.object(name);
  document.number("bytes", bytes->size());
  const std::string print = fingerprint(*bytes);
  document.text("xxh3", std::string_view(print).substr(print.rfind(' ') + 1));
  if (payload && telemetry::to_utf8(*bytes) == *bytes) document.text("text", *bytes);
  if (payload && telemetry::to_utf8(*bytes) != *bytes) {
    document.text("base64", auth::base64(*bytes));
  }
  document.end_object();
}

void put_letter(Document& document, const WholeLetter& letter, bool payload) {
  document.object();
  document.text("at", to_string(letter.record.letter.place));
  document.text("state", to_string(letter.state));
  document.object("envelope");
  for (const OwnedHeader& header : letter.envelope) {
    document.text(header.name.substr(codec::kEnvelopePrefix.size()), header.value.value_or(""));
  }
  document.end_object();
  put_bytes(document, "key", letter.record.key, payload);
  put_bytes(document, "value", letter.record.value, payload);
  document.array("headers");
  for (const OwnedHeader& header : letter.record.headers) {
    document.object();
    document.text("name", header.name);
    put_bytes(document, "value", header.value, payload);
    document.end_object();
  }
  document.end_array();
  document.end_object();
}

}  // namespace

std::string list_document(const Listing& listing) {
  Document document;
  document.array("topics");
  for (const auto& topic : listing.topics()) document.text(topic);
  document.end_array();
  document.object("total");
  put_counts(document, listing.total());
  document.end_object();
  document.array("groups");
  for (const auto& [group, counts] : listing.groups()) {
    document.object();
    for (std::size_t i = 0; i < group.size(); ++i) {
      document.text(to_string(listing.by()[i]), group[i]);
    }
    put_counts(document, counts);
    document.end_object();
  }
  document.end_array();
  document.array("uncertain");
  for (const Letter& letter : listing.uncertain()) {
    document.object();
    document.text("id", letter.id());
    document.text("at", to_string(letter.place));
    document.text("pipeline", letter.pipeline);
    document.end_object();
  }
  document.end_array();
  document.number("looping", listing.looping());
  document.number("foreign", listing.foreign());
  return document.take();
}

std::string show_document(const std::vector<WholeLetter>& letters, bool payload) {
  Document document;
  document.array("letters");
  for (const WholeLetter& letter : letters) put_letter(document, letter, payload);
  document.end_array();
  return document.take();
}

std::string replay_line(const Letter& letter, std::string_view result, std::string_view detail) {
  Document document;
  document.text("id", letter.id());
  document.text("at", to_string(letter.place));
  document.text("result", result);
  document.text("detail", detail);
  return document.take();
}

std::string summary_line(const Plan& plan, const Tally& tally) {
  Document document;
  document.object("summary");
  document.number("planned", plan.letters.size());
  document.number("replayed", tally.replayed);
  document.number("refused", tally.refused);
  document.number("uncertain", tally.uncertain);
  document.number("gone", tally.gone);
  document.number("taken", tally.taken);
  document.number("not_tried", plan.letters.size() - tally.tried());
  document.number("replayed_before", plan.replayed);
  document.number("uncertain_before", plan.unsure.size());
  document.number("copies", plan.copies);
  document.number("looping", plan.looping);
  document.number("beyond_limit", plan.beyond_limit);
  if (tally.stopped) document.text("stopped", tally.stopped->text());
  document.end_object();
  return document.take();
}

}  // namespace sluice::replay
