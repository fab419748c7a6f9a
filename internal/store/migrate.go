package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
)

// The files migrations/NNNN_name.sql are the schema's history, forward only. A step that the engines spell
// differently stands beside it as NNNN_name.sqlite.sql and NNNN_name.postgres.sql and runs after it.
// Each step works in three states: not yet applied, applied while the former program still runs, in use.
// What the common files create is the record, and is dumped; what an engine's file creates can be made
// anew from it.
//
//go:embed migrations/*.sql
var migrations embed.FS

// migration is one step of the history for one engine.
type migration struct {
	version int
	name    string
	common  string // what both engines run
	own     string // what only this engine runs after it, or ""
}

var migrationName = regexp.MustCompile(`^(\d{4})_([a-z][a-z0-9_]*)(?:\.(sqlite|postgres))?\.sql$`)

// history lists the migrations for an engine in ascending order. Each version has one common file.
func history(files fs.FS, engine Engine) ([]migration, error) {
	entries, err := fs.ReadDir(files, "migrations")
	if err != nil {
		return nil, err
	}
	steps := map[int]*migration{}
	for _, entry := range entries {
		parts := migrationName.FindStringSubmatch(entry.Name())
		if parts == nil {
			return nil, fmt.Errorf("migration %s: its name is not NNNN_name.sql, NNNN_name.sqlite.sql or NNNN_name.postgres.sql", entry.Name())
		}
		text, err := fs.ReadFile(files, "migrations/"+entry.Name())
		if err != nil {
			return nil, err
		}
		version, _ := strconv.Atoi(parts[1])
		step := steps[version]
		if step == nil {
			step = &migration{version: version, name: parts[2]}
			steps[version] = step
		}
		if step.name != parts[2] {
			return nil, fmt.Errorf("migration %s: number %s is taken by %s", entry.Name(), parts[1], step.name)
		}
		switch Engine(parts[3]) {
		case "":
			step.common = string(text)
		case engine:
			step.own = string(text)
		}
	}
	all := make([]migration, 0, len(steps))
	for _, step := range steps {
		all = append(all, *step)
	}
	slices.SortFunc(all, func(a, b migration) int { return a.version - b.version })
	for _, step := range all {
		if step.common == "" {
			return nil, fmt.Errorf("migration %04d_%s: it has no common file; if the engines share nothing, let it hold a comment that says so", step.version, step.name)
		}
	}
	return all, nil
}

// Newest is the schema version that this program writes.
func Newest() int {
	steps, err := history(migrations, SQLite)
	if err != nil {
		return 0 // the tests hold that it cannot be
	}
	return newest(steps)
}

func newest(steps []migration) int {
	if len(steps) == 0 {
		return 0
	}
	return steps[len(steps)-1].version
}

// Version is the schema version of the database; 0 means that it is empty.
func (db *DB) Version(ctx context.Context) (int, error) {
	var version int
	err := db.Read(ctx, func(tx *Tx) (err error) {
		version, err = tx.version()
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("reading the schema version: %w", err)
	}
	return version, nil
}

func (tx *Tx) version() (version int, err error) {
	found, err := tx.hasTable("schema_version")
	if err != nil || !found {
		return 0, err
	}
	err = tx.QueryRow(selectVersion).Scan(&version)
	return version, err
}

const (
	countTableSQLite = `
select count(*)
from sqlite_master
where type = 'table' and name = $1`

	countTablePostgres = `
select count(*)
from pg_catalog.pg_tables
where schemaname = current_schema() and tablename = $1`

	selectVersion = `
select coalesce(max(version), 0)
from schema_version`

	insertVersion = `
insert into schema_version (version, name)
values ($1, $2)`

	lockSchemaPostgres = `
select pg_advisory_xact_lock(hashtext('rostrum ' || current_schema()))`
)

func (tx *Tx) hasTable(name string) (bool, error) {
	query := countTableSQLite
	if tx.engine == Postgres {
		query = countTablePostgres
	}
	var n int
	err := tx.QueryRow(query, name).Scan(&n)
	return n > 0, err
}

// checkVersion gives the database's schema version unless it is newer than this program.
func (db *DB) checkVersion(ctx context.Context) (int, error) {
	have, err := db.Version(ctx)
	if err != nil {
		return 0, err
	}
	if newest := newest(db.steps); have > newest {
		return 0, fmt.Errorf("%w: it has schema %d, this program knows %d; run the newer program, or restore a backup made before the upgrade", ErrNewer, have, newest)
	}
	return have, nil
}

// Migrate brings the schema up to date, each step in a transaction of its own. Several programs may do so at
// once. On PostgreSQL with the extension citus the tables are distributed afterwards.
func (db *DB) Migrate(ctx context.Context) error {
	if db.write == nil {
		return ErrReadOnly
	}
	have, err := db.checkVersion(ctx)
	if err != nil {
		return err
	}
	for _, step := range db.steps {
		if step.version <= have {
			continue
		}
		err := db.alter(ctx, func(tx *Tx) error {
			if have, err := tx.version(); err != nil || have >= step.version {
				return err // another program was quicker
			}
			return tx.apply(step)
		})
		if err != nil {
			return fmt.Errorf("migrating the database to %04d_%s: %w", step.version, step.name, err)
		}
		db.log.Info("database migrated", "step", step.name, "version", step.version)
	}
	return db.distribute(ctx)
}

// apply runs one step and notes it.
func (tx *Tx) apply(step migration) error {
	for _, text := range []string{step.common, step.own} {
		if _, err := tx.Exec(text); err != nil {
			return err
		}
	}
	_, err := tx.Exec(insertVersion, step.version, step.name)
	return err
}

// alter runs fn in a transaction that may change the schema, while no other program's alter runs.
func (db *DB) alter(ctx context.Context, fn func(*Tx) error) error {
	if !db.gate.enter() {
		return ErrClosed
	}
	defer db.gate.leave()
	w, ok := db.write.(*serialWriter)
	if !ok {
		return db.write.do(ctx, fn) // SQLite has one writer
	}
	// Read committed, because each statement then sees what was committed while this transaction waited for
	// the lock; a serializable one would go on with what it saw before.
	tx, err := w.once(ctx, sql.LevelReadCommitted, func(tx *Tx) error {
		if _, err := tx.Exec(lockSchemaPostgres); err != nil {
			return err
		}
		return fn(tx)
	})
	if err != nil {
		return err
	}
	w.db.changes.Add(1)
	tx.committed()
	return nil
}
