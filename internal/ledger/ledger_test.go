package ledger

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

func TestEntryFromActToProof(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		l := open(t, testOptions(t, db))
		CheckInvariant(t, l)

		first := enter(t, l, sample(0))[0]
		CheckInvariant(t, l)
		e, err := l.ByID(ctx, first)
		if err != nil || e.Index != Pending || string(e.Text) != string(sample(0).Text) {
			t.Fatalf("before integration: %+v, %v", e, err)
		}
		if _, err := l.Entry(ctx, 0); !errors.Is(err, ErrNotFound) {
			t.Errorf("entry 0 before it is published: %v", err)
		}

		if n, err := l.Integrate(ctx); n != 1 || err != nil {
			t.Fatalf("Integrate took %d, %v", n, err)
		}
		CheckInvariant(t, l)
		if e, _ := l.ByID(ctx, first); e.Index != Pending {
			t.Errorf("an entry that no checkpoint covers has the index %d", e.Index)
		}

		var told []int64
		l.OnPublish(func(h Head) { told = append(told, h.Size) })
		settleAll(t, l)
		settleAll(t, l) // nothing new: nothing is published
		CheckInvariant(t, l)
		if !slices.Equal(told, []int64{1}) {
			t.Errorf("OnPublish told of %v, want once of 1", told)
		}

		citing := sample(1)
		citing.Cites = []ID{first}
		citing.Subject = sample(0).Subject
		second := enter(t, l, citing)[0]
		settleAll(t, l)
		CheckInvariant(t, l)
		e, err = l.ByID(ctx, second)
		if err != nil || e.Index != 1 || !slices.Equal(e.Leaf.Cites, []ID{first}) {
			t.Fatalf("the second entry: %+v, %v", e, err)
		}
		if DigestOf(e.Salt, e.Text) != e.Leaf.Digest {
			t.Error("salt and text do not give the digest")
		}
		head := l.Head(ctx)
		proof, err := l.Proof(ctx, 1, head.Size)
		if err != nil {
			t.Fatal(err)
		}
		if err := tlog.CheckRecord(proof, head.Size, head.Root, 1, tlog.RecordHash(e.Bytes)); err != nil {
			t.Error(err)
		}
		history, err := l.Of(ctx, sample(0).Subject)
		if err != nil || len(history) != 2 || history[0].Leaf.ID != first || history[1].Leaf.ID != second {
			t.Errorf("history %v, %v", history, err)
		}
		recent, err := l.Recent(ctx, -1, 1)
		if err != nil || len(recent) != 1 || recent[0].Leaf.ID != second {
			t.Errorf("recent %v, %v", recent, err)
		}
		recent, err = l.Recent(ctx, recent[0].Index, 10)
		if err != nil || len(recent) != 1 || recent[0].Leaf.ID != first {
			t.Errorf("before that %v, %v", recent, err)
		}
		if none, err := l.Recent(ctx, 0, 10); err != nil || len(none) != 0 {
			t.Errorf("before the first %v, %v", none, err)
		}
	})
}

func TestActThatIsRolledBackLeavesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := open(t, testOptions(t, db))
		failed := errors.New("the act failed")
		var id ID
		err := db.Write(t.Context(), func(tx *store.Tx) (err error) {
			if id, err = l.Enter(tx, sample(0)); err != nil {
				return err
			}
			return failed
		})
		if !errors.Is(err, failed) {
			t.Fatal(err)
		}
		settleAll(t, l)
		CheckInvariant(t, l)
		if _, err := l.Wait(t.Context(), id); !errors.Is(err, ErrNotFound) {
			t.Errorf("waiting for it: %v", err)
		}
		if l.Head(t.Context()).Size != 0 {
			t.Error("it is in the record")
		}
	})
}

