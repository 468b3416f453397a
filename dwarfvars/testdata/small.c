struct in { int a : 3; const char *name; };
struct out { struct in in; union { int u; struct in *pin; }; int arr[2][3]; enum { RED, BLUE = -1 } color; };
static int counter;
static inline __attribute__((always_inline)) int inl(struct out *o, int x) { counter += x; return o->arr[1][x]; }
__attribute__((noinline)) int fun(struct out *o, int x, double d) { int r = inl(o, x); for (int i = 0; i < x; i++) r += inl(o, i); return r + d; }
int _start(struct out *o) { return fun(o, 1, 2.5); }
