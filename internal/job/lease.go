package job

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"rostrum.example/internal/store"
)

// maxFailure bounds the kept reason of a failure in bytes.
const maxFailure = 1000

// A job may be claimed when nobody holds it, when its lease is over, or when the lease reaches further than
// any lease can: then a clock that ran ahead wrote it. The kinds are $3, $4, … and the limit comes last.
const selectDue = `
select org, id
from   job
where  failed = 0 and due <= $1
and    (holder = '' or until <= $1 or until > $2)
and    kind in (%s)
order  by due, org, id
limit  %s`

// The claim repeats what was read, so that of several programs one gets the job.
const claimJob = `
update job
set holder = $1, until = $2, attempts = attempts + 1
where org = $3 and id = $4 and failed = 0 and due <= $5
and   (holder = '' or until <= $5 or until > $6)
returning kind, payload, due, attempts`

// claim takes as many due jobs as there are free workers, and says when to look again if nothing happens.
func (r *Runner) claim(ctx, work context.Context) ([]*task, time.Duration, error) {
	now := r.o.Now()
	if err := r.settle(ctx, now); err != nil {
		return nil, r.o.Poll, err
	}
	busy := r.count()
	free := r.o.Workers - busy
	if free <= 0 || len(r.kinds) == 0 {
		return nil, r.o.Poll, nil
	}
	due, upcoming, err := r.look(ctx, now, free+busy)
	if err != nil {
		return nil, r.o.Poll, err
	}
	soon := r.o.Poll
	if !upcoming.IsZero() {
		soon = min(soon, upcoming.Sub(now))
	}
	r.mu.Lock()
	open := due[:0]
	for _, d := range due {
		if r.running[d] == nil && len(open) < free { // what runs here is not claimed again after a jump of the clock
			open = append(open, d)
		}
	}
	r.mu.Unlock()
	if len(open) == 0 {
		return nil, soon, nil
	}
	holder, err := store.NewID(r.queue.random)
	if err != nil {
		return nil, r.o.Poll, err
	}
	var jobs []*Job
	err = r.db.Write(ctx, func(tx *store.Tx) error {
		jobs = jobs[:0]
		for _, d := range open {
			j, err := r.take(tx, d, holder, now)
			if err != nil {
				return err
			}
			if j != nil {
				jobs = append(jobs, j)
			}
		}
		return nil
	})
	if err != nil {
		return nil, r.o.Poll, fmt.Errorf("claiming jobs: %w", err)
	}
	tasks := make([]*task, len(jobs))
	r.mu.Lock()
	for i, j := range jobs {
		h := r.kinds[j.Kind]
		t := &task{job: j, policy: h.policy, run: h.run}
		t.ctx, t.cancel = context.WithCancelCause(work)
		tasks[i], r.running[ref{j.Org, j.ID}] = t, t
	}
	r.mu.Unlock()
	if len(open) == free || len(jobs) < len(open) {
		soon = 0 // there may be more
	}
	return tasks, soon, nil
}

// look reads up to limit claimable jobs and the time of the next one after now.
func (r *Runner) look(ctx context.Context, now time.Time, limit int) (due []ref, upcoming time.Time, err error) {
	args := []any{store.Micros(now), store.Micros(now.Add(longestLease))}
	mark := func(arg any) string {
		args = append(args, arg)
		return fmt.Sprintf("$%d", len(args))
	}
	var kinds []string
	for _, kind := range r.order {
		kinds = append(kinds, mark(string(kind)))
	}
	query := fmt.Sprintf(selectDue, strings.Join(kinds, ", "), mark(limit))
	err = r.db.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query(query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var d ref
			if err := rows.Scan(&d.org, &d.id); err != nil {
				return err
			}
			due = append(due, d)
		}
		if err := rows.Err(); err != nil {
			return err
		}
		rows.Close()
		upcoming, err = next(tx, now)
		return err
	})
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("looking for due jobs: %w", err)
	}
	return due, upcoming, nil
}

