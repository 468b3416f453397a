// A program that knows its own values, for probes on C++.
#include <array>
#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#ifdef __clang__
#define APART __attribute__((noinline))
#else
#define APART __attribute__((noipa))
#endif

template <typename T> inline void keep(T const &v) { __asm__ volatile("" : : "r"(&v) : "memory"); }

namespace ns {
enum class Kind : uint8_t { Small = 1, Large = 7 };
int counter = 40;
int calls;

struct Base {
	int id = 11;
	virtual ~Base() {}
	virtual int weight() const = 0;
};
struct Mixin { long tag = 22; };
struct Item {
	int price;
	std::string name;
};

class Cart : public Base, public Mixin {
public:
	static int made; static inline int sold = 4;
	std::vector<int> items{3, 5, 8, 13};
	std::string owner = "ann";
	Kind kind = Kind::Large;
	std::pair<int, long> pos{1, 2};
	std::array<short, 3> row{{-1, -2, -3}};
	APART explicit Cart(int n);
	APART ~Cart() override;
	APART int weight() const override;
	APART int add(int n, std::string const &what, long cost);
	APART int add(int n);
	APART int add(double d);
	APART Cart &operator+=(int n);
	APART int operator()(int a, int b);
	APART bool operator<(Cart const &o) const;
	APART explicit operator bool() const;
	APART static int total(Cart const *const *all, unsigned n);
};
int Cart::made = 5;

Cart::Cart(int n) { id = n; made++; sold += 3; }
Cart::~Cart() { calls += id; }
int Cart::weight() const { return id * 2; }
int Cart::add(int n, std::string const &what, long cost) {
	int sum = n;
	keep(sum);
	sum += int(what.size());
	keep(sum);
	id += n;
	return sum + int(cost);
}
int Cart::add(int n) { id += n; counter++; return id; }
int Cart::add(double d) { id += int(d); return id; }
Cart &Cart::operator+=(int n) { id += n; return *this; }
int Cart::operator()(int a, int b) { return a * b + id; }
bool Cart::operator<(Cart const &o) const { return id < o.id; }
Cart::operator bool() const { return id != 0; }
int Cart::total(Cart const *const *all, unsigned n) { return n ? all[0]->id : 0; }

template <typename T> APART T scale(T v, int by) { calls++; return v * by; }
APART int both(double d, int n) { calls++; keep(d); return n; }
template <typename T> APART int both(T t, int n) { calls++; keep(t); return n + 1; }
template <typename K, typename V> struct Pair {
	K key;
	V value;
	APART int size() const { calls++; return int(sizeof(K) + sizeof(V)); }
};
APART Cart operator+(Cart const &a, int n) { return Cart(a.id + n); }
APART int operator<<(int left, Item const &i) { return left + i.price; }

APART int texts(std::string_view v, const std::string *p, std::string s, const char *c) { calls += int(v.size()); keep(c); return int(p->size() + s.size()); }
APART int smart(std::unique_ptr<Item> const &u, std::shared_ptr<Item> s, std::optional<int> const &o, std::unique_ptr<Item> *none) { calls += u->price; keep(*none); return s->price + o.value_or(0); }
APART int tuples(std::tuple<int, long, short> const &t, int const &ref, Kind &kind) { calls += std::get<0>(t); keep(kind); return ref; }
APART int rows(std::vector<Item> const &v, std::vector<std::string> const &names, std::vector<double> ds, std::vector<int> &&none) { calls += int(v.size() + ds.size() + none.size()); return int(names.size()); }
APART int quoted(std::string const &s) { calls++; return int(s.size()); }
APART int many(std::map<int, std::string> const &m, unsigned char u, bool yes, double d) { keep(d); return int(m.size()) + u + yes; }
namespace inner {
__attribute__((used)) int depth = 3;
APART int deep(int n) { calls += depth; return n; }
}
}  // namespace ns

namespace {
long hidden = -7;
APART int secret(int n) { hidden -= n; return n + 1; }
struct Local {
	int x;
	APART int get(int add) { ns::calls++; return x + add; }
};
}

namespace other {
APART int twin(int a) { ns::calls += a; return a; }
}
namespace another {
APART int twin(long b) { ns::calls += int(b); return int(b); }
}

