/* One function has an array of variable length, for which clang writes a location list without optimisation too. */
#include <stdlib.h>

volatile int sink;

int plain(int n, const char *text, int c, int d, int e, int f, int onstack)
{
	sink = n + text[0] + c + d + e + f;
	return sink + onstack;
}

int vla(int n, int first)
{
	int rows[n];
	for (int i = 0; i < n; i++)
		rows[i] = first + i;
	return rows[n - 1];
}

int main(int argc, char **argv)
{
	return plain(-7, "text", 3, 4, 5, 6, 77) + vla(5, argc) == 0;
}