func TestEnterRefuses(t *testing.T) {
	l := onSQLite(t)
	long := make([]ID, 140)
	for k := range long {
		long[k] = enter(t, l, sample(k))[0]
	}
	for name, change := range map[string]func(*Entry){
		"no tenant":               func(e *Entry) { e.Org = "" },
		"type of one word":        func(e *Entry) { e.Type = "entered" },
		"type with capitals":      func(e *Entry) { e.Type = "dialogue.Point.entered" },
		"type of a notice":        func(e *Entry) { e.Type = "dialogue.point.withdrawn" },
		"type too long":           func(e *Entry) { e.Type = "dialogue." + strings.Repeat("a", 80) },
		"no room for the notice":  func(e *Entry) { e.Type = "dialogue." + strings.Repeat("a", 62) },
		"no word for the notice":  func(e *Entry) { e.Type = "a.b.c.d.e.f" },
		"subject with a name":     func(e *Entry) { e.Subject = "dialogue/Sample Name" },
		"subject with an address": func(e *Entry) { e.Subject = "person/name@example.org" },
		"subject with a slash":    func(e *Entry) { e.Subject = "dialogue/" },
		"opaque with more parts":  func(e *Entry) { e.Subject = "opaque/a/b" },
		"subject too long":        func(e *Entry) { e.Subject = strings.Repeat("a", 201) },
		"no time":                 func(e *Entry) { e.At = "" },
		"time with a zone":        func(e *Entry) { e.At = "2026-11-23T15:20:00+01:00" },
		"time with fractions":     func(e *Entry) { e.At = "2026-11-23T15:20:00.5Z" },
		"31 February":             func(e *Entry) { e.At = "2026-02-31" },
		"no text":                 func(e *Entry) { e.Text = nil },
		"text not JSON":           func(e *Entry) { e.Text = []byte("hello") },
		"text not UTF-8":          func(e *Entry) { e.Text = []byte("\"\xff\"") },
		"text too long":           func(e *Entry) { e.Text = []byte(`"` + strings.Repeat("a", MaxText) + `"`) },
		"short salt":              func(e *Entry) { e.Salt = make([]byte, 31) },
		"sealed and public":       func(e *Entry) { e.Sealed, e.Salt = true, make([]byte, 32) },
		"sealed without a salt":   func(e *Entry) { e.Sealed, e.Subject = true, "opaque/a2" },
		"cites twice":             func(e *Entry) { e.Cites = []ID{long[0], long[0]} },
		"cites nonsense":          func(e *Entry) { e.Cites = []ID{"x"} },
		"cites too much":          func(e *Entry) { e.Cites = long },
	} {
		e := sample(0)
		change(&e)
		err := l.o.DB.Write(t.Context(), func(tx *store.Tx) error { _, err := l.Enter(tx, e); return err })
		if !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v, want ErrInvalid", name, err)
		}
	}
	for _, longest := range []string{"dialogue." + strings.Repeat("a", 61), "a.b.c.d.e"} {
		e := sample(0)
		e.Type = longest
		withdraw(t, l, enter(t, l, e)[0], "What can be entered can be withdrawn.")
	}
	e := sample(0)
	e.Cites = []ID{"aaaaaaaaaaaaaaaaaaaaaaaaaa"}
	err := l.o.DB.Write(t.Context(), func(tx *store.Tx) error { _, err := l.Enter(tx, e); return err })
	if !errors.Is(err, ErrNotFound) {
		t.Errorf("citing what does not exist: %v, want ErrNotFound", err)
	}
	settleAll(t, l)
	CheckInvariant(t, l)
}

