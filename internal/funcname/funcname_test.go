package funcname

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"f", "f"},
		{"ns::Cart::add(int, std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> > const&, long)",
			"ns::Cart::add(int, std::string const&, long)"},
		{"ns::Cart::add(int , const std::string &, long int)", "ns::Cart::add(int, std::string const&, long)"},
		{"int ns::scale<int>(int, int)", "ns::scale<int>(int, int)"},
		{"unsigned long f(long unsigned int, unsigned, char unsigned)", "f(unsigned long, unsigned int, unsigned char)"},
		{"ns::Cart::operator()(int, int)", "ns::Cart::operator()(int, int)"},
		{"ns::Cart::operator<(ns::Cart const&) const", "ns::Cart::operator<(ns::Cart const&) const"},
		{"ns::Cart::operator bool() const", "ns::Cart::operator bool() const"},
		{"operator<< <int>(A<int>&)", "operator<<<int>(A<int>&)"},
		{"ns::operator->*(A)", "ns::operator->*(A)"},
		{"(anonymous namespace)::Local::get(int) [clone .constprop.0]", "(anonymous namespace)::Local::get(int)"},
		{"{anonymous}::secret", "(anonymous namespace)::secret"},
		{"main::{lambda(int)#1}::operator()(int) const", "main::{lambda(int)#1}::operator()(int) const"},
		{"ns::f(int)::Local::get(int) const", "ns::f::Local::get(int) const"},
		{"ns::f() const::{lambda()#2}::operator()() const", "ns::f::{lambda()#2}::operator()() const"},
		{"std::vector<int, std::allocator<int> >::push_back(int&&)", "std::vector<int>::push_back(int&&)"},
		{"std::map<int, A, std::less<int>, std::allocator<std::pair<int const, A> > >::at(int const&)", "std::map<int, A>::at(int const&)"},
		{"std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >::append(char const*)", "std::string::append(char const*)"},
		{"f(void)", "f()"},
		{"f(char const* const, void (*)(int, long))", "f(char const*, void(*)(int,long))"},
		{"<shop::Sq as shop::Shape>::area", "<shop::Sq as shop::Shape>::area"},
		{"<shop::Stack<i32>>::push", "shop::Stack<i32>::push"},
		{"shop::sum::<i32>", "shop::sum<i32>"},
		{"core::num::<impl usize>::checked_add", "core::num::usize::checked_add"},
		{"shop::main::{{closure}}", "shop::main::{{closure}}"},
		{"<[T] as core::fmt::Debug>::fmt", "<[T] as core::fmt::Debug>::fmt"},
		{"core::ptr::drop_in_place<alloc::vec::Vec<shop::store::Item>>", "core::ptr::drop_in_place<alloc::vec::Vec<shop::store::Item>>"},
		{"<alloc::vec::Vec<T,A> as core::ops::drop::Drop>::drop", "<alloc::vec::Vec<T, A> as core::ops::drop::Drop>::drop"},
		{"<fn(i32) -> i32 as core::fmt::Debug>::fmt", "<fn(i32)->i32 as core::fmt::Debug>::fmt"},
		{"std::ostream& ns::operator<<(std::ostream&, A const&)", "ns::operator<<(std::ostream&, A const&)"},
	} {
		n := Parse(tt.in)
		if got := n.String(); got != tt.want {
			t.Errorf("Parse(%q) = %q, want %q", tt.in, got, tt.want)
		}
		again := Parse(n.String())
		if got := again.String(); got != tt.want {
			t.Errorf("Parse(%q) = %q: no fixed point", n.String(), got)
		}
	}
}

