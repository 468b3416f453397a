/* Functions whose parameters have values that values_test.go knows. */
#include <stdio.h>
#include <string.h>

typedef unsigned int u32_t;
typedef const u32_t *const cu32p;
struct name { int id; const char *text; };
enum color { RED, GREEN = 5, BLUE = -3 };
struct bits { unsigned a : 3; signed b : 5; long c : 40; unsigned char d; unsigned f : 1; int g : 7; };
struct packed { char x; unsigned long p : 33; } __attribute__((packed));
struct outer {
	struct name in;
	struct name *pin;
	int arr[4];
	short m[2][3];
	union { int ua; unsigned char ub[4]; };
	struct { long deep; struct { char deeper; }; };
	enum color color;
	struct bits bits;
	struct packed packed;
	double d;
	char buf[12];
	u32_t *numbers;
	struct outer *self;
	struct name names[2];
	int flex[];
};
struct pair { long x, y; };
struct small { int x, y; };

int g_counter = 77;
static int s_counter = 78;
static const char *const g_names[2] = { "zero", "one" };
volatile int sink;
__attribute__((noinline)) void use(const void *p) { __asm__ volatile("" : : "r"(p) : "memory"); }

__attribute__((noinline)) int ints(signed char c, unsigned char uc, short s, unsigned short us, int i, unsigned u, long l, unsigned long ul)
{
	sink = c + uc + s + us + i + u + l + ul;
	use(&sink);
	return sink + i;
}

__attribute__((noinline)) int object(struct outer *o, const char *s, enum color color, _Bool yes, cu32p np, char **argv, u32_t typedefd)
{
	static int calls = 5;
	sink = o->in.id + s[0] + color + yes + *np + typedefd + argv[0][0];
	calls += 0 * sink + s_counter - 78;
	use(&calls);
	use(o);
	return sink + g_counter + g_names[1][0];
}

__attribute__((noinline)) long byvalue(struct pair p, struct small q, struct name n)
{
	use(n.text);
	sink = q.x;
	return p.x + p.y + q.x + q.y + n.id;
}

__attribute__((noinline)) double floats(float f, double d, int after)
{
	sink = after;
	use(&sink);
	return f + d + after;
}

static inline __attribute__((always_inline)) int inlined(int x, const char *tag, struct outer *o)
{
	sink = x;
	use(tag);
	use(o);
	return x + o->arr[1];
}

__attribute__((noinline)) int callers(struct outer *o, int n)
{
	int r = inlined(41, "first", o);
	r += inlined(n, o->in.text, o);
	for (int i = 0; i < 1; i++) {
		int n = 1000 + r;
		r += inlined(41, "third", o->self);
		use(&n);
	}
	return r;
}

int main(int argc, char **argv)
{
	static u32_t numbers[] = { 10, 11, 4000000000u };
	static struct { struct outer o; int more[3]; } mem;
	static struct name other = { 9, "other" };
	struct outer *o = &mem.o;
	u32_t n = 123456;
	char *args[] = { "a0", "a1", 0 };
	o->in.id = 7; o->in.text = "seven"; o->pin = &other;
	for (int i = 0; i < 4; i++) o->arr[i] = -10 * i;
	for (int i = 0; i < 6; i++) ((short *)o->m)[i] = 100 + i;
	o->ua = 0x04030201; o->deep = -5; o->deeper = 'x'; o->color = BLUE;
	o->bits.a = 5; o->bits.b = -3; o->bits.c = 123456789012; o->bits.d = 200; o->bits.f = 1; o->bits.g = -60;
	o->packed.x = 1; o->packed.p = 0x123456789;
	o->d = 2.5; strcpy(o->buf, "in place"); o->numbers = numbers; o->self = o;
	o->names[1].id = 31; o->names[1].text = "thirty-one"; o->flex[2] = 64;
	int r = ints(-5, 251, -300, 65000, -70000, 4000000000u, -5000000000, 18446744073709551615ul);
	r += object(o, "string", BLUE, 1, &n, args, 99);
	r += byvalue((struct pair){ 11, -12 }, (struct small){ 13, -14 }, (struct name){ 15, "sixteen" });
	r += floats(1.5, 2.5, 17);
	r += callers(o, argc + 41);
	return r == 12345;
}