struct Virt { int v = 9; virtual ~Virt() {} };
struct Left : virtual Virt { int l = 8; };
APART int virt(Left *p) { keep(*p); return p->l; }

namespace back {
struct Small { int x; short y; };
struct Copied { int x; Copied(int v) : x(v) {} Copied(Copied const &o) : x(o.x) {} };
struct Big { long a; std::string name; Small in; };
APART std::string text(int n) { return std::string(n, 'r') + "!"; }
APART std::vector<int> row(int n) { return {n, n + 1, n + 2}; }
APART Small small(int n) { return {n, short(-n)}; }
APART Copied copied(int n) { return Copied(n); }
APART Big big(int n) { return {n, "big", {n + 1, short(n + 2)}}; }
APART std::pair<float, long> mixed(int n) { return {1.5f, n}; }
APART std::unique_ptr<ns::Item> unique(int n) { return std::make_unique<ns::Item>(ns::Item{n, "u"}); }
APART std::string_view view(const char *s) { return {s, 3}; }
APART std::string const &ref(std::string const &s) { keep(s); return s; }
APART const char *plain(const char *s) { keep(s); return s; }
APART ns::Kind kind(int n) { return n > 1 ? ns::Kind::Large : ns::Kind::Small; }
APART bool yes(int n) { return n > 1; }
APART Small both(int n) { return {n, short(-n)}; }
APART void both(Small &s) { keep(s); s.x++; }
APART double real(int n) { return n + 0.5; }
}

template <typename F> APART int apply(F f, int n) { return f(n) + 1; }

int main() {
	ns::Cart cart(7);
	std::string what = "a string that is longer than fifteen", brief = "short";
	int sum = cart.add(2, what, 300);
	sum += cart.add(4);
	sum += cart.add(2.5);
	cart += 6;
	sum += cart(3, 4);
	{
		ns::Cart more = cart + 1;
		sum += cart < more;
	}
	sum += bool(cart);
	sum += cart.weight();
	ns::Cart const *all[] = {&cart};
	sum += ns::Cart::total(all, 1);
	sum += ns::scale<int>(21, 2) + int(ns::scale<long>(5, 3));
	sum += ns::both(0.5, 61) + ns::both(4, 62) + ns::both(4L, 63);
	ns::Pair<int, std::string> pair{4, "v"};
	sum += pair.size();
	auto u = std::make_unique<ns::Item>(ns::Item{77, "unique"});
	auto s = std::make_shared<ns::Item>(ns::Item{88, "shared"});
	std::unique_ptr<ns::Item> none;
	sum += 1 << *u;
	sum += ns::texts(std::string_view("view of me", 4), &what, brief, "plain");
	sum += ns::smart(u, s, 99, &none);
	int thirty = 30;
	ns::Kind small = ns::Kind::Small;
	sum += ns::tuples({10, 20L, short(-30)}, thirty, small);
	sum += ns::rows({{1, "one"}, {2, "two"}}, {"n1", "n2", "n3"}, {0.5, -1.5}, {});
	for (const std::string &q : {std::string(), std::string("15 characters.."), std::string("16 characters..."), std::string("a\0b\"\\\n", 6),
			std::string("\xff\xfe"), std::string("gr\xc3\xbc\xc3\x9f" "e"), std::string(300, 'x')})
		sum += ns::quoted(q);
	sum += ns::many({{1, "a"}, {2, "b"}}, 200, true, 6.25);
	sum += ns::inner::deep(5);
	sum += secret(123);
	Local l{5};
	sum += l.get(6);
	sum += other::twin(1) + another::twin(2);
	Left left;
	sum += virt(&left);
	sum += apply([&](int q) APART { ns::calls++; return q + thirty; }, 44);
	sum += int(back::text(9).size()) + back::row(7)[2] + back::small(4).x + back::copied(5).x + int(back::big(6).a) + int(back::mixed(8).second);
	sum += back::unique(9)->price + int(back::view("viewed").size()) + int(back::ref(what).size()) + back::plain("plain")[1];
	back::Small both = back::both(3);
	back::both(both);
	sum += both.x + int(back::kind(2)) + back::yes(1) + back::yes(2) + int(back::real(1));
	auto *heap = new ns::Cart(50);
	delete heap;
	std::printf("%d\n", sum);
	return 0;
}