func TestMatch(t *testing.T) {
	const add = "ns::Cart::add(int, std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> > const&, long)"
	for _, tt := range []struct {
		want, have string
		fit        Fit
	}{
		{"ns::Cart::add", add, Full},
		{"Cart::add", add, Tail},
		{"add", add, Tail},
		{"art::add", add, No},
		{"ns::Cart::add(int, const std::string&, long)", add, Full},
		{"Cart::add(int, string const&, long)", add, Tail},
		{"ns::Cart::add(int)", add, No},
		{"ns::Cart::add()", add, No},
		{"scale", "ns::scale<int>(int, int)", Tail},
		{"ns::scale<int>", "int ns::scale<int>(int, int)", Full},
		{"ns::scale<long>", "int ns::scale<int>(int, int)", No},
		{"Pair::size", "ns::Pair<int, std::__cxx11::basic_string<char> >::size() const", Tail},
		{"Pair<int, std::string>::size", "ns::Pair<int, std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> > >::size() const", Tail},
		{"f(vector<Item> const&)", "ns::f(std::vector<ns::Item, std::allocator<ns::Item> > const&)", Tail},
		{"f() const", "A::f() const", Tail},
		{"f() const", "A::f()", No},
		{"f()", "A::f() const", Tail},
		{"<Sq as Shape>::area", "<shop::Sq as shop::Shape>::area", Full},
		{"<Sq as Other>::area", "<shop::Sq as shop::Shape>::area", No},
		{"Sq::area", "<shop::Sq as shop::Shape>::area", Tail},
		{"shop::Sq::area", "<shop::Sq as shop::Shape>::area", Full},
		{"Stack<i32>::push", "<shop::Stack<i32>>::push", Tail},
		{"Stack::push", "shop::Stack<T>::push", Tail},
		{"main::{{closure}}", "shop::main::{closure#0}", Tail},
		{"main::{lambda(int)#1}::operator()", "main::<lambda(int)>::operator()", Full},
		{"main::{lambda(int)#1}::operator()", "main::{lambda(int)#2}::operator()", No},
		{"main::<lambda(int)>::operator()", "main::<lambda(int)>::operator()", Full},
		{"main::{closure#1}", "shop::main::{closure#0}", No},
	} {
		w, h := Parse(tt.want), Parse(tt.have)
		if got := w.Match(&h); got != tt.fit {
			t.Errorf("%q for %q: %d, want %d", tt.want, tt.have, got, tt.fit)
		}
	}
}

func TestEvent(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"main", "main"},
		{"_start", "_start"},
		{"ns::Cart::add", "ns_Cart_add"},
		{"Cart::add(int, std::string const&, long)", "Cart_add_int_string_long"},
		{"Cart::add(double)", "Cart_add_double"},
		{"ns::scale<int>", "ns_scale_int"},
		{"Cart::Cart", "Cart_ctor"},
		{"Pair<int>::Pair", "Pair_int_ctor"},
		{"Cart::~Cart", "Cart_dtor"},
		{"~Cart", "Cart_dtor"},
		{"Cart::operator()", "Cart_operator_call"},
		{"operator+", "operator_plus"},
		{"operator<<", "operator_shl"},
		{"Cart::operator bool", "Cart_operator_bool"},
		{"(anonymous namespace)::secret", "anonymous_namespace_secret"},
		{"main::{lambda(int)#1}::operator()", "main_lambda_int_1_operator_call"},
		{"<shop::Sq as shop::Shape>::area", "shop_Sq_as_shop_Shape_area"},
		{"shop::main::{{closure}}", "shop_main_closure"},
		{"shop::sum<i32>", "shop_sum_i32"},
	} {
		n := Parse(tt.in)
		if got := n.Event(); got != tt.want {
			t.Errorf("event of %q: %q, want %q", tt.in, got, tt.want)
		}
	}
}

// FuzzParse gives Parse what no compiler writes.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"a::b<c>(d)", "operator", "operator ", "<a as b>::c", "((((", "a<b(c>d)", "f() const::g", "operator\"\"x", "->", "<", "<>::f", "(", "~", "::", "{lambda(", "[abi:"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n := Parse(s)
		n.Match(&n)
		for _, c := range n.Event() {
			if c >= 0x80 || !isIdent(byte(c)) {
				t.Errorf("%q: event %q", s, n.Event())
			}
		}
		_ = strings.Clone(n.String())
	})
}
