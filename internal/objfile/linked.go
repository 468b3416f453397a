package objfile

import (
	"bufio"
	"bytes"
	"debug/elf"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Linked returns a program's file and those of the libraries that the dynamic linker will load with it, as far as can
// be told without running it. Of a script it is its interpreter's.
func Linked(command string) []string {
	path := command
	if text, ok := interpreter(path); ok {
		path = text
	}
	all := []string{path}
	dirs := libraryDirs()
	for i := 0; i < len(all) && len(all) < maxLinked; i++ {
		for _, lib := range needed(all[i], dirs) {
			if !slices.Contains(all, lib) {
				all = append(all, lib)
			}
		}
	}
	return all
}

// maxLinked bounds the libraries of one program.
const maxLinked = 1000

// interpreter returns the program that a script names in its first line.
func interpreter(path string) (string, bool) {
	f, err := os.Open(path)
	if err != nil {
		return "", false
	}
	defer f.Close()
	line := make([]byte, 256) // BINPRM_BUF_SIZE
	n, _ := f.Read(line)
	text, _, _ := bytes.Cut(line[:n], []byte("\n"))
	if !bytes.HasPrefix(text, []byte("#!")) {
		return "", false
	}
	words := strings.Fields(string(text[2:]))
	if len(words) == 0 {
		return "", false
	}
	if len(words) > 1 && filepath.Base(words[0]) == "env" {
		for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
			if at := filepath.Join(dir, words[1]); isFile(at) {
				return at, true
			}
		}
	}
	return words[0], true
}

func isFile(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.Mode().IsRegular()
}

// needed returns the libraries that a file asks for, by the search order of ld.so(8): DT_RPATH or DT_RUNPATH, LD_LIBRARY_PATH,
// then the directories of the system. The linker's cache only makes this faster.
func needed(path string, system []string) []string {
	f, err := elf.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	names, err := f.ImportedLibraries()
	if err != nil {
		return nil
	}
	var dirs []string
	for _, tag := range []elf.DynTag{elf.DT_RPATH, elf.DT_RUNPATH} {
		lists, _ := f.DynString(tag)
		for _, list := range lists {
			for _, dir := range strings.Split(list, ":") {
				origin := strings.NewReplacer("$ORIGIN", filepath.Dir(path), "${ORIGIN}", filepath.Dir(path))
				dirs = append(dirs, origin.Replace(dir))
			}
		}
	}
	dirs = append(dirs, filepath.SplitList(os.Getenv("LD_LIBRARY_PATH"))...)
	dirs = append(dirs, system...)
	var found []string
	for _, name := range names {
		if strings.Contains(name, "/") {
			found = append(found, name)
			continue
		}
		at := slices.IndexFunc(dirs, func(dir string) bool { return sameMachine(filepath.Join(dir, name), f) })
		if at >= 0 {
			found = append(found, filepath.Join(dirs[at], name))
		}
	}
	return found
}

// sameMachine tells whether a library is there and for the same machine: the linker goes on to the next directory otherwise.
func sameMachine(path string, like *elf.File) bool {
	f, err := elf.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	return f.Machine == like.Machine && f.Class == like.Class
}

// libraryDirs are the directories of ld.so.conf(5), and those that the linker has built in.
func libraryDirs() []string {
	dirs := confDirs("/etc/ld.so.conf", 0)
	for _, dir := range []string{"/lib64", "/usr/lib64", "/lib", "/usr/lib"} {
		if !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

func confDirs(path string, depth int) []string {
	const deepest = 5
	f, err := os.Open(path)
	if err != nil || depth > deepest {
		return nil
	}
	defer f.Close()
	var dirs []string
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line, _, _ := strings.Cut(lines.Text(), "#")
		line = strings.TrimSpace(line)
		pattern, include := strings.CutPrefix(line, "include ")
		switch {
		case line == "":
		case include:
			files, _ := filepath.Glob(strings.TrimSpace(pattern))
			for _, file := range files {
				dirs = append(dirs, confDirs(file, depth+1)...)
			}
		default:
			dirs = append(dirs, line)
		}
	}
	return dirs
}
