// A unit that includes a service's generated header sees neither Beast nor Asio, and pays for
// neither: this must compile.

#include <coderd.hpp>

#ifdef BOOST_BEAST_VERSION
#error "coderd.hpp includes Boost.Beast"
#endif
#if defined(BOOST_ASIO_VERSION) || defined(BOOST_ASIO_DETAIL_CONFIG_HPP)
#error "coderd.hpp includes Boost.Asio"
#endif
#ifdef _GLIBCXX_IOSTREAM
#error "coderd.hpp includes <iostream>"
#endif
#ifdef _GLIBCXX_FUNCTIONAL
#error "coderd.hpp includes <functional>"
#endif

#include <boost/beast/version.hpp>
#ifndef BOOST_BEAST_VERSION
#error "the guard macro that this test asks for is not the one that Beast defines"
#endif
#include <boost/asio/version.hpp>
#ifndef BOOST_ASIO_VERSION
#error "the guard macro that this test asks for is not the one that Asio defines"
#endif
#include <functional>
#include <iostream>
#if !defined(_GLIBCXX_IOSTREAM) || !defined(_GLIBCXX_FUNCTIONAL)
#error "the guard macros that this test asks for are not those of the standard library"
#endif

int main() { return 0; }
