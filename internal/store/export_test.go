package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"strings"
)

// OpenHistory opens with another history than the embedded one.
func OpenHistory(ctx context.Context, o Options, files fs.FS) (*DB, error) {
	o.migrations = files
	return Open(ctx, o)
}

// Migrations are the embedded files.
var Migrations fs.FS = migrations

// WriterControl runs a statement on SQLite's writing connection, apart from any job.
func WriterControl(db *DB, statement string) error {
	return db.write.(*groupWriter).conn.exec(statement)
}

// Checkpoint does what the writer does in a quiet moment. Nobody may be writing.
func Checkpoint(db *DB) bool { return db.write.(*groupWriter).checkpoint("0") }

// BoundLog sets the size at which the write-ahead log is emptied.
func BoundLog(db *DB, size int64) {
	db.Write(context.Background(), func(*Tx) error { // while a job has its turn, the writer waits
		g := db.write.(*groupWriter)
		g.cutAt, g.cutStep = size, size/4
		return nil
	})
}

// Place gives the order and the spread of the tables: "org" or "whole".
func Place(tenants []string, references [][2]string) [][2]string {
	return spreads(place(tenants, references))
}

// CitusPlan is Place for the tables of a PostgreSQL database.
func CitusPlan(ctx context.Context, db *DB) (plan [][2]string, err error) {
	err = db.Read(ctx, func(tx *Tx) error {
		placements, err := tx.placements()
		plan = spreads(placements)
		return err
	})
	return plan, err
}

func spreads(placements []placement) (order [][2]string) {
	for _, p := range placements {
		spread := "whole"
		if p.byOrg {
			spread = "org"
		}
		order = append(order, [2]string{p.table, spread})
	}
	return order
}

// ReadDump reads a dump to its end without keeping it. An accepted row that would be written otherwise is an
// error that says "written again".
func ReadDump(r io.Reader) error {
	d := newDumpReader(r)
	if _, err := d.header(); err != nil {
		return err
	}
	for {
		t, err := d.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		for {
			line, values, err := d.row()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return err
			}
			if again, err := writeRow(t.columns, values); err != nil || string(again) != string(line) {
				return fmt.Errorf("%q is written again as %q, %v", line, again, err)
			}
		}
	}
}

// ParseRow parses a row of a text, an integer and a string of bytes, and writes it again.
func ParseRow(line []byte) ([]byte, error) {
	columns := []column{{"a", kindText}, {"b", kindInteger}, {"c", kindBytes}}
	values := make([]value, len(columns))
	if _, err := parseRow(line, columns, values, nil); err != nil {
		return nil, err
	}
	return writeRow(columns, values)
}

func writeRow(columns []column, values []value) (line []byte, err error) {
	for i, c := range columns {
		if i > 0 {
			line = append(line, '\t')
		}
		var v any
		switch {
		case values[i].null:
		case c.kind == kindInteger:
			v = values[i].number
		case c.kind == kindText:
			v = string(values[i].data)
		default:
			v = values[i].data
		}
		if line, err = appendValue(line, c.kind, v); err != nil {
			return nil, err
		}
	}
	return line, nil
}

// AwaitWaiting returns when so many jobs wait for SQLite's writer.
func AwaitWaiting(db *DB, n int) {
	for len(db.write.(*groupWriter).jobs) < n {
		runtime.Gosched()
	}
}

// Server is what a PostgreSQL says of itself.
type Server struct {
	Number                                           int64
	Version, Fsync, FullPages, Synchronous, Encoding string
	Standby                                          int64
}

func (s Server) Findings() []Finding {
	return server{s.Number, s.Version, s.Fsync, s.FullPages, s.Synchronous, s.Encoding, s.Standby}.findings()
}

// Prepare has the engine parse and plan a statement.
func Prepare(ctx context.Context, db *DB, statement string) error {
	return db.Read(ctx, func(tx *Tx) error {
		s, err := tx.conn.PrepareContext(ctx, statement)
		if err != nil {
			return err
		}
		return s.Close()
	})
}

// HistoryOrder gives the first lines of a history's files, without "-- ", in the order in which they run.
func HistoryOrder(files fs.FS, engine Engine) (string, error) {
	steps, err := history(files, engine)
	var order []string
	for _, step := range steps {
		for _, text := range []string{step.common, step.own} {
			if text != "" {
				order = append(order, strings.TrimPrefix(text, "-- "))
			}
		}
	}
	return strings.Join(order, " "), err
}
