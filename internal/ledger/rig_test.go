package ledger

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

const testOrigin = "record.example.org/log"

// seeded is a source of randomness that is the same in every run.
type seeded struct{ *rand.ChaCha8 }

func newSeeded(seed byte) io.Reader {
	var s [32]byte
	s[0] = seed
	return seeded{rand.NewChaCha8(s)}
}

// clock is a time that only the test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 23, 15, 20, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func testKey(tb testing.TB, seed byte) *Key {
	tb.Helper()
	secret, err := GenerateKey(newSeeded(seed), testOrigin)
	if err != nil {
		tb.Fatal(err)
	}
	key, err := NewKey(secret)
	if err != nil {
		tb.Fatal(err)
	}
	return key
}

func testOptions(tb testing.TB, db *store.DB) Options {
	tb.Helper()
	return Options{
		DB: db, Key: testKey(tb, 1), Origin: testOrigin, Clock: newClock().Now, Random: newSeeded(2),
		CheckpointFile: filepath.Join(tb.TempDir(), "checkpoint"),
	}
}

func open(tb testing.TB, o Options) *Ledger {
	tb.Helper()
	l, err := New(tb.Context(), o)
	if err != nil {
		tb.Fatal(err)
	}
	return l
}

// onSQLite begins a record in a fresh SQLite database.
func onSQLite(tb testing.TB) *Ledger {
	tb.Helper()
	return open(tb, testOptions(tb, storetest.SQLite(tb)))
}

func sample(n int) Entry {
	return Entry{
		Org: "sample", Type: "dialogue.point.entered", Subject: fmt.Sprintf("dialogue/sample/point/p%d", n),
		At: "2026-11-23T15:20:00Z", Text: fmt.Appendf(nil, `{"title":"Sample point %d","gist":"Words that stand for words."}`, n),
	}
}

func enter(tb testing.TB, l *Ledger, entries ...Entry) []ID {
	tb.Helper()
	var ids []ID
	err := l.o.DB.Write(tb.Context(), func(tx *store.Tx) error {
		ids = ids[:0]
		for _, e := range entries {
			id, err := l.Enter(tx, e)
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return ids
}

func withdraw(tb testing.TB, l *Ledger, id ID, reason string) ID {
	tb.Helper()
	var notice ID
	err := l.o.DB.Write(tb.Context(), func(tx *store.Tx) (err error) {
		notice, err = l.Withdraw(tx, id, Notice{At: "2026-11-24", Reason: reason})
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return notice
}

// settleAll integrates and publishes what waits.
func settleAll(tb testing.TB, l *Ledger) {
	tb.Helper()
	if _, err := l.Integrate(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	if err := l.Publish(tb.Context()); err != nil {
		tb.Fatal(err)
	}
}

// growTo makes the record size entries long and publishes it.
func growTo(tb testing.TB, l *Ledger, size int64) {
	tb.Helper()
	for have := l.Head(tb.Context()).Size; have < size; {
		n := min(1000, size-have)
		var batch []Entry
		for k := range n {
			batch = append(batch, sample(int(have+k)))
		}
		enter(tb, l, batch...)
		have += n
	}
	settleAll(tb, l)
	if got := l.Head(tb.Context()).Size; got != size {
		tb.Fatalf("the record has %d entries, want %d", got, size)
	}
}

func verifyOptions(l *Ledger) VerifyOptions {
	return VerifyOptions{Key: l.Verifier(), Pause: time.Millisecond}
}

// CheckInvariant is called after each step of a test. It checks what must hold at every moment: the rows are whole
// and agree with the head, the file outside the database holds what is served, what is served lies in the rows, and
// no entry is both waiting and in the log.
func CheckInvariant(tb testing.TB, l *Ledger) {
	tb.Helper()
	ctx := context.WithoutCancel(tb.Context())
	head := l.Head(ctx)
	kept, err := os.ReadFile(l.o.CheckpointFile)
	if err != nil || string(kept) != string(head.Note) {
		tb.Fatalf("the checkpoint file holds %q (%v), served is %q", kept, err, head.Note)
	}
	tree, err := openCheckpoint(head.Note, l.o.Key.verifier)
	if err != nil || tree != head.Tree() {
		tb.Fatalf("served is the head %v and the checkpoint %v (%v)", head.Tree(), tree, err)
	}
	unsettled := 0
	err = l.o.DB.Read(ctx, func(tx *store.Tx) error {
		row, err := readHead(tx)
		if err != nil {
			return err
		}
		if row.published < head.Size || row.size < row.published {
			tb.Errorf("served are %d entries, published %d, stored %d", head.Size, row.published, row.size)
		}
		if got, err := tlog.TreeHash(head.Size, hashReader{tx}); err != nil || got != head.Root {
			tb.Errorf("the rows give the root %s (%v), served is %s", got, err, head.Root)
		}
		var both int
		if err := tx.QueryRow("select count(*) from log_pending p join log_entry e on e.id = p.id").Scan(&both); err != nil || both != 0 {
			tb.Errorf("%d entries both wait and stand in the log (%v)", both, err)
		}
		return tx.QueryRow(countUnsettled, row.published).Scan(&unsettled)
	})
	if err != nil {
		tb.Fatal(err)
	}
	if unsettled > 0 {
		return // a notice waits, which a verification rightly says
	}
	r, err := VerifyDatabase(ctx, l.o.DB, verifyOptions(l))
	if err != nil {
		tb.Fatal(err)
	}
	if !r.Verified {
		tb.Fatalf("%s", r)
	}
}
