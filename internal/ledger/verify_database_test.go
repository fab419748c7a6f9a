package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

// unlock takes away what protects the rows, as someone with the database's password could.
func unlock(tb testing.TB, db *store.DB) {
	tb.Helper()
	triggers := []string{"log_entry_update", "log_entry_delete", "log_hash_update", "log_hash_delete", "log_head_update", "log_head_delete"}
	statement := func(name string) string { return "drop trigger " + name }
	if db.Engine() == store.Postgres {
		triggers = []string{"log_entry_append on log_entry", "log_hash_append on log_hash", "log_head_update on log_head", "log_head_delete on log_head"}
	}
	err := db.Write(tb.Context(), func(tx *store.Tx) error {
		for _, name := range triggers {
			if _, err := tx.Exec(statement(name)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
}

// One byte changed in any column of any table of the record is found, and the entry is named.
func TestEveryColumnCounts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		l := open(t, testOptions(t, db))
		varied(t, l)
		unlock(t, db)
		change := func(statement string, args ...any) {
			t.Helper()
			err := db.Write(ctx, func(tx *store.Tx) error {
				res, err := tx.Exec(statement, args...)
				if err != nil {
					return err
				}
				if n, err := res.RowsAffected(); err != nil || n != 1 {
					return fmt.Errorf("%s changed %d rows (%v)", statement, n, err)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		blob := func(query string, key any) []byte {
			t.Helper()
			var b []byte
			if err := db.Read(ctx, func(tx *store.Tx) error { return tx.QueryRow(query, key).Scan(&b) }); err != nil {
				t.Fatal(err)
			}
			return b
		}
		flipped := func(b []byte, at int) []byte { c := bytes.Clone(b); c[at] ^= 1; return c }

		const entry = int64(123)
		e := must(l.Entry(ctx, entry))
		gone := must(l.Entry(ctx, 5))
		id := string(e.Leaf.ID)
		other := "b" + id[1:]
		if id[0] == 'b' {
			other = "c" + id[1:]
		}
		leaf := blob("select leaf from log_entry where idx = $1", entry)
		type damage struct {
			name, do, undo string
			to, from, key  any
			entry          int64
		}
		var all []damage
		column := func(name, table, col, where string, key, to, from any, entry int64) {
			statement := fmt.Sprintf("update %s set %s = $1 where %s = $2", table, col, where)
			all = append(all, damage{name, statement, statement, to, from, key, entry})
		}
		column("log_entry.idx", "log_entry", "idx", "id", id, int64(1<<20)|entry, entry, entry)
		column("log_entry.id", "log_entry", "id", "idx", entry, other, id, entry)
		column("log_entry.org", "log_entry", "org", "idx", entry, "sampme", "sample", entry)
		column("log_entry.type", "log_entry", "type", "idx", entry, "dialogue.point.enterec", "dialogue.point.entered", entry)
		column("log_entry.subject", "log_entry", "subject", "idx", entry, "dialogue/sample/point/p122", e.Leaf.Subject, entry)
		for _, at := range []int{0, 12, len(leaf) / 2, len(leaf) - 1} {
			column(fmt.Sprintf("log_entry.leaf byte %d", at), "log_entry", "leaf", "idx", entry, flipped(leaf, at), leaf, entry)
		}
		for _, h := range []struct{ i, entry int64 }{{0, 0}, {2, 0}, {240, 122}, {6, 0}, {510, 0}} {
			b := blob("select h from log_hash where i = $1", h.i)
			level, n := splitIndex(h.i)
			column(fmt.Sprintf("log_hash.h at %d", h.i), "log_hash", "h", "i", h.i, flipped(b, 31), b, n<<uint(level))
			column(fmt.Sprintf("log_hash.i at %d", h.i), "log_hash", "i", "i", h.i, h.i+1<<20, nil, n<<uint(level))
			all[len(all)-1].undo = fmt.Sprintf("update log_hash set i = i - %d where i - %d = $1", 1<<20, 1<<20)
		}
		salt, body := blob("select salt from log_text where id = $1", id), blob("select body from log_text where id = $1", id)
		column("log_text.salt", "log_text", "salt", "id", id, flipped(salt, 0), salt, entry)
		column("log_text.body", "log_text", "body", "id", id, flipped(body, 12), body, entry)
		column("log_text.id", "log_text", "id", "id", id, other, nil, entry)
		all[len(all)-1].undo = "update log_text set id = '" + id + "' where id = '" + other + "' and id <> $1"
		column("log_text.org", "log_text", "org", "id", id, "sampme", "sample", entry)
		column("log_text.notice set", "log_text", "notice", "id", id, string(gone.Notice.ID), "", entry)
		column("log_text.notice changed", "log_text", "notice", "id", string(gone.Leaf.ID), id, string(gone.Notice.ID), 5)
		column("log_text.notice emptied", "log_text", "notice", "id", string(gone.Leaf.ID), "", string(gone.Notice.ID), 5)
		noticeBody := blob("select body from log_text where id = $1", string(gone.Notice.ID))
		column("the notice's words", "log_text", "body", "id", string(gone.Notice.ID), bytes.Replace(noticeBody, []byte("someone"), []byte("soneone"), 1), noticeBody, 292)
		head := l.Head(ctx)
		note := string(head.Note)
		column("log_head.size", "log_head", "size", "one", 1, head.Size^1, head.Size, -1)
		column("log_head.published", "log_head", "published", "one", 1, head.Size^1, head.Size, -1)
		column("log_head.root", "log_head", "root", "one", 1, flipped(head.Root[:], 5), head.Root[:], -1)
		column("log_head.verifier", "log_head", "verifier", "one", 1, "s"+l.Verifier()[1:], l.Verifier(), -1)
		for _, at := range []string{"record", "293", "\n\n", "— "} { // origin, size, form, signature
			k := strings.Index(note, at) + 1
			column("log_head.note at "+at, "log_head", "note", "one", 1, strings.ToValidUTF8(note[:k]+string(note[k]^1)+note[k+1:], "x"), note, -1)
		}
		k := len(note) - 20
		column("log_head.note in the signature", "log_head", "note", "one", 1, note[:k]+string(rune('A'+(note[k]-'A'+1)%26))+note[k+1:], note, -1)

		for _, d := range all {
			change(d.do, d.to, d.key)
			r, err := VerifyDatabase(ctx, db, verifyOptions(l))
			if err != nil {
				t.Errorf("%s: %v", d.name, err)
			} else if r.Verified || !names(r, d.entry) {
				t.Errorf("%s changed: entry %d is not named:\n%s", d.name, d.entry, r)
			}
			if d.from == nil {
				change(d.undo, d.key)
			} else {
				change(d.undo, d.from, d.key)
			}
		}
		CheckInvariant(t, l)

		// A row too many, and a row too few.
		change("insert into log_hash (i, h) values ($1, $2)", int64(1<<30), salt)
		if r := must(VerifyDatabase(ctx, db, verifyOptions(l))); r.Verified || !strings.Contains(r.String(), "beyond") {
			t.Errorf("a hash too many: %s", r)
		}
		change("delete from log_hash where i = $1", int64(1<<30))
		change("delete from log_text where id = $1", id)
		if r := must(VerifyDatabase(ctx, db, verifyOptions(l))); r.Verified || !names(r, entry) {
			t.Errorf("a text too few: %s", r)
		}
	})
}

// Changed rows are also not signed, and not built upon.
func TestNothingIsSignedOverDamage(t *testing.T) {
	for name, statement := range map[string]string{
		"hash": "update log_hash set h = (select h from log_hash where i = 1) where i = 6",
		"root": "update log_head set root = (select h from log_hash where i = 1)",
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				l := open(t, testOptions(t, db))
				growTo(t, l, 4)
				unlock(t, db)
				enter(t, l, sample(4))
				if err := db.Write(t.Context(), func(tx *store.Tx) error { _, err := tx.Exec(statement); return err }); err != nil {
					t.Fatal(err)
				}
				if n, err := l.Integrate(t.Context()); n != 0 || !errors.Is(err, ErrDamaged) {
					t.Errorf("integrated %d, %v", n, err)
				}
				if err := l.Publish(t.Context()); err != nil || l.Head(t.Context()).Size != 4 {
					t.Errorf("published %d, %v", l.Head(t.Context()).Size, err)
				}
			})
		})
	}
}

// A byte changed in the database file itself, below all SQL.
func TestRawByteInTheFile(t *testing.T) {
	for _, what := range []string{"leaf", "text", "hash"} {
		t.Run(what, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "rostrum.db")
			db := storetest.Open(t, "sqlite:"+path)
			l := open(t, testOptions(t, db))
			growTo(t, l, 300)
			const entry = 123
			e := must(l.Entry(t.Context(), entry))
			needle := map[string][]byte{"leaf": e.Bytes, "text": e.Text}[what]
			if what == "hash" {
				if err := db.Read(t.Context(), func(tx *store.Tx) error {
					return tx.QueryRow("select h from log_hash where i = $1", storedIndex(entry)).Scan(&needle)
				}); err != nil {
					t.Fatal(err)
				}
			}
			if err := db.Close(); err != nil { // also empties the write-ahead log into the file
				t.Fatal(err)
			}
			file := must(os.ReadFile(path))
			at := bytes.LastIndex(file, needle)
			if at < 0 {
				t.Fatal("the bytes are not in the file")
			}
			for from := 0; ; { // pages that were freed may hold older copies; all are changed
				k := bytes.Index(file[from:], needle)
				if k < 0 {
					break
				}
				file[from+k+len(needle)/2] ^= 1
				from += k + 1
			}
			if err := os.WriteFile(path, file, 0o600); err != nil {
				t.Fatal(err)
			}
			db, err := store.Open(t.Context(), store.Options{URL: "sqlite:" + path, ReadOnly: true})
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			r, err := VerifyDatabase(t.Context(), db, verifyOptions(l))
			if err != nil || r.Verified || !names(r, entry) {
				t.Errorf("%v, %v", r, err)
			}
		})
	}
}

func splitIndex(i int64) (int, int64) { return tlog.SplitStoredHashIndex(i) }

func storedIndex(entry int64) int64 { return tlog.StoredHashIndex(0, entry) }
