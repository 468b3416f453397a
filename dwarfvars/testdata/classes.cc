/* What C++ adds: namespaces, overloads, classes with bases, references. */
namespace app {
struct base { int id; };
class conn : public base {
public:
	int fd;
	int send(int n);
	static int count;
};
int conn::count = 3;
__attribute__((noinline)) int conn::send(int n) { asm volatile("" : : "r"(this) : "memory"); return fd + n; }
__attribute__((noinline)) int query(conn &c, int n) { asm volatile("" : : "r"(&c) : "memory"); return c.id + n; }
__attribute__((noinline)) int query(int n) { asm volatile("" : : : "memory"); return n; }
}
int main(int argc, char **) { app::conn c; c.id = argc; c.fd = 2; return c.send(1) + app::query(c, 2) + app::query(3); }
