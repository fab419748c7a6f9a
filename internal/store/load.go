package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"modernc.org/sqlite"
)

// Load fills the empty database with a dump (docs/formats/dump.md), made on either engine by this program or by
// an older one, and brings the schema up to date. It keeps all of the dump or nothing: a dump that was cut
// off, changed or damaged is refused, and so is a database that holds rows already.
func (db *DB) Load(ctx context.Context, r io.Reader) error {
	if db.write == nil {
		return ErrReadOnly
	}
	read := false
	err := db.alter(ctx, func(tx *Tx) error {
		if read {
			return errors.New("the transaction was lost, and the dump can be read only once: start again")
		}
		read = true
		return tx.load(newDumpReader(endingReader{ctx, r}), db.steps)
	})
	if err != nil {
		return fmt.Errorf("loading the dump: %w", err)
	}
	if db.engine == Postgres {
		err := db.alter(ctx, func(tx *Tx) error { _, err := tx.Exec("analyze"); return err })
		if err != nil { // the server does so by itself before long
			db.log.Warn("the statistics of the tables could not be brought up to date", "error", err)
		}
	}
	return db.distribute(ctx)
}

// endingReader is a reader that ends with its context.
type endingReader struct {
	ctx context.Context
	r   io.Reader
}

func (p endingReader) Read(b []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	return p.r.Read(b)
}

func (tx *Tx) load(d *dumpReader, steps []migration) error {
	version, err := d.header()
	if err != nil {
		return err
	}
	if newest := newest(steps); version > newest {
		return fmt.Errorf("%w: the dump has schema %d, this program knows %d; use the newer program", ErrNewer, version, newest)
	}
	if err := tx.empty(steps); err != nil {
		return err
	}
	have, err := tx.version()
	if err != nil {
		return err
	}
	if version < have { // the history is gone through again, and the rows come in where they belong
		if err := tx.dropAll(); err != nil {
			return fmt.Errorf("making room for schema %d: %w", version, err)
		}
		have = 0
	}
	if err := tx.applyBetween(steps, have, version); err != nil {
		return err
	}
	tables, err := tx.tables(steps)
	if err != nil {
		return err
	}
	for _, t := range slices.Backward(tables) { // the history may have put rows in
		if slices.Contains(seeded(steps), t.name) {
			if _, err := tx.Exec(`delete from "` + t.name + `"`); err != nil {
				return fmt.Errorf("table %s: %w", t.name, err)
			}
		}
	}
	if err := tx.loadTables(d, tables); err != nil {
		return err
	}
	return tx.applyBetween(steps, version, newest(steps))
}

// applyBetween runs the steps after version from up to version to.
func (tx *Tx) applyBetween(steps []migration, from, to int) error {
	for _, step := range steps {
		if from < step.version && step.version <= to {
			if err := tx.apply(step); err != nil {
				return fmt.Errorf("migrating to %04d_%s: %w", step.version, step.name, err)
			}
		}
	}
	return nil
}

// seeded lists the tables that the history itself puts rows into.
func seeded(steps []migration) []string {
	var names []string
	for _, step := range steps {
		for _, found := range seededTable.FindAllStringSubmatch(step.common+"\n"+step.own, -1) {
			names = append(names, found[1])
		}
	}
	return names
}

// empty is nil when the database holds no rows but the history's own.
func (tx *Tx) empty(steps []migration) error {
	tables, err := tx.tables(steps)
	if err != nil {
		return err
	}
	for _, t := range tables {
		if slices.Contains(seeded(steps), t.name) {
			continue
		}
		var n int
		if err := tx.QueryRow(`select count(*) from (select 1 from "` + t.name + `" limit 1) as any_row`).Scan(&n); err != nil {
			return err
		}
		if n > 0 {
			return fmt.Errorf("the database holds rows already (table %s); load into a new, empty one", t.name)
		}
	}
	return nil
}

const selectIndexesSQLite = `
select name, sql
from sqlite_master
where type = 'index'
  and lower(sql) like 'create index %'
order by rowid`