func TestWithdraw(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		l := open(t, testOptions(t, db))
		secret := sample(0)
		secret.Text = []byte(`{"title":"canary that must go"}`)
		ids := enter(t, l, secret, sample(1))
		settleAll(t, l)
		before := l.Head(ctx)
		notice := withdraw(t, l, ids[0], `It named "someone" & <others>.`)
		CheckInvariant(t, l)
		e, err := l.ByID(ctx, ids[0])
		if err != nil || e.Text != nil || e.Salt != nil || e.Notice == nil || e.Notice.ID != notice || e.Index != 0 {
			t.Fatalf("just withdrawn: %+v, %v", e, err)
		}
		settleAll(t, l)
		CheckInvariant(t, l)
		n, err := l.ByID(ctx, notice)
		if err != nil || n.Leaf.Type != "dialogue.point.entered.withdrawn" || !slices.Equal(n.Leaf.Cites, []ID{ids[0]}) || n.Index != 2 {
			t.Fatalf("the notice: %+v, %v", n, err)
		}
		if err := tlog.CheckTree(must(l.Consistency(ctx, before.Size, 3)), 3, l.Head(ctx).Root, before.Size, before.Root); err != nil {
			t.Error(err)
		}
		for _, again := range []struct {
			id   ID
			want error
		}{{ids[0], ErrWithdrawn}, {notice, ErrInvalid}, {"aaaaaaaaaaaaaaaaaaaaaaaaaa", ErrNotFound}} {
			err := db.Write(ctx, func(tx *store.Tx) error {
				_, err := l.Withdraw(tx, again.id, Notice{At: "2026-11-24", Reason: "again"})
				return err
			})
			if !errors.Is(err, again.want) {
				t.Errorf("withdrawing %s: %v, want %v", again.id, err, again.want)
			}
		}
		for _, bad := range []Notice{{At: "2026-11-24"}, {At: "2026-11-24", Reason: " spaces "}, {At: "yesterday", Reason: "words"}} {
			err := db.Write(ctx, func(tx *store.Tx) error { _, err := l.Withdraw(tx, ids[1], bad); return err })
			if !errors.Is(err, ErrInvalid) {
				t.Errorf("notice %+v: %v", bad, err)
			}
		}

		// One that still waits, and a sealed one.
		salt := bytes.Repeat([]byte{7}, SaltSize)
		sealedOne := Entry{Org: "sample", Type: "report.fetched", Subject: "opaque/x2", At: "2026-11-23", Text: []byte(`1`), Sealed: true, Salt: salt}
		waiting := enter(t, l, sample(3), sealedOne)
		withdraw(t, l, waiting[0], "Entered by mistake.")
		settleAll(t, l)
		CheckInvariant(t, l)
		if e, err := l.ByID(ctx, waiting[1]); err != nil || !e.Sealed() || e.Leaf.Digest != DigestOf(salt, []byte(`1`)) {
			t.Errorf("the sealed entry: %+v, %v", e, err)
		}
		withdraw(t, l, waiting[1], "Erased on request.")
		settleAll(t, l)
		CheckInvariant(t, l)

		err = db.Read(ctx, func(tx *store.Tx) error {
			var left int
			err := tx.QueryRow("select count(*) from log_text where id = $1 and (salt is not null or body is not null)", string(ids[0])).Scan(&left)
			if left != 0 {
				t.Error("salt or text is still in its row")
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Acts of many writers in two programs, with two sequencers that do not even ask for the lease: every entry that
// was acknowledged is in the record exactly once, behind what it cites.
func TestExactlyOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		o := testOptions(t, db)
		a := open(t, o)
		o.CheckpointFile += "-b"
		o.Random = newSeeded(3)
		behind := newClock()
		behind.move(-1e12) // the other program's clock is wrong
		o.Clock = behind.Now
		b := open(t, o)

		const writers, each = 8, 40
		acked := make(chan ID, 2*writers*each)
		var group, sequencers sync.WaitGroup
		stop, cancel := context.WithCancel(ctx)
		for _, l := range []*Ledger{a, b} {
			sequencers.Go(func() {
				for stop.Err() == nil {
					if _, err := l.Integrate(ctx); err != nil {
						t.Errorf("integrating: %v", err)
						return
					}
					if err := l.Publish(ctx); err != nil {
						t.Errorf("publishing: %v", err)
						return
					}
				}
			})
			for w := range writers {
				group.Go(func() {
					var last ID
					for k := range each {
						e := sample(w*each + k)
						if last != "" && k%3 == 0 {
							e.Cites = []ID{last}
						}
						var id ID
						err := db.Write(ctx, func(tx *store.Tx) (err error) { id, err = l.Enter(tx, e); return err })
						if err != nil {
							t.Errorf("entering: %v", err)
							return
						}
						last = id
						acked <- id
					}
				})
			}
		}
		group.Wait()
		cancel()
		sequencers.Wait()
		close(acked)
		settleAll(t, a)
		if err := b.Refresh(ctx); err != nil {
			t.Fatal(err)
		}
		CheckInvariant(t, a)
		CheckInvariant(t, b)
		seen := make(map[int64]bool)
		for id := range acked {
			e, err := b.ByID(ctx, id)
			if err != nil || e.Index == Pending || seen[e.Index] {
				t.Fatalf("entry %s: %+v, %v", id, e, err)
			}
			seen[e.Index] = true
		}
		if int64(len(seen)) != a.Head(ctx).Size || len(seen) != 2*writers*each {
			t.Errorf("%d entries acknowledged, %d in the record", len(seen), a.Head(ctx).Size)
		}
	})
}

// An entry comes behind the one it cites even when a clock was set back between them, and a whole batch's length.
func TestCitingOrder(t *testing.T) {
	o := testOptions(t, storetest.SQLite(t))
	c := newClock()
	o.Clock = c.Now
	l := open(t, o)
	var cited ID
	for k := range 5 {
		e := sample(k)
		if cited != "" {
			e.Cites = []ID{cited}
		}
		l.entered.Store(0) // as if another program entered it
		cited = enter(t, l, e)[0]
		c.move(-1e12)
	}
	// Between the citing and the cited ones stand more entries than a batch holds.
	crowd := make([]Entry, batchSize+10)
	for k := range crowd {
		crowd[k] = sample(100 + k)
	}
	c.move(2e12)
	l.entered.Store(0)
	enter(t, l, crowd...)
	settleAll(t, l)
	CheckInvariant(t, l)
	if got, want := l.Head(t.Context()).Size, int64(5+len(crowd)); got != want {
		t.Errorf("%d entries, want %d", got, want)
	}
}

func TestOrderOfOneAct(t *testing.T) {
	l := onSQLite(t) // its clock stands still
	var batch []Entry
	for k := range 50 {
		batch = append(batch, sample(k))
	}
	ids := enter(t, l, batch...)
	settleAll(t, l)
	for k, id := range ids {
		if e, err := l.ByID(t.Context(), id); err != nil || e.Index != int64(k) {
			t.Fatalf("entry %d of the act has index %d (%v)", k, e.Index, err)
		}
	}
}

func TestRunEntersAndTells(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := testOptions(t, db)
		c := newClock()
		o.Clock = c.Now
		a := open(t, o)
		o.CheckpointFile, o.Random = o.CheckpointFile+"-b", newSeeded(3)
		b := open(t, o)
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		for _, l := range []*Ledger{a, b} {
			running.Go(func() {
				if err := l.Run(ctx); err != nil {
					t.Errorf("Run: %v", err)
				}
			})
		}
		for k, step := range []struct {
			by    *Ledger
			moved time.Duration
		}{{a, 2 * time.Second}, {b, 2 * time.Second}, {a, -240 * time.Hour}, {b, 2 * time.Second}} {
			c.move(step.moved)
			id := enter(t, step.by, sample(k))[0]
			for _, l := range []*Ledger{a, b} { // each program sees it, whoever integrates
				index, err := l.Wait(ctx, id)
				if err != nil || index != int64(k) {
					t.Fatalf("entry %d: index %d, %v", k, index, err)
				}
			}
		}
		cancel()
		running.Wait()
		CheckInvariant(t, a)
		CheckInvariant(t, b)
	})
}

