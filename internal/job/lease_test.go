package job

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

func TestDeadProgramsJobIsTakenOverAfterItsLease(t *testing.T) {
	each(t, func(r *rig) {
		r.handle(Policy{}, func(context.Context, *Job, payload) error { t.Error("a dead program ran"); return nil })
		r.add(1)
		if tasks, _, err := r.runner.claim(t.Context(), t.Context()); err != nil || len(tasks) != 1 {
			t.Fatal(tasks, err)
		}
		if e := r.only(); e.State != Running {
			t.Errorf("a claimed job is %s", e.State)
		}
		heir, ran := newRig(r.T, r.db, r.clock), 0
		heir.handle(Policy{}, func(_ context.Context, j *Job, _ payload) error {
			if j.Attempt != 2 {
				t.Errorf("attempt %d, want 2", j.Attempt)
			}
			ran++
			return nil
		})
		r.step(time.Minute - time.Microsecond)
		if n := heir.run(); n != 0 {
			t.Error("a leased job was taken")
		}
		r.step(time.Microsecond)
		if heir.run(); ran != 1 || len(r.list()) != 0 {
			t.Errorf("ran %d times, left %+v", ran, r.list())
		}
	})
}

func TestLostLeaseKeepsNothing(t *testing.T) {
	each(t, func(r *rig) {
		heir := newRig(r.T, r.db, r.clock)
		heir.handle(Policy{}, func(ctx context.Context, j *Job, _ payload) error {
			return r.db.Write(ctx, count)
		})
		r.handle(Policy{}, func(ctx context.Context, j *Job, _ payload) error {
			r.step(time.Hour) // this program was asleep
			if n := heir.run(); n != 1 {
				t.Errorf("the heir started %d jobs", n)
			}
			err := r.db.Write(ctx, func(tx *store.Tx) error {
				if err := count(tx); err != nil {
					return err
				}
				return j.Finish(tx)
			})
			if !errors.Is(err, ErrLost) {
				t.Errorf("Finish without a lease: %v", err)
			}
			return err
		})
		r.add(1)
		r.run()
		if n := counted(r); n != 1 || len(r.list()) != 0 {
			t.Errorf("effect %d times, left %+v", n, r.list())
		}
	})
}

func TestLostLeaseWithoutFinishIsLeftToTheHeir(t *testing.T) {
	for _, outcome := range []error{nil, errors.New("failed late")} {
		each(t, func(r *rig) {
			heir := newRig(r.T, r.db, r.clock)
			heir.handle(Policy{}, func(context.Context, *Job, payload) error { return errors.New("the heir's reason") })
			r.handle(Policy{}, func(context.Context, *Job, payload) error {
				r.step(time.Hour)
				heir.run()
				return outcome
			})
			r.add(1)
			r.run()
			if e := r.only(); e.Failure != "the heir's reason" || e.Attempts != 2 {
				r.Errorf("got %+v", e)
			}
		})
	}
}

func TestRenewalKeepsLongWork(t *testing.T) {
	each(t, func(r *rig) {
		heir := newRig(r.T, r.db, r.clock)
		heir.handle(Policy{}, func(context.Context, *Job, payload) error { t.Error("two programs at once"); return nil })
		r.handle(Policy{}, func(ctx context.Context, _ *Job, _ payload) error {
			for range 10 {
				r.step(50 * time.Second)
				r.runner.renew(ctx)
				if n, err := heir.runner.RunDue(ctx); n != 0 || err != nil {
					t.Errorf("the other program started %d, %v", n, err)
				}
			}
			return ctx.Err()
		})
		r.add(1)
		r.run()
		if left := r.list(); len(left) != 0 {
			t.Errorf("left %+v", left)
		}
	})
}

func TestRenewalTellsWhoLostTheLease(t *testing.T) {
	each(t, func(r *rig) {
		id := ""
		r.handle(Policy{}, func(ctx context.Context, _ *Job, _ payload) error {
			r.write(func(tx *store.Tx) error { return r.queue.Drop(tx, tenant, id) })
			r.runner.renew(ctx)
			<-ctx.Done() // must come
			if cause := context.Cause(ctx); !errors.Is(cause, ErrLost) {
				t.Errorf("cause %v", cause)
			}
			return ctx.Err()
		})
		id = r.add(1)
		r.run()
	})
}

func TestRenewalGivesUpWhenTheDatabaseIsAway(t *testing.T) {
	r := newRig(t, storetest.SQLite(t), nil)
	ran := false
	r.handle(Policy{}, func(ctx context.Context, _ *Job, _ payload) error {
		r.db.Close()
		r.runner.renew(ctx)
		if ctx.Err() != nil {
			t.Error("the context ended while the lease still stood")
		}
		r.step(time.Minute)
		r.runner.renew(ctx)
		if cause := context.Cause(ctx); !errors.Is(cause, ErrLost) {
			t.Errorf("cause %v", cause)
		}
		ran = true
		return ctx.Err()
	})
	r.add(1)
	if _, err := r.runner.RunDue(t.Context()); !errors.Is(err, store.ErrClosed) || !ran {
		t.Errorf("ran %v, error %v", ran, err)
	}
}

