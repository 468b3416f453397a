/* Functions that are called with values known to TestRecordedValues. Each is called once, unless said otherwise. KEEP makes the
 * compiler pass an argument although nobody needs it, and leave what it points to in memory. */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>
#ifdef LIBRARY
#define API __attribute__((visibility("default")))
#else
#define API
#endif
#define TRACED API __attribute__((noinline, noclone))
#ifdef __clang__
#undef TRACED
#define TRACED API __attribute__((noinline))
#endif
#define KEEP(x) __asm__ volatile("" : : "g"(x) : "memory")

enum color { RED, GREEN, BLUE = 7 };
enum mood { SAD = -1, CALM, GLAD };
typedef const unsigned long ulong_alias;
struct flags { unsigned a : 3; int b : 5; unsigned long long c : 40; unsigned f : 1; signed char s : 4; };
struct point { int x, y; };
struct wide { long a, b, c, d; };
struct mixed { double d; short s; int n; };
struct reals { float x, y; };
struct item { int id; const char *name; char label[12]; struct item *next; };
union number { int i; float f; unsigned char bytes[4]; };
struct all {
	signed char c; unsigned char uc; short s; unsigned short us; int i; unsigned u; long l; unsigned long ul;
	float f; double d; bool yes, no; enum color color; enum mood mood;
	struct point at; struct { int inner; union { int in_union; float as_float; }; };
	union number num; int row[4]; int grid[2][3]; struct item items[2]; struct item *first; const char *names[3];
	int (*call)(int); void *nothing; unsigned char *raw; signed char *sraw; void *anything; struct flags bits;
	volatile int vol; struct all *self;
	double reals[2]; float half[1][2]; enum color hues[2]; bool marks[3]; __int128 huge[2]; char flex[];
};

int g_counter = 42;
static int s_counter = 7;
static struct item g_item = { 99, "global", "glabel", &g_item };
__attribute__((used)) const char *g_text = "global text";
__attribute__((used)) double g_double = 0.125;

TRACED int ints(signed char a, unsigned char b, short c, unsigned short d, int e, unsigned f) { KEEP(a); KEEP(b); KEEP(c); KEEP(d); KEEP(e); KEEP(f); return a + e; }
TRACED long longs(long a, unsigned long b, int64_t c, uint64_t d, ulong_alias e, __int128 big) { KEEP(a); KEEP(b); KEEP(c); KEEP(d); KEEP(e); return a + (long)big; }
TRACED int texts(const char *s, char *t, unsigned char *u, char **argv, const void *v) { KEEP(s); KEEP(t); KEEP(u); KEEP(argv); KEEP(v); return s[0]; }
TRACED int members(struct all *p) { KEEP(p); return p->i; }
TRACED int enums(enum color c, enum mood m, bool yes, bool no) { KEEP(c); KEEP(m); KEEP(yes); KEEP(no); return c + m; }
TRACED int by_value(struct point p, struct wide w, int n) { KEEP(p.x); KEEP(p.y); KEEP(w.a); KEEP(n); return p.x + (int)w.d; }
TRACED int stacked(int a, int b, int c, int d, int e, int f, int g, long h, char i) { KEEP(a); KEEP(b); KEEP(c); KEEP(d); KEEP(e); KEEP(f); KEEP(g); KEEP(h); KEEP(i); return g; }
TRACED double floats(double a, float b, int n) { KEEP(n); return a * b + n; }
TRACED int globals(int n) { KEEP(n); KEEP(g_item.id); g_counter += n; s_counter += n; return s_counter; }
TRACED int matrix(int (*rows)[3], int n, struct point *pts) { KEEP(rows); KEEP(n); KEEP(pts); return rows[1][2]; }
TRACED int returns(int n) { KEEP(n); return n * 2; }
TRACED const char *gives_text(void) { __asm__ volatile(""); return "given"; }
TRACED struct point gives_point(int n) { KEEP(n); return (struct point){ n, -n }; }
TRACED struct wide gives_wide(long n) { KEEP(n); return (struct wide){ n, 5, 6, -7 }; }
TRACED struct mixed gives_mixed(int n) { KEEP(n); return (struct mixed){ n + 0.5, -n, 1000000 }; }
TRACED struct reals gives_reals(int n) { KEEP(n); return (struct reals){ n, -n }; }
TRACED struct item *gives_item(int n) { KEEP(n); KEEP(&g_item); return &g_item; }
TRACED int pointers(struct all **pp, int *ip, int (*fn)(int)) { KEEP(pp); KEEP(ip); KEEP(fn); return *ip > 0 ? (*pp)->i : 0; }
/* Called three times: 3, 4, 5. */
TRACED int repeated(int n) { KEEP(n); return n; }
static inline __attribute__((always_inline)) int inlined(int x, const char *tag) { KEEP(x); KEEP(tag); return x + (int)strlen(tag); }
TRACED int first_user(int k) { return inlined(k * 3, "one"); }
TRACED int second_user(int k) { return inlined(k + 1, "two"); }
TRACED int lines(int n) {
	int sum = 0;
	for (int i = 1; i <= n; i++) {
		sum += i;
		KEEP(sum); /* in the loop */
	}
	KEEP(sum);
	return sum;
}
TRACED int up(int n) { KEEP(n); return n; }
TRACED int D(int n) { KEEP(n); return n; }
TRACED int wide_text(wchar_t *w, int n) { KEEP(w); KEEP(n); return n; }
static int callee(int x) { return x + 1; }

