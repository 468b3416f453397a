// Package funcname reads the names of functions as C++ and Rust programs, demanglers and debug information spell them, and tells
// which of them mean the same: "ns::Cart::add(int, const std::string &)" is the demangled
// "ns::Cart::add(int, std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> > const&)", "Sq::area" is Rust's
// "<shop::Sq as shop::Shape>::area".
package funcname
