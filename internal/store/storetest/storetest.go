// Package storetest runs a test on every engine that package store supports.
//
// SQLite always runs, on a file of its own. PostgreSQL runs on the server that TEST_POSTGRES_URL names, or
// else on one that this package starts for the test process where PostgreSQL is installed. Citus runs on the
// server that TEST_CITUS_URL names. TEST_POSTGRES_URL=none goes without PostgreSQL. An engine that does not
// run is a skipped subtest that says why.
package storetest

import (
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"rostrum.example/internal/store"
)

// engine is one place to run a contract. fresh gives the URL of an empty database that goes away with the
// test, or skips the test and says why.
type engine struct {
	name  string
	fresh func(testing.TB) string
}

var engines = []engine{
	{"sqlite", freshSQLite},
	{"postgres", freshPostgres},
	{"citus", freshCitus},
}

// Each runs fn as a subtest on every engine, with a database that is migrated, holds nothing else and is
// closed and removed when the subtest ends. fn may close it earlier.
func Each(t *testing.T, fn func(t *testing.T, db *store.DB)) {
	t.Helper()
	EachURL(t, func(t *testing.T, url string) { fn(t, Open(t, url)) })
}

// EachURL is Each for tests that open the database themselves: url names an empty database, not yet migrated.
func EachURL(t *testing.T, fn func(t *testing.T, url string)) {
	t.Helper()
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) { fn(t, e.fresh(t)) })
	}
}

// Bench is Each for benchmarks.
func Bench(b *testing.B, fn func(b *testing.B, db *store.DB)) {
	b.Helper()
	for _, e := range engines {
		b.Run(e.name, func(b *testing.B) { fn(b, Open(b, e.fresh(b))) })
	}
}

// SQLite opens a fresh SQLite database, for tests of what does not depend on the engine.
func SQLite(tb testing.TB) *store.DB {
	tb.Helper()
	return Open(tb, freshSQLite(tb))
}

// Open opens the database at url and closes it when the test ends.
func Open(tb testing.TB, url string) *store.DB {
	tb.Helper()
	db, err := store.Open(tb.Context(), store.Options{URL: url})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Errorf("closing the database: %v", err)
		}
	})
	return db
}

func freshSQLite(tb testing.TB) string {
	return "sqlite:" + filepath.Join(tb.TempDir(), "rostrum.db")
}

func freshPostgres(tb testing.TB) string {
	tb.Helper()
	switch server := os.Getenv("TEST_POSTGRES_URL"); server {
	case "none":
		tb.Skip("not run on PostgreSQL: TEST_POSTGRES_URL is none")
		return ""
	case "":
		return freshSchema(tb, startedServer(tb), false)
	default:
		return freshSchema(tb, server, true)
	}
}

func freshCitus(tb testing.TB) string {
	tb.Helper()
	server := os.Getenv("TEST_CITUS_URL")
	if server == "" {
		tb.Skip("not run on Citus: TEST_CITUS_URL is not set")
	}
	return freshSchema(tb, server, true)
}

// freshSchema makes a schema in the database at server and gives the URL that works inside it. A schema is made
// in a millisecond and needs no right to create databases. It is removed with the test, unless the server
// itself goes away with the process.
func freshSchema(tb testing.TB, server string, remove bool) string {
	tb.Helper()
	u, err := url.Parse(server)
	if err != nil {
		tb.Fatalf("the test server's URL: %v", err)
	}
	schema := "test_" + randomHex()
	onServer := func(statement string) error {
		pool, err := sql.Open("pgx", server) // the driver comes with package store
		if err != nil {
			return err
		}
		defer pool.Close()
		_, err = pool.Exec(statement)
		return err
	}
	if err := onServer("create schema " + schema); err != nil {
		tb.Fatalf("making a schema on the test server: %v", err)
	}
	if remove {
		tb.Cleanup(func() {
			if err := onServer("drop schema " + schema + " cascade"); err != nil {
				tb.Errorf("removing the schema from the test server: %v", err)
			}
		})
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String()
}

func randomHex() string {
	var b [8]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

func startedServer(tb testing.TB) string {
	tb.Helper()
	server, missing, err := startOnce()
	switch {
	case err != nil:
		tb.Fatal(fmt.Errorf("starting PostgreSQL for the tests: %w; name a server in TEST_POSTGRES_URL, or set it to none", err))
	case missing != "":
		tb.Skip("not run on PostgreSQL: " + missing)
	}
	return server
}
