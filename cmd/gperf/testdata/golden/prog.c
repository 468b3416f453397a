#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <fcntl.h>
#include <string.h>
struct s { int a; char name[16]; };
__attribute__((noinline)) int work(int n, const char *s, struct s *p) { asm volatile("" ::: "memory"); return n + p->a + (int)strlen(s); }
__attribute__((noinline)) long spin(long n) { volatile long x = 0; for (long i = 0; i < n; i++) x += i; return x; }
int main(int argc, char **argv) {
  struct s p = { 7, "inner" };
  int n = argc > 1 ? atoi(argv[1]) : 5;
  int sum = 0;
  for (int i = 0; i < n; i++) { sum += work(i - 2, "hello world", &p); int fd = open("/etc/passwd", 0); if (fd >= 0) close(fd); spin(300000); }
  printf("%d\n", sum); return 0;
}
