// Functions whose places and values the tests of package probe look for.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
enum color { RED, GREEN, BLUE };
union u { int i; float f; };
struct inner { int a; short b; };
struct bits { unsigned a : 3; int b : 5; unsigned long long c : 40; unsigned f : 1; };
struct point { int x, y; };
struct msg { int id; char name[16]; char *path; struct inner in; struct inner *ip; enum color c; unsigned char flags; unsigned long big; struct msg *next; int arr[4]; union u un; };
int g_counter = 42;
static int s_counter = 7;
__attribute__((noinline)) int handle(struct msg *m, const char *path, int n, unsigned long u, enum color c, short sh, char ch)
{ __asm__ volatile("" : : "r"(m) : "memory"); /* keeps what m points to */
  g_counter += n; s_counter++; return m->id + n + (int)strlen(path) + (int)u + c + sh + ch + s_counter; }
__attribute__((noinline)) int f_point(struct point p, int n) { return p.x + p.y + n; }
static inline __attribute__((always_inline)) int inl(int x, const char *tag) { g_counter += x; return printf("%s %d\n", tag, x) + x; }
__attribute__((noinline)) int user1(int k) { return inl(k * 3, "one") + 1; }
__attribute__((noinline)) int user2(int k) { return inl(k + 1, "two") + inl(k - 1, "three"); }
__attribute__((noinline)) double f_float(double a, float b) { return a * b; }
__attribute__((noinline)) char *f_str(char *s, char **argv, unsigned char *us) { return s[0] ? s : argv[0] + us[0]; }
__attribute__((noinline)) int f_bits(struct bits *b) { return b->a + b->b + b->f + (int)b->c; }
int main(int argc, char **argv)
{
  struct msg m = { .id = 5, .name = "hello", .path = "/etc/passwd", .in = {1, 2}, .c = GREEN, .flags = 3, .big = 1UL << 40, .arr = {10,20,30,40} };
  m.ip = &m.in; m.next = &m;
  int n = argc > 1 ? atoi(argv[1]) : 3, r = 0;
  for (int i = 0; i < n; i++) {
    r += handle(&m, "/etc/hosts", i, 99, BLUE, -3, 'x');
    r += f_point((struct point){i, 2}, i);
    r += user1(i) + user2(i) + (int)f_float(i, 2.0f);
    struct bits b = { 5, -3, 123456789012ULL, 1 };
    r += f_bits(&b);
    r += *f_str("abc", argv, (unsigned char *)"xyz");
  }
  return r == 12345;
}