API int run(void) {
	static unsigned char raw[4] = { 1, 2, 254, 255 };
	static char big[sizeof(struct all) + 16] __attribute__((aligned(16)));
	static char *args[] = { "zero", "one", "two", 0 };
	struct all *p = (struct all *)big;
	*p = (struct all){ -1, 200, -300, 60000, -70000, 4000000000u, -5000000000L, 18000000000000000000UL, 1.5f, -2.25, true, false, BLUE, SAD,
		{ 11, -12 }, { 13, { 14 } }, { .i = 0x3fc00000 }, { 10, 20, 30, 40 }, { { 1, 2, 3 }, { 4, 5, 6 } },
		{ { 1, "tea", "black", 0 }, { 2, "cup", "white", 0 } }, 0, { "red", "green", "blue" }, callee, 0, raw, (signed char *)"sgn", "any",
		{ 5, -3, 123456789012ULL, 1, -8 }, 77, 0,
		{ 0.5, -2 }, { { 1.5f, 4 } }, { BLUE, RED }, { true, false, true }, { 1, 2 } };
	p->first = &p->items[1], p->items[1].next = &p->items[0], p->self = p;
	strcpy(p->flex, "flexible");
	int grid[2][3] = { { 1, 2, 3 }, { 4, 5, 6 } }, sum = 0, one = 1, *ip = &one;
	struct point pts[2] = { { 1, 2 }, { 3, 4 } };
	sum += ints(-5, 250, -500, 65000, -50000, 3000000000u);
	sum += (int)longs(-1L << 40, 1UL << 63, -9, 10, 11, (__int128)1 << 100);
	sum += texts("text", (char *)"", (unsigned char *)"bytes", args, "void");
	sum += members(p) + enums(GREEN, SAD, true, false);
	sum += by_value((struct point){ 21, -22 }, (struct wide){ 31, -32, 33, 34 }, 5);
	sum += stacked(1, 2, 3, 4, 5, 6, -7, 8, 'i') + (int)floats(1.5, 2.5f, 3);
	sum += globals(1) + matrix(grid, 2, pts) + returns(21) + (int)strlen(gives_text()) + gives_point(3).y + gives_mixed(6).n + (int)gives_reals(7).y + (int)gives_wide(4).d + gives_item(1)->id + pointers(&p->self, ip, callee);
	sum += repeated(3) + repeated(4) + repeated(5) + first_user(7) + second_user(8) + lines(3) + up(1) + D(2) + wide_text(L"wide", 4);
	sum += (int)g_double + (g_text[0] == 'x');
	return sum;
}
#ifndef LIBRARY
int main(void) { return run() == 12345; }
#endif
