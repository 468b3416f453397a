// Every way in which a function is called that a call chain goes through. The function here makes the one system call that is recorded.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FUNCTION __attribute__((noinline, noclone))

static jmp_buf env;
static volatile int depth = 3;

FUNCTION void here(void) {
	syscall(SYS_getppid);
	__asm__ volatile("" ::: "memory"); // no tail call
}

FUNCTION int recursive(int n) {
	char stack[48];
	memset(stack, n, sizeof stack);
	__asm__ volatile("" ::"r"(stack) : "memory");
	if (n == 0)
		here();
	else
		recursive(n - 1);
	return stack[n];
}

FUNCTION int dynamic(int n) { // a frame of variable size is found by the frame pointer
	char stack[n * 16];
	memset(stack, n, sizeof stack);
	__asm__ volatile("" ::"r"(stack) : "memory");
	here();
	return stack[n];
}

static int compare(const void *a, const void *b) {
	static int once;
	if (!once++)
		here();
	return *(const int *)a - *(const int *)b;
}

static void handler(int sig) {
	here();
	__asm__ volatile("" ::"r"(sig) : "memory");
}

static void jumper(int sig) {
	siglongjmp(env, sig);
}

FUNCTION void interrupted(void) {
	raise(SIGUSR1);
	__asm__ volatile("" ::: "memory");
}

FUNCTION void jumped(void) {
	signal(SIGUSR2, jumper);
	if (!sigsetjmp(env, 1))
		raise(SIGUSR2);
	else
		here();
	__asm__ volatile("" ::: "memory");
}

static void *thread(void *arg) {
	here();
	return arg;
}

int main(int argc, char **argv) {
	recursive(depth);
	dynamic(depth);
	int numbers[] = { 3, 1, 2 };
	qsort(numbers, 3, sizeof numbers[0], compare);
	signal(SIGUSR1, handler);
	interrupted();
	stack_t stack = { .ss_sp = malloc(1 << 16), .ss_size = 1 << 16 };
	sigaltstack(&stack, 0);
	jumped();
	pthread_t t;
	pthread_create(&t, 0, thread, 0);
	pthread_join(t, 0);
	for (int i = 1; i < argc; i++) {
		void (*plugin)(void (*)(void)) = (void (*)(void (*)(void)))dlsym(dlopen(argv[i], RTLD_NOW), "plugin");
		plugin(here);
	}
	return 0;
}
