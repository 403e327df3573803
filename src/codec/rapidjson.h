// RapidJSON as valijson wants it: valijson's adapter comes first, since it makes a failed assertion
// an exception, and this whole folder must see the same definition of that.
#pragma once

// GCC 12 takes the <regex> that valijson needs for a reader of uninitialised memory, where it is
// compiled with a sanitizer.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#define VALIJSON_USE_EXCEPTIONS 1
#include <valijson/adapters/rapidjson_adapter.hpp>
// The line keeps the order.
#include <rapidjson/document.h>
#include <rapidjson/pointer.h>
#include <rapidjson/reader.h>
