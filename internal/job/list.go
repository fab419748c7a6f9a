package job

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"rostrum.example/internal/store"
)

// State says where a job stands.
type State string

// The states of a job, in the order of its life.
const (
	Waiting State = "waiting" // its time has not come, or no program has been free
	Running State = "running" // a program holds its lease
	Pausing State = "pausing" // an attempt failed; the next one waits
	Failed  State = "failed"  // given up; it stays until someone retries or drops it
)

// Entry is one job as an operator sees it.
type Entry struct {
	Org      store.Org
	ID       string
	Kind     Kind
	State    State
	Due      time.Time
	Attempts int
	// Failure is the reason of the last failed attempt, without personal data; empty if there was none.
	Failure string
	// Failed is when the job was given up; zero if it was not.
	Failed time.Time
}

// Filter chooses jobs. The zero value chooses all of them, of every tenant.
type Filter struct {
	// Org chooses one tenant's jobs; nil chooses all.
	Org *store.Org
	// Failed chooses the jobs that were given up.
	Failed bool
	// Limit bounds the list; 0 means 100.
	Limit int
}

const selectEntries = `
select org, id, kind, due, attempts, until, failure, failed
from   job
where  ($1 = 0 or org = $2)
and    ($3 = 0 or failed > 0)
order  by failed desc, due, org, id
limit  $4`

// List gives the chosen jobs: those that were given up first, newest first, then the others as they fall due.
func List(tx *store.Tx, now time.Time, f Filter) ([]Entry, error) {
	if f.Limit <= 0 {
		f.Limit = 100
	}
	one, org := 0, ""
	if f.Org != nil {
		one, org = 1, string(*f.Org)
	}
	failed := 0
	if f.Failed {
		failed = 1
	}
	rows, err := tx.Query(selectEntries, one, org, failed, f.Limit)
	if err != nil {
		return nil, fmt.Errorf("listing jobs: %w", err)
	}
	defer rows.Close()
	var all []Entry
	for rows.Next() {
		var e Entry
		var due, until, failed int64
		if err := rows.Scan(&e.Org, &e.ID, &e.Kind, &due, &e.Attempts, &until, &e.Failure, &failed); err != nil {
			return nil, fmt.Errorf("listing jobs: %w", err)
		}
		e.Due, e.Failed = store.Time(due), store.Time(failed)
		switch {
		case failed > 0:
			e.State = Failed
		case until > store.Micros(now):
			e.State = Running
		case e.Attempts > 0:
			e.State = Pausing
		default:
			e.State = Waiting
		}
		all = append(all, e)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("listing jobs: %w", err)
	}
	return all, nil
}

// Count sums up one kind of work, for metrics and for a check of the instance.
type Count struct {
	Kind Kind
	// Open counts the jobs that are not given up, Late those of them that should have run by now and are not
	// running, Failed those given up.
	Open, Late, Failed int
	// Oldest is when the first of the late ones was due; zero if there is none. Work that stays late has no
	// program that does it.
	Oldest time.Time
}

const countKinds = `
select   kind,
         sum(case when failed = 0 then 1 else 0 end),
         sum(case when failed = 0 and due <= $1 and until <= $1 then 1 else 0 end),
         sum(case when failed > 0 then 1 else 0 end),
         coalesce(min(case when failed = 0 and due <= $1 and until <= $1 then due end), 0)
from     job
group by kind
order by kind`

// Counts sums up all jobs by kind.
func Counts(tx *store.Tx, now time.Time) ([]Count, error) {
	rows, err := tx.Query(countKinds, store.Micros(now))
	if err != nil {
		return nil, fmt.Errorf("counting jobs: %w", err)
	}
	defer rows.Close()
	var all []Count
	for rows.Next() {
		var c Count
		var oldest int64
		if err := rows.Scan(&c.Kind, &c.Open, &c.Late, &c.Failed, &oldest); err != nil {
			return nil, fmt.Errorf("counting jobs: %w", err)
		}
		c.Oldest = store.Time(oldest)
		all = append(all, c)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("counting jobs: %w", err)
	}
	return all, nil
}

const retryFailed = `
update job
set due = $1, attempts = 0, holder = '', until = 0, failed = 0
where org = $2 and id = $3 and failed > 0`

// Retry puts a job that was given up back into the queue with all its attempts. Its last reason stays visible
// until it succeeds. ErrNotFound: no given-up job has this id.
func (q *Queue) Retry(tx *store.Tx, org store.Org, id string, now time.Time) error {
	if err := one(tx, retryFailed, store.Micros(now), string(org), id); err != nil {
		return fmt.Errorf("retrying a job: %w", err)
	}
	tx.OnCommit(q.Wake)
	return nil
}

const dropJob = `
delete from job
where org = $1 and id = $2`

// Drop removes a job, whatever its state; a handler that is running it is refused when it finishes.
// ErrNotFound: no job has this id.
func (q *Queue) Drop(tx *store.Tx, org store.Org, id string) error {
	if err := one(tx, dropJob, string(org), id); err != nil {
		return fmt.Errorf("dropping a job: %w", err)
	}
	return nil
}

// one runs a statement that must change exactly one row.
func one(tx *store.Tx, query string, args ...any) error {
	res, err := tx.Exec(query, args...)
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err != nil {
		return err
	}
	if n == 0 {
		return ErrNotFound
	}
	return nil
}

const nextDue = `
select due
from   job
where  failed = 0 and due > $1
order  by due
limit  1`

// next tells when the next job falls due after now; zero when none waits.
func next(tx *store.Tx, now time.Time) (time.Time, error) {
	var due int64
	err := tx.QueryRow(nextDue, store.Micros(now)).Scan(&due)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("looking for the next job: %w", err)
	}
	return store.Time(due), nil
}
