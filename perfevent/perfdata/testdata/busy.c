/* A program that spins for a moment in a known chain of calls; see README. */
volatile unsigned long n;
__attribute__((noinline)) void leaf(long count, const char *name) { while (count-- > 0) n += name[0]; }
__attribute__((noinline)) void mid(long count) { leaf(count, "leaf"); n++; }
int main(void) { mid(9000000); return 0; }