func TestJobThatKillsItsProgramIsGivenUp(t *testing.T) {
	each(t, func(r *rig) {
		r.handle(Policy{Attempts: 3}, func(context.Context, *Job, payload) error { t.Error("ran"); return nil })
		r.add(1)
		for range 3 {
			tasks, _, err := r.runner.claim(t.Context(), t.Context())
			if err != nil || len(tasks) != 1 {
				t.Fatal(tasks, err)
			}
			clear(r.runner.running)
			r.step(2 * time.Minute)
		}
		if n := r.run(); n != 0 {
			t.Errorf("%d started", n)
		}
		if e := r.only(); e.State != Failed || e.Failure == "" {
			t.Errorf("got %+v", e)
		}
	})
}

func TestClockThatRanAhead(t *testing.T) {
	const ahead = 30 * 24 * time.Hour
	each(t, func(r *rig) {
		// A program whose clock is a month ahead claims one job, fails another and dies.
		r.add(1)
		r.add(2)
		early := newRig(r.T, r.db, &clock{now: r.Now().Add(ahead)})
		early.handle(Policy{}, func(context.Context, *Job, payload) error { return errors.New("failed") })
		if tasks, _, err := early.runner.claim(t.Context(), t.Context()); err != nil || len(tasks) != 1 {
			t.Fatal(tasks, err)
		}
		clear(early.runner.running)
		if n, err := early.runner.RunDue(t.Context()); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		ran := 0
		r.handle(Policy{}, func(context.Context, *Job, payload) error { ran++; return nil })
		if r.run(); ran != 2 {
			t.Errorf("%d of 2 jobs ran by the right clock", ran)
		}
	})
}

func TestClockThatIsSetBack(t *testing.T) {
	each(t, func(r *rig) {
		fail := true
		turns := 0
		r.handle(Policy{}, func(context.Context, *Job, payload) error {
			if fail {
				return errors.New("failed")
			}
			return nil
		})
		r.runner.Every("test.turn", time.Hour, Policy{}, func(context.Context, *Job) error { turns++; return nil })
		r.add(1)
		r.run()
		fail = false
		r.step(-24 * time.Hour)
		r.run() // the retry is due at once, the turn within its interval
		if left := r.list(); len(left) != 1 || left[0].Due.After(r.Now().Add(time.Hour)) {
			t.Errorf("left %+v", left)
		}
		r.step(time.Hour)
		if r.run(); turns != 2 {
			t.Errorf("%d turns, want 2", turns)
		}
	})
}

func TestEvery(t *testing.T) {
	each(t, func(r *rig) {
		var at []time.Duration
		broken := false
		r.runner.Every("test.turn", time.Hour, Policy{Attempts: 2, First: time.Minute}, func(_ context.Context, j *Job) error {
			at = append(at, r.Now().Sub(start))
			if j.Org != Instance {
				t.Errorf("org %q", j.Org)
			}
			if broken {
				return errors.New("broken")
			}
			return nil
		})
		r.run()
		r.step(59 * time.Minute)
		r.run()
		r.step(time.Minute)
		r.run()
		r.step(10*time.Hour + 20*time.Minute) // the program was off: nine turns are missed, one is made
		r.run()
		r.step(40 * time.Minute) // back on the grid
		r.run()
		if want := "[0s 1h0m0s 11h20m0s 12h0m0s]"; fmt.Sprint(at) != want {
			t.Errorf("turns at %v, want %v", at, want)
		}

		broken, at = true, nil
		r.step(time.Hour)
		r.run()
		r.step(2 * time.Minute)
		r.run()
		if e := r.only(); e.State != Waiting || e.Failure != "broken" || e.Due.Sub(start) != 14*time.Hour {
			t.Errorf("after a broken turn: %+v", e)
		}
		r.step(10 * time.Minute)
		if r.run(); len(at) != 2 {
			t.Errorf("a broken turn was attempted %d times, want 2", len(at))
		}
		broken = false
		r.step(time.Hour)
		r.run()
		if e := r.only(); e.Failure != "" {
			t.Errorf("after a good turn: %+v", e)
		}
	})
}

