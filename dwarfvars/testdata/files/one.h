struct inner {
	int a;
	unsigned bits : 5;
	unsigned more : 7;
	char name[12];
};
struct outer {
	long n;
	struct inner in;
	struct inner *next;
	enum color { RED, GREEN = 5, BLUE } color;
	union {
		int i;
		short s;
	};
};
typedef struct outer outer_t;
extern int counter;
int shared(outer_t *o, int times);
void sink(int, const char *);
static inline __attribute__((always_inline)) int helper(outer_t *o, int by)
{
	int sum = o->in.a + by;
	sink(sum, o->in.name);
	return sum * 2;
}