// take claims one job; nil when another program was faster, or when the job was at its end and is put away.
func (r *Runner) take(tx *store.Tx, d ref, holder string, now time.Time) (*Job, error) {
	j := &Job{Org: d.org, ID: d.id, claim: holder}
	// The kind, and with it the length of its lease, is only known from the row: the longest of ours will do
	// for the instant between claim and renewal.
	lease := time.Duration(0)
	for _, h := range r.kinds {
		lease = max(lease, h.policy.Lease)
	}
	j.until = now.Add(lease)
	var due int64
	err := tx.QueryRow(claimJob, holder, store.Micros(j.until), string(d.org), d.id, store.Micros(now), store.Micros(now.Add(longestLease))).
		Scan(&j.Kind, &j.payload, &due, &j.Attempt)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	h := r.kinds[j.Kind]
	if h == nil {
		return nil, fmt.Errorf("job %s has kind %s, which was not asked for", d.id, j.Kind)
	}
	j.Due, j.Last = store.Time(due), j.Attempt >= h.policy.Attempts
	if h.every > 0 && d.id == everyID(j.Kind) {
		j.next = nextTurn(store.Micros(now), h.every.Microseconds())
	}
	if j.Attempt > h.policy.Attempts { // no attempt reached an outcome: the program ended each time
		return nil, r.fail(tx, j, h.policy, now, errors.New("no outcome of the last attempt is known: the program ended or lost its lease"), true)
	}
	return j, nil
}

// nextTurn is the first multiple of interval after now, both in microseconds since 1970. Turns lie on this
// grid whatever the pauses between attempts, so programs agree on it.
func nextTurn(now, interval int64) int64 { return (now/interval + 1) * interval }

// everyID is the row of recurring work. One row for each kind makes it exactly once over all programs.
func everyID(kind Kind) string { return "every." + string(kind) }

const giveBack = `
update job
set holder = '', until = 0, attempts = attempts - 1
where org = $1 and id = $2 and holder = $3`

const pauseJob = `
update job
set holder = '', until = 0, due = $1, failure = $2
where org = $3 and id = $4 and holder = $5`

const failJob = `
update job
set holder = '', until = 0, failed = $1, failure = $2
where org = $3 and id = $4 and holder = $5`

const skipTurn = `
update job
set holder = '', until = 0, attempts = 0, due = $1, failure = $2
where org = $3 and id = $4 and holder = $5`

// conclude writes what became of a task whose handler returned err.
func (r *Runner) conclude(ctx context.Context, t *task, err error, stopping bool) error {
	now := r.o.Now()
	werr := r.db.Write(ctx, func(tx *store.Tx) error {
		switch {
		case err == nil:
			return t.job.end(tx)
		case stopping && !errors.As(err, new(permanent)):
			return t.job.update(tx, giveBack, string(t.job.Org), t.job.ID, t.job.claim)
		default:
			return r.fail(tx, t.job, t.policy, now, err, t.job.Last || errors.As(err, new(permanent)))
		}
	})
	if errors.Is(werr, ErrLost) {
		return nil // its new holder writes the outcome
	}
	return werr
}

// fail writes a failed attempt: a pause, the end, or for recurring work the next turn.
func (r *Runner) fail(tx *store.Tx, j *Job, p Policy, now time.Time, reason error, final bool) error {
	text := strings.ToValidUTF8(reason.Error(), "?")
	text = strings.ReplaceAll(text, "\x00", "?")
	if len(text) > maxFailure {
		text = strings.ToValidUTF8(text[:maxFailure], "") + " …"
	}
	switch {
	case final && j.next != 0:
		return j.update(tx, skipTurn, j.next, text, string(j.Org), j.ID, j.claim)
	case final:
		return j.update(tx, failJob, store.Micros(now), text, string(j.Org), j.ID, j.claim)
	default:
		var b [4]byte
		if _, err := io.ReadFull(r.queue.random, b[:]); err != nil {
			return fmt.Errorf("drawing a pause: %w", err)
		}
		chance := float64(binary.BigEndian.Uint32(b[:])) / (1 << 32)
		return j.update(tx, pauseJob, store.Micros(now.Add(p.pause(j.Attempt, chance))), text, string(j.Org), j.ID, j.claim)
	}
}

