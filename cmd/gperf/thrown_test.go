package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gperf-dev/gperf/internal/testkit"
)

const throwing = `
#include <cstdio>
#include <stdexcept>
#include <string>
__attribute__((noinline)) int risky(int n) { if (n & 1) throw std::runtime_error("odd"); return n * 10; }
__attribute__((noinline)) std::string outer(int n) { return std::to_string(risky(n)); }
int main() {
	int caught = 0;
	for (int i = 0; i < 6; i++)
		try { std::printf("%s ", outer(i).c_str()); } catch (std::exception &) { caught++; }
	std::printf("%d\n", caught);
}
`

const panicking = `
#[inline(never)]
fn risky(n: i32) -> i32 { if n & 1 == 1 { panic!("odd") } n * 10 }
#[inline(never)]
fn outer(n: i32) -> i32 { std::hint::black_box(risky(n)) }
fn main() {
    std::panic::set_hook(Box::new(|_| {}));
    let mut caught = 0;
    for i in 0..6 {
        match std::panic::catch_unwind(|| outer(std::hint::black_box(i))) { Ok(n) => print!("{} ", n), Err(_) => caught += 1 }
    }
    println!("{}", caught);
}
`

// TestReturnsAndExceptions probes the returns of functions that exceptions and panics leave: the program does what it does without the probes.
func TestReturnsAndExceptions(t *testing.T) {
	testkit.Need(t, testkit.Uprobes, testkit.GXX, testkit.Clang, testkit.Rust, testkit.Go)
	gperf := gperfBinary(t)
	for _, c := range []struct {
		build []string
		text  string
	}{
		{[]string{"g++", "-O0"}, throwing}, {[]string{"g++", "-O2"}, throwing},
		{[]string{"clang++", "-O2"}, throwing}, {[]string{"rustc"}, panicking}, {[]string{"rustc", "-O"}, panicking},
	} {
		t.Run(strings.Join(c.build, " "), func(t *testing.T) {
			dir := t.TempDir()
			name := "thrown.cc"
			if c.build[0] == "rustc" {
				name = "thrown.rs"
			}
			source, prog, data := filepath.Join(dir, name), filepath.Join(dir, "thrown"), filepath.Join(dir, "perf.data")
			if err := os.WriteFile(source, []byte(c.text), 0o644); err != nil {
				t.Fatal(err)
			}
			testkit.Run(t, c.build[0], append(c.build[1:], "-g", "-o", prog, source)...)
			group := testkit.Group("thrown")
			command(t, gperf, "probe", "-q", "-x", prog, "--add", group+":o=outer%return", "--add", group+":r=risky%return n=$retval:s32")
			t.Cleanup(func() { command(t, gperf, "probe", "-q", "--del", group+":*") })
			if got := command(t, gperf, "probe", "-l", group+":*"); strings.Count(got, "%return") != 2 {
				t.Errorf("listed as\n%s", got)
			}
			if got := command(t, gperf, "record", "-q", "-o", data, "-e", group+":*", prog); got != "0 20 40 3\n" {
				t.Errorf("the program says %q", got)
			}
			got := command(t, gperf, "script", "-i", data, "-F", "event,trace")
			if strings.Count(got, ":o__return:") != 3 {
				t.Errorf("outer returned other than three times:\n%s", got)
			}
			for _, n := range []string{"n=0", "n=20", "n=40"} {
				if strings.Count(got, n+"\n") != 1 {
					t.Errorf("not once %s:\n%s", n, got)
				}
			}
		})
	}
}
