package ledger

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

func batchOf(n int) []Entry {
	all := make([]Entry, n)
	for k := range all {
		all[k] = sample(k)
	}
	return all
}

// BenchmarkEnter is the cost that the record adds to an act: one transaction with one entry.
func BenchmarkEnter(b *testing.B) {
	storetest.Bench(b, func(b *testing.B, db *store.DB) {
		l := open(b, testOptions(b, db))
		n := 0
		for b.Loop() {
			enter(b, l, sample(n))
			n++
		}
		b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "entries/s")
	})
}

// BenchmarkIntegrate integrates 10,000 waiting entries into a record of some size, and publishes them.
func BenchmarkIntegrate(b *testing.B) {
	const burst = 10_000
	storetest.Bench(b, func(b *testing.B, db *store.DB) {
		l := open(b, testOptions(b, db))
		entries := 0
		for b.Loop() {
			b.StopTimer()
			for range burst / 1000 {
				enter(b, l, batchOf(1000)...)
			}
			b.StartTimer()
			n, err := l.Integrate(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			if err := l.Publish(b.Context()); err != nil {
				b.Fatal(err)
			}
			entries += n
		}
		b.ReportMetric(float64(entries)/b.Elapsed().Seconds(), "entries/s")
	})
}

// BenchmarkEndToEnd enters 10,000 entries in acts of 100 while the sequencer runs, and waits for the last proof.
func BenchmarkEndToEnd(b *testing.B) {
	const burst = 10_000
	storetest.Bench(b, func(b *testing.B, db *store.DB) {
		o := testOptions(b, db)
		o.Clock = time.Now
		l := open(b, o)
		ctx, cancel := context.WithCancel(b.Context())
		done := make(chan error)
		go func() { done <- l.Run(ctx) }()
		entries := 0
		for b.Loop() {
			var last []ID
			for range burst / 100 {
				last = enter(b, l, batchOf(100)...)
			}
			if _, err := l.Wait(ctx, last[len(last)-1]); err != nil {
				b.Fatal(err)
			}
			entries += burst
		}
		b.ReportMetric(float64(entries)/b.Elapsed().Seconds(), "entries/s")
		cancel()
		if err := <-done; err != nil {
			b.Error(err)
		}
	})
}

// build grows a record quickly by writing rows as the sequencer does, without the waiting list. The texts are sealed.
func build(b *testing.B, l *Ledger, size int64) {
	b.Helper()
	const step = 20_000
	random := newSeeded(4)
	for from := l.Head(b.Context()).Size; from < size; from += step {
		err := l.o.DB.Write(b.Context(), func(tx *store.Tx) error {
			head, err := lockHead(tx, l.o.DB.Engine())
			if err != nil {
				return err
			}
			e, err := readEdge(tx, head)
			if err != nil {
				return err
			}
			var rows []row
			var hashes []tlog.Hash
			for k := from; k < min(from+step, size); k++ {
				id := ID(must(store.NewID(random)))
				leaf, err := AppendLeaf(nil, Leaf{ID: id, Type: "report.fetched", Subject: fmt.Sprintf("opaque/x%d", k), At: "2026-11-23", Digest: Digest{byte(k)}})
				if err != nil {
					return err
				}
				rows = append(rows, row{k, id, "sample", "report.fetched", fmt.Sprintf("opaque/x%d", k), leaf})
				hashes = e.append(hashes, tlog.RecordHash(leaf))
			}
			if err := insertEntryRows(tx, rows); err != nil {
				return err
			}
			if err := insertHashRows(tx, tlog.StoredHashCount(from), hashes); err != nil {
				return err
			}
			return head.grow(tx, e.size, e.root())
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	if err := l.Publish(b.Context()); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkMillion reads from a record of a million entries.
func BenchmarkMillion(b *testing.B) {
	if testing.Short() {
		b.Skip("building a million entries takes a minute; run without -short")
	}
	const size = 1_000_000
	storetest.Bench(b, func(b *testing.B, db *store.DB) {
		l := open(b, testOptions(b, db))
		start := time.Now()
		build(b, l, size)
		b.Logf("built in %v", time.Since(start))
		random := rand.New(rand.NewPCG(1, 2))
		measure := func(name string, fn func() error) {
			b.Run(name, func(b *testing.B) {
				var took []time.Duration
				for b.Loop() {
					start := time.Now()
					if err := fn(); err != nil {
						b.Fatal(err)
					}
					took = append(took, time.Since(start))
				}
				slices.Sort(took)
				b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
				b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
			})
		}
		measure("proof", func() error { _, err := l.Proof(b.Context(), random.Int64N(size), size); return err })
		measure("consistency", func() error {
			_, err := l.Consistency(b.Context(), 1+random.Int64N(size), size)
			return err
		})
		handler := l.Handler()
		get := func(path string) error {
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
			if w.Code != http.StatusOK {
				return fmt.Errorf("%s: %d", path, w.Code)
			}
			return nil
		}
		measure("checkpoint", func() error { return get("/log/checkpoint") })
		measure("tile0", func() error {
			return get("/" + place{kind: kindHashes, n: random.Int64N(size / tileWidth), width: tileWidth}.path())
		})
		measure("tile1", func() error {
			return get("/" + place{kind: kindHashes, level: 1, n: random.Int64N(size / tileWidth / tileWidth), width: tileWidth}.path())
		})
		measure("entries", func() error {
			return get("/" + place{kind: kindEntries, n: random.Int64N(size / tileWidth), width: tileWidth}.path())
		})
	})
}

// BenchmarkVerify verifies a record of 20,000 entries with texts.
func BenchmarkVerify(b *testing.B) {
	const size = 20_000
	l := onSQLite(b)
	for range size / 1000 {
		enter(b, l, batchOf(1000)...)
	}
	settleAll(b, l)
	folder := b.TempDir() + "/copy"
	if err := l.WriteCopy(b.Context(), folder); err != nil {
		b.Fatal(err)
	}
	files, closing, err := OpenCopy(folder)
	if err != nil {
		b.Fatal(err)
	}
	defer closing()
	server := httptest.NewServer(l.Handler())
	defer server.Close()
	for name, verify := range map[string]func() (*Report, error){
		"copy":     func() (*Report, error) { return Verify(b.Context(), files, verifyOptions(l)) },
		"http":     func() (*Report, error) { return Verify(b.Context(), must(HTTP(server.URL, nil)), verifyOptions(l)) },
		"database": func() (*Report, error) { return VerifyDatabase(b.Context(), l.o.DB, verifyOptions(l)) },
	} {
		b.Run(name, func(b *testing.B) {
			n := 0
			for b.Loop() {
				if r, err := verify(); err != nil || !r.Verified {
					b.Fatal(r, err)
				}
				n += size
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "entries/s")
		})
	}
}
