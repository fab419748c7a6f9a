package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"
)

// groupSize bounds how many waiting transactions one commit carries.
const groupSize = 64

// quiet is how long nobody may have written before the write-ahead log is emptied.
const quiet = 2 * time.Second

// walBound is the size in bytes of the write-ahead log at which the writer waits, for up to patience
// milliseconds, until those who read from it are done. Readers that follow each other without a gap would
// otherwise let it grow for ever.
const (
	walBound = 256 << 20
	patience = "1000"
)

// groupWriter owns the one writing connection. It takes what waits, runs each piece in a savepoint of its
// own, and commits them together: one flush to the disk serves up to groupSize callers.
//
// The pieces run on their callers' goroutines, one at a time, when the writer gives them the turn. So a
// panic, a runtime.Goexit or a stack trace belongs to the caller it came from.
type groupWriter struct {
	db   *DB
	pool *sql.DB
	conn *preparedConn
	jobs chan *job
	gone chan struct{} // closed when the writer has ended
	// The size of the write-ahead log at which it is next emptied, and how much it may grow where that fails.
	cutAt, cutStep int64
}

// job is one caller's transaction. Its err belongs to whoever has the turn.
type job struct {
	ctx     context.Context
	fn      func(*Tx) error
	state   atomic.Int32  // jobWaiting, then jobTaken by the writer or jobLeft by the caller
	turn    chan struct{} // a value: run now; closed: err is the answer
	ran     chan struct{} // a value: fn has ended
	tx      *Tx
	unwound bool // fn has not returned: it panicked or exited its goroutine
	err     error
}

const (
	jobWaiting = iota
	jobTaken
	jobLeft
)

func newGroupWriter(db *DB, pool *sql.DB, conn *sql.Conn) *groupWriter {
	g := &groupWriter{
		db:   db,
		pool: pool,
		conn: newPreparedConn(conn),
		jobs: make(chan *job, groupSize),
		gone: make(chan struct{}),

		cutAt:   walBound,
		cutStep: walBound / 4,
	}
	go g.work()
	return g
}

func (g *groupWriter) do(ctx context.Context, fn func(*Tx) error) error {
	j := &job{ctx: ctx, fn: fn, turn: make(chan struct{}), ran: make(chan struct{})}
	select {
	case g.jobs <- j:
	case <-ctx.Done():
		return ctx.Err()
	}
	var mine bool
	select {
	case _, mine = <-j.turn:
	case <-ctx.Done():
		if j.state.CompareAndSwap(jobWaiting, jobLeft) {
			return ctx.Err()
		}
		// The turn has come already: what is done may reach the disk, so the caller stays for the truth.
		_, mine = <-j.turn
	}
	for mine {
		j.run()
		_, mine = <-j.turn
	}
	if j.err == nil {
		j.tx.committed()
	}
	return j.err
}

// run is the caller's part of a turn.
func (j *job) run() {
	j.unwound = true
	defer func() { j.ran <- struct{}{} }()
	j.err = j.tx.run(j.fn)
	j.unwound = false
}

// close is called when nobody is in do.
func (g *groupWriter) close() error {
	close(g.jobs)
	<-g.gone
	return errors.Join(g.conn.close(), g.pool.Close())
}

// work is the writer's goroutine.
func (g *groupWriter) work() {
	defer close(g.gone)
	group := make([]*job, 0, groupSize)
	rest := time.NewTimer(quiet)
	for {
		select {
		case <-rest.C:
			if !g.checkpoint("0") {
				rest.Reset(quiet)
			}
			continue
		case j, open := <-g.jobs:
			if !open {
				return
			}
			group = append(group[:0], j)
		}
		for more := true; more && len(group) < groupSize; {
			select {
			case j, open := <-g.jobs:
				if more = open; open {
					group = append(group, j)
				}
			default:
				more = false
			}
		}
		g.serve(group)
		clear(group)
		g.bound()
		rest.Reset(quiet)
	}
}

// serve gives every job of the group its answer. When the group is lost as a whole, each job is tried once
// more alone, so that no job fails for another's sake.
func (g *groupWriter) serve(waiting []*job) {
	group := make([]*job, 0, len(waiting))
	for _, j := range waiting {
		if j.state.CompareAndSwap(jobWaiting, jobTaken) {
			group = append(group, j)
		}
	}
	begun, err := g.commit(group)
	if err != nil && begun && len(group) > 1 {
		g.db.log.Warn("a group of transactions was lost and is run one by one", "size", len(group), "error", err)
		for _, j := range group {
			if j.unwound {
				continue // nobody waits for the answer
			}
			if _, err := g.commit([]*job{j}); err != nil {
				j.err = err
			}
		}
	} else if err != nil {
		for _, j := range group {
			j.err = err
		}
	}
	for _, j := range group {
		close(j.turn)
	}
}

// commit runs the jobs in one transaction. An error means that nothing of any of them was kept; begun tells
// whether they had a turn.
func (g *groupWriter) commit(group []*job) (begun bool, err error) {
	if len(group) == 0 {
		return false, nil
	}
	if err := g.conn.control("begin immediate"); err != nil {
		return false, fmt.Errorf("writing to the database: %w", classify(err))
	}
	kept := 0
	for _, j := range group {
		if err := g.runJob(j); err != nil {
			g.conn.control("rollback") // the engine may have rolled back by itself
			return true, fmt.Errorf("writing to the database: %w", classify(err))
		}
		if !j.unwound && j.err == nil {
			kept++
		}
	}
	if err := g.conn.control("commit"); err != nil {
		g.conn.control("rollback")
		return true, fmt.Errorf("writing to the database: %w", classify(err))
	}
	if kept > 0 {
		g.db.changes.Add(1)
	}
	return true, nil
}

// runJob runs one job in its savepoint. It returns an error only when the whole transaction is lost.
func (g *groupWriter) runJob(j *job) error {
	if err := g.conn.control("savepoint job"); err != nil {
		return err
	}
	// Once begun, a job is not interrupted: SQLite may answer an interrupt by dropping the whole group.
	j.tx = &Tx{ctx: context.WithoutCancel(j.ctx), q: g.conn, conn: g.conn.conn, engine: SQLite}
	j.turn <- struct{}{}
	<-j.ran
	if j.err != nil || j.unwound {
		if err := g.conn.control("rollback to job"); err != nil {
			if j.tx.failed != nil { // a full disk makes SQLite drop the transaction: that is the cause
				return j.tx.failed
			}
			return err
		}
	}
	return g.conn.control("release job")
}

// bound keeps the write-ahead log from growing for ever.
func (g *groupWriter) bound() {
	info, err := os.Stat(g.db.place + "-wal")
	if err != nil || info.Size() < g.cutAt {
		return
	}
	if g.checkpoint(patience) {
		g.cutAt = 4 * g.cutStep
		return
	}
	g.cutAt = info.Size() + g.cutStep // somebody reads for long: not before it has grown again
	g.db.log.Warn("the write-ahead log grows because somebody reads for long", "bytes", info.Size())
}

// checkpoint moves the write-ahead log into the database file and empties it. It is false when somebody still
// reads from it after so many milliseconds.
func (g *groupWriter) checkpoint(wait string) bool {
	var busy, pages, moved int
	g.conn.exec("pragma busy_timeout = " + wait)
	defer g.conn.exec("pragma busy_timeout = " + busyTimeout)
	err := g.conn.QueryRowContext(context.Background(), "pragma wal_checkpoint(truncate)").Scan(&busy, &pages, &moved)
	if err != nil {
		g.db.log.Warn("the write-ahead log could not be emptied", "error", err)
	}
	return err == nil && busy == 0
}
