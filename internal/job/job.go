// Package job does work after the transaction that caused it: sending a message, entering an act into the
// public record, erasing what is due.
//
// A job is a row, written by Queue.Add in the transaction that causes it, so it exists exactly when its cause
// does. A Runner claims due jobs under a lease, runs the handler of their kind, and removes them; several
// programs may run jobs of one database at once.
//
// Delivery is at least once. A program that dies, loses its lease or cannot write the outcome leaves a job
// that is run again, so a handler must be idempotent: it looks first whether the thing is done already. A
// handler whose whole effect is rows makes it exactly once by calling Job.Finish in the transaction that
// writes them: the effect and the end of the job are then one commit, and a handler that has lost its lease
// is refused.
//
// Payloads and reasons of failure are shown to operators. They name rows by id and never hold a person's
// name, address or words.
package job

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"rostrum.example/internal/store"
)

// Kind names one sort of work, as in "mail.send". A handler is registered for it with Handle.
type Kind string

// Instance is the org of work that belongs to the instance and to no tenant.
const Instance store.Org = ""

// maxPayload bounds a payload's size in bytes: it names rows, it does not carry them.
const maxPayload = 64 << 10

// Errors that a caller can act on.
var (
	// ErrLost: the lease ran out and another program may be doing the job; the transaction must not be kept.
	ErrLost = errors.New("the lease on this job was lost")
	// ErrNotFound: there is no such job (any more).
	ErrNotFound = errors.New("no such job")
)

// Job is one claimed piece of work, as its handler sees it.
type Job struct {
	Org  store.Org
	ID   string
	Kind Kind
	// Due is when the job was to run; a retry has moved it.
	Due time.Time
	// Attempt counts from 1 and includes this one.
	Attempt int
	// Last tells that a failure of this attempt gives the job up.
	Last bool

	payload  string
	claim    string // the claim that must still stand when the outcome is written
	next     int64  // for recurring work: when it is due again; 0 for other work
	until    time.Time
	finished atomic.Bool // a transaction with Finish has been committed
}

// Queue adds jobs. One program has one queue; its Runner is woken when a transaction with new work commits.
type Queue struct {
	random io.Reader
	wake   chan struct{}
}

// NewQueue returns a queue that draws ids from random.
func NewQueue(random io.Reader) *Queue {
	return &Queue{random: random, wake: make(chan struct{}, 1)}
}

const insertJob = `
insert into job (org, id, kind, payload, due)
values ($1, $2, $3, $4, $5)
on conflict (org, id) do nothing`

// Add writes a job into tx, to run at due or as soon after as a program is free. payload is kept as JSON, at
// most 64 KiB. The id that Add gives names the job in List, Retry and Drop.
func (q *Queue) Add(tx *store.Tx, org store.Org, kind Kind, payload any, due time.Time) (string, error) {
	id, err := store.NewID(q.random)
	if err != nil {
		return "", fmt.Errorf("adding a job %s: %w", kind, err)
	}
	_, err = q.insert(tx, org, id, kind, payload, due)
	return id, err
}

// AddOnce writes a job under a name of the caller's and tells whether it did: where a job of that name still
// waits in org, whatever its kind, nothing is written and that one serves. Names hold no personal data.
func (q *Queue) AddOnce(tx *store.Tx, org store.Org, name string, kind Kind, payload any, due time.Time) (bool, error) {
	if name == "" {
		return false, fmt.Errorf("adding a job %s: it has no name", kind)
	}
	return q.insert(tx, org, name, kind, payload, due)
}

func (q *Queue) insert(tx *store.Tx, org store.Org, id string, kind Kind, payload any, due time.Time) (bool, error) {
	if kind == "" {
		return false, errors.New("adding a job: it has no kind")
	}
	text, err := json.Marshal(payload)
	if err != nil {
		return false, fmt.Errorf("adding a job %s: %w", kind, err)
	}
	if len(text) > maxPayload {
		return false, fmt.Errorf("adding a job %s: its payload has %d bytes, at most %d fit; store the content and name its row", kind, len(text), maxPayload)
	}
	res, err := tx.Exec(insertJob, string(org), id, string(kind), string(text), store.Micros(due))
	if err != nil {
		return false, fmt.Errorf("adding a job %s: %w", kind, err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("adding a job %s: %w", kind, err)
	}
	tx.OnCommit(q.Wake)
	return n > 0, nil
}

// Wake makes the runner look at the queue now.
func (q *Queue) Wake() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

const deleteClaimed = `
delete from job
where org = $1 and id = $2 and holder = $3`

const advanceClaimed = `
update job
set due = $1, attempts = 0, holder = '', until = 0, failure = '', failed = 0
where org = $2 and id = $3 and holder = $4`

// Finish ends the job in tx, together with the rows that are its effect. It answers ErrLost when the lease is
// lost; the handler returns that error from its transaction, so that nothing is kept. A handler that does not
// call Finish need not do anything: the runner ends the job after it has returned nil.
func (j *Job) Finish(tx *store.Tx) error {
	if err := j.end(tx); err != nil {
		return err
	}
	tx.OnCommit(func() { j.finished.Store(true) })
	return nil
}

func (j *Job) end(tx *store.Tx) error {
	query, args := deleteClaimed, []any{string(j.Org), j.ID, j.claim}
	if j.next != 0 {
		query, args = advanceClaimed, []any{j.next, string(j.Org), j.ID, j.claim}
	}
	return j.update(tx, query, args...)
}

// update runs a statement that must change the job's row, and answers ErrLost when the row is no longer ours.
func (j *Job) update(tx *store.Tx, query string, args ...any) error {
	res, err := tx.Exec(query, args...)
	if err != nil {
		return fmt.Errorf("writing the outcome of job %s: %w", j.Kind, err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return fmt.Errorf("writing the outcome of job %s: %w", j.Kind, err)
	}
	if n == 0 {
		return ErrLost
	}
	return nil
}

// permanent marks an error that no further attempt can mend.
type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }

// Permanent wraps an error that no further attempt can mend: the job is given up at once and kept with its
// reason.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return permanent{err}
}