// loadTables reads the tables of the dump into those of the schema, which must be the same.
func (tx *Tx) loadTables(d *dumpReader, tables []table) error {
	if tx.engine == Postgres {
		return tx.loadRows(d, tables)
	}
	// An index is made several times as fast from all rows at once as row by row.
	indexes, err := tx.pairs(selectIndexesSQLite)
	if err != nil {
		return err
	}
	for _, index := range indexes {
		if _, err := tx.Exec(`drop index "` + index[0] + `"`); err != nil {
			return err
		}
	}
	// A row may refer to one that comes later in its table.
	if _, err := tx.Exec("pragma defer_foreign_keys = on"); err != nil {
		return err
	}
	if err := tx.loadRows(d, tables); err != nil {
		return err
	}
	for _, index := range indexes {
		if _, err := tx.Exec(index[1]); err != nil {
			return err
		}
	}
	return tx.allReferencesMet()
}

func (tx *Tx) loadRows(d *dumpReader, tables []table) error {
	missing := map[string]table{}
	for _, t := range tables {
		missing[t.name] = t
	}
	for {
		t, err := d.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		ours, found := missing[t.name]
		if !found {
			return fmt.Errorf("the schema has no table %s", t.name)
		}
		delete(missing, t.name)
		if err := sameColumns(t, ours); err != nil {
			return err
		}
		if tx.engine == Postgres {
			err = tx.loadPostgres(d, t)
		} else {
			err = tx.loadSQLite(d, t)
		}
		if err != nil {
			return err
		}
	}
	for name := range missing {
		return fmt.Errorf("the dump has no table %s, which its schema has", name)
	}
	return nil
}

func sameColumns(theirs, ours table) error {
	kindOf := map[string]kind{}
	for _, c := range ours.columns {
		kindOf[c.name] = c.kind
	}
	for _, c := range theirs.columns {
		if kindOf[c.name] != c.kind {
			return fmt.Errorf("table %s: the schema has no column %s of type %s", theirs.name, c.name, c.kind)
		}
	}
	if len(theirs.columns) != len(ours.columns) {
		return fmt.Errorf("table %s: the dump has %d columns, the schema %d", theirs.name, len(theirs.columns), len(ours.columns))
	}
	return nil
}

// valuesAtOnce is about how many values one insert carries: more give no gain.
const valuesAtOnce = 100

func (tx *Tx) loadSQLite(d *dumpReader, t table) error {
	width := len(t.columns)
	atOnce := max(1, valuesAtOnce/width)
	full := t.insertion(atOnce)
	args := make([]any, 0, atOnce*width)
	flush := func() error {
		statement := full
		if len(args) < atOnce*width {
			statement = t.insertion(len(args) / width)
		}
		_, err := tx.Exec(statement, args...)
		clear(args)
		args = args[:0]
		if err != nil {
			return fmt.Errorf("table %s, before row %d: %w", t.name, d.rows+1, err)
		}
		return nil
	}
	for size := 0; ; {
		line, values, err := d.row()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		for i, c := range t.columns {
			switch v := values[i]; {
			case v.null:
				args = append(args, nil)
			case c.kind == kindInteger:
				args = append(args, v.number)
			case c.kind == kindText:
				args = append(args, string(v.data))
			default:
				args = append(args, append(make([]byte, 0, len(v.data)), v.data...))
			}
		}
		size += len(line)
		if len(args) == atOnce*width || size > 1<<20 {
			if err := flush(); err != nil {
				return err
			}
			size = 0
		}
	}
	if len(args) > 0 {
		return flush()
	}
	return nil
}

// insertion is SQLite's statement that inserts so many rows. Its places have no names, because the driver
// looks a name up among all others.
func (t table) insertion(rows int) string {
	row := "(" + strings.TrimSuffix(strings.Repeat("?, ", len(t.columns)), ", ") + ")"
	return fmt.Sprintf(`insert into "%s" (%s) values %s`, t.name, t.names(), strings.TrimSuffix(strings.Repeat(row+", ", rows), ", "))
}

