package store_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

func TestHistory(t *testing.T) {
	files := func(names ...string) fs.FS {
		all := fstest.MapFS{}
		for _, name := range names {
			all["migrations/"+name] = &fstest.MapFile{Data: []byte("-- " + name)}
		}
		return all
	}
	cases := []struct {
		names        []string
		lite, server string // the order in which the files run, or the error
	}{
		{[]string{"0002_b.sql", "0001_a.sql"}, "0001_a.sql 0002_b.sql", "0001_a.sql 0002_b.sql"},
		{[]string{"0001_a.postgres.sql", "0001_a.sql", "0001_a.sqlite.sql", "0010_j.sql", "0009_i.sql"},
			"0001_a.sql 0001_a.sqlite.sql 0009_i.sql 0010_j.sql", "0001_a.sql 0001_a.postgres.sql 0009_i.sql 0010_j.sql"},
		{[]string{"0001_a.sql", "0001_a_b.sql"}, "number 0001 is taken", "number 0001 is taken"},
		{[]string{"0001_a.sqlite.sql"}, "no common file", "no common file"},
		{[]string{"1_a.sql"}, "its name is not", "its name is not"},
		{[]string{"0001_a.oracle.sql"}, "its name is not", "its name is not"},
		{[]string{"0001_a.txt"}, "its name is not", "its name is not"},
	}
	for _, c := range cases {
		for engine, want := range map[store.Engine]string{store.SQLite: c.lite, store.Postgres: c.server} {
			got, err := store.HistoryOrder(files(c.names...), engine)
			if err != nil {
				got = err.Error()
			}
			if got != want && !(err != nil && strings.Contains(got, want)) {
				t.Errorf("%v on %s: %q, want %q", c.names, engine, got, want)
			}
		}
	}
	if store.Newest() < 1 {
		t.Error("the embedded history is empty or broken")
	}
}

func TestMigrateAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		before := dumped(t, db)
		for range 2 {
			if err := db.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if version, err := db.Version(t.Context()); version != store.Newest() || err != nil {
			t.Errorf("schema %d, %v, want %d", version, err, store.Newest())
		}
		if after := dumped(t, db); string(after) != string(before) {
			t.Error("migrating again has changed rows")
		}
	})
}

// TestMigrateAtOnce starts several programs on one empty database.
func TestMigrateAtOnce(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		const programs = 6
		history := sampleHistory(t, 3)
		var wg sync.WaitGroup
		for range programs {
			wg.Go(func() {
				db, err := store.OpenHistory(context.Background(), store.Options{URL: url}, history)
				if err != nil {
					t.Error(err)
					return
				}
				defer db.Close()
				err = db.Read(context.Background(), func(tx *store.Tx) error {
					var words int
					if err := tx.QueryRow("select count(*) from word").Scan(&words); err != nil {
						return err
					}
					if words != 3 {
						t.Errorf("%d words, want 3: a step ran twice or not at all", words)
					}
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	})
}

func TestMigrateNewer(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		openSample(t, url, 3).Close()
		for _, readOnly := range []bool{false, true} {
			_, err := store.OpenHistory(t.Context(), store.Options{URL: url, ReadOnly: readOnly}, sampleHistory(t, 2))
			if !errors.Is(err, store.ErrNewer) || !strings.Contains(err.Error(), "schema 3") || !strings.Contains(err.Error(), "knows 2") {
				t.Errorf("read only %v: %v", readOnly, err)
			}
		}
	})
}

// TestMigrateFails: of a step that fails nothing stays, neither of its common file nor of its engine's, and the
// mended step runs afterwards.
func TestMigrateFails(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		history := sampleHistory(t, 3)
		sound := history["migrations/0003_rank.sql"].Data
		broken := func(common, own string) fstest.MapFS {
			files := sampleHistory(t, 2)
			files["migrations/0003_rank.sql"] = &fstest.MapFile{Data: append(slices.Clone(sound), common...)}
			for _, engine := range []string{"sqlite", "postgres"} {
				files["migrations/0003_rank."+engine+".sql"] = &fstest.MapFile{Data: []byte(own)}
			}
			return files
		}
		db := openSample(t, url, 2)
		fillSample(t, db, 10)
		before := dumped(t, db)
		for _, files := range []fstest.MapFS{
			broken("\ninsert into nobody (n) values (1);", ""),
			broken("", "create table half (n integer primary key); drop table nobody;"),
		} {
			_, err := store.OpenHistory(t.Context(), store.Options{URL: url}, files)
			if err == nil || !strings.Contains(err.Error(), "0003_rank") || !strings.Contains(err.Error(), "nobody") {
				t.Fatalf("got %v", err)
			}
			if version, err := db.Version(t.Context()); version != 2 || err != nil {
				t.Errorf("schema %d, %v, want 2", version, err)
			}
			if string(dumped(t, db)) != string(before) {
				t.Error("the failed step has left something")
			}
			if err := db.Read(t.Context(), func(tx *store.Tx) error {
				return tx.QueryRow("select count(*) from half").Scan(new(int))
			}); err == nil {
				t.Error("the failed step has left a table")
			}
		}
		if version, err := openSample(t, url, 3).Version(t.Context()); version != 3 || err != nil {
			t.Errorf("schema %d, %v, want 3", version, err)
		}
	})
}

