package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// BackupTo writes a copy of the SQLite database, as of one instant, to a new file at path. Writers go on
// meanwhile. The file appears whole and flushed to the disk, or not at all; one that is there already is not
// touched. PostgreSQL has no file to copy: there, and for a copy that either engine reads, is Dump.
func (db *DB) BackupTo(ctx context.Context, path string) error {
	err := db.backupTo(ctx, path)
	if err != nil {
		return fmt.Errorf("copying the database to %s: %w", path, err)
	}
	return nil
}

func (db *DB) backupTo(ctx context.Context, path string) error {
	if db.engine != SQLite {
		return errors.New("only SQLite's file can be copied; make a dump instead")
	}
	if !db.gate.enter() {
		return ErrClosed
	}
	defer db.gate.leave()
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("%w; name a new file", fs.ErrExist)
	}
	folder, err := os.MkdirTemp(filepath.Dir(path), ".backup-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	copied := filepath.Join(folder, "copy.db")
	if err := db.vacuumInto(ctx, copied); err != nil {
		return classify(err)
	}
	if info, err := os.Stat(db.place); err != nil {
		return err
	} else if err := os.Chmod(copied, info.Mode().Perm()); err != nil {
		return err
	}
	if err := flush(copied); err != nil {
		return err
	}
	// A link spares a file that has come meanwhile; not every file system has links.
	if err := os.Link(copied, path); errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%w; name a new file", fs.ErrExist)
	} else if err != nil {
		if err := os.Rename(copied, path); err != nil {
			return err
		}
	}
	if runtime.GOOS == "windows" { // has no way to flush a folder
		return nil
	}
	return flush(filepath.Dir(path))
}

// vacuumInto uses a connection of its own, because those that read may write nowhere.
func (db *DB) vacuumInto(ctx context.Context, path string) error {
	dsn, err := sqliteDSN(db.place, true)
	if err != nil {
		return err
	}
	pool, err := sql.Open("sqlite", dsn)
	if err != nil {
		return err
	}
	defer pool.Close()
	_, err = pool.ExecContext(ctx, "vacuum into $1", path)
	return err
}

// flush waits until the file or folder has reached the disk.
func flush(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
