// Package store is the one door to the database: SQLite inside the program by default, any PostgreSQL by URL.
//
// Statements are written by hand in the subset that both engines share, with $1…$n in ascending order of
// first appearance (SQLite drivers bind by that order, PostgreSQL by number). The word org stands first in
// the keys of every tenant table, so that a distributed PostgreSQL can shard by it.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"
)

// Engine names the program that keeps the rows.
type Engine string

// The engines that the contract suite runs on.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// Org is the convening tenant, never the applicant: the secretariat, coalition or institute whose rows these are.
type Org string

// Errors that a caller can act on. Every other error is the engine's own, wrapped.
var (
	// ErrConflict: a row with this key exists already.
	ErrConflict = errors.New("a row with this key exists already")
	// ErrFull: the disk or the quota is full; nothing of the transaction was kept.
	ErrFull = errors.New("the disk is full")
	// ErrNewer: the database was written by a newer program.
	ErrNewer = errors.New("the database is newer than this program")
	// ErrReadOnly: the database was opened for reading.
	ErrReadOnly = errors.New("the database is opened for reading only")
	// ErrClosed: the database is closed or closing; nothing was done.
	ErrClosed = errors.New("the database is closed")
	// ErrDamaged: what is stored contradicts itself; only a backup helps.
	ErrDamaged = errors.New("the database is damaged")
)

// Options say which database to open and how.
type Options struct {
	// URL is "sqlite:PATH" for a file, or a PostgreSQL URL.
	URL string
	// ReadOnly opens without migrating and refuses to write.
	ReadOnly bool
	// Log receives migrations, retries and what went wrong in the background; nil discards them.
	Log *slog.Logger

	migrations fs.FS // for tests; nil stands for the embedded ones
}

// DB is one instance's database. Its methods may be called from any goroutine.
type DB struct {
	engine  Engine
	place   string // the file, or the server and its database: for messages, never with a password
	read    reader
	write   writer // nil when opened for reading
	log     *slog.Logger
	steps   []migration // the schema's history for this engine
	changes atomic.Uint64
	gate    gate
}

// reader runs fn in a transaction that sees a single state. close is called once, when no do is running and
// none will come.
type reader interface {
	do(ctx context.Context, fn func(*Tx) error) error
	close() error
}

// writer runs fn in a durable transaction: when do returns nil, the commit has reached the disk. close is
// called once, when no do is running and none will come.
type writer interface {
	do(ctx context.Context, fn func(*Tx) error) error
	close() error
}

// Open opens the database at o.URL and, unless it is read-only, brings its schema up to date.
func Open(ctx context.Context, o Options) (*DB, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.migrations == nil {
		o.migrations = migrations
	}
	db := &DB{log: o.Log}
	var open func() error
	switch path, lite := strings.CutPrefix(o.URL, "sqlite:"); {
	case lite:
		db.engine = SQLite
		open = func() error { return db.openSQLite(ctx, path, o.ReadOnly) }
	case strings.HasPrefix(o.URL, "postgres://"), strings.HasPrefix(o.URL, "postgresql://"):
		db.engine = Postgres
		open = func() error { return db.openPostgres(ctx, o.URL, o.ReadOnly) }
	default:
		return nil, fmt.Errorf("opening the database: %q is neither sqlite:PATH nor postgres://…", o.URL)
	}
	var err error
	if db.steps, err = history(o.migrations, db.engine); err != nil {
		return nil, err
	}
	if err = open(); err == nil {
		if o.ReadOnly {
			_, err = db.checkVersion(ctx)
		} else {
			err = db.Migrate(ctx)
		}
	}
	if err != nil {
		db.Close()
		return nil, err
	}
	return db, nil
}

// Engine tells which engine keeps the rows.
func (db *DB) Engine() Engine { return db.engine }

// Changes counts the transactions that this program has committed since it opened the database.
// Whoever keeps something derived from the rows compares it to know whether the rows may have changed.
func (db *DB) Changes() uint64 { return db.changes.Load() }

// Write runs fn in one durable transaction. When fn returns an error nothing is kept and Write returns it.
// fn may run more than once (a serialisation failure is retried here and nowhere else), so it must have no
// effect outside its transaction; what must follow a commit goes into Tx.OnCommit. On SQLite the writers
// take turns: fn must be quick, and must not call Write or wait for someone who does.
func (db *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	if db.write == nil {
		return ErrReadOnly
	}
	if !db.gate.enter() {
		return ErrClosed
	}
	defer db.gate.leave()
	return db.write.do(ctx, fn)
}

// Read runs fn in one read-only transaction that sees a single state of the database.
func (db *DB) Read(ctx context.Context, fn func(*Tx) error) error {
	if !db.gate.enter() {
		return ErrClosed
	}
	defer db.gate.leave()
	return db.read.do(ctx, fn)
}

