// The tables of key_texts.h. Private to it.
#pragma once

#include "config/key_texts.h"

namespace sluice::config {

std::span<const KeyText> process_texts();
std::span<const KeyText> kafka_texts();
std::span<const KeyText> other_texts();
std::span<const KeyText> target_texts();
std::span<const KeyText> hmac_texts();
std::span<const KeyText> oauth2_texts();
std::span<const KeyText> pipeline_texts();
std::span<const KeyText> verdicts_texts();
std::span<const KeyText> results_texts();

}  // namespace sluice::config
