package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

// together runs the functions as one group: a first job holds the writer until all others wait. It gives
// their errors.
func together(t *testing.T, db *store.DB, fns ...func(*store.Tx) error) []error {
	t.Helper()
	hold, held := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		db.Write(context.Background(), func(*store.Tx) error { close(held); <-hold; return nil })
	})
	<-held
	errs := make([]error, len(fns))
	for i, fn := range fns {
		wg.Go(func() { errs[i] = db.Write(context.Background(), fn) })
		store.AwaitWaiting(db, i+1)
	}
	close(hold)
	wg.Wait()
	return errs
}

func TestGroupCommitsOnce(t *testing.T) {
	db := storetest.SQLite(t)
	before := db.Changes()
	var fns []func(*store.Tx) error
	for i := range 50 {
		fns = append(fns, set(fmt.Sprint("n", i), "1"))
	}
	for i, err := range together(t, db, fns...) {
		if err != nil {
			t.Errorf("%d: %v", i, err)
		}
	}
	if n := db.Changes() - before; n != 2 {
		t.Errorf("%d commits for the holder and a group of 50, want 2", n)
	}
	if n := len(settings(t, db)); n != 50 {
		t.Errorf("%d rows, want 50", n)
	}
}

func TestGroupIsolatesFailures(t *testing.T) {
	db := storetest.SQLite(t)
	mine := errors.New("mine")
	errs := together(t, db,
		set("a", "1"),
		func(tx *store.Tx) error { set("x", "1")(tx); return mine },
		set("b", "1"),
		set("a", "2"),
		func(tx *store.Tx) error { set("y", "1")(tx); _, err := tx.Exec("no such statement"); return err },
		set("c", "1"),
	)
	want := []string{"", "mine", "", "key exists", "syntax", ""}
	for i, err := range errs {
		if (err == nil) != (want[i] == "") || err != nil && !strings.Contains(err.Error(), want[i]) {
			t.Errorf("job %d: %v, want %q", i, err, want[i])
		}
	}
	if got := settings(t, db); len(got) != 3 || got["a"] != "1" {
		t.Errorf("settings %v", got)
	}
}

// TestGroupIsolatesPanics: those in the same group as a panic, and after it, are served.
func TestGroupIsolatesPanics(t *testing.T) {
	db := storetest.SQLite(t)
	var recovered any
	fns := []func(*store.Tx) error{set("a", "1"), nil, set("b", "1")}
	fns[1] = func(tx *store.Tx) error { set("x", "1")(tx); panic("boom") }
	hold, held := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		db.Write(context.Background(), func(*store.Tx) error { close(held); <-hold; return nil })
	})
	<-held
	for i, fn := range fns {
		wg.Go(func() {
			defer func() {
				if r := recover(); r != nil {
					recovered = r
				}
			}()
			if err := db.Write(context.Background(), fn); err != nil {
				t.Error(err)
			}
		})
		store.AwaitWaiting(db, i+1)
	}
	close(hold)
	wg.Wait()
	if recovered != "boom" {
		t.Errorf("recovered %v", recovered)
	}
	if got := settings(t, db); len(got) != 2 || got["a"] == "" || got["b"] == "" {
		t.Errorf("settings %v", got)
	}
}

// TestLeavesWhileWaiting: a caller whose context ends before its turn is answered at once, and is not run.
func TestLeavesWhileWaiting(t *testing.T) {
	db := storetest.SQLite(t)
	hold, held := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		db.Write(context.Background(), func(*store.Tx) error { close(held); <-hold; return nil })
	})
	<-held
	ctx, cancel := context.WithCancel(t.Context())
	left := make(chan error)
	go func() { left <- db.Write(ctx, set("a", "1")) }()
	store.AwaitWaiting(db, 1)
	cancel()
	if err := <-left; !errors.Is(err, context.Canceled) { // although the writer is still held
		t.Errorf("got %v", err)
	}
	close(hold)
	wg.Wait()
	if err := db.Write(t.Context(), set("b", "1")); err != nil {
		t.Fatal(err)
	}
	if got := settings(t, db); len(got) != 1 {
		t.Errorf("settings %v", got)
	}
}

