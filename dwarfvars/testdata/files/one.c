#include "one.h"
int counter = 7;
static int hidden;
__attribute__((noinline)) void sink(int n, const char *s)
{
	hidden += n + s[0];
	__asm__ volatile("" ::: "memory");
}
__attribute__((noinline)) int shared(outer_t *o, int times)
{
	int total = 0;
	for (int i = 0; i < times; i++) {
		total += helper(o, i);
		sink(total, "loop");
	}
	return total + counter;
}
