package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"rostrum.example/internal/store"
)

// Policy says how work of one kind is leased and retried. A zero field takes the value given with it.
type Policy struct {
	// Lease is how long a claim stands without renewal, 1 minute; at most longestLease. The runner renews it
	// while the handler works, so it bounds how long a dead program's job waits, not how long work may take.
	Lease time.Duration
	// Attempts is after how many failures the job is given up, 12.
	Attempts int
	// First is the pause after the first failure, 15 seconds; each further one is twice as long, up to Cap,
	// 1 hour. A tenth more or less, by chance, spreads the attempts.
	First, Cap time.Duration
}

// longestLease bounds every lease. A row whose lease reaches further into the future was written by a clock
// that ran ahead, and its lease counts as over.
const longestLease = 10 * time.Minute

func (p Policy) withDefaults() Policy {
	if p.Lease == 0 {
		p.Lease = time.Minute
	}
	if p.Attempts == 0 {
		p.Attempts = 12
	}
	if p.First == 0 {
		p.First = 15 * time.Second
	}
	if p.Cap == 0 {
		p.Cap = time.Hour
	}
	return p
}

// pause is the time between failed attempt n, counted from 1, and the next one, for chance in [0, 1).
func (p Policy) pause(n int, chance float64) time.Duration {
	d := p.First
	for ; n > 1 && d < p.Cap; n-- {
		d *= 2
	}
	return time.Duration(float64(min(d, p.Cap)) * (0.9 + 0.2*chance))
}

// longestPause is an upper bound of pause.
func (p Policy) longestPause() time.Duration { return p.Cap + p.Cap/5 }

// Options say how a runner works.
type Options struct {
	// Now is the clock. It may jump.
	Now func() time.Time
	// Log receives failures; nil discards them.
	Log *slog.Logger
	// Workers is how many handlers run at once; 0 means 4.
	Workers int
	// Poll is how long the runner may overlook work that another program added; 0 means 15 seconds. Work of
	// this program wakes it at once.
	Poll time.Duration
	// Grace is how long a stopping runner lets handlers finish before their contexts end and their jobs are
	// given back. 0 ends them at once.
	Grace time.Duration
}

// Runner runs due jobs with the handlers that Handle and Every register before it starts.
type Runner struct {
	db    *store.DB
	queue *Queue
	o     Options
	kinds map[Kind]*handler
	order []Kind // in the order of registration

	looping sync.Mutex    // held by the one loop that claims
	done    chan struct{} // signalled when a task has ended

	mu      sync.Mutex
	running map[ref]*task

	settled bool
	seen    time.Time // the latest instant the clock has shown
}

type handler struct {
	policy Policy
	every  time.Duration // 0: runs once per Add
	run    func(context.Context, *Job) error
}

type ref struct {
	org store.Org
	id  string
}

// task is a job that this runner has claimed and not yet ended.
type task struct {
	job    *Job
	policy Policy
	run    func(context.Context, *Job) error
	ctx    context.Context
	cancel context.CancelCauseFunc
}

// NewRunner returns a runner of the jobs in db. queue is the program's queue.
func NewRunner(db *store.DB, queue *Queue, o Options) *Runner {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Workers <= 0 {
		o.Workers = 4
	}
	if o.Poll <= 0 {
		o.Poll = 15 * time.Second
	}
	return &Runner{db: db, queue: queue, o: o, kinds: map[Kind]*handler{}, done: make(chan struct{}, 1), running: map[ref]*task{}}
}

// Handle registers the handler for a kind. Its context ends when the lease is lost or the program stops; it
// must then return soon. An error is kept with the job and shown, so it holds no personal data. Handle panics
// when the kind has a handler already, as that is a fault in the program.
func Handle[T any](r *Runner, kind Kind, p Policy, fn func(ctx context.Context, j *Job, payload T) error) {
	r.register(kind, &handler{policy: p, run: func(ctx context.Context, j *Job) error {
		var payload T
		if err := json.Unmarshal([]byte(j.payload), &payload); err != nil {
			return Permanent(fmt.Errorf("reading the payload: %w", err))
		}
		return fn(ctx, j, payload)
	}})
}

// Every registers work that recurs: once when the row is first made, then at each multiple of interval since
// 1970 in UTC, so a day's work begins at midnight. However many programs run on one database, each turn is run by one of
// them; turns that were missed are not made up. A turn is retried as p says, and after its last attempt the
// next turn stands, with the reason kept.
func (r *Runner) Every(kind Kind, interval time.Duration, p Policy, fn func(ctx context.Context, j *Job) error) {
	if interval <= 0 {
		panic(fmt.Sprintf("job: %s recurs every %s", kind, interval))
	}
	r.register(kind, &handler{policy: p, every: interval, run: fn})
}

