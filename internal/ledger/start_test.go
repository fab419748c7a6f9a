package ledger

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

// Every relation of the checkpoint file and the database at the start; TestStartAfterEachStep does it on all engines.
func TestStart(t *testing.T) {
	type world struct {
		o     Options   // of a record of 5 entries, whose first 3 were published before
		heads [6][]byte // the checkpoint at 3 and at 5
	}
	file := func(data []byte) func(*testing.T, *world) {
		return func(t *testing.T, w *world) {
			if err := os.WriteFile(w.o.CheckpointFile, data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	forge := func(key byte, size int64) []byte {
		return must(signCheckpoint(testKey(t, key), testOrigin, tlog.Tree{N: size, Hash: tlog.Hash{1}}))
	}
	for _, c := range []struct {
		name   string
		change func(*testing.T, *world)
		want   error
		says   string
		warns  bool
	}{
		{"equal", func(*testing.T, *world) {}, nil, "", false},
		{"file older and consistent", func(t *testing.T, w *world) { file(w.heads[3])(t, w) }, nil, "", false},
		{"file of the empty record", func(t *testing.T, w *world) {
			file(must(signCheckpoint(w.o.Key, testOrigin, tlog.Tree{Hash: emptyRoot()})))(t, w)
		}, nil, "", false},
		{"file lost", func(t *testing.T, w *world) {
			if err := os.Remove(w.o.CheckpointFile); err != nil {
				t.Fatal(err)
			}
		}, nil, "", true},
		{"database older", file(forge(1, 9)), ErrRolledBack, "restore a backup", false},
		{"same size, other root", file(forge(1, 5)), ErrForked, "nothing is signed", false},
		{"file older and inconsistent", file(forge(1, 4)), ErrForked, "nothing is signed", false},
		{"file of another key", file(forge(2, 5)), ErrForeign, "own key", false},
		{"file of another origin", func(t *testing.T, w *world) {
			key := must(NewKey(must(GenerateKey(newSeeded(1), "other.example.org/log"))))
			file(must(signCheckpoint(key, "other.example.org/log", tlog.Tree{N: 5, Hash: tlog.Hash{1}})))(t, w)
		}, ErrForeign, "own key", false},
		{"file signed by our key for another origin", func(t *testing.T, w *world) {
			file(must(signCheckpoint(w.o.Key, "other.example.org/log", tlog.Tree{N: 5, Hash: tlog.Hash{1}})))(t, w)
		}, ErrForeign, "other.example.org", false},
		{"file empty", file(nil), ErrDamaged, "old backup", false},
		{"file cut", func(t *testing.T, w *world) { file(w.heads[5][:60])(t, w) }, ErrDamaged, "old backup", false},
		{"file changed", func(t *testing.T, w *world) {
			file([]byte(strings.Replace(string(w.heads[5]), "\n5\n", "\n4\n", 1)))(t, w)
		}, ErrDamaged, "signature is wrong", false},
		{"database of another key", func(t *testing.T, w *world) {
			w.o.Key = testKey(t, 3)
			if err := os.Remove(w.o.CheckpointFile); err != nil {
				t.Fatal(err)
			}
		}, ErrForeign, "key file of this record", false},
		{"key of another origin", func(t *testing.T, w *world) {
			w.o.Key = must(NewKey(must(GenerateKey(newSeeded(1), "other.example.org/log"))))
		}, ErrForeign, "signing key is for", false},
		{"database empty, file not", func(t *testing.T, w *world) { w.o.DB = storetest.SQLite(t) }, ErrRolledBack, "older one", false},
		{"file's folder missing", func(t *testing.T, w *world) {
			w.o.CheckpointFile = filepath.Join(t.TempDir(), "none", "checkpoint")
		}, os.ErrNotExist, "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := &world{o: testOptions(t, storetest.SQLite(t))}
			l := open(t, w.o)
			for _, size := range []int64{3, 5} {
				growTo(t, l, size)
				w.heads[size] = l.Head(t.Context()).Note
			}
			c.change(t, w)
			var log strings.Builder
			w.o.Log = slog.New(slog.NewTextHandler(&log, nil))
			before, _ := os.ReadFile(w.o.CheckpointFile)
			again, err := New(t.Context(), w.o)
			if !errors.Is(err, c.want) || (err != nil) != (c.want != nil) {
				t.Fatalf("%v, want %v", err, c.want)
			}
			if err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v does not say %q", err, c.says)
			}
			if strings.Contains(log.String(), "level=WARN") != c.warns {
				t.Errorf("logged: %s", &log)
			}
			if err != nil {
				if after, _ := os.ReadFile(w.o.CheckpointFile); string(after) != string(before) {
					t.Error("it refused, and changed the file")
				}
				return
			}
			CheckInvariant(t, again)
			if size := again.Head(t.Context()).Size; size != 5 {
				t.Errorf("it serves %d entries", size)
			}
			growTo(t, again, 7)
			CheckInvariant(t, again)
		})
	}
}

// A crash between the steps of publishing: after the entries were integrated, after the head was committed.
func TestStartAfterEachStep(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := testOptions(t, db)
		l := open(t, o)
		growTo(t, l, 3)
		old := must(os.ReadFile(o.CheckpointFile))
		enter(t, l, sample(3))
		if _, err := l.Integrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		l = open(t, o) // integrated, not signed: the start signs
		CheckInvariant(t, l)
		if size := l.Head(t.Context()).Size; size != 4 {
			t.Errorf("%d entries after the first crash", size)
		}
		if err := os.WriteFile(o.CheckpointFile, old, 0o644); err != nil { // signed, file not written
			t.Fatal(err)
		}
		l = open(t, o)
		CheckInvariant(t, l)
		enter(t, l, sample(4))
		l = open(t, o) // entered, not integrated
		settleAll(t, l)
		CheckInvariant(t, l)
		if size := l.Head(t.Context()).Size; size != 5 {
			t.Errorf("%d entries in the end", size)
		}
	})
}

