// Lines that share instructions, are inlined twice, or hold two functions.
#include <stdio.h>
int a(int x) { return x + 1; } int b(int x) { return x * 2; }
static inline __attribute__((always_inline)) int in(int y)
{
	y *= 3;
	if (y > 5)
		puts("big");
	return y;
}
int
f(int n)
{
	int r = in(n);
	for (int i = 0; i < n; i++)
		r += in(i) + a(r);
	return r;
}
int main(int c, char **v) { return f(c) + b(c); }
