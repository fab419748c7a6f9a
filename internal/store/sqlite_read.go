package store

import (
	"context"
	"database/sql"
	"fmt"
)

// readPool keeps a few reading connections, each with its prepared statements.
type readPool struct {
	pool  *sql.DB
	slots chan *preparedConn // nil stands for a connection that is not open yet
}

func newReadPool(pool *sql.DB, size int) *readPool {
	r := &readPool{pool: pool, slots: make(chan *preparedConn, size)}
	for range size {
		r.slots <- nil
	}
	return r
}

func (r *readPool) do(ctx context.Context, fn func(*Tx) error) error {
	var c *preparedConn
	select {
	case c = <-r.slots:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { r.slots <- c }()
	if c == nil {
		conn, err := r.pool.Conn(ctx)
		if err != nil {
			return fmt.Errorf("starting to read: %w", classify(err))
		}
		c = newPreparedConn(conn)
	}
	if err := c.control("begin"); err != nil {
		return fmt.Errorf("starting to read: %w", classify(err))
	}
	defer func() {
		// An interrupted connection is not used again: the interrupt may come late.
		if err := c.control("rollback"); err != nil || ctx.Err() != nil {
			c.close()
			c = nil
		}
	}()
	return (&Tx{ctx: ctx, q: c, conn: c.conn, engine: SQLite}).run(fn)
}

// close is called when nobody reads.
func (r *readPool) close() error {
	for range cap(r.slots) {
		if c := <-r.slots; c != nil {
			c.close()
		}
	}
	return r.pool.Close()
}
