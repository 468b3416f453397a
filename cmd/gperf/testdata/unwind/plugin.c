// A library that is opened while the program runs.
void plugin(void (*f)(void)) {
	f();
	__asm__ volatile("" ::: "memory");
}