// TestContextEndsInTurn: once a job runs it runs to its end, and its caller learns what became of it.
func TestContextEndsInTurn(t *testing.T) {
	db := storetest.SQLite(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := db.Write(ctx, func(tx *store.Tx) error {
		cancel()
		return set("a", "1")(tx)
	})
	if err != nil {
		t.Error(err)
	}
	if got := settings(t, db); len(got) != 1 {
		t.Errorf("settings %v", got)
	}
}

// TestFull fills the database to the brim. SQLite then drops the whole group; those whose rows fit are kept
// nevertheless, the others are told ErrFull, and afterwards the database serves on.
func TestFull(t *testing.T) {
	db := storetest.SQLite(t)
	var pages int
	err := db.Read(t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow("select page_count from pragma_page_count").Scan(&pages)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.WriterControl(db, fmt.Sprintf("pragma max_page_count = %d", pages+10)); err != nil {
		t.Fatal(err)
	}
	large := strings.Repeat("x", 100_000)
	for round := range 3 {
		errs := together(t, db,
			set(fmt.Sprint("a", round), "small"),
			set(fmt.Sprint("b", round), large),
			set(fmt.Sprint("c", round), "small"),
			func(tx *store.Tx) error { // hides the failure and goes on
				set(fmt.Sprint("d", round), large)(tx)
				set(fmt.Sprint("e", round), "small")(tx)
				return nil
			},
			set(fmt.Sprint("f", round), "small"),
		)
		for i, full := range []bool{false, true, false, true, false} {
			if errors.Is(errs[i], store.ErrFull) != full || !full && errs[i] != nil {
				t.Errorf("round %d, job %d: %v", round, i, errs[i])
			}
		}
	}
	if got := settings(t, db); len(got) != 9 {
		t.Errorf("%d rows, want 9", len(got))
	}
	if err := store.WriterControl(db, "pragma max_page_count = 1000000"); err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), set("large", large)); err != nil {
		t.Errorf("with room again: %v", err)
	}
	if found, err := db.CheckIntegrity(t.Context()); err != nil || len(found) > 0 {
		t.Errorf("afterwards: %v, %v", found, err)
	}
}

// TestCommitFails lets the commit itself fail: a reference that is checked only then is left open.
func TestCommitFails(t *testing.T) {
	db := openSample(t, "sqlite:"+t.TempDir()+"/a.db", 2)
	openReference := func(tx *store.Tx) error {
		if _, err := tx.Exec("pragma defer_foreign_keys = on"); err != nil {
			return err
		}
		_, err := tx.Exec("insert into body (org, id, parent) values ($1, $2, $3)", "o", "i", "nobody")
		return err
	}
	errs := together(t, db, set("a", "1"), openReference, set("b", "1"))
	if errs[0] != nil || errs[2] != nil {
		t.Errorf("the others: %v, %v", errs[0], errs[2])
	}
	if errs[1] == nil || !strings.Contains(errs[1].Error(), "FOREIGN KEY") {
		t.Errorf("the one with the open reference: %v", errs[1])
	}
	if got := settings(t, db); len(got) != 2 {
		t.Errorf("settings %v", got)
	}
}

