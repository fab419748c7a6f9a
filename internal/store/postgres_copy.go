package store

import (
	"io"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// copyTo runs a statement "copy … to stdout" and writes what it gives to w.
func (tx *Tx) copyTo(w io.Writer, statement string) (rows int64, err error) {
	return tx.onPostgres(func(c *pgconn.PgConn) (pgconn.CommandTag, error) { return c.CopyTo(tx.ctx, w, statement) })
}

// copyFrom runs a statement "copy … from stdin" and gives it what r holds.
func (tx *Tx) copyFrom(r io.Reader, statement string) (rows int64, err error) {
	return tx.onPostgres(func(c *pgconn.PgConn) (pgconn.CommandTag, error) { return c.CopyFrom(tx.ctx, r, statement) })
}

func (tx *Tx) onPostgres(fn func(*pgconn.PgConn) (pgconn.CommandTag, error)) (rows int64, err error) {
	if err := tx.ready(nil); err != nil {
		return 0, err
	}
	err = tx.conn.Raw(func(dc any) error {
		tag, err := fn(dc.(*stdlib.Conn).Conn().PgConn())
		rows = tag.RowsAffected()
		return err
	})
	return rows, tx.note(err)
}
