#include "fault/result.h"

#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <array>
#include <stdexcept>
#include <utility>

namespace sluice::fault {
namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

constexpr std::array<std::pair<const char*, std::size_t Figures::*>, 11> kFigures = {
    {{"produced", &Figures::produced},
     {"delivered", &Figures::delivered},
     {"repeated", &Figures::repeated},
     {"untold", &Figures::untold},
     {"dead", &Figures::dead},
     {"gone", &Figures::gone},
     {"uncommitted", &Figures::uncommitted},
     {"lost", &Figures::lost},
     {"requests", &Figures::requests},
     {"commits", &Figures::commits},
     {"most_unconfirmed", &Figures::most_unconfirmed}}};

void write_texts(Writer& writer, const char* name, const std::vector<std::string>& texts) {
  writer.Key(name);
  writer.StartArray();
  for (const std::string& text : texts) writer.String(text.c_str());
  writer.EndArray();
}

void write(Writer& writer, const Result& result) {
  writer.StartObject();
  writer.Key("name");
  writer.String(result.name.c_str());
  writer.Key("seconds");
  writer.Double(result.seconds);
  writer.Key("recovered_seconds");
  writer.Double(result.recovered_seconds);
  writer.Key("peak_rss_bytes");
  writer.Uint64(result.peak_rss_bytes);
  for (const auto& [name, figure] : kFigures) {
    writer.Key(name);
    writer.Uint64(result.figures.*figure);
  }
  writer.Key("tried");
  writer.Bool(result.tried);
  write_texts(writer, "notes", result.notes);
  write_texts(writer, "wrongs", result.wrongs);
  writer.EndObject();
}

std::vector<std::string> read_texts(const rapidjson::Value& texts) {
  std::vector<std::string> read;
  for (const auto& text : texts.GetArray()) read.emplace_back(text.GetString());
  return read;
}

std::string row_of(const Result& result) {
  const Figures& f = result.figures;
  const char* const verdict = !result.wrongs.empty() ? "FAILED" : result.tried ? "ok" : "not tried";
  const std::string recovered =
      result.recovered_seconds < 0 ? "–" : fmt::format("{:.1f}", result.recovered_seconds);
  return fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {:.0f} | {} |\n",
                     result.name, verdict, f.produced, f.delivered, f.lost, f.repeated, f.untold,
                     f.dead, f.gone, recovered,
                     static_cast<double>(result.peak_rss_bytes) / (1 << 20), f.most_unconfirmed);
}

}  // namespace

std::string to_json(const Result& result) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  write(writer, result);
  return buffer.GetString();
}

Result from_json(const std::string& json) {
  rapidjson::Document document;
  document.Parse(json.data(), json.size());
  if (document.HasParseError() || !document.IsObject()) {
    throw std::runtime_error("not a result: " + json);
  }
  Result result{.name = document["name"].GetString(),
                .seconds = document["seconds"].GetDouble(),
                .recovered_seconds = document["recovered_seconds"].GetDouble(),
                .peak_rss_bytes = document["peak_rss_bytes"].GetUint64(),
                .tried = document["tried"].GetBool(),
                .notes = read_texts(document["notes"]),
                .wrongs = read_texts(document["wrongs"])};
  for (const auto& [name, figure] : kFigures) result.figures.*figure = document[name].GetUint64();
  return result;
}

std::string to_json(const std::vector<Result>& results, std::uint64_t seed) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  writer.Key("seed");
  writer.Uint64(seed);
  writer.Key("scenarios");
  writer.StartArray();
  for (const Result& result : results) write(writer, result);
  writer.EndArray();
  writer.EndObject();
  return buffer.GetString();
}

std::string table_of(const std::vector<Result>& results) {
  std::string text =
      "| scenario | | produced | delivered | lost | repeated | answer lost | dead | gone | "
      "recovered s | RSS MiB | most unconfirmed |\n"
      "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";
  for (const Result& result : results) text += row_of(result);
  for (const Result& result : results) {
    for (const std::string& note : result.notes) text += "\n- " + result.name + ": " + note;
    for (const std::string& wrong : result.wrongs)
      text += "\n- WRONG, " + result.name + ": " + wrong;
  }
  return text + "\n";
}

}  // namespace sluice::fault
