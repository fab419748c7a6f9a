package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// A transaction that lost a race is run again after a pause drawn at random. One that has lost patientLosses
// races waits until no other such loser of this program runs, so that a row that all want is not fought
// over by all. It is given up after mostLosses.
const (
	patientLosses = 3
	mostLosses    = 40
	longestPause  = 64 * time.Millisecond
)

// durable is run on every new connection: a server or a role may have been told to promise less.
const durable = "select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'"

func (db *DB) openPostgres(ctx context.Context, url string, readOnly bool) error {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return fmt.Errorf("opening the database: %w; write postgres://USER:PASSWORD@HOST/DATABASE", err) // pgx hides the password
	}
	db.place = fmt.Sprintf("%s on %s", config.Database, config.Host)
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "rostrum"
	}
	pool := stdlib.OpenDB(*config, stdlib.OptionAfterConnect(func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, durable)
		return err
	}))
	pool.SetMaxOpenConns(32)
	pool.SetMaxIdleConns(32)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	db.read = &snapshotReader{pool: pool}
	if err := pool.PingContext(ctx); err != nil {
		return fmt.Errorf("opening the database %s: %w; check that the server runs, and the user and password in the URL", db.place, classify(err))
	}
	if !readOnly {
		db.write = &serialWriter{db: db, pool: pool, turn: make(chan struct{}, 1)}
	}
	return nil
}

// snapshotReader gives each caller a transaction whose statements all see the same state.
type snapshotReader struct {
	pool *sql.DB
}

func (r *snapshotReader) close() error { return r.pool.Close() }

func (r *snapshotReader) do(ctx context.Context, fn func(*Tx) error) error {
	conn, err := r.pool.Conn(ctx)
	if err != nil {
		return fmt.Errorf("starting to read: %w", classify(err))
	}
	defer conn.Close()
	tx, err := conn.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return fmt.Errorf("starting to read: %w", classify(err))
	}
	defer tx.Rollback()
	return (&Tx{ctx: ctx, q: tx, conn: conn, engine: Postgres}).run(fn)
}

// serialWriter gives each caller a serializable transaction of its own and runs it again when it lost a race.
type serialWriter struct {
	db   *DB
	pool *sql.DB
	turn chan struct{} // holds a value while a transaction that lost often runs
}

func (w *serialWriter) close() error { return nil } // the pool is the readers' and closes with them

func (w *serialWriter) do(ctx context.Context, fn func(*Tx) error) error {
	for losses := 0; ; {
		tx, err := w.once(ctx, sql.LevelSerializable, fn)
		if err == nil {
			w.db.changes.Add(1)
			tx.committed()
			return nil
		}
		if !lostRace(err) && (tx == nil || !lostRace(tx.failed)) {
			return err
		}
		if losses++; losses > mostLosses {
			return err
		}
		w.db.log.Debug("a transaction lost a race and is run again", "losses", losses)
		pause := rand.N(min(time.Millisecond<<min(losses, 10), longestPause))
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
		if losses == patientLosses {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case w.turn <- struct{}{}:
				defer func() { <-w.turn }()
			}
		}
	}
}

// once runs fn in one transaction. The statements end with ctx; the commit does not, so that the answer is
// what the server did.
func (w *serialWriter) once(ctx context.Context, level sql.IsolationLevel, fn func(*Tx) error) (*Tx, error) {
	conn, err := w.pool.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("writing to the database: %w", classify(err))
	}
	defer conn.Close()
	sqlTx, err := conn.BeginTx(context.WithoutCancel(ctx), &sql.TxOptions{Isolation: level})
	if err != nil {
		return nil, fmt.Errorf("writing to the database: %w", classify(err))
	}
	defer sqlTx.Rollback()
	tx := &Tx{ctx: ctx, q: sqlTx, conn: conn, engine: Postgres}
	if err := tx.run(fn); err != nil {
		return tx, err
	}
	if err := sqlTx.Commit(); err != nil {
		return tx, fmt.Errorf("writing to the database: %w", classify(err))
	}
	return tx, nil
}

// lostRace tells whether the same transaction may succeed when it is run again (SQLSTATE 40001, 40P01).
func lostRace(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}
