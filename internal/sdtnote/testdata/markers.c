#include <sys/sdt.h>
__attribute__((noinline)) int work(int i, long l, const char *s) {
	DTRACE_PROBE(shop, open);
	DTRACE_PROBE3(shop, order, i, l, s);
	DTRACE_PROBE2(shop, fixed, 5, -7L);
	return i;
}
int main(int argc, char **argv) { return work(argc, 2, argv[0]) - argc; }
