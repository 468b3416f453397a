/* A program with values of many types for TestProbeTexts. */
struct s {
	signed char a[4];
	short b[4];
	int c[4];
	long d[4];
	signed char n8;
	short n16;
	int n32;
	long n64;
	const char *str;
	const char *bad;
	const char *strs[2];
	char inl[16];
};

__attribute__((noinline)) int work(struct s *p, int n)
{
	asm volatile("" ::: "memory");
	return p->c[0] + n;
}

int main(void)
{
	struct s x = {
		{ 1, -2, 3, -4 }, { 1, -2, 3, -4 }, { 1, -2, 3, -4 }, { 1, -2, 3, -4 }, -5, -5, -5, -5,
		"hello", (char *)16, { "one", "two" }, "inline text",
	};
	int sum = 0;

	for (int i = 0; i < 3; i++)
		sum += work(&x, i);
	return sum == 100;
}
