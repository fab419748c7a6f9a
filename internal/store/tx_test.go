package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

const insertSetting = `
insert into setting (name, value)
values ($1, $2)`

func set(name, value string) func(*store.Tx) error {
	return func(tx *store.Tx) error {
		_, err := tx.Exec(insertSetting, name, value)
		return err
	}
}

// settings reads the names and values that are there.
func settings(t *testing.T, db *store.DB) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := db.Read(context.Background(), func(tx *store.Tx) error {
		rows, err := tx.Query("select name, value from setting order by name")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var name, value string
			if err := rows.Scan(&name, &value); err != nil {
				return err
			}
			all[name] = value
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestWriteKeepsAllOrNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		if err := db.Write(t.Context(), set("a", "1")); err != nil {
			t.Fatal(err)
		}
		changes := db.Changes()
		woken := false
		mine := errors.New("mine")
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			tx.OnCommit(func() { woken = true })
			if err := set("b", "2")(tx); err != nil {
				return err
			}
			return fmt.Errorf("not today: %w", mine)
		})
		if !errors.Is(err, mine) {
			t.Errorf("got %v, want the function's own error", err)
		}
		if err := db.Write(t.Context(), set("a", "2")); !errors.Is(err, store.ErrConflict) {
			t.Errorf("got %v, want ErrConflict", err)
		}
		if got := settings(t, db); len(got) != 1 || got["a"] != "1" {
			t.Errorf("settings %v", got)
		}
		if woken || db.Changes() != changes {
			t.Error("a transaction that was not kept has woken someone or counted as a change")
		}
		err = db.Write(t.Context(), func(tx *store.Tx) error {
			tx.OnCommit(func() { woken = true })
			return set("b", "2")(tx)
		})
		if err != nil || !woken || db.Changes() == changes {
			t.Errorf("err %v, woken %v, changes %d", err, woken, db.Changes()-changes)
		}
	})
}

// TestStatementErrorFailsTransaction: who goes on after a failed statement keeps nothing, on either engine.
func TestStatementErrorFailsTransaction(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		if err := db.Write(t.Context(), set("a", "1")); err != nil {
			t.Fatal(err)
		}
		ways := map[string]func(*store.Tx){
			"exec": func(tx *store.Tx) { tx.Exec(insertSetting, "a", "2") },
			"query": func(tx *store.Tx) {
				if rows, err := tx.Query(insertSetting+" returning value", "a", "2"); err == nil {
					rows.Close()
				}
			},
			"row": func(tx *store.Tx) {
				var value string
				if err := tx.QueryRow(insertSetting+" returning value", "a", "2").Scan(&value); err == nil {
					t.Error("the conflict went unseen")
				}
			},
		}
		for name, fail := range ways {
			t.Run(name, func(t *testing.T) {
				var after, row error
				err := db.Write(t.Context(), func(tx *store.Tx) error {
					set("b", "before")(tx)
					fail(tx)
					_, after = tx.Exec(insertSetting, "c", "after")
					row = tx.QueryRow("select name from setting").Scan(new(string))
					return nil
				})
				if !errors.Is(err, store.ErrConflict) {
					t.Errorf("Write answered %v, want ErrConflict", err)
				}
				if after == nil || row == nil {
					t.Errorf("statements after the failure answered %v and %v", after, row)
				}
				if got := settings(t, db); len(got) != 1 {
					t.Errorf("settings %v", got)
				}
			})
		}
	})
}

