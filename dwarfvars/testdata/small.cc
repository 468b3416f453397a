namespace std { template <typename C> struct basic_string { struct hider { C *_M_p; } _M_dataplus; unsigned long _M_string_length; basic_string(C *p, unsigned long n) { _M_dataplus._M_p = p; _M_string_length = n; } ~basic_string() {} }; template <typename T> struct vector { struct impl { T *_M_start, *_M_finish; } _M_impl; }; }
namespace ns { int counter = 3; struct base { int a; virtual int get() { return a; } }; struct in : virtual base { const char *name; static int made; int x; };
int in::made = 4; struct obj { in *pin; std::basic_string<char> s; std::vector<int> v; int arr[2][3]; template <typename T> __attribute__((noinline)) int fun(T x) { counter += (int)x; return arr[0][1]; } };
struct pair { int x; float y; };
__attribute__((noinline)) pair fun(obj *o, int x) { pair p = { o->arr[1][2] + x, 1.5f }; return p; }
template <typename T> __attribute__((noinline)) std::basic_string<T> fun(T *t) { return std::basic_string<T>(t, 1); } }
static inline int inl(ns::obj *o, int x) { return o->fun(x) + o->fun((long)x); }
extern "C" void _start() { static char c[2]; static long b[16]; ns::obj &o = *(ns::obj *)b; o.s._M_dataplus._M_p = c; volatile int n = inl(&o, ns::counter) + ns::fun(&o, 2).x + (int)ns::fun(c)._M_string_length; for (;;) n++; }
