package store

import (
	"bufio"
	"context"
	"crypto/sha256"
	"database/sql/driver"
	"errors"
	"fmt"
	"hash"
	"io"
)

// Dump writes every row, as of one instant, to w in the engine-neutral format of docs/formats/dump.md. Writers
// are not held up. The same rows give the same bytes on every engine.
func (db *DB) Dump(ctx context.Context, w io.Writer) error {
	err := db.Read(ctx, func(tx *Tx) error {
		version, err := tx.version()
		if err != nil {
			return err
		}
		tables, err := tx.tables(db.steps)
		if err != nil {
			return err
		}
		d := &dumper{w: bufio.NewWriterSize(w, 1<<18), outside: sha256.New()}
		d.line(fmt.Sprintf("%s\nschema %d\n", dumpMagic, version))
		for _, t := range tables {
			if err := d.table(tx, t); err != nil {
				return fmt.Errorf("table %s: %w", t.name, err)
			}
		}
		d.line(fmt.Sprintf("end %d sha256 %x\n", len(tables), d.outside.Sum(nil)))
		return d.w.Flush()
	})
	if err != nil {
		return fmt.Errorf("dumping the database: %w", err)
	}
	return nil
}

// dumpMagic is a dump's first line. Its number is the format's version.
const dumpMagic = "rostrum-dump 1"

// dumper writes a dump. Errors of its writer come out of Flush.
type dumper struct {
	w       *bufio.Writer
	outside hash.Hash // of the lines outside the tables
}

func (d *dumper) line(text string) {
	io.WriteString(d.outside, text)
	d.w.WriteString(text)
}

func (d *dumper) table(tx *Tx, t table) error {
	digest := sha256.New()
	out := bufio.NewWriterSize(io.MultiWriter(d.w, digest), 1<<16)
	out.WriteString(t.line())
	var rows int64
	var err error
	if tx.engine == Postgres {
		rows, err = tx.copyTo(out, "copy ("+t.selection(Postgres)+") to stdout")
	} else {
		rows, err = tx.writeRows(out, t)
	}
	if err != nil {
		return err
	}
	out.WriteString("\\.\n")
	if err := out.Flush(); err != nil {
		return err
	}
	d.line(fmt.Sprintf("rows %d sha256 %x\n", rows, digest.Sum(nil)))
	return nil
}

// writeRows writes the rows of a table of SQLite. It speaks to the driver itself: package database/sql would
// copy each value twice, which is most of the time of a dump.
func (tx *Tx) writeRows(w io.Writer, t table) (count int64, err error) {
	err = tx.conn.Raw(func(dc any) error {
		rows, err := dc.(driver.QueryerContext).QueryContext(tx.ctx, t.selection(SQLite), nil)
		if err != nil {
			return err
		}
		defer rows.Close()
		values := make([]driver.Value, len(t.columns))
		var line []byte
		for ; ; count++ {
			if count%1024 == 0 && tx.ctx.Err() != nil {
				return tx.ctx.Err()
			}
			if err := rows.Next(values); errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				return err
			}
			line = line[:0]
			for i, c := range t.columns {
				if i > 0 {
					line = append(line, '\t')
				}
				if line, err = appendValue(line, c.kind, values[i]); err != nil {
					return fmt.Errorf("row %d, column %s: %w", count+1, c.name, err)
				}
			}
			line = append(line, '\n')
			if len(line) > maxRow {
				return fmt.Errorf("row %d is longer than a dump allows (1 GiB)", count+1)
			}
			if _, err := w.Write(line); err != nil {
				return err
			}
		}
	})
	return count, tx.note(err)
}
