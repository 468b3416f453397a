// What functions return on arm64, by the calling convention for C++.
struct two { int a, b; };
struct odd { long a; char b; short c; } __attribute__((packed));
struct mixed { float f; double d; };
struct quad { float v[4]; };
struct nested { two t; struct { double d; } in; };
struct big { long a, b, c; };
struct doubles { double a, b, c, d; };
struct five { float v[5]; };
typedef int ints __attribute__((vector_size(16)));
struct vec { ints v; };
struct owner { int *p; ~owner() { delete p; } };
union either { float f; int i; };
union reals { float f; float g[2]; };
struct none {};

two give_two() { return {1, 2}; }
odd give_odd() { return {1, 2, 3}; }
mixed give_mixed() { return {1, 2}; }
quad give_quad() { return {}; }
nested give_nested() { return {}; }
big give_big() { return {}; }
doubles give_doubles() { return {}; }
five give_five() { return {}; }
vec give_vec() { return {}; }
ints give_ints() { return ints{}; }
owner give_owner() { return {nullptr}; }
either give_either() { either e; e.i = 1; return e; }
reals give_reals() { return {}; }
extern "C" void _start() {}
void operator delete(void *, unsigned long) noexcept {}
