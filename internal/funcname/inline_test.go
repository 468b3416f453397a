package funcname

import "testing"

func TestMatchInline(t *testing.T) {
	for _, test := range []struct {
		want, have string
		inline     []int
		fit        Fit
	}{
		{"lib::f", "lib::v2::f(int)", []int{1}, Full},
		{"lib::v2::f", "lib::v2::f(int)", []int{1}, Full},
		{"v2::f", "lib::v2::f(int)", []int{1}, Tail},
		{"f", "lib::v2::f(int)", []int{1}, Tail},
		{"lib::f", "lib::v2::f(int)", nil, No},
		{"lib::v1::f", "lib::v2::f(int)", []int{1}, No},
		{"other::f", "lib::v2::f(int)", []int{1}, No},
		{"lib::f(int)", "lib::v2::f(int)", []int{1}, Full},
		{"lib::f(long)", "lib::v2::f(int)", []int{1}, No},
		{"g", "top::g()", []int{0}, Full},
		{"lib::Box<int>::get", "lib::v2::Box<int>::get(int) const", []int{1}, Full},
		{"lib::Box::get() const", "lib::v2::Box<int>::get() const", []int{1}, Full},
		{"lib::Box::get() const", "lib::v2::Box<int>::get()", []int{1}, No},
		{"lib::a::f", "lib::a::b::f()", []int{1, 2}, Full},
		{"lib::b::f", "lib::a::b::f()", []int{1, 2}, Full},
		{"lib::f", "lib::a::b::f()", []int{1, 2}, Full},
		{"lib::take(lib::Box*)", "lib::v2::take(lib::v2::Box*)", []int{1}, Full},
		{"lib::take(lib::v2::Box*)", "lib::v2::take(lib::v2::Box*)", []int{1}, Full},
		{"lib::take(Box*)", "lib::v2::take(lib::v2::Box*)", []int{1}, Full},
		{"take(lib::Box*)", "lib::v2::take(lib::v2::Box*)", []int{1}, Tail},
		{"lib::take(lib::Box*)", "lib::v2::take(mylib::v2::Box*)", []int{1}, No},
		{"lib::take(lib::Box<lib::Box<int>>)", "lib::a::b::take(lib::a::b::Box<lib::a::Box<int>>)", []int{1, 2}, Full},
		{"f(T)", "in::f(in::T)", []int{0}, Full},
	} {
		want, have := Parse(test.want), Parse(test.have)
		if fit := want.MatchInline(&have, test.inline); fit != test.fit {
			t.Errorf("%s of %s with %v: %d, want %d", test.want, test.have, test.inline, fit, test.fit)
		}
	}
}