func (r *Runner) register(kind Kind, h *handler) {
	h.policy = h.policy.withDefaults()
	switch {
	case r.kinds[kind] != nil:
		panic(fmt.Sprintf("job: two handlers for %s", kind))
	case h.policy.Lease < 0 || h.policy.Lease > longestLease:
		panic(fmt.Sprintf("job: the lease of %s is not within %s", kind, longestLease))
	}
	r.kinds[kind] = h
	r.order = append(r.order, kind)
}

// errStopping is why a handler's context ends when the program stops.
var errStopping = errors.New("the program is stopping")

// Run runs jobs until ctx ends, then lets the running ones finish or gives them back. It returns nil then.
func (r *Runner) Run(ctx context.Context) error {
	_, err := r.loop(ctx, false)
	return err
}

// RunDue runs every job that is due, those that they add included, and returns how many it started and the
// first error that kept it from looking for more. A handler's failure is no error of RunDue.
func (r *Runner) RunDue(ctx context.Context) (int, error) {
	return r.loop(ctx, true)
}

func (r *Runner) loop(ctx context.Context, untilIdle bool) (started int, err error) {
	if !r.looping.TryLock() {
		return 0, errors.New("running jobs: this runner runs already")
	}
	defer r.looping.Unlock()
	work, end := context.WithCancelCause(context.WithoutCancel(ctx))
	defer end(nil)
	defer r.renewing(work)()

	for ctx.Err() == nil {
		tasks, soon, err := r.claim(ctx, work)
		for _, t := range tasks {
			started++
			go r.do(t)
		}
		switch {
		case err != nil && ctx.Err() != nil:
			continue
		case err != nil && untilIdle:
			r.wait(context.Background(), end)
			return started, err
		case err != nil:
			r.o.Log.Error("jobs cannot be looked for", "err", err)
		case untilIdle && len(tasks) == 0 && r.count() == 0:
			return started, nil
		}
		var timer <-chan time.Time
		if !untilIdle {
			timer = time.After(soon)
		}
		select {
		case <-ctx.Done():
		case <-r.done:
		case <-r.queue.wake:
		case <-timer:
		}
	}
	r.wait(ctx, end)
	if untilIdle {
		return started, ctx.Err()
	}
	return started, nil
}

// wait waits for the running tasks. When ctx has ended they have the time of grace.
func (r *Runner) wait(ctx context.Context, end context.CancelCauseFunc) {
	var over <-chan time.Time
	if ctx.Err() != nil {
		timer := time.NewTimer(r.o.Grace)
		defer timer.Stop()
		over = timer.C
		if r.o.Grace <= 0 {
			end(errStopping)
		}
	}
	for r.count() > 0 {
		select {
		case <-r.done:
		case <-over:
			end(errStopping)
		}
	}
}

func (r *Runner) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.running)
}

// do runs one task to its outcome.
func (r *Runner) do(t *task) {
	defer func() {
		t.cancel(nil)
		r.mu.Lock()
		delete(r.running, ref{t.job.Org, t.job.ID})
		r.mu.Unlock()
		select {
		case r.done <- struct{}{}:
		default:
		}
	}()
	err := r.call(t)
	log := r.o.Log.With("kind", t.job.Kind, "org", t.job.Org, "job", t.job.ID, "attempt", t.job.Attempt)
	cause := context.Cause(t.ctx)
	switch {
	case t.job.finished.Load():
		if err != nil {
			log.Warn("job failed after it was finished", "err", err)
		}
		return
	case errors.Is(cause, ErrLost) || errors.Is(err, ErrLost):
		log.Warn("job lost its lease and is left to its new holder")
		return
	}
	// The outcome is written even while the program stops.
	if werr := r.conclude(context.WithoutCancel(t.ctx), t, err, errors.Is(cause, errStopping)); werr != nil {
		log.Error("outcome of a job could not be written; it will run again", "err", errors.Join(werr, err))
		return
	}
	switch {
	case err == nil:
		log.Debug("job done")
	case errors.Is(cause, errStopping):
		log.Info("job given back")
	case t.job.Last || errors.As(err, new(permanent)):
		log.Error("job given up", "err", err)
	default:
		log.Warn("job failed and will be retried", "err", err)
	}
}

// call runs the handler and turns a panic into a failure.
func (r *Runner) call(t *task) (err error) {
	defer func() {
		if p := recover(); p != nil {
			r.o.Log.Error("handler panicked", "kind", t.job.Kind, "job", t.job.ID, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return t.run(t.ctx, t.job)
}
