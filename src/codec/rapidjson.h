// RapidJSON and valijson's view of it, the way every file of this folder has to see them.
#pragma once

#define VALIJSON_USE_EXCEPTIONS 1
#include <valijson/exceptions.hpp>
// With exceptions the adapter would make each of RapidJSON's assertions build a std::string, for
// every byte parsed; nothing else in it asks.
#undef VALIJSON_USE_EXCEPTIONS
#include <valijson/adapters/rapidjson_adapter.hpp>
#define VALIJSON_USE_EXCEPTIONS 1

#include <rapidjson/document.h>
#include <rapidjson/pointer.h>
#include <rapidjson/reader.h>