func TestOneStatementAtATime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for _, name := range []string{"a", "b", "c"} {
			if err := db.Write(t.Context(), set(name, "1")); err != nil {
				t.Fatal(err)
			}
		}
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			rows, err := tx.Query("select name from setting")
			if err != nil {
				return err
			}
			defer rows.Close()
			rows.Next()
			return set("d", "1")(tx)
		})
		if err == nil || !strings.Contains(err.Error(), "still being read") {
			t.Errorf("got %v", err)
		}
		// Rows left open, and a row never read, neither block nor keep the connection in the past.
		err = db.Read(t.Context(), func(tx *store.Tx) error {
			tx.QueryRow("select name from setting where value = $1", "1")
			_, err := tx.Query("select name from setting where value = $1", "1")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 100 { // more than there are connections
			if err := db.Write(t.Context(), set(fmt.Sprint("e", i), "1")); err != nil {
				t.Fatal(err)
			}
			err := db.Read(t.Context(), func(tx *store.Tx) error {
				var n int
				if err := tx.QueryRow("select count(*) from setting where value = $1", "1").Scan(&n); err != nil {
					return err
				}
				if n != 4+i {
					t.Errorf("%d settings, want %d", n, 4+i)
				}
				_, err := tx.Query("select name from setting where value = $1", "1")
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestTextIsText(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for _, text := range []string{"a\x00b", "\xff", "caf\xe9"} {
			if err := db.Write(t.Context(), set("a", text)); err == nil || !strings.Contains(err.Error(), "not text") {
				t.Errorf("%q: got %v", text, err)
			}
		}
		for _, text := range []string{"", "ß\t\n中", "a\x01b"} {
			if err := db.Write(t.Context(), set("a"+text, text)); err != nil {
				t.Errorf("%q: %v", text, err)
			}
			if got := settings(t, db)["a"+text]; got != text {
				t.Errorf("%q came back as %q", text, got)
			}
		}
	})
}

// TestReadSeesOneState reads twice while somebody writes between.
func TestReadSeesOneState(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		count := func(tx *store.Tx) (n int) {
			if err := tx.QueryRow("select count(*) from setting").Scan(&n); err != nil {
				t.Error(err)
			}
			return n
		}
		err := db.Read(t.Context(), func(tx *store.Tx) error {
			before := count(tx)
			if err := db.Write(t.Context(), set("a", "1")); err != nil {
				return err
			}
			if after := count(tx); after != before {
				t.Errorf("%d rows, then %d", before, after)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(settings(t, db)); n != 1 {
			t.Errorf("%d rows afterwards", n)
		}
	})
}

func TestReadRefusesToWrite(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		if err := db.Read(t.Context(), set("a", "1")); err == nil {
			t.Error("a reader has written")
		}
		if got := settings(t, db); len(got) != 0 {
			t.Errorf("settings %v", got)
		}
	})
}

// TestSerializable runs the classic write skew from many sides: each adds a row only if it sees fewer than ten.
func TestSerializable(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Go(func() {
				err := db.Write(context.Background(), func(tx *store.Tx) error {
					var n int
					if err := tx.QueryRow("select count(*) from setting").Scan(&n); err != nil {
						return err
					}
					if n >= 10 {
						return nil
					}
					return set(fmt.Sprint("n", i), "1")(tx)
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := len(settings(t, db)); n != 10 {
			t.Errorf("%d rows, want 10", n)
		}
	})
}

// TestCounter increments one row from many sides: no increment is lost, and the retries give up for nobody.
func TestCounter(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		if err := db.Write(t.Context(), set("n", "0")); err != nil {
			t.Fatal(err)
		}
		const sides, times = 8, 10
		var wg sync.WaitGroup
		for range sides {
			wg.Go(func() {
				for range times {
					err := db.Write(context.Background(), func(tx *store.Tx) error {
						var n int
						if err := tx.QueryRow("select value from setting where name = $1"+tx.ForUpdate(), "n").Scan(&n); err != nil {
							return err
						}
						_, err := tx.Exec("update setting set value = $1 where name = $2", fmt.Sprint(n+1), "n")
						return err
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if got := settings(t, db)["n"]; got != fmt.Sprint(sides*times) {
			t.Errorf("n is %s, want %d", got, sides*times)
		}
	})
}

func TestPanicAndExitPassThrough(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		write := func(fn func(*store.Tx) error) (panicked any) {
			defer func() { panicked = recover() }()
			db.Write(t.Context(), fn)
			return nil
		}
		boom := errors.New("boom")
		if got := write(func(tx *store.Tx) error { set("a", "1")(tx); panic(boom) }); got != boom {
			t.Errorf("recovered %v, want the panic's own value", got)
		}
		exited := make(chan bool)
		go func() { // what t.FailNow does
			returned := false
			defer func() { exited <- !returned }()
			db.Write(context.Background(), func(tx *store.Tx) error { set("b", "1")(tx); runtime.Goexit(); return nil })
			returned = true
		}()
		if !<-exited {
			t.Error("the goroutine went on")
		}
		func() {
			defer func() { recover() }()
			db.Read(t.Context(), func(tx *store.Tx) error { panic(boom) })
		}()
		if err := db.Write(t.Context(), set("c", "1")); err != nil {
			t.Fatal(err)
		}
		if got := settings(t, db); len(got) != 1 || got["c"] != "1" {
			t.Errorf("settings %v", got)
		}
		func() {
			defer func() { recover() }()
			db.Write(t.Context(), func(tx *store.Tx) error { tx.OnCommit(func() { panic(boom) }); return nil })
		}()
		if err := db.Write(t.Context(), set("d", "1")); err != nil {
			t.Fatal(err)
		}
	})
}

func TestTxIsOverAfterItsFunction(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var kept *store.Tx
		if err := db.Write(t.Context(), func(tx *store.Tx) error { kept = tx; return nil }); err != nil {
			t.Fatal(err)
		}
		defer func() {
			if recover() == nil {
				t.Error("a transaction that was kept still works")
			}
		}()
		kept.Exec(insertSetting, "a", "1")
	})
}

func TestContextEnds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := db.Write(ctx, set("a", "1")); err == nil {
			t.Error("written although the context had ended")
		}
		if err := db.Read(ctx, func(tx *store.Tx) error { return tx.QueryRow("select 1").Scan(new(int)) }); err == nil {
			t.Error("read although the context had ended")
		}
		// A long statement is interrupted, and the connection serves again.
		ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		err := db.Read(ctx, func(tx *store.Tx) error {
			var n int
			return tx.QueryRow(`
with recursive n (i) as (select 1 union all select i + 1 from n where i < 2000000000)
select count(*) from n`).Scan(&n)
		})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if got := settings(t, db); len(got) != 0 {
			t.Errorf("settings %v", got)
		}
	})
}

// TestCloseAnswersTruly closes while many write: whoever was told yes is in the database, whoever was told
// ErrClosed is not.
func TestCloseAnswersTruly(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		for round := range 5 {
			db, err := store.Open(t.Context(), store.Options{URL: url})
			if err != nil {
				t.Fatal(err)
			}
			const sides = 64
			answers := make([]map[string]error, sides)
			begun := make(chan struct{}, sides)
			var wg sync.WaitGroup
			for side := range sides {
				answers[side] = map[string]error{}
				wg.Go(func() {
					for i := 0; ; i++ {
						name := fmt.Sprintf("r%d s%d n%d", round, side, i)
						err := db.Write(context.Background(), set(name, "1"))
						answers[side][name] = err
						if i == 0 {
							begun <- struct{}{}
						}
						if err != nil {
							return
						}
					}
				})
			}
			for range sides / 2 {
				<-begun
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			wg.Wait()
			again, err := store.Open(t.Context(), store.Options{URL: url})
			if err != nil {
				t.Fatal(err)
			}
			have := settings(t, again)
			again.Close()
			for _, side := range answers {
				for name, err := range side {
					_, kept := have[name]
					switch {
					case err == nil && !kept:
						t.Errorf("%s: told yes, but it is not there", name)
					case errors.Is(err, store.ErrClosed) && kept:
						t.Errorf("%s: told ErrClosed, but it is there", name)
					case err != nil && !errors.Is(err, store.ErrClosed):
						t.Errorf("%s: %v", name, err)
					}
				}
			}
			if err := db.Write(t.Context(), set("late", "1")); !errors.Is(err, store.ErrClosed) {
				t.Errorf("after closing: %v", err)
			}
			if err := db.Read(t.Context(), func(*store.Tx) error { return nil }); !errors.Is(err, store.ErrClosed) {
				t.Errorf("after closing: %v", err)
			}
			if err := db.Close(); err != nil {
				t.Errorf("closing twice: %v", err)
			}
		}
	})
}

func TestTime(t *testing.T) {
	at := time.Date(2022, 7, 1, 10, 0, 0, 123456789, time.FixedZone("Vienna", 7200))
	if got := store.Time(store.Micros(at)); !got.Equal(at.Truncate(time.Microsecond)) || got.Location() != time.UTC {
		t.Errorf("%v came back as %v", at, got)
	}
	if !store.Time(0).IsZero() {
		t.Error("zero is an instant")
	}
}

func TestNoRows(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			var value string
			if err := tx.QueryRow("select value from setting where name = $1", "x").Scan(&value); !errors.Is(err, sql.ErrNoRows) {
				t.Errorf("got %v", err)
			}
			return set("a", "1")(tx) // no rows is no failure
		})
		if err != nil {
			t.Error(err)
		}
	})
}
