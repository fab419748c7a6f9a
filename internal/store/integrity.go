package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Finding is something that an operator should know of the database, and what to do about it.
type Finding struct {
	// Grave: rows are damaged, or an answer "it is kept" may not be true.
	Grave bool
	// Text says what was found, and where.
	Text string
	// Next says what to do.
	Next string
}

// oldestPostgres is the oldest version of PostgreSQL that its makers still mend, as server_version_num.
const oldestPostgres = 140000

const restoreBackup = "stop the program, keep a copy of the file and of its -wal neighbour, and restore the newest backup"

// CheckIntegrity looks for damage in the rows and for settings under which what is said to be kept may be lost. It
// reads the whole of an SQLite database. No finding means that nothing was found.
func (db *DB) CheckIntegrity(ctx context.Context) ([]Finding, error) {
	var found []Finding
	err := db.Read(ctx, func(tx *Tx) (err error) {
		if db.engine == SQLite {
			found, err = tx.checkSQLite(db.steps)
		} else {
			found, err = tx.checkPostgres()
		}
		return err
	})
	if errors.Is(err, ErrDamaged) {
		return append(found, Finding{true, "the database is damaged: " + err.Error(), restoreBackup}), nil
	}
	if err != nil {
		return nil, fmt.Errorf("checking the database: %w", err)
	}
	return found, nil
}

const selectBrokenReferencesSQLite = `
select "table", count(*), "parent"
from pragma_foreign_key_check
group by "table", "parent"
order by "table", "parent"`

func (tx *Tx) checkSQLite(steps []migration) ([]Finding, error) {
	var found []Finding
	problems, err := tx.names("pragma integrity_check(20)")
	if err != nil {
		return nil, err
	}
	for _, problem := range problems {
		if problem != "ok" {
			found = append(found, Finding{true, "the database file is damaged: " + problem, restoreBackup})
		}
	}
	if len(found) > 0 {
		return found, nil // what follows would stumble over the damage
	}
	rows, err := tx.Query(selectBrokenReferencesSQLite)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var from, to string
		var n int
		if err := rows.Scan(&from, &n, &to); err != nil {
			return nil, err
		}
		found = append(found, Finding{true,
			fmt.Sprintf("%d rows of table %s refer to rows of table %s that are not there", n, from, to),
			"another program has changed the file; restore the newest backup, or ask the program's makers with a copy of the file"})
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	tables, err := tx.tables(steps)
	if err != nil {
		return nil, err
	}
	for _, t := range tables {
		wrong, err := tx.checkTypes(t)
		if err != nil {
			return nil, err
		}
		found = append(found, wrong...)
	}
	return found, nil
}

// storage names the SQLite storage class of a kind of column.
var storage = map[kind]string{kindInteger: "integer", kindText: "text", kindBytes: "blob"}

// checkTypes finds values that SQLite keeps although they are not of their column's type.
func (tx *Tx) checkTypes(t table) ([]Finding, error) {
	var counts []string
	for _, c := range t.columns {
		counts = append(counts, fmt.Sprintf(`coalesce(sum(typeof("%s") not in ('null', '%s')), 0)`, c.name, storage[c.kind]))
	}
	wrong := make([]int, len(t.columns))
	into := make([]any, len(wrong))
	for i := range wrong {
		into[i] = &wrong[i]
	}
	if err := tx.QueryRow(fmt.Sprintf(`select %s from "%s"`, strings.Join(counts, ", "), t.name)).Scan(into...); err != nil {
		return nil, err
	}
	var found []Finding
	for i, n := range wrong {
		if n > 0 {
			found = append(found, Finding{false,
				fmt.Sprintf("%d values in column %s of table %s are not of its type %s", n, t.columns[i].name, t.name, t.columns[i].kind),
				"the program goes on with them, but a move to PostgreSQL may refuse them; please report this as a fault"})
		}
	}
	return found, nil
}

const selectServerPostgres = `
select current_setting('server_version_num')::bigint,
       current_setting('server_version'),
       current_setting('fsync'),
       current_setting('full_page_writes'),
       current_setting('synchronous_commit'),
       current_setting('server_encoding'),
       pg_is_in_recovery()::int`

// server is what a PostgreSQL says of itself.
type server struct {
	number      int64
	version     string
	fsync       string
	fullPages   string
	synchronous string
	encoding    string
	standby     int64
}

func (tx *Tx) checkPostgres() ([]Finding, error) {
	var s server
	err := tx.QueryRow(selectServerPostgres).Scan(&s.number, &s.version, &s.fsync, &s.fullPages, &s.synchronous, &s.encoding, &s.standby)
	if err != nil {
		return nil, err
	}
	return s.findings(), nil
}

func (s server) findings() []Finding {
	var found []Finding
	if s.fsync == "off" {
		found = append(found, Finding{true, "the PostgreSQL server does not wait for its disk (fsync is off): a power cut can destroy the database",
			"set fsync = on in postgresql.conf and restart the server"})
	}
	if s.fullPages == "off" {
		found = append(found, Finding{true, "the PostgreSQL server cannot mend half-written pages (full_page_writes is off)",
			"set full_page_writes = on in postgresql.conf, unless its file system is known to write pages whole"})
	}
	if s.synchronous == "off" {
		found = append(found, Finding{true, "the PostgreSQL server answers before a commit has reached the disk (synchronous_commit is off)",
			"set synchronous_commit = on in postgresql.conf, and let no pooler between the program and the server change it"})
	}
	if s.standby != 0 {
		found = append(found, Finding{true, "the PostgreSQL server is a standby: it takes no writes, and may not have seen the newest",
			"name the primary server in --db"})
	}
	if s.encoding != "UTF8" {
		found = append(found, Finding{true, "the PostgreSQL database keeps text as " + s.encoding + ", which has no place for most of the world's letters",
			"make a new database with encoding UTF8 and load a dump into it"})
	}
	if s.number < oldestPostgres {
		found = append(found, Finding{false, "PostgreSQL " + s.version + " is no longer mended by its makers",
			fmt.Sprintf("upgrade to version %d or later", oldestPostgres/10000)})
	}
	return found
}