// TestSeveralPrograms runs four programs, each with its own connections, on one database.
func TestSeveralPrograms(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		const programs, jobs, turns = 4, 60, 5
		c := &clock{now: start}
		var mu sync.Mutex
		ran := map[string]int{}
		var turned atomic.Int32
		var rigs []*rig
		for range programs {
			r := newRig(t, storetest.Open(t, url), c)
			r.runner.o.Workers = 2
			r.handle(Policy{}, func(_ context.Context, j *Job, _ payload) error {
				mu.Lock()
				defer mu.Unlock()
				ran[j.ID]++
				return nil
			})
			r.runner.Every("test.turn", time.Hour, Policy{}, func(context.Context, *Job) error { turned.Add(1); return nil })
			rigs = append(rigs, r)
		}
		for i := range jobs {
			rigs[i%programs].add(i)
		}
		for range turns {
			var all sync.WaitGroup
			for _, r := range rigs {
				all.Go(func() {
					if _, err := r.runner.RunDue(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			checkInvariants(t, rigs[0].db)
			c.step(time.Hour)
		}
		if len(ran) != jobs {
			t.Errorf("%d of %d jobs ran", len(ran), jobs)
		}
		for id, n := range ran {
			if n != 1 {
				t.Errorf("job %s ran %d times", id, n)
			}
		}
		if n := turned.Load(); n != turns {
			t.Errorf("%d turns, want %d", n, turns)
		}
	})
}

func TestRunIsWokenByTheCommit(t *testing.T) {
	each(t, func(r *rig) {
		ran := make(chan int)
		r.handle(Policy{}, func(_ context.Context, _ *Job, p payload) error { ran <- p.N; return nil })
		ctx, stop := context.WithCancel(t.Context())
		over := make(chan error)
		go func() { over <- r.runner.Run(ctx) }()
		for n := range 3 { // the poll of an hour plays no part
			r.add(n)
			if got := <-ran; got != n {
				t.Errorf("ran %d, want %d", got, n)
			}
		}
		if _, err := r.runner.RunDue(ctx); err == nil {
			t.Error("a runner ran twice at once")
		}
		stop()
		if err := <-over; err != nil {
			t.Error(err)
		}
		if left := r.list(); len(left) != 0 {
			t.Errorf("left %+v", left)
		}
	})
}

func TestGracefulStop(t *testing.T) {
	tests := []struct {
		name  string
		grace time.Duration
		// handler runs after the stop was asked for
		handler  func(ctx context.Context, db *store.DB) error
		left     int
		attempts int
	}{
		{"work that ends in time is finished", time.Hour, func(ctx context.Context, _ *store.DB) error { return ctx.Err() }, 0, 0},
		{"work that heeds the stop is given back", 0, func(ctx context.Context, _ *store.DB) error { <-ctx.Done(); return ctx.Err() }, 1, 0},
		{"work that ends late is finished too", 0, func(ctx context.Context, _ *store.DB) error { <-ctx.Done(); return nil }, 0, 0},
		{"a permanent failure counts", 0, func(ctx context.Context, _ *store.DB) error { <-ctx.Done(); return Permanent(errors.New("never")) }, 1, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			each(t, func(r *rig) {
				r.runner.o.Grace = test.grace
				begun := make(chan bool)
				ctx, stop := context.WithCancel(r.Context())
				r.handle(Policy{}, func(work context.Context, _ *Job, _ payload) error {
					close(begun)
					<-ctx.Done()
					return test.handler(work, r.db)
				})
				r.add(1)
				over := make(chan error)
				go func() { over <- r.runner.Run(ctx) }()
				<-begun
				stop()
				if err := <-over; err != nil {
					r.Error(err)
				}
				checkInvariants(r.T, r.db)
				left := r.list()
				if len(left) != test.left {
					r.Fatalf("left %+v", left)
				}
				if test.left > 0 && left[0].Attempts != test.attempts {
					r.Errorf("left %+v", left)
				}
			})
		})
	}
}

func TestNextTurn(t *testing.T) {
	tests := []struct{ now, interval, want int64 }{{100, 10, 110}, {109, 10, 110}, {110, 10, 120}, {1004, 10, 1010}, {0, 7, 7}}
	for _, test := range tests {
		if got := nextTurn(test.now, test.interval); got != test.want {
			t.Errorf("nextTurn(%d, %d) = %d, want %d", test.now, test.interval, got, test.want)
		}
	}
}

func BenchmarkRunDue(b *testing.B) {
	storetest.Bench(b, func(b *testing.B, db *store.DB) {
		c := &clock{now: start}
		q := NewQueue(zeros{})
		r := NewRunner(db, q, Options{Now: c.Now, Workers: 8})
		Handle(r, kind, Policy{}, func(context.Context, *Job, payload) error { return nil })
		for b.Loop() {
			err := db.Write(b.Context(), func(tx *store.Tx) error {
				for i := range 100 {
					if _, err := q.insert(tx, tenant, fmt.Sprint("job", i), kind, payload{i}, start); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
			if n, err := r.RunDue(b.Context()); n != 100 || err != nil {
				b.Fatal(n, err)
			}
		}
		b.ReportMetric(float64(b.N)*100/b.Elapsed().Seconds(), "jobs/s")
	})
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
