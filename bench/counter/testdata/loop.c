/* Reads a perf event again and again, as a C program would: loop N CONFIG... with the numbers of software events, the
 * first of which leads the others. Prints nanoseconds a read(2), the best of ten rounds. It has a second thread, idle, as
 * any Go program has several: the kernel looks descriptors up faster in a process of a single thread. */
#include <linux/perf_event.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static void *idle(void *unused)
{
	for (;;)
		pause();
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t thread;
	if (pthread_create(&thread, NULL, idle, NULL) != 0)
		return 1;
	long n = atol(argv[1]);
	int leader = -1;
	unsigned long long buf[64];
	for (int i = 2; i < argc; i++) {
		struct perf_event_attr a;
		memset(&a, 0, sizeof a);
		a.size = sizeof a;
		a.type = PERF_TYPE_SOFTWARE;
		a.config = atol(argv[i]);
		a.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
		if (argc > 3)
			a.read_format |= PERF_FORMAT_GROUP;
		int fd = syscall(SYS_perf_event_open, &a, 0, -1, leader, 0);
		if (fd < 0) {
			perror("perf_event_open");
			return 1;
		}
		if (leader < 0)
			leader = fd;
	}
	double best = 1e18;
	for (int round = 0; round < 10; round++) {
		double start = now();
		for (long i = 0; i < n; i++)
			if (read(leader, buf, sizeof buf) <= 0) {
				perror("read");
				return 1;
			}
		double each = (now() - start) / n;
		if (each < best)
			best = each;
	}
	printf("%.1f\n", best);
	return 0;
}
