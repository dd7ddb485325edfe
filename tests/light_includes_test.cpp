// A unit that includes a service's generated header pays for no heavy header, of Boost or of the
// standard library: this must compile. The guard macros are libstdc++'s, and are asked for twice,
// so that one that has another name is noticed.

#include <coderd.hpp>

#ifdef BOOST_BEAST_VERSION
#error "coderd.hpp includes Boost.Beast"
#endif
#if defined(BOOST_ASIO_VERSION) || defined(BOOST_ASIO_DETAIL_CONFIG_HPP)
#error "coderd.hpp includes Boost.Asio"
#endif
#ifdef _GLIBCXX_ALGORITHM
#error "coderd.hpp includes <algorithm>"
#endif
#ifdef _GLIBCXX_CHRONO
#error "coderd.hpp includes <chrono>"
#endif
#ifdef _GLIBCXX_CMATH
#error "coderd.hpp includes <cmath>"
#endif
#ifdef _GLIBCXX_FUNCTIONAL
#error "coderd.hpp includes <functional>"
#endif
#ifdef _GLIBCXX_IOSTREAM
#error "coderd.hpp includes <iostream>"
#endif
#ifdef _GLIBCXX_MAP
#error "coderd.hpp includes <map>"
#endif
#ifdef _GLIBCXX_MEMORY
#error "coderd.hpp includes <memory>"
#endif
#ifdef _GLIBCXX_MUTEX
#error "coderd.hpp includes <mutex>"
#endif
#ifdef _GLIBCXX_OPTIONAL
#error "coderd.hpp includes <optional>"
#endif
#ifdef _GLIBCXX_THREAD
#error "coderd.hpp includes <thread>"
#endif
#ifdef _GLIBCXX_UNORDERED_MAP
#error "coderd.hpp includes <unordered_map>"
#endif
#ifdef _GLIBCXX_VARIANT
#error "coderd.hpp includes <variant>"
#endif
#ifdef _GLIBCXX_VECTOR
#error "coderd.hpp includes <vector>"
#endif

#include <boost/asio/version.hpp>
#include <boost/beast/version.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <variant>
#include <vector>

#if !defined(BOOST_BEAST_VERSION) || !defined(BOOST_ASIO_VERSION)
#error "the guard macros that this test asks for are not those of Boost"
#endif
#if !defined(_GLIBCXX_ALGORITHM) || !defined(_GLIBCXX_CHRONO) || !defined(_GLIBCXX_CMATH) ||       \
    !defined(_GLIBCXX_FUNCTIONAL) || !defined(_GLIBCXX_IOSTREAM) || !defined(_GLIBCXX_MAP) ||      \
    !defined(_GLIBCXX_MEMORY) || !defined(_GLIBCXX_MUTEX) || !defined(_GLIBCXX_OPTIONAL) ||        \
    !defined(_GLIBCXX_THREAD) || !defined(_GLIBCXX_UNORDERED_MAP) || !defined(_GLIBCXX_VARIANT) || \
    !defined(_GLIBCXX_VECTOR)
#error "the guard macros that this test asks for are not those of the standard library"
#endif

int main() { return 0; }