func (tx *Tx) loadPostgres(d *dumpReader, t table) error {
	stream := &rowStream{d: d}
	loaded, err := tx.copyFrom(stream, fmt.Sprintf(`copy "%s" (%s) from stdin`, t.name, t.names()))
	switch read := stream.end(); {
	case read != nil && !errors.Is(read, io.EOF):
		return read // the cause; the server only repeats it
	case err != nil:
		return fmt.Errorf("table %s: %w", t.name, err)
	case loaded != d.rows:
		return fmt.Errorf("table %s: the server took %d of %d rows", t.name, loaded, d.rows)
	}
	return nil
}

// rowStream gives the checked rows of the dump's table as one text. Where the connection breaks, the driver may
// read on in another goroutine after it has returned; end keeps it off.
type rowStream struct {
	mu   sync.Mutex
	d    *dumpReader
	rest []byte // of the row that is being given
	feed bool   // its line feed is still to be given
	err  error
}

// end stops the reading and gives the error that it has come to, io.EOF at the table's end.
func (s *rowStream) end() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	reached := s.err
	s.rest, s.feed, s.err = nil, false, io.ErrClosedPipe
	return reached
}

func (s *rowStream) Read(p []byte) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n < len(p) {
		switch {
		case len(s.rest) > 0:
			k := copy(p[n:], s.rest)
			s.rest = s.rest[k:]
			n += k
		case s.feed:
			p[n] = '\n'
			n++
			s.feed = false
		case s.err != nil:
			if n > 0 {
				return n, nil
			}
			return 0, s.err
		default:
			if s.rest, _, s.err = s.d.row(); s.err == nil {
				s.feed = true
			}
		}
	}
	return n, nil
}

// allReferencesMet finds the foreign keys of SQLite that were left open.
func (tx *Tx) allReferencesMet() error {
	var open int
	err := tx.conn.Raw(func(dc any) (err error) {
		open, _, err = dc.(sqlite.DBStatus).Status(sqlite.DBStatusDeferredFKs, false)
		return err
	})
	if err == nil && open > 0 {
		err = errors.New("a row refers to another that is not in the dump")
	}
	return err
}

const (
	selectOwnTablesSQLite = `
select l.name
from pragma_table_list l
join sqlite_master     m on m.name = l.name
where l.schema = 'main'
  and l.type in ('table', 'virtual')
  and l.name not like 'sqlite!_%' escape '!'
order by l.type desc, m.rowid desc`

	selectOwnTablesPostgres = `
select c.oid::regclass::text
from pg_catalog.pg_class c
where c.relnamespace = current_schema()::regnamespace
  and c.relkind in ('r', 'p')
  and not exists (select 1 from pg_catalog.pg_depend d where d.objid = c.oid and d.deptype = 'e')
order by c.oid desc`

	selectOwnFunctionsPostgres = `
select p.oid::regprocedure::text
from pg_catalog.pg_proc p
where p.pronamespace = current_schema()::regnamespace
  and p.prokind = 'f'
  and not exists (select 1 from pg_catalog.pg_depend d where d.objid = p.oid and d.deptype = 'e')
order by p.oid desc`
)

// dropAll takes the schema away, down to schema version 0.
func (tx *Tx) dropAll() error {
	if tx.engine == SQLite {
		names, err := tx.names(selectOwnTablesSQLite)
		if err != nil {
			return err
		}
		for _, name := range names {
			if _, err := tx.Exec(`drop table "` + name + `"`); err != nil {
				return err
			}
		}
		return nil
	}
	for _, drop := range [][2]string{{selectOwnTablesPostgres, "drop table "}, {selectOwnFunctionsPostgres, "drop function "}} {
		names, err := tx.names(drop[0])
		if err != nil {
			return err
		}
		for _, name := range names {
			if _, err := tx.Exec(drop[1] + name + " cascade"); err != nil {
				return err
			}
		}
	}
	return nil
}