// Close lets in nobody any more, waits for those who are inside a transaction or wait for their turn, and
// closes the database. Everyone who was let in gets a true answer.
func (db *DB) Close() error {
	if !db.gate.shut() {
		return nil
	}
	var errs []error
	if db.read != nil {
		errs = append(errs, db.read.close())
	}
	if db.write != nil { // leaves last: then SQLite empties the write-ahead log
		errs = append(errs, db.write.close())
	}
	return errors.Join(errs...)
}

// Tx is one transaction. It must not be kept after the function that received it has returned.
//
// It runs one statement at a time: rows are read to the end or closed before the next. A transaction in which
// a statement failed has failed: the statements that follow answer with that failure, and nothing is kept.
// PostgreSQL knows no other way in both; SQLite is held to the same.
type Tx struct {
	ctx    context.Context
	engine Engine
	q      querier
	conn   *sql.Conn // what q runs on, for what package database/sql has no word for
	failed error
	rows   *sql.Rows // of the last Query
	row    *sql.Row  // of the last QueryRow
	after  []func()
}

type querier interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
	QueryRowContext(context.Context, string, ...any) *sql.Row
}

// Context is the context of the call that opened the transaction.
func (tx *Tx) Context() context.Context { return tx.ctx }

// Exec runs a statement that gives no rows.
func (tx *Tx) Exec(query string, args ...any) (sql.Result, error) {
	if err := tx.ready(args); err != nil {
		return nil, err
	}
	res, err := tx.q.ExecContext(tx.ctx, query, args...)
	return res, tx.note(err)
}

// Query runs a statement that gives rows; the caller closes them.
func (tx *Tx) Query(query string, args ...any) (*sql.Rows, error) {
	if err := tx.ready(args); err != nil {
		return nil, err
	}
	rows, err := tx.q.QueryContext(tx.ctx, query, args...)
	tx.rows = rows
	return rows, tx.note(err)
}

// QueryRow runs a statement that gives at most one row; Scan answers sql.ErrNoRows where there is none.
// An error of the engine comes out of Scan as it is and gets its name (ErrConflict, …) when Write returns it.
func (tx *Tx) QueryRow(query string, args ...any) *sql.Row {
	tx.ready(args)
	tx.row = tx.q.QueryRowContext(tx.ctx, query, args...)
	tx.note(tx.row.Err())
	return tx.row
}

// run calls fn and lets nothing pass that is not whole.
func (tx *Tx) run(fn func(*Tx) error) error {
	defer tx.end()
	if err := fn(tx); err != nil {
		return classify(err)
	}
	return tx.failed
}

// end closes the rows that fn has left open, which would keep the connection in the past, and makes that
// whoever keeps the transaction learns of it at once.
func (tx *Tx) end() {
	if tx.rows != nil {
		tx.rows.Close()
	}
	if tx.row != nil {
		tx.row.Scan() // closes it
	}
	tx.q = nil
}

// note remembers the first failure and makes every later statement answer with it.
func (tx *Tx) note(err error) error {
	if err == nil || tx.failed != nil {
		return err
	}
	err = classify(err)
	tx.failed = err
	tx.ctx = failedContext{tx.ctx, fmt.Errorf("the transaction has failed before: %w", err)}
	return err
}

var errRowsOpen = errors.New("the rows of the statement before are still being read: close them first")

// ready makes sure that the next statement would run on either engine. PostgreSQL's connection carries one
// statement at a time, and its text holds neither a zero byte nor what is not UTF-8.
func (tx *Tx) ready(args []any) error {
	if tx.row != nil {
		tx.row.Scan() // closes it where the caller has not
		tx.row = nil
	}
	if tx.rows != nil {
		if _, err := tx.rows.Columns(); err == nil { // an error means that they are closed
			return tx.note(errRowsOpen)
		}
		tx.rows = nil
	}
	for i, arg := range args {
		if text, ok := arg.(string); ok && (!utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0) {
			return tx.note(fmt.Errorf("value $%d is not text: it holds a zero byte or is not UTF-8", i+1))
		}
	}
	return nil
}

// failedContext is a context that ended with the failure of a statement.
type failedContext struct {
	context.Context
	err error
}

var ended = func() chan struct{} { c := make(chan struct{}); close(c); return c }()

func (c failedContext) Done() <-chan struct{} { return ended }
func (c failedContext) Err() error            { return c.err }

// OnCommit calls fn once after the transaction has reached the disk, and never if it does not. fn runs
// before Write returns, must be quick and must not write: it is for waking those who wait.
func (tx *Tx) OnCommit(fn func()) { tx.after = append(tx.after, fn) }

// committed runs what was to follow the commit.
func (tx *Tx) committed() {
	for _, fn := range tx.after {
		fn()
	}
}

// ForUpdate is the clause that locks the selected rows until the transaction ends. SQLite has one writer
// at a time and needs none.
func (tx *Tx) ForUpdate() string {
	if tx.engine == Postgres {
		return " for update"
	}
	return ""
}

// Micros gives an instant as the database keeps it: microseconds since 1970 in UTC.
func Micros(t time.Time) int64 { return t.UnixMicro() }

// Time reads an instant back. Zero stands for "no instant".
func Time(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}
