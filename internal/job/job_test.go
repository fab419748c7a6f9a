package job

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

// clock is a clock that the test sets.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) step(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

var start = time.Date(2026, 7, 1, 9, 0, 0, 0, time.UTC)

const (
	tenant store.Org = "secretariat"
	kind   Kind      = "test.work"
)

type payload struct{ N int }

// rig is one program on a database.
type rig struct {
	*testing.T
	db *store.DB
	*clock
	queue  *Queue
	runner *Runner
}

func newRig(t *testing.T, db *store.DB, c *clock) *rig {
	t.Helper()
	if c == nil {
		c = &clock{now: start}
	}
	q := NewQueue(rand.Reader)
	return &rig{t, db, c, q, NewRunner(db, q, Options{Now: c.Now, Workers: 1, Poll: time.Hour})}
}

// each runs fn on every engine with one program.
func each(t *testing.T, fn func(r *rig)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) { fn(newRig(t, db, nil)) })
}

func (r *rig) handle(p Policy, fn func(ctx context.Context, j *Job, p payload) error) {
	Handle(r.runner, kind, p, fn)
}

func (r *rig) write(fn func(tx *store.Tx) error) {
	r.Helper()
	if err := r.db.Write(r.Context(), fn); err != nil {
		r.Fatal(err)
	}
}

func (r *rig) add(n int) (id string) {
	r.Helper()
	r.write(func(tx *store.Tx) (err error) {
		id, err = r.queue.Add(tx, tenant, kind, payload{n}, r.Now())
		return err
	})
	return id
}

// run runs what is due, checks the table and gives how many jobs were started.
func (r *rig) run() int {
	r.Helper()
	n, err := r.runner.RunDue(r.Context())
	if err != nil {
		r.Fatal(err)
	}
	checkInvariants(r.T, r.db)
	return n
}

func (r *rig) list() []Entry {
	r.Helper()
	var all []Entry
	err := r.db.Read(r.Context(), func(tx *store.Tx) (err error) {
		all, err = List(tx, r.Now(), Filter{})
		return err
	})
	if err != nil {
		r.Fatal(err)
	}
	return all
}

// only is the one job there is.
func (r *rig) only() Entry {
	r.Helper()
	all := r.list()
	if len(all) != 1 {
		r.Fatalf("%d jobs, want 1: %+v", len(all), all)
	}
	return all[0]
}

