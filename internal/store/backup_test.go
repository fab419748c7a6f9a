package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

// TestBackupTo copies while somebody writes pairs of rows in one transaction each.
func TestBackupTo(t *testing.T) {
	db := storetest.SQLite(t)
	stop, stopped := make(chan struct{}), make(chan error)
	go func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				stopped <- nil
				return
			default:
			}
			err := db.Write(context.Background(), func(tx *store.Tx) error {
				if err := set(fmt.Sprint("n", i), strings.Repeat("x", 1000))(tx); err != nil {
					return err
				}
				_, err := tx.Exec("insert into lease (name, holder, until) values ($1, $2, $3)", fmt.Sprint("n", i), "h", i)
				return err
			})
			if err != nil {
				stopped <- err
				return
			}
		}
	}()
	dir := t.TempDir()
	for i := range 5 {
		path := filepath.Join(dir, fmt.Sprint(i, ".db"))
		if err := db.BackupTo(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		copied := storetest.Open(t, "sqlite:"+path)
		var names, leases int
		err := copied.Read(t.Context(), func(tx *store.Tx) error {
			return tx.QueryRow("select (select count(*) from setting), (select count(*) from lease)").Scan(&names, &leases)
		})
		if err != nil || names != leases {
			t.Errorf("a copy with %d of one and %d of the other, %v", names, leases, err)
		}
		if found, err := copied.CheckIntegrity(t.Context()); err != nil || len(found) > 0 {
			t.Errorf("the copy: %v, %v", found, err)
		}
		if err := copied.Write(t.Context(), set("new", "1")); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "same.db")
	if err := db.BackupTo(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(dumped(t, db), dumped(t, storetest.Open(t, "sqlite:"+path))) {
		t.Error("the copy holds other rows")
	}
}

func TestBackupToRefuses(t *testing.T) {
	db := storetest.SQLite(t)
	dir := t.TempDir()
	there := filepath.Join(dir, "there.db")
	if err := os.WriteFile(there, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := db.BackupTo(t.Context(), there); !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v", err)
	}
	if content, _ := os.ReadFile(there); string(content) != "precious" {
		t.Error("the file was written over")
	}
	if err := db.BackupTo(t.Context(), filepath.Join(dir, "none", "a.db")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := db.BackupTo(ctx, filepath.Join(dir, "late.db")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		if db.Engine() == store.SQLite {
			return
		}
		if err := db.BackupTo(t.Context(), filepath.Join(dir, "pg.db")); err == nil || !strings.Contains(err.Error(), "dump") {
			t.Errorf("got %v", err)
		}
	})
}
