package store_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

func TestIntegritySound(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		db := openSample(t, url, 3)
		fillSample(t, db, 100_000)
		found, err := db.CheckIntegrity(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			if f.Grave {
				t.Errorf("%+v", f)
			}
		}
	})
}

func TestIntegritySQLite(t *testing.T) {
	db := openSample(t, "sqlite:"+filepath.Join(t.TempDir(), "a.db"), 2)
	fillSample(t, db, 1000)
	for _, statement := range []string{
		"pragma foreign_keys = off",
		"delete from body where id = 'id3'",
		"insert into word (n, word) values (99, x'00')",
		"pragma foreign_keys = on",
	} {
		if err := store.WriterControl(db, statement); err != nil {
			t.Fatal(err)
		}
	}
	found, err := db.CheckIntegrity(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		grave bool
		text  string
	}{
		{true, "1 rows of table body refer to rows of table body that are not there"},
		{true, "30 rows of table part refer to rows of table body"},
		{false, "1 values in column word of table word are not of its type text"},
	}
	if len(found) != len(want) {
		t.Fatalf("found %+v", found)
	}
	for i, w := range want {
		if found[i].Grave != w.grave || !strings.Contains(found[i].Text, w.text) || found[i].Next == "" {
			t.Errorf("%+v, want %+v", found[i], w)
		}
	}
}

// TestIntegrityDamaged overwrites pages of the file.
func TestIntegrityDamaged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	db := openSample(t, "sqlite:"+path, 2)
	fillSample(t, db, 200_000)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	for i := 20 * page; i < 24*page; i++ {
		content[i] = 0x55
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	db = openSample(t, "sqlite:"+path, 2)
	found, err := db.CheckIntegrity(t.Context())
	if err != nil || len(found) == 0 || !found[0].Grave || !strings.Contains(found[0].Next, "newest backup") {
		t.Errorf("found %+v, %v", found, err)
	}
}

func TestIntegrityPostgres(t *testing.T) {
	sound := store.Server{Number: 170002, Version: "17.2", Fsync: "on", FullPages: "on", Synchronous: "on", Encoding: "UTF8"}
	if found := sound.Findings(); len(found) > 0 {
		t.Errorf("a sound server: %+v", found)
	}
	cases := map[string]func(*store.Server){
		"fsync":              func(s *store.Server) { s.Fsync = "off" },
		"full_page_writes":   func(s *store.Server) { s.FullPages = "off" },
		"synchronous_commit": func(s *store.Server) { s.Synchronous = "off" },
		"standby":            func(s *store.Server) { s.Standby = 1 },
		"SQL_ASCII":          func(s *store.Server) { s.Encoding = "SQL_ASCII" },
		"PostgreSQL 12.22":   func(s *store.Server) { s.Number, s.Version = 120022, "12.22" },
	}
	for want, change := range cases {
		s := sound
		change(&s)
		found := s.Findings()
		if len(found) != 1 || !strings.Contains(found[0].Text, want) || found[0].Next == "" {
			t.Errorf("%s: %+v", want, found)
		}
	}
}

// TestDurable: a server or a role that answers before the disk is overruled.
func TestDurable(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		if strings.HasPrefix(url, "sqlite:") {
			db := storetest.Open(t, url)
			var level int
			err := db.Write(t.Context(), func(tx *store.Tx) error {
				return tx.QueryRow("pragma synchronous").Scan(&level)
			})
			if err != nil || level != 2 {
				t.Errorf("synchronous is %d, want 2 (full), %v", level, err)
			}
			return
		}
		db := storetest.Open(t, url+"&synchronous_commit=off")
		var level string
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			return tx.QueryRow("select current_setting('synchronous_commit')").Scan(&level)
		})
		if err != nil || level != "on" {
			t.Errorf("synchronous_commit is %s, %v", level, err)
		}
	})
}
