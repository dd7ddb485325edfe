// boost_json.cpp: Boost.JSON, compiled once for the tests that read JSON with it.

#include <boost/json/src.hpp>