func TestResolve(t *testing.T) {
	l := onSQLite(t)
	answer := func(title string) Resolver {
		return func(_ context.Context, subject string) (Citable, error) {
			if strings.HasSuffix(subject, "/none") {
				return Citable{}, ErrNotFound
			}
			return Citable{Title: title}, nil
		}
	}
	l.Register("dialogue", answer("dialogue"))
	l.Register("dialogue/sample", answer("sample"))
	for subject, want := range map[string]string{
		"dialogue/other/point": "dialogue", "dialogue/sample/point": "sample", "dialogue/samples": "dialogue",
		"study/x": "", "dialogue": "", "dialogue/other/none": "",
	} {
		c, err := l.Resolve(t.Context(), subject)
		if c.Title != want || (want == "") != errors.Is(err, ErrNotFound) {
			t.Errorf("%s: %q, %v", subject, c.Title, err)
		}
	}
}

// The database itself refuses to change what was entered.
func TestAppendOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := open(t, testOptions(t, db))
		growTo(t, l, 3)
		for _, statement := range []string{
			"update log_entry set type = 'a.b' where idx = 1",
			"delete from log_entry where idx = 1",
			"update log_hash set h = h where i = 1",
			"delete from log_hash where i = 1",
			"update log_head set size = size - 1",
			"update log_head set published = published - 1",
			"delete from log_head",
		} {
			err := db.Write(t.Context(), func(tx *store.Tx) error { _, err := tx.Exec(statement); return err })
			if err == nil || !strings.Contains(err.Error(), "append only") && !strings.Contains(err.Error(), "never goes back") {
				t.Errorf("%s: %v", statement, err)
			}
		}
		if db.Engine() == store.Postgres {
			for _, table := range []string{"log_entry", "log_hash", "log_head"} {
				err := db.Write(t.Context(), func(tx *store.Tx) error { _, err := tx.Exec("truncate " + table); return err })
				if err == nil {
					t.Errorf("%s was emptied", table)
				}
			}
		}
		CheckInvariant(t, l)
	})
}

func TestProofsOutsideTheRecord(t *testing.T) {
	l := onSQLite(t)
	growTo(t, l, 5)
	for _, c := range [][2]int64{{-1, 5}, {5, 5}, {0, 6}, {3, 2}} {
		if _, err := l.Proof(t.Context(), c[0], c[1]); !errors.Is(err, ErrNotFound) {
			t.Errorf("Proof%v: %v", c, err)
		}
	}
	for _, c := range [][2]int64{{0, 5}, {3, 2}, {1, 6}} {
		if _, err := l.Consistency(t.Context(), c[0], c[1]); !errors.Is(err, ErrNotFound) {
			t.Errorf("Consistency%v: %v", c, err)
		}
	}
	for size := int64(1); size <= 5; size++ {
		for index := range size {
			if _, err := l.Proof(t.Context(), index, size); err != nil {
				t.Errorf("Proof(%d, %d): %v", index, size, err)
			}
		}
	}
	if _, err := l.Entry(t.Context(), 5); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}
