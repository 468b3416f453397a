// Namespaces that are inline, and one that is not.
#define NOINLINE __attribute__((noinline))

namespace lib {
inline namespace v2 {
struct Box {
	int n;
	NOINLINE int get(int d) { asm volatile("" ::: "memory"); return n + d; }
};
template <class T> NOINLINE T twice(T t) { asm volatile("" ::: "memory"); return t + t; }
NOINLINE int f(int a) { asm volatile("" ::: "memory"); return a + 1; }
NOINLINE int take(Box *b) { asm volatile("" ::: "memory"); return b->n; }
NOINLINE int take(long b) { asm volatile("" ::: "memory"); return b; }
inline namespace deep {
NOINLINE int low(int a) { asm volatile("" ::: "memory"); return a + 4; }
}
volatile int counter = 3;
}
namespace v1 {
NOINLINE int f(int a) { asm volatile("" ::: "memory"); return a + 2; }
NOINLINE int old(int a) { asm volatile("" ::: "memory"); return a + 3; }
}
}

int main(int argc, char **)
{
	lib::Box b{argc};
	return lib::f(1) + lib::v1::f(1) + lib::v1::old(1) + b.get(1) + lib::twice(2) + lib::take(&b) + lib::take(1L) + lib::low(1) + lib::counter;
}