func walSize(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path + "-wal")
	if errors.Is(err, os.ErrNotExist) {
		return 0
	}
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// TestWriteAheadLog: the log is emptied when nobody reads, does not hold up the writer when somebody does, and is
// cut back after it has grown.
func TestWriteAheadLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	db := storetest.Open(t, "sqlite:"+path)
	fill := func(name string) {
		t.Helper()
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			for i := range 100 {
				if err := set(fmt.Sprint(name, i), strings.Repeat("x", 10_000))(tx); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	fill("a")
	if walSize(t, path) == 0 {
		t.Fatal("nothing in the write-ahead log")
	}
	if done := store.Checkpoint(db); !done || walSize(t, path) != 0 {
		t.Errorf("%d bytes left in the write-ahead log", walSize(t, path))
	}
	err := db.Read(t.Context(), func(tx *store.Tx) error {
		if err := tx.QueryRow("select count(*) from setting").Scan(new(int)); err != nil {
			return err
		}
		fill("b")
		if store.Checkpoint(db) { // gives up at once instead of waiting for this reader
			t.Error("the write-ahead log was emptied under a reader")
		}
		fill("c")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	store.Checkpoint(db)
	if n := walSize(t, path); n != 0 {
		t.Errorf("%d bytes left in the write-ahead log", n)
	}
	fill("d")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if n := walSize(t, path); n != 0 {
		t.Errorf("%d bytes left in the write-ahead log after closing", n)
	}
}

// TestWriteAheadLogIsBounded has readers overlap, so that there is always one, while much is written.
func TestWriteAheadLogIsBounded(t *testing.T) {
	grown := func(bound int64) (largest int64) {
		path := filepath.Join(t.TempDir(), "a.db")
		db := storetest.Open(t, "sqlite:"+path)
		store.BoundLog(db, bound)
		// Each reader ends when the next one has begun.
		stop, stopped := make(chan struct{}), make(chan struct{})
		var before chan struct{} // ends the reader before
		go func() {
			defer close(stopped)
			var wg sync.WaitGroup
			defer wg.Wait()
			end := make(chan struct{})
			for {
				mine, begun := end, make(chan struct{})
				wg.Go(func() {
					err := db.Read(context.Background(), func(tx *store.Tx) error {
						err := tx.QueryRow("select count(*) from setting").Scan(new(int))
						close(begun)
						<-mine
						return err
					})
					if err != nil {
						t.Error(err)
					}
				})
				<-begun
				next := make(chan struct{})
				if before != nil {
					close(before)
				}
				before, end = mine, next
				select {
				case <-stop:
					close(mine)
					return
				default:
				}
			}
		}()
		for i := range 40 {
			if err := db.Write(t.Context(), set(fmt.Sprint("n", i), strings.Repeat("x", 200_000))); err != nil {
				t.Fatal(err)
			}
			largest = max(largest, walSize(t, path))
		}
		close(stop)
		<-stopped
		return largest
	}
	const bound = 1 << 20
	if n := grown(bound); n > 3*bound {
		t.Errorf("the write-ahead log grew to %d bytes, three times its bound of %d", n, bound)
	}
	if n := grown(1 << 40); n <= 3*bound {
		t.Errorf("without a bound it grew to %d bytes only: this test shows nothing", n)
	}
}

// TestPrepared runs more different statements than a connection keeps, and changes the schema under one.
func TestPrepared(t *testing.T) {
	db := storetest.SQLite(t)
	for round := range 2 {
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			for i := range 600 {
				var n int
				if err := tx.QueryRow(fmt.Sprintf("select %d + $1", i), round).Scan(&n); err != nil {
					return err
				}
				if n != i+round {
					t.Errorf("%d + %d is %d", i, round, n)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	count := func() (columns int) {
		t.Helper()
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			rows, err := tx.Query("select * from setting where name = $1", "a")
			if err != nil {
				return err
			}
			defer rows.Close()
			names, err := rows.Columns()
			columns = len(names)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return columns
	}
	before := count()
	if err := store.WriterControl(db, "alter table setting add column more text"); err != nil {
		t.Fatal(err)
	}
	if after := count(); after != before+1 {
		t.Errorf("%d columns, then %d", before, after)
	}
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	sound := func(name string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		db, err := store.Open(t.Context(), store.Options{URL: "sqlite:" + path})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		return path
	}
	damaged := sound("damaged.db")
	bytes, err := os.ReadFile(damaged)
	if err != nil {
		t.Fatal(err)
	}
	for i := 100; i < len(bytes); i++ { // all but the header
		bytes[i] = byte(i * 31)
	}
	if err := os.WriteFile(damaged, bytes, 0o600); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name, url string
		readOnly  bool
		want      []string
	}{
		{"no scheme", dir + "/a.db", false, []string{"neither sqlite:PATH nor postgres://"}},
		{"no path", "sqlite:", false, []string{"names no file"}},
		{"not a database", "sqlite:" + write("text.db", strings.Repeat("This is a letter. ", 100)), false, []string{"text.db", "not a database", "restore a backup"}},
		{"damaged", "sqlite:" + damaged, false, []string{"damaged.db", "damaged", "newest backup"}},
		{"a folder", "sqlite:" + dir, false, []string{dir, "it is a folder"}},
		{"no folder", "sqlite:" + filepath.Join(dir, "none", "a.db"), false, []string{"there is no folder", "create it"}},
		{"nothing to read", "sqlite:" + filepath.Join(dir, "none.db"), true, []string{"none.db", "there is no such file"}},
		{"bad URL", "postgres://%zz", false, []string{"postgres://USER:PASSWORD@HOST/DATABASE"}},
		{"nobody there", "postgres://user:secret@127.0.0.1:1/x?connect_timeout=2", false, []string{"x on 127.0.0.1", "check that the server runs"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			db, err := store.Open(t.Context(), store.Options{URL: c.url, ReadOnly: c.readOnly})
			if err == nil {
				db.Close()
				t.Fatal("it opened")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("%q tells the password", err)
			}
		})
	}
	if _, err := os.Stat(filepath.Join(dir, "none.db")); err == nil {
		t.Error("opening for reading has made a file")
	}
	t.Run("folder that cannot be written", func(t *testing.T) {
		if os.Geteuid() == 0 {
			t.Skip("root may write everywhere")
		}
		closed := filepath.Join(dir, "closed")
		if err := os.Mkdir(closed, 0o500); err != nil {
			t.Fatal(err)
		}
		_, err := store.Open(t.Context(), store.Options{URL: "sqlite:" + filepath.Join(closed, "a.db")})
		if err == nil || !strings.Contains(err.Error(), "right to write there") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("file that cannot be written", func(t *testing.T) {
		if os.Geteuid() == 0 {
			t.Skip("root may write everywhere")
		}
		path := sound("locked.db")
		if err := os.Chmod(path, 0o400); err != nil {
			t.Fatal(err)
		}
		_, err := store.Open(t.Context(), store.Options{URL: "sqlite:" + path})
		if err == nil || !strings.Contains(err.Error(), "right to read and write") {
			t.Errorf("got %v", err)
		}
	})
}

func TestOpenPaths(t *testing.T) {
	for _, name := range []string{"a b.db", "what?.db", "50%.db", "a#b.db", "ключ.db", "file:x.db", "a%20b.db", "a&mode=ro.db"} {
		dir := t.TempDir()
		db, err := store.Open(t.Context(), store.Options{URL: "sqlite:" + filepath.Join(dir, name)})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := db.Write(t.Context(), set("a", "1")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := db.BackupTo(t.Context(), filepath.Join(dir, "copy of "+name)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		db.Close()
		for _, want := range []string{name, "copy of " + name} {
			info, err := os.Stat(filepath.Join(dir, want))
			if err != nil {
				t.Errorf("%s: %v", name, err)
			} else if info.Mode().Perm() != 0o600 {
				t.Errorf("%s: others may read it: %v", want, info.Mode())
			}
		}
	}
}

func TestReadOnly(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		db := storetest.Open(t, url)
		if err := db.Write(t.Context(), set("a", "1")); err != nil {
			t.Fatal(err)
		}
		reader, err := store.Open(t.Context(), store.Options{URL: url, ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		defer reader.Close()
		if got := settings(t, reader); len(got) != 1 {
			t.Errorf("settings %v", got)
		}
		for what, err := range map[string]error{
			"Write":   reader.Write(t.Context(), set("b", "1")),
			"Migrate": reader.Migrate(t.Context()),
			"Load":    reader.Load(t.Context(), strings.NewReader("")),
		} {
			if !errors.Is(err, store.ErrReadOnly) {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}

// TestTwoPrograms opens the file twice, as two programs do, and writes from both.
func TestTwoPrograms(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		dbs := []*store.DB{storetest.Open(t, url), storetest.Open(t, url)}
		var wg sync.WaitGroup
		for i, db := range dbs {
			wg.Go(func() {
				for k := range 50 {
					if err := db.Write(context.Background(), set(fmt.Sprint(i, "-", k), "1")); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		if n := len(settings(t, dbs[0])); n != 100 {
			t.Errorf("%d rows, want 100", n)
		}
	})
}
