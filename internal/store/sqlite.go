package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"modernc.org/sqlite" // the driver "sqlite", written in Go
	sqlite3 "modernc.org/sqlite/lib"
)

// busyTimeout is how long a statement waits for another program that writes, in milliseconds.
const busyTimeout = "10000"

// How often, and after which pause, the first connection to a file that is busy is tried again: ten seconds.
const (
	busyTries = 200
	busyPause = 50 * time.Millisecond
)

func isBusy(err error) bool {
	var lite *sqlite.Error
	return errors.As(err, &lite) && lite.Code()&0xff == sqlite3.SQLITE_BUSY
}

// cacheSize bounds the memory of a connection's page cache, in KiB with a minus. With SQLite's own bound of
// 2 MB a large transaction reads and writes its pages over and over.
const cacheSize = "-32768"

// walLimit is the size in bytes to which the write-ahead log is cut back after a checkpoint.
const walLimit = "67108864"

func (db *DB) openSQLite(ctx context.Context, path string, readOnly bool) error {
	db.place = path
	if path == "" {
		return errors.New("opening the database: sqlite: names no file; write sqlite:PATH")
	}
	if !readOnly {
		if err := db.openWriter(ctx); err != nil {
			return openError(path, err)
		}
	}
	dsn, err := sqliteDSN(path, readOnly, "query_only(1)")
	if err != nil {
		return openError(path, err)
	}
	r, err := sql.Open("sqlite", dsn)
	if err != nil {
		return openError(path, err)
	}
	readers := max(4, 2*runtime.GOMAXPROCS(0))
	r.SetMaxOpenConns(readers)
	r.SetMaxIdleConns(readers)
	db.read = newReadPool(r, readers)
	var tables int
	if err := r.QueryRowContext(ctx, "select count(*) from sqlite_master").Scan(&tables); err != nil {
		return openError(path, err)
	}
	return nil
}

func (db *DB) openWriter(ctx context.Context) error {
	// A new database is its owner's alone: it holds personal data. Its -wal and -shm take over the mode.
	if f, err := os.OpenFile(db.place, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600); err == nil {
		f.Close()
	}
	dsn, err := sqliteDSN(db.place, false,
		"journal_mode(wal)", "synchronous(full)", "fullfsync(1)", "secure_delete(1)", "journal_size_limit("+walLimit+")")
	if err != nil {
		return err
	}
	w, err := sql.Open("sqlite", dsn)
	if err != nil {
		return err
	}
	w.SetMaxOpenConns(1)
	conn, err := w.Conn(ctx)
	// SQLite does not wait for another program that turns the same new file to a write-ahead log, so this one does.
	for tries := 0; err != nil && isBusy(err) && tries < busyTries; tries++ {
		select {
		case <-ctx.Done():
			err = ctx.Err()
		case <-time.After(busyPause):
			conn, err = w.Conn(ctx)
		}
	}
	if err != nil {
		w.Close()
		return err
	}
	// Where it may not write, SQLite opens for reading without a word.
	err = conn.Raw(func(dc any) error {
		protected, err := dc.(interface{ IsReadOnly(string) (bool, error) }).IsReadOnly("main")
		if err == nil && protected {
			err = errProtected
		}
		return err
	})
	var mode string
	if err == nil {
		err = conn.QueryRowContext(ctx, "pragma journal_mode").Scan(&mode)
	}
	if err == nil && mode != "wal" {
		err = fmt.Errorf("its file system cannot keep a write-ahead log (journal mode %s); use a local disk, or PostgreSQL", mode)
	}
	if err != nil {
		conn.Close()
		w.Close()
		return err
	}
	db.write = newGroupWriter(db, w, conn)
	return nil
}

var errProtected = errors.New("the file is protected from writing")

// sqliteDSN names the file for the driver. A path may hold any character.
func sqliteDSN(path string, readOnly bool, pragmas ...string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	abs = filepath.ToSlash(abs)
	if !strings.HasPrefix(abs, "/") {
		abs = "/" + abs // a drive's letter
	}
	q := url.Values{"_pragma": append([]string{"busy_timeout(" + busyTimeout + ")", "foreign_keys(1)", "trusted_schema(0)", "cache_size(" + cacheSize + ")"}, pragmas...)}
	if readOnly {
		q.Set("mode", "ro")
	}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: abs}).EscapedPath(), RawQuery: q.Encode()}).String(), nil
}

// openError says why the file at path does not open and what to do about it.
func openError(path string, err error) error {
	err = classify(err)
	next := ""
	folder := filepath.Dir(path)
	grant := "give this program's user the right to read and write the file and the folder " + folder
	var lite *sqlite.Error
	switch {
	case errors.Is(err, ErrFull):
		next = "free some space and start again"
	case errors.Is(err, ErrDamaged):
		next = "keep a copy of the file and of its -wal neighbour, and restore the newest backup"
	case errors.Is(err, errProtected):
		next = grant
	case errors.As(err, &lite):
		info, statErr := os.Stat(path)
		switch code := lite.Code() & 0xff; {
		case code == sqlite3.SQLITE_NOTADB:
			next = "it is not a database of this program; name another file, or restore a backup"
		case code == sqlite3.SQLITE_BUSY:
			next = "another program is writing to it; stop that program or wait until it is done"
		case statErr == nil && info.IsDir():
			next = "it is a folder; name a file in it"
		case code == sqlite3.SQLITE_CANTOPEN && errors.Is(statErr, fs.ErrNotExist):
			if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
				next = "there is no folder " + folder + "; create it"
			} else {
				next = "there is no such file, and none can be made in " + folder + "; give this program's user the right to write there"
			}
		case code == sqlite3.SQLITE_CANTOPEN, code == sqlite3.SQLITE_READONLY, code == sqlite3.SQLITE_PERM:
			next = grant
		}
	}
	if next != "" {
		return fmt.Errorf("opening the database %s: %w: %s", path, err, next)
	}
	return fmt.Errorf("opening the database %s: %w", path, err)
}