// checkInvariants checks what must hold of the table whenever no runner works.
func checkInvariants(t *testing.T, db *store.DB) {
	t.Helper()
	rules := map[string]string{
		"a job is held exactly while it has a lease": "select count(*) from job where (holder = '') <> (until = 0)",
		"a job that was given up is held by nobody":  "select count(*) from job where failed > 0 and holder <> ''",
		"a job that was given up has a reason":       "select count(*) from job where failed > 0 and failure = ''",
		"attempts are counted up":                    "select count(*) from job where attempts < 0",
		"a held job was attempted":                   "select count(*) from job where holder <> '' and attempts = 0",
	}
	err := db.Read(t.Context(), func(tx *store.Tx) error {
		for rule, query := range rules {
			var n int
			if err := tx.QueryRow(query).Scan(&n); err != nil {
				return err
			}
			if n > 0 {
				t.Errorf("%d rows break the rule that %s", n, rule)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestJobExistsExactlyWhenItsCauseDoes(t *testing.T) {
	each(t, func(r *rig) {
		var got []int
		r.handle(Policy{}, func(_ context.Context, j *Job, p payload) error {
			if j.Org != tenant || j.Kind != kind || j.Attempt != 1 || !j.Due.Equal(r.Now()) {
				r.Errorf("handler sees %+v", j)
			}
			got = append(got, p.N)
			return nil
		})
		undone := errors.New("undone")
		err := r.db.Write(r.Context(), func(tx *store.Tx) error {
			if _, err := r.queue.Add(tx, tenant, kind, payload{1}, r.Now()); err != nil {
				return err
			}
			return undone
		})
		if !errors.Is(err, undone) {
			r.Fatal(err)
		}
		if n := r.run(); n != 0 {
			t.Errorf("%d jobs of an undone transaction ran", n)
		}
		r.add(2)
		if n := r.run(); n != 1 || fmt.Sprint(got) != "[2]" {
			t.Errorf("%d jobs ran with %v, want job 2", n, got)
		}
		if left := r.list(); len(left) != 0 {
			t.Errorf("left after success: %+v", left)
		}
	})
}

func TestJobsRunInTheOrderTheyFallDue(t *testing.T) {
	each(t, func(r *rig) {
		var got []int
		r.handle(Policy{}, func(_ context.Context, _ *Job, p payload) error {
			got = append(got, p.N)
			if p.N == 1 { // work that a job causes runs in the same round
				r.add(9)
			}
			return nil
		})
		r.write(func(tx *store.Tx) error {
			for _, n := range []int{3, 1, 2, 60} {
				if _, err := r.queue.Add(tx, tenant, kind, payload{n}, start.Add(time.Duration(n-5)*time.Second)); err != nil {
					return err
				}
			}
			return nil
		})
		if r.run(); fmt.Sprint(got) != "[1 2 3 9]" {
			t.Errorf("ran %v, want [1 2 3 9]", got)
		}
		r.step(time.Minute)
		if r.run(); fmt.Sprint(got) != "[1 2 3 9 60]" {
			t.Errorf("ran %v", got)
		}
	})
}

func TestAddRefuses(t *testing.T) {
	r := newRig(t, storetest.SQLite(t), nil)
	tests := []struct {
		name    string
		kind    Kind
		payload any
		want    string
	}{
		{"no kind", "", nil, "no kind"},
		{"not JSON", kind, func() {}, "unsupported type"},
		{"too large", kind, strings.Repeat("x", maxPayload), "at most 65536"},
	}
	for _, test := range tests {
		err := r.db.Write(t.Context(), func(tx *store.Tx) error {
			_, err := r.queue.Add(tx, tenant, test.kind, test.payload, start)
			return err
		})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want one with %q", test.name, err, test.want)
		}
	}
}

func TestAddOnce(t *testing.T) {
	each(t, func(r *rig) {
		ran := 0
		r.handle(Policy{}, func(context.Context, *Job, payload) error { ran++; return nil })
		for i, want := range []bool{true, false} {
			r.write(func(tx *store.Tx) error {
				added, err := r.queue.AddOnce(tx, tenant, "flush", kind, payload{i}, r.Now())
				if added != want {
					t.Errorf("add %d: added = %v", i, added)
				}
				return err
			})
		}
		if r.run(); ran != 1 {
			t.Errorf("ran %d times", ran)
		}
		r.write(func(tx *store.Tx) error { // the name is free again
			added, err := r.queue.AddOnce(tx, tenant, "flush", kind, payload{}, r.Now())
			if !added {
				t.Error("a name that was served is not free")
			}
			return err
		})
	})
}

func TestPause(t *testing.T) {
	p := Policy{}.withDefaults()
	tests := []struct {
		n    int
		want time.Duration
	}{
		{1, 15 * time.Second}, {2, 30 * time.Second}, {5, 4 * time.Minute}, {8, 32 * time.Minute}, {9, time.Hour}, {500, time.Hour},
	}
	for _, test := range tests {
		for _, chance := range []float64{0, 0.5, 0.999} {
			want := time.Duration(float64(test.want) * (0.9 + 0.2*chance))
			if got := p.pause(test.n, chance); got != want || got > p.longestPause() {
				t.Errorf("pause after failure %d, chance %v = %s, want %s", test.n, chance, got, want)
			}
		}
	}
}

func TestFailureIsRetriedKeptAndGivenUp(t *testing.T) {
	each(t, func(r *rig) {
		broken, ran := true, 0
		r.handle(Policy{Attempts: 3}, func(_ context.Context, j *Job, _ payload) error {
			ran++
			if j.Last != (j.Attempt == 3) {
				t.Errorf("attempt %d: last = %v", j.Attempt, j.Last)
			}
			if broken {
				return fmt.Errorf("the host is away, attempt %d", ran)
			}
			return nil
		})
		id := r.add(1)
		for attempt := 1; attempt < 3; attempt++ {
			before := r.Now()
			r.run()
			e := r.only()
			if e.State != Pausing || e.Attempts != attempt || e.Failure != fmt.Sprintf("the host is away, attempt %d", attempt) {
				t.Fatalf("after attempt %d: %+v", attempt, e)
			}
			if n := r.run(); n != 0 {
				t.Fatal("a pausing job ran")
			}
			pause, nominal := e.Due.Sub(before), 15*time.Second<<(attempt-1)
			if pause < nominal*9/10 || pause > nominal*11/10 {
				t.Errorf("pause %d is %s", attempt, pause)
			}
			r.step(pause)
		}
		r.run()
		e := r.only()
		if e.State != Failed || !e.Failed.Equal(r.Now()) || e.Failure != "the host is away, attempt 3" {
			t.Fatalf("after the last attempt: %+v", e)
		}
		r.step(1000 * time.Hour)
		if r.run(); ran != 3 {
			t.Fatalf("ran %d times, want 3", ran)
		}

		broken = false
		r.write(func(tx *store.Tx) error { return r.queue.Retry(tx, tenant, id, r.Now()) })
		if e := r.only(); e.State != Waiting || e.Attempts != 0 || e.Failure == "" {
			t.Errorf("put back: %+v", e)
		}
		if r.run(); len(r.list()) != 0 || ran != 4 {
			t.Errorf("ran %d times, left %+v", ran, r.list())
		}
		for name, fn := range map[string]func(*store.Tx) error{
			"retry": func(tx *store.Tx) error { return r.queue.Retry(tx, tenant, id, r.Now()) },
			"drop":  func(tx *store.Tx) error { return r.queue.Drop(tx, tenant, id) },
		} {
			if err := r.db.Write(t.Context(), fn); !errors.Is(err, ErrNotFound) {
				t.Errorf("%s of a job that is gone: %v", name, err)
			}
		}
	})
}

func TestGivenUpAtOnce(t *testing.T) {
	tests := []struct {
		name    string
		payload any
		handler func() error
		want    string
	}{
		{"permanent error", payload{1}, func() error { return fmt.Errorf("sending: %w", Permanent(errors.New("no such mailbox"))) }, "sending: no such mailbox"},
		{"payload of another form", []int{1}, func() error { return nil }, "reading the payload"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, storetest.SQLite(t), nil)
			r.handle(Policy{}, func(context.Context, *Job, payload) error { return test.handler() })
			r.write(func(tx *store.Tx) error {
				_, err := r.queue.Add(tx, tenant, kind, test.payload, start)
				return err
			})
			r.run()
			if e := r.only(); e.State != Failed || e.Attempts != 1 || !strings.Contains(e.Failure, test.want) {
				t.Errorf("got %+v", e)
			}
		})
	}
	if Permanent(nil) != nil {
		t.Error("Permanent(nil) is an error")
	}
}

func TestReasonIsKeptWhole(t *testing.T) {
	tests := []struct{ name, reason, want string }{
		{"not text", "bad \xff\x00 bytes", "bad ?? bytes"},
		{"too long", strings.Repeat("é", maxFailure), strings.Repeat("é", maxFailure/2) + " …"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			each(t, func(r *rig) {
				r.handle(Policy{}, func(context.Context, *Job, payload) error { return errors.New(test.reason) })
				r.add(1)
				r.run()
				if e := r.only(); e.Failure != test.want {
					r.Errorf("kept %q", e.Failure)
				}
			})
		})
	}
}

func TestPanicIsAFailure(t *testing.T) {
	each(t, func(r *rig) {
		r.handle(Policy{}, func(context.Context, *Job, payload) error { panic("index out of range") })
		r.add(1)
		r.run()
		if e := r.only(); e.State != Pausing || e.Failure != "panic: index out of range" {
			r.Errorf("got %+v", e)
		}
	})
}

func TestFinishMakesTheEffectExactlyOnce(t *testing.T) {
	each(t, func(r *rig) {
		r.handle(Policy{}, func(ctx context.Context, j *Job, _ payload) error {
			err := r.db.Write(ctx, func(tx *store.Tx) error {
				if err := count(tx); err != nil {
					return err
				}
				return j.Finish(tx)
			})
			if err != nil {
				return err
			}
			return errors.New("what follows the commit has failed")
		})
		r.add(1)
		if n := r.run(); n != 1 || len(r.list()) != 0 || counted(r) != 1 {
			r.Errorf("%d started, %d left, effect %d times", n, len(r.list()), counted(r))
		}
	})
}

// count is an effect that can be seen to have happened once or more.
func count(tx *store.Tx) error {
	_, err := tx.Exec(`insert into setting (name, value) values ('count', '1')
on conflict (name) do update set value = setting.value || '1'`)
	return err
}

func counted(r *rig) int {
	r.Helper()
	var s string
	err := r.db.Read(r.Context(), func(tx *store.Tx) error {
		err := tx.QueryRow("select value from setting where name = 'count'").Scan(&s)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	if err != nil {
		r.Fatal(err)
	}
	return len(s)
}

func TestCountsAndFilter(t *testing.T) {
	each(t, func(r *rig) {
		r.handle(Policy{}, func(_ context.Context, _ *Job, p payload) error {
			return Permanent(errors.New("no"))
		})
		r.add(1)
		r.run()
		other := store.Org("institute")
		r.write(func(tx *store.Tx) error {
			if _, err := r.queue.Add(tx, other, "nobody.does.it", nil, start.Add(-time.Hour)); err != nil {
				return err
			}
			_, err := r.queue.Add(tx, other, kind, nil, start.Add(time.Hour))
			return err
		})
		if n := r.run(); n != 0 {
			t.Errorf("%d jobs without a handler ran", n)
		}
		err := r.db.Read(t.Context(), func(tx *store.Tx) error {
			counts, err := Counts(tx, r.Now())
			if err != nil {
				return err
			}
			want := []Count{
				{Kind: "nobody.does.it", Open: 1, Late: 1, Oldest: start.Add(-time.Hour)},
				{Kind: kind, Open: 1, Failed: 1},
			}
			if fmt.Sprint(counts) != fmt.Sprint(want) {
				t.Errorf("counts %+v, want %+v", counts, want)
			}
			for _, test := range []struct {
				f    Filter
				want int
			}{
				{Filter{}, 3}, {Filter{Failed: true}, 1}, {Filter{Org: &other}, 2}, {Filter{Org: &other, Failed: true}, 0}, {Filter{Limit: 2}, 2},
			} {
				all, err := List(tx, r.Now(), test.f)
				if err != nil {
					return err
				}
				if len(all) != test.want {
					t.Errorf("%+v gives %d jobs, want %d", test.f, len(all), test.want)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestRegistrationFaults(t *testing.T) {
	r := NewRunner(nil, nil, Options{})
	none := func(context.Context, *Job) error { return nil }
	r.Every("a", time.Hour, Policy{}, none)
	for name, fn := range map[string]func(){
		"two handlers":    func() { r.Every("a", time.Hour, Policy{}, none) },
		"no interval":     func() { r.Every("b", 0, Policy{}, none) },
		"lease too long":  func() { r.Every("c", time.Hour, Policy{Lease: longestLease + 1}, none) },
		"lease below all": func() { r.Every("d", time.Hour, Policy{Lease: -1}, none) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			fn()
		}()
	}
}

// TestRandomWalk adds, runs, fails, kills, stops and lets time pass at random, and checks that every job
// reaches exactly one end and every effect happens once.
func TestRandomWalk(t *testing.T) {
	each(t, func(r *rig) {
		random := mathrand.New(mathrand.NewPCG(7, 11))
		other := newRig(r.T, r.db, r.clock)
		done := map[string]int{}
		work := func(r *rig) func(context.Context, *Job, payload) error {
			return func(ctx context.Context, j *Job, _ payload) error {
				switch random.IntN(4) {
				case 0:
					return errors.New("a failure")
				case 1: // the lease runs out and the other program may take over
					r.step(2 * time.Minute)
				}
				return r.db.Write(ctx, func(tx *store.Tx) error {
					tx.OnCommit(func() { done[j.ID]++ })
					return j.Finish(tx)
				})
			}
		}
		r.handle(Policy{Attempts: 4}, work(r))
		other.handle(Policy{Attempts: 4}, work(other))
		added := 0
		for range 150 {
			one := []*rig{r, other}[random.IntN(2)]
			switch random.IntN(5) {
			case 0, 1:
				r.add(added)
				added++
			case 2:
				one.run()
			case 3: // a program that dies with a claim
				tasks, _, err := one.runner.claim(t.Context(), t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for _, task := range tasks {
					delete(one.runner.running, ref{task.job.Org, task.job.ID})
				}
			case 4:
				r.step(time.Duration(random.IntN(90)) * time.Second)
			}
			checkInvariants(r.T, r.db)
		}
		for range 10 {
			r.step(2 * time.Hour)
			r.run()
		}
		for _, e := range r.list() {
			if e.State != Failed {
				t.Errorf("no end for %+v", e)
			}
			if done[e.ID] != 0 {
				t.Errorf("job %s was both done and given up", e.ID)
			}
			done[e.ID] = 1
		}
		if len(done) != added {
			t.Errorf("%d jobs have an end, want %d", len(done), added)
		}
		for id, n := range done {
			if n != 1 {
				t.Errorf("job %s took effect %d times", id, n)
			}
		}
	})
}
