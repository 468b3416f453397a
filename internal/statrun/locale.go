package statrun

import (
	"bytes"
	"io/fs"
	"strings"
)

// Grouping is what the user's locale puts between thousands; "" for nothing, also if the locale is not installed, as the C
// library has it. getenv is that of the environment. The rows are glibc's, of the languages that people set.
func Grouping(root fs.FS, getenv func(string) string) string {
	name := ""
	for _, v := range []string{"LC_ALL", "LC_NUMERIC", "LANG"} {
		if name = getenv(v); name != "" {
			break
		}
	}
	base, _, _ := strings.Cut(name, ".")
	base, _, _ = strings.Cut(base, "@")
	language, _, _ := strings.Cut(base, "_")
	separator := map[string]string{
		"en": ",", "ja": ",", "zh": ",", "ko": ",", "he": ",", "th": ",", "hi": ",",
		"de": ".", "nl": ".", "it": ".", "da": ".", "tr": ".", "id": ".", "el": ".",
		"fr": "\u202f", "ru": "\u202f", "uk": "\u202f", "cs": "\u202f", "sv": "\u202f", "nb": "\u202f", "fi": "\u202f", "pl": "\u202f",
	}[language]
	if separator == "" || !installed(root, base) {
		return ""
	}
	return separator
}

// installed looks for a locale where glibc has it: in a directory of its own or in the archive.
func installed(root fs.FS, base string) bool {
	const dir = "usr/lib/locale"
	for _, name := range []string{base, base + ".utf8", base + ".UTF-8"} {
		if _, err := fs.Stat(root, dir+"/"+name); err == nil {
			return true
		}
	}
	archive, err := fs.ReadFile(root, dir+"/locale-archive")
	return err == nil && bytes.Contains(archive, []byte(base))
}