// A database that is put back while the program runs is not signed over, and the last head stays served.
func TestRollbackWhileRunning(t *testing.T) {
	ctx := t.Context()
	l := onSQLite(t)
	growTo(t, l, 5)
	old := testOptions(t, storetest.SQLite(t))
	old.Random = newSeeded(8)
	past := open(t, old)
	growTo(t, past, 3)
	l.o.DB = past.o.DB // what the program now finds behind the same name
	for _, try := range []func(context.Context) error{l.Refresh, func(ctx context.Context) error {
		enter(t, past, sample(3))
		if _, err := past.Integrate(ctx); err != nil {
			t.Fatal(err)
		}
		return l.Publish(ctx)
	}} {
		if err := try(ctx); !errors.Is(err, ErrRolledBack) {
			t.Errorf("%v, want ErrRolledBack", err)
		}
		if l.Head(ctx).Size != 5 {
			t.Errorf("served are %d entries", l.Head(ctx).Size)
		}
	}
	settleAll(t, past)
	growTo(t, past, 9) // longer than what was served, with another history
	enter(t, past, sample(9))
	if _, err := past.Integrate(ctx); err != nil {
		t.Fatal(err)
	}
	if err := l.Publish(ctx); !errors.Is(err, ErrForked) {
		t.Errorf("%v, want ErrForked", err)
	}
}

func TestOptionsAreNeeded(t *testing.T) {
	o := testOptions(t, storetest.SQLite(t))
	for name, change := range map[string]func(*Options){
		"database": func(o *Options) { o.DB = nil }, "key": func(o *Options) { o.Key = nil },
		"origin": func(o *Options) { o.Origin = "" }, "clock": func(o *Options) { o.Clock = nil },
		"randomness": func(o *Options) { o.Random = nil }, "file": func(o *Options) { o.CheckpointFile = "" },
	} {
		bad := o
		change(&bad)
		if _, err := New(t.Context(), bad); err == nil {
			t.Errorf("opened without %s", name)
		}
	}
}

func TestPace(t *testing.T) {
	c := newClock()
	l := &Ledger{o: Options{Clock: c.Now}}
	for _, step := range []struct{ since, want time.Duration }{
		{0, pace}, {pace / 4, pace * 3 / 4}, {pace, 0}, {3 * pace, -2 * pace}, {-time.Hour, 0},
	} {
		if got := l.untilNext(c.Now().Add(-step.since)); got != step.want {
			t.Errorf("%v after a signature: %v, want %v", step.since, got, step.want)
		}
	}
}

func TestKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "record.key")
	first, err := OpenKey(path, testOrigin, newSeeded(1))
	if err != nil {
		t.Fatal(err)
	}
	if info := must(os.Stat(path)); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	again, err := OpenKey(path, testOrigin, nil) // nothing is drawn
	if err != nil || again.Verifier != first.Verifier || again.Name() != testOrigin {
		t.Fatalf("%v, %v", again, err)
	}
	if !strings.HasPrefix(first.Verifier, testOrigin+"+") {
		t.Errorf("verifier %q", first.Verifier)
	}
	if _, err := OpenKey(path, "other.example.org/log", nil); !errors.Is(err, ErrForeign) {
		t.Errorf("another origin: %v", err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenKey(path, testOrigin, nil); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a readable key: %v", err)
	}
	if _, err := GenerateKey(newSeeded(1), "with space"); err == nil {
		t.Error("an origin with a space")
	}
	secret := must(GenerateKey(newSeeded(1), testOrigin))
	for _, bad := range []string{"", "nonsense", secret[1:], secret[:len(secret)-4], strings.Replace(secret, "record", "recorc", 1), first.Verifier} {
		if _, err := NewKey(bad); err == nil {
			t.Errorf("%q is taken for a key", bad)
		}
	}
	for seed := range byte(60) { // base64 of some seeds has plus signs
		if k := testKey(t, seed); k.verifier.KeyHash() != k.signer.KeyHash() {
			t.Errorf("seed %d", seed)
		}
	}
}

// A program that died while a clock ran ahead seems to hold the lease for an hour. The others wait for it as long as
// something moves, and no longer.
func TestLeaseOfTheDead(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		l := open(t, testOptions(t, db))
		if ours, err := db.Lease(ctx, leaseName, "dead", l.o.Clock().Add(time.Hour), leaseFor); !ours || err != nil {
			t.Fatal(ours, err)
		}
		enter(t, l, sample(0))
		s := sequencer{polled: true}
		turns := 0
		for ; l.Head(ctx).Size == 0 && turns < 1000; turns++ {
			if turns == 20 { // the dead program was only slow
				if _, err := l.Integrate(ctx); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := l.turn(ctx, &s); err != nil {
				t.Fatal(err)
			}
			l.o.Clock = func() time.Time { return newClock().now.Add(-time.Hour) } // no pace in the way
		}
		if want := 21 + int(3*leaseFor/poll); turns != want {
			t.Errorf("%d turns, want %d", turns, want)
		}
		CheckInvariant(t, l)
	})
}
