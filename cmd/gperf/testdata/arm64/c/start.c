// What a C library would have: the beginning, the end, and the functions that the program and compilers call.
#include <string.h>

int main(void);

__attribute__((noreturn, used)) static void begin(void) {
	register long status __asm__("x0") = main();
	register long exit __asm__("x8") = 93;
	__asm__ volatile("svc #0" : : "r"(status), "r"(exit));
	__builtin_unreachable();
}

__attribute__((naked)) void _start(void) { __asm__("mov x29, #0\n\tmov x30, #0\n\tb begin"); }

__attribute__((used)) double gives_double(int n) { return n; }

unsigned long strlen(const char *s) {
	unsigned long n = 0;
	while (((volatile const char *)s)[n])
		n++;
	return n;
}

void *memcpy(void *to, const void *from, unsigned long n) {
	for (unsigned long i = 0; i < n; i++)
		((volatile char *)to)[i] = ((const char *)from)[i];
	return to;
}

void *memset(void *to, int c, unsigned long n) {
	for (unsigned long i = 0; i < n; i++)
		((volatile char *)to)[i] = (char)c;
	return to;
}

char *strcpy(char *to, const char *from) { return memcpy(to, from, strlen(from) + 1); }