// TestFormerProgramGoesOn: a program that runs while a newer one migrates keeps working, with statements that it
// prepared before.
func TestFormerProgramGoesOn(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		former := openSample(t, url, 2)
		work := func(round int) {
			t.Helper()
			id := fmt.Sprint("id", round)
			err := former.Write(t.Context(), func(tx *store.Tx) error {
				if _, err := tx.Exec("insert into body (org, id, big) values ($1, $2, $3)", "o", id, round); err != nil {
					return err
				}
				_, err := tx.Exec("update body set small = $1 where org = $2 and id = $3", round, "o", id)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			err = former.Read(t.Context(), func(tx *store.Tx) error {
				var small int
				var order string
				err := tx.QueryRow(`select small, "order" from body where org = $1 and id = $2`, "o", id).Scan(&small, &order)
				if err == nil && small != round {
					t.Errorf("small is %d, want %d", small, round)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		for round := range 3 {
			work(round)
		}
		newer := openSample(t, url, 3)
		for round := 3; round < 6; round++ {
			work(round)
		}
		var rows int
		err := newer.Read(t.Context(), func(tx *store.Tx) error {
			return tx.QueryRow("select count(rank) from body where org = $1", "o").Scan(&rows)
		})
		if err != nil || rows != 6 {
			t.Errorf("the newer program sees %d rows, %v", rows, err)
		}
	})
}

// sqliteColumn is a column as SQLite describes it.
type sqliteColumn struct {
	typ      string
	required bool // not null and without a default
}

// shape describes the tables and their unique indexes.
func shape(t *testing.T, db *store.DB) (columns map[string]map[string]sqliteColumn, unique map[string][]string) {
	t.Helper()
	columns, unique = map[string]map[string]sqliteColumn{}, map[string][]string{}
	err := db.Read(t.Context(), func(tx *store.Tx) error {
		rows, err := tx.Query(`
select m.name, c.name, c.type, c."notnull" = 1 and c.dflt_value is null
from sqlite_master m
join pragma_table_info(m.name) c
where m.type = 'table' and m.sql like 'create table%'`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var table, name string
			var c sqliteColumn
			if err := rows.Scan(&table, &name, &c.typ, &c.required); err != nil {
				return err
			}
			if columns[table] == nil {
				columns[table] = map[string]sqliteColumn{}
			}
			columns[table][name] = c
		}
		if err := rows.Err(); err != nil {
			return err
		}
		indexes, err := tx.Query(`
select m.name, i.name
from sqlite_master m
join pragma_index_list(m.name) i
where m.type = 'table' and i."unique" = 1
order by m.name, i.name`)
		if err != nil {
			return err
		}
		defer indexes.Close()
		for indexes.Next() {
			var table, name string
			if err := indexes.Scan(&table, &name); err != nil {
				return err
			}
			unique[table] = append(unique[table], name)
		}
		return indexes.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return columns, unique
}

// breaksFormer begins a step after which the former program does not run any more, and says why.
const breaksFormer = "-- breaks the former program: "

// formerProgramBreaks goes through a history and tells which steps take from the former program what its
// statements rest on, without saying so.
func formerProgramBreaks(t *testing.T, files fs.FS) (broken []string) {
	t.Helper()
	names, err := fs.Glob(files, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	url := "sqlite:" + t.TempDir() + "/history.db"
	so := fstest.MapFS{}
	var columns map[string]map[string]sqliteColumn
	var unique map[string][]string
	for i, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		so[name] = &fstest.MapFile{Data: text}
		number := func(name string) string { return strings.TrimPrefix(name, "migrations/")[:4] }
		if i+1 < len(names) && number(names[i+1]) == number(name) {
			continue // the step has more files
		}
		db, err := store.OpenHistory(t.Context(), store.Options{URL: url}, so)
		if err != nil {
			t.Fatal(err)
		}
		now, uniqueNow := shape(t, db)
		db.Close()
		if !strings.HasPrefix(string(text), breaksFormer) {
			for table, had := range columns {
				for column, was := range had {
					if is, there := now[table][column]; !there || is.typ != was.typ {
						broken = append(broken, fmt.Sprintf("%s: takes or changes %s.%s", number(name), table, column))
					} else if is.required && !was.required {
						broken = append(broken, fmt.Sprintf("%s: %s.%s must now be given", number(name), table, column))
					}
				}
				for column, is := range now[table] {
					if _, there := had[column]; !there && is.required {
						broken = append(broken, fmt.Sprintf("%s: %s.%s must be given, and the former program does not know it", number(name), table, column))
					}
				}
				if now[table] != nil && len(uniqueNow[table]) > len(unique[table]) {
					broken = append(broken, fmt.Sprintf("%s: table %s has a new unique index", number(name), table))
				}
			}
		}
		columns, unique = now, uniqueNow
	}
	slices.Sort(broken)
	return broken
}

func TestFormerProgramIsSpared(t *testing.T) {
	for _, broken := range formerProgramBreaks(t, store.Migrations) {
		t.Errorf("%s; make it in two steps, or begin the file with %q and the reason", broken, breaksFormer)
	}
	planted := sampleHistory(t, 3)
	if broken := formerProgramBreaks(t, planted); len(broken) > 0 {
		t.Errorf("the sample: %q", broken)
	}
	cases := map[string][]string{
		"create table later (id text primary key, must text not null)": nil,
		"alter table body drop column big":                             {"takes or changes body.big"},
		"alter table part rename to piece":                             {"takes or changes part."},
		"alter table word rename column word to term":                  {"takes or changes word.word"},
		"create unique index body_big on body (org, big)":              {"new unique index"},
		breaksFormer + "nobody needs it\ndrop table word":              nil,
		"drop table part; create table part (org text not null, key bytea not null, body text not null, at bigint not null," +
			" more text not null, primary key (org, key, at))": {"part.more must be given"},
		"drop table part; create table part (org text not null, key bytea not null, body integer not null, at bigint not null," +
			" primary key (org, key, at))": {"takes or changes part.body"},
	}
	for sql, want := range cases {
		files := sampleHistory(t, 3)
		files["migrations/0004_planted.sql"] = &fstest.MapFile{Data: []byte(sql)}
		broken := formerProgramBreaks(t, files)
		if (len(broken) == 0) != (len(want) == 0) || len(want) > 0 && !strings.Contains(strings.Join(broken, "\n"), want[0]) {
			t.Errorf("%s\ngives %q, want %q", sql, broken, want)
		}
	}
}

func TestPlaceForCitus(t *testing.T) {
	got := store.Place([]string{"answer", "body", "point"}, [][2]string{
		{"answer", "point"}, {"point", "body"}, {"point", "country"}, {"country", "region"}, {"unrelated", "region"},
	})
	want := [][2]string{{"body", "org"}, {"region", "whole"}, {"country", "whole"}, {"point", "org"}, {"answer", "org"}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestCitusPlan reads the plan from PostgreSQL's catalogue: the same tables as the rules call the tenants'.
func TestCitusPlan(t *testing.T) {
	s := readSchema(t)
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		if db.Engine() != store.Postgres {
			return
		}
		plan, err := store.CitusPlan(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		byOrg := map[string]bool{}
		for _, p := range plan {
			if p[1] == "org" {
				byOrg[p[0]] = true
			}
		}
		for table := range s.tables {
			if s.tenant(table) != byOrg[table] {
				t.Errorf("table %s: tenant's by the rules %v, by the plan %v", table, s.tenant(table), byOrg[table])
			}
		}
	})
}

// TestCitusDistributes looks at what a real cluster has made of the plan.
func TestCitusDistributes(t *testing.T) {
	s := readSchema(t)
	storetest.EachURL(t, func(t *testing.T, url string) {
		if !strings.HasSuffix(t.Name(), "/citus") {
			return
		}
		db := storetest.Open(t, url)
		if err := db.Migrate(t.Context()); err != nil { // again
			t.Fatal(err)
		}
		var spread int
		err := db.Read(t.Context(), func(tx *store.Tx) error {
			return tx.QueryRow("select count(*) from pg_dist_partition where partmethod = $1 and logicalrelid::text not like '%.%'", "h").Scan(&spread)
		})
		if err != nil {
			t.Fatal(err)
		}
		want := 0
		for table := range s.tables {
			if s.tenant(table) {
				want++
			}
		}
		if spread != want {
			t.Errorf("%d tables are spread by org, want %d", spread, want)
		}
	})
}
