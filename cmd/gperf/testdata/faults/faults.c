/* What perf 6.1 gets wrong or refuses, and what the program knows of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

struct bits { unsigned a : 3; int b : 5; unsigned long c : 40; unsigned f : 1; };
struct point { int x, y; };
struct rgb { char r, g, b; };
struct table { int before; int m[2][3]; };

static int calls = 40;
int counter = 42;

#define KEEP(p) __asm__ volatile("" : : "r"(p) : "memory")
#define FUNC __attribute__((noipa))

FUNC int bitfields(struct bits *b) { KEEP(b); return b->a; }
FUNC int computed(int *p, int n)
{
	int twice = n * 2;
	KEEP(p);
	*p = n;
	return n;
}
FUNC int rows(int (*p)[3], struct table *t) { KEEP(p); KEEP(t); return p[1][0] + t->m[1][2]; }
FUNC double half(double d) { return d / 2; }
FUNC int byvalue(struct point p, struct rgb c) { KEEP(p.x); return p.y + c.g; }
FUNC double mixed(double a, float b, int n) { return a * b + n; }
FUNC int narrow(signed char c, short s, unsigned char *four, unsigned *words, const char **texts)
{
	KEEP(four); KEEP(words); KEEP(texts);
	return c + s;
}
FUNC int texts(const signed char *s, const void *v, const wchar_t *w, const char *bad) { KEEP(s); KEEP(v); KEEP(w); KEEP(bad); return 0; }
FUNC int globals(void) { counter++; return calls += 2; }
FUNC int split(const char *text, int n)
{
	if (n > 1000) {
		fprintf(stderr, "%s: %d is too much\n", text, n);
		abort();
	}
	KEEP(text);
	return n + 1;
}
static inline __attribute__((always_inline)) int sometimes(int x)
{
	int y = x * 3;
	KEEP(y);
	return y;
}
FUNC int first(int n) { return sometimes(n); }
FUNC int second(void) { return sometimes(7); }
FUNC int third(int *p) { return sometimes(*p + *p); }
FUNC int up(int n) { KEEP(n); return n + 1; }
FUNC int D(int n) { KEEP(n); return n + 2; }
FUNC int shares(int n)
{
	int sum = 0;
	for (int i = 0; i < n; i++)
		sum += up(i);
	return sum;
}

int main(int argc, char **argv)
{
	struct bits b = { 5, -3, 123456789012UL, 1 };
	int m[2][3] = { { 1, 2, 3 }, { 4, 5, 6 } };
	struct table t = { 9, { { 11, 12, 13 }, { 14, 15, 16 } } };
	unsigned char four[] = { 1, 2, 3, 4 };
	unsigned words[] = { 100, 200, 300, 400 };
	const char *names[] = { "one", "two", "three" };
	int n = 3, p = 8;
	KEEP(&b); KEEP(m); KEEP(&t); KEEP(four); KEEP(words); KEEP(names); KEEP(&p);
	bitfields(&b);
	computed(&n, 3);
	rows(m, &t);
	half(7.0);
	byvalue((struct point){ 6, 60 }, (struct rgb){ 1, 2, 3 });
	mixed(1.5, 2.5f, 17);
	narrow(-5, -1, four, words, names);
	texts((const signed char *)"signed", "void", L"wide", (const char *)8);
	globals();
	split("hello", 12);
	first(5);
	second();
	third(&p);
	up(1);
	D(2);
	shares(2);
	return 0;
}