const renewJob = `
update job
set until = $1
where org = $2 and id = $3 and holder = $4`

// renewing renews the leases of the running tasks three times in the time of the shortest, until the
// function that it returns is called.
func (r *Runner) renewing(ctx context.Context) (stop func()) {
	lease := longestLease
	for _, h := range r.kinds {
		lease = min(lease, h.policy.Lease)
	}
	quit := make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() {
		tick := time.NewTicker(lease / 3)
		defer tick.Stop()
		for {
			select {
			case <-quit:
				return
			case <-tick.C:
				r.renew(context.WithoutCancel(ctx))
			}
		}
	})
	return func() { close(quit); running.Wait() }
}

// renew renews the leases of all running tasks. A task whose row is another's by now, or whose lease is over
// because the database could not be written, has its context ended.
func (r *Runner) renew(ctx context.Context) {
	r.mu.Lock()
	var tasks []*task
	for _, t := range r.running {
		tasks = append(tasks, t)
	}
	r.mu.Unlock()
	if len(tasks) == 0 {
		return
	}
	now := r.o.Now()
	var lost []*task
	err := r.db.Write(ctx, func(tx *store.Tx) error {
		lost = lost[:0]
		for _, t := range tasks {
			err := t.job.update(tx, renewJob, store.Micros(now.Add(t.policy.Lease)), string(t.job.Org), t.job.ID, t.job.claim)
			if errors.Is(err, ErrLost) {
				lost = append(lost, t)
			} else if err != nil {
				return err
			}
		}
		return nil
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.o.Log.Error("leases of jobs could not be renewed", "err", err)
		for _, t := range tasks {
			if !now.Before(t.job.until) {
				t.cancel(ErrLost)
			}
		}
		return
	}
	for _, t := range tasks {
		t.job.until = now.Add(t.policy.Lease)
	}
	for _, t := range lost {
		if !t.job.finished.Load() {
			t.cancel(ErrLost)
		}
	}
}

const insertTurn = `
insert into job (org, id, kind, payload, due)
values ($1, $2, $3, 'null', $4)
on conflict (org, id) do nothing`

const pullTurn = `
update job
set due = $1
where org = $2 and id = $3 and due > $1`

const pullRetries = `
update job
set due = $1
where kind = $2 and failed = 0 and attempts > 0 and holder = '' and due > $3`

// settle makes the rows of recurring work, and pulls back what a clock that ran ahead put too far into the
// future: a turn further off than its interval, a retry further off than the longest pause. It does so when
// the runner starts and when the clock has jumped back.
func (r *Runner) settle(ctx context.Context, now time.Time) error {
	if r.settled && !now.Before(r.seen.Add(-time.Minute)) {
		if now.After(r.seen) {
			r.seen = now
		}
		return nil
	}
	err := r.db.Write(ctx, func(tx *store.Tx) error {
		for _, kind := range r.order {
			h := r.kinds[kind]
			if h.every > 0 {
				if _, err := tx.Exec(insertTurn, string(Instance), everyID(kind), string(kind), store.Micros(now)); err != nil {
					return err
				}
				if _, err := tx.Exec(pullTurn, store.Micros(now.Add(h.every)), string(Instance), everyID(kind)); err != nil {
					return err
				}
			}
			if _, err := tx.Exec(pullRetries, store.Micros(now), string(kind), store.Micros(now.Add(h.policy.longestPause()))); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("setting up recurring work: %w", err)
	}
	r.settled, r.seen = true, now
	return nil
}
