package store

import (
	"context"
	"database/sql"
)

// keptStatements bounds how many prepared statements a connection keeps.
const keptStatements = 256

// preparedConn is one SQLite connection that prepares a statement once: parsing and planning is a quarter of
// the work of a small write and four fifths of a small read with a join. It may be used by one transaction
// at a time, which runs one statement at a time.
type preparedConn struct {
	conn *sql.Conn
	kept map[string]*sql.Stmt
}

func newPreparedConn(conn *sql.Conn) *preparedConn {
	return &preparedConn{conn: conn, kept: map[string]*sql.Stmt{}}
}

func (c *preparedConn) close() error {
	c.forget()
	return c.conn.Close()
}

// stmt is nil for a text that cannot be prepared; running it will tell why. A text without values may hold
// several statements and is not kept.
func (c *preparedConn) stmt(ctx context.Context, query string, args []any) *sql.Stmt {
	if len(args) == 0 {
		return nil
	}
	return c.keep(ctx, query)
}

func (c *preparedConn) keep(ctx context.Context, query string) *sql.Stmt {
	if s := c.kept[query]; s != nil {
		return s
	}
	s, err := c.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil
	}
	if len(c.kept) >= keptStatements {
		c.forget()
	}
	c.kept[query] = s
	return s
}

func (c *preparedConn) forget() {
	for _, s := range c.kept {
		s.Close()
	}
	clear(c.kept)
}

// control runs a statement of transaction control.
func (c *preparedConn) control(statement string) error {
	s := c.keep(context.Background(), statement)
	if s == nil {
		return c.exec(statement)
	}
	_, err := s.Exec()
	return err
}

// exec runs a statement that is not worth keeping.
func (c *preparedConn) exec(statement string) error {
	_, err := c.conn.ExecContext(context.Background(), statement)
	return err
}

func (c *preparedConn) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if s := c.stmt(ctx, query, args); s != nil {
		return s.ExecContext(ctx, args...)
	}
	return c.conn.ExecContext(ctx, query, args...)
}

func (c *preparedConn) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if s := c.stmt(ctx, query, args); s != nil {
		return s.QueryContext(ctx, args...)
	}
	return c.conn.QueryContext(ctx, query, args...)
}

func (c *preparedConn) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if s := c.stmt(ctx, query, args); s != nil {
		return s.QueryRowContext(ctx, args...)
	}
	return c.conn.QueryRowContext(ctx, query, args...)
}
