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
	f.Add([]byte("rostrum-dump 1\nschema 0\nend 0 sha256 ffaa3bda73290bc2ac27f171cd28cfff23dcd27356b3ae364d6971cbf3fdde1a\n"))
	f.Add([]byte("rostrum-dump 1\nschema 1\ntable a b:text c:bytes d:integer\nx\\n\t\\\\x00\t-1\n\\N\t\\N\t\\N\n\\.\nrows 2 sha256 "))
	f.Fuzz(func(t *testing.T, dump []byte) {
		err := store.ReadDump(bytes.NewReader(dump))
		if err != nil && strings.Contains(err.Error(), "written again") {
			t.Error(err)
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
