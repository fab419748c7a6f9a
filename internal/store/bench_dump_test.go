package store_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

// manyRows is a dump with a million rows of about 120 bytes.
func manyRows(b *testing.B, rows int) []byte {
	db := storetest.SQLite(b)
	payload := strings.Repeat("a word, \\ ", 5)
	for at := 0; at < rows; {
		err := db.Write(context.Background(), func(tx *store.Tx) error {
			for end := min(rows, at+50_000); at < end; at++ {
				if _, err := tx.Exec(insertJob, "org", fmt.Sprintf("%08x", uint32(at*2654435761)), "mail", payload, at); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	var dump bytes.Buffer
	if err := db.Dump(context.Background(), &dump); err != nil {
		b.Fatal(err)
	}
	return dump.Bytes()
}

// BenchmarkDump dumps and loads a million rows.
func BenchmarkDump(b *testing.B) {
	const rows = 1_000_000
	dump := manyRows(b, rows)
	storetest.Bench(b, func(b *testing.B, db *store.DB) {
		loaded := false
		b.Run("load", func(b *testing.B) {
			if b.N > 1 || loaded {
				b.Skip("run with -benchtime 1x")
			}
			b.SetBytes(int64(len(dump)))
			if err := db.Load(context.Background(), bytes.NewReader(dump)); err != nil {
				b.Fatal(err)
			}
			loaded = true
			b.ReportMetric(rows/b.Elapsed().Seconds(), "rows/s")
		})
		b.Run("dump", func(b *testing.B) {
			b.SetBytes(int64(len(dump)))
			for b.Loop() {
				var again bytes.Buffer
				again.Grow(len(dump))
				if err := db.Dump(context.Background(), &again); err != nil {
					b.Fatal(err)
				}
				if loaded && !bytes.Equal(again.Bytes(), dump) {
					b.Fatal("the dump differs")
				}
			}
			b.ReportMetric(float64(b.N)*rows/b.Elapsed().Seconds(), "rows/s")
		})
	})
}
