package store_test

import (
	"bytes"
	"strings"
	"testing"

	"rostrum.example/internal/store"
)

// FuzzDumpReader: whatever is accepted is in the one form that a dump has, so writing it again gives the same.
func FuzzDumpReader(f *testing.F) {
	f.Add([]byte(""))
	f.Add([]byte("rostrum-dump 1\nschema 0\nend 0 sha256 4e08c2fe4a0c4b4ff9f1f54b8a2c2ba2e7ae4ea0a17a3bd0b1bb1b9dd26d4ad6\n"))
	f.Add([]byte("rostrum-dump 1\nschema 1\ntable a b:text c:bytes d:integer\nx\\n\t\\\\x00\t-1\n\\N\t\\N\t\\N\n\\.\nrows 2 sha256 "))
	f.Fuzz(func(t *testing.T, dump []byte) {
		lenient := store.ReadDump(bytes.NewReader(dump))
		if lenient != nil && strings.Contains(lenient.Error(), "written again") {
			t.Error(lenient)
		}
	})
}

func FuzzDumpRow(f *testing.F) {
	for _, line := range []string{"", "a\t1\t\\\\x", "\\N\t\\N\t\\N", "a\\tb\\\\\t-9223372036854775808\t\\\\x00ff", "\\.\t0\t\\\\xf"} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		again, err := store.ParseRow(line)
		if err == nil && !bytes.Equal(again, line) {
			t.Errorf("%q is written again as %q", line, again)
		}
	})
}
