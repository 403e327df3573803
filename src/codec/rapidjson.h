// RapidJSON as valijson wants it: valijson's adapter comes first, since it makes a failed assertion
// an exception, and this whole folder must see the same definition of that.
#pragma once

#define VALIJSON_USE_EXCEPTIONS 1
#include <valijson/adapters/rapidjson_adapter.hpp>
// The line keeps the order.
#include <rapidjson/document.h>
#include <rapidjson/pointer.h>
#include <rapidjson/reader.h>
