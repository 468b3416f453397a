#include "one.h"
struct only { outer_t o; double d; };
__attribute__((noinline)) int other(struct only *p, outer_t *o, const char *text)
{
	struct inner local = o->in;
	sink(local.a, text);
	p->o.n++;
	int r = helper(o, 3) + helper(&p->o, counter);
	sink(r, local.name);
	return r;
}
__attribute__((section(".text.away"), noinline)) int away(outer_t *o)
{
	return helper(o, 9) + o->next->a;
}
int main(int argc, char **argv)
{
	struct inner in = { argc, 3, 4, "inner" };
	struct only p = { { 5, in, &in, GREEN, { 2 } }, 1.5 };
	return shared(&p.o, 3) + other(&p, &p.o, argv[0]) + away(&p.o) == 0;
}
