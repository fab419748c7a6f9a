package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
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
func Checkpoint(db *DB) { db.write.(*groupWriter).checkpoint() }

// Place exports the order and the spread of the tables: "org" or "whole".
func Place(tenants []string, references [][2]string) (order [][2]string) {
	for _, p := range place(tenants, references) {
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
