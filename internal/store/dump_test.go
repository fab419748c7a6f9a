package store_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/fstest"
	"testing/iotest"

	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

// sampleHistory is a small schema with everything that a dump has to carry: each type, null, keys of each type,
// rows that refer to their own table, and what is an engine's own.
func sampleHistory(t *testing.T, newest int) fstest.MapFS {
	t.Helper()
	steps := []map[string]string{
		{"0001_store.sql": `
create table schema_version (
  version integer primary key,
  name    text    not null
);
create table setting (
  name  text primary key,
  value text not null
);`},
		{
			"0002_sample.sql": `
create table body (
  org    text not null,
  id     text not null,
  parent text,
  small  integer,
  big    bigint,
  blob   bytea,
  "order" text not null default '',
  primary key (org, id),
  foreign key (org, parent) references body (org, id)
);
create table part (
  org  text   not null,
  key  bytea  not null,
  body text   not null,
  at   bigint not null,
  primary key (org, key, at),
  foreign key (org, body) references body (org, id)
);
create table word (
  n    integer primary key,
  word text    not null
);
insert into word (n, word) values (1, 'seed'), (2, 'sown');`,
			"0002_sample.sqlite.sql": `create virtual table body_search using fts5(words);`,
			"0002_sample.postgres.sql": `
create table body_search (words tsvector);
create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
create trigger body_stays before delete on body for each row execute function refuse();`,
		},
		{"0003_rank.sql": `
alter table body add column rank bigint not null default 0;
update body set rank = big / 2 where big is not null;
insert into word (n, word) values (3, 'late');`},
	}
	files := fstest.MapFS{}
	for _, step := range steps[:newest] {
		for name, text := range step {
			files["migrations/"+name] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	return files
}

func openSample(t *testing.T, url string, newest int) *store.DB {
	t.Helper()
	db, err := store.OpenHistory(t.Context(), store.Options{URL: url}, sampleHistory(t, newest))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// fillSample puts rows of every sort into a database of schema 2 or 3.
func fillSample(t *testing.T, db *store.DB, bigBlob int) {
	t.Helper()
	random := rand.New(rand.NewPCG(7, 7))
	big := make([]byte, bigBlob)
	for i := range big {
		big[i] = byte(random.Uint32())
	}
	texts := []string{"", `\`, `\N`, `\.`, ".", "a\tb\nc\r\v\f\b\x01\x7f", "ß 中文 العربية 🕊", "\\x00", `"quoted" 'too'`, "ends with \\"}
	err := db.Write(t.Context(), func(tx *store.Tx) error {
		for i, text := range texts {
			var blob []byte
			switch i % 3 {
			case 1:
				blob = []byte{}
			case 2:
				blob = []byte{0, 255, '\\', '\n', '\t'}
			}
			var parent any
			if i > 0 {
				parent = fmt.Sprint("id", i-1)
			}
			_, err := tx.Exec(`
insert into body (org, id, parent, small, big, blob, "order")
values ($1, $2, $3, $4, $5, $6, $7)`, "Ä org", fmt.Sprint("id", i), parent, i-3, int64(math.MinInt64)+int64(i), blob, text)
			if err != nil {
				return err
			}
		}
		// In the order of a dump this row stands before the one that it refers to.
		if _, err := tx.Exec(`insert into body (org, id, parent, big, blob) values ($1, $2, $3, $4, $5)`,
			"Ä org", "a", "id1", int64(math.MaxInt64), big); err != nil {
			return err
		}
		for i := range 300 {
			if _, err := tx.Exec(`insert into part (org, key, body, at) values ($1, $2, $3, $4)`,
				"Ä org", []byte{byte(i * 7), byte(i)}, fmt.Sprint("id", i%len(texts)), i-100); err != nil {
				return err
			}
		}
		_, err := tx.Exec("insert into setting (name, value) values ($1, $2), ($3, $4), ($5, $6)",
			"b", "1", "B", "2", "a_", "3")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func dumped(t *testing.T, db *store.DB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := db.Dump(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestDumpFormat holds the bytes of a small dump, and with them the promise of docs/formats/dump.md.
func TestDumpFormat(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		db := openSample(t, url, 2)
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(`insert into body (org, id, small, blob, "order") values ($1, $2, $3, $4, $5)`,
				"o", "i", -5, []byte{0, 0xff, 0x10}, "two\nlines \\ tab\t.")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		tables := []string{
			"table setting name:text value:text\n\\.\n",
			"table body org:text id:text parent:text small:integer big:integer blob:bytes order:text\n" +
				"o\ti\t\\N\t-5\t\\N\t\\\\x00ff10\ttwo\\nlines \\\\ tab\\t.\n\\.\n",
			"table part org:text key:bytes body:text at:integer\n\\.\n",
			"table word n:integer word:text\n1\tseed\n2\tsown\n\\.\n",
		}
		want := "rostrum-dump 1\nschema 2\n"
		outside := want
		for _, table := range tables {
			rows := strings.Count(table, "\n") - 2
			line := fmt.Sprintf("rows %d sha256 %x\n", rows, sha256.Sum256([]byte(table)))
			want += table + line
			outside += line
		}
		want += fmt.Sprintf("end %d sha256 %x\n", len(tables), sha256.Sum256([]byte(outside)))
		if got := string(dumped(t, db)); got != want {
			t.Errorf("dump:\n%s\nwant:\n%s", got, want)
		}
	})
}

// TestDumpRoundTrip dumps on each engine, loads on each, and dumps again: the bytes must be the same.
func TestDumpRoundTrip(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, from string) {
		source := openSample(t, from, 3)
		fillSample(t, source, 1<<20)
		dump := dumped(t, source)
		if again := dumped(t, source); !bytes.Equal(dump, again) {
			t.Fatal("two dumps of the same rows differ")
		}
		storetest.EachURL(t, func(t *testing.T, to string) {
			db := openSample(t, to, 3)
			if err := db.Load(t.Context(), iotest.OneByteReader(bytes.NewReader(dump[:4096]))); err == nil {
				t.Fatal("a cut dump was loaded")
			}
			if err := db.Load(t.Context(), bytes.NewReader(dump)); err != nil {
				t.Fatal(err)
			}
			if again := dumped(t, db); !bytes.Equal(dump, again) {
				t.Error("the loaded database dumps other bytes")
			}
			var orders []string
			err := db.Read(t.Context(), func(tx *store.Tx) error {
				rows, err := tx.Query(`select "order" from body where parent is not null and blob is null order by id`)
				if err != nil {
					return err
				}
				defer rows.Close()
				for rows.Next() {
					var text string
					if err := rows.Scan(&text); err != nil {
						return err
					}
					orders = append(orders, text)
				}
				return rows.Err()
			})
			if want := []string{`\.`, "ß 中文 العربية 🕊", "ends with \\"}; err != nil || fmt.Sprint(orders) != fmt.Sprint(want) {
				t.Errorf("texts %q, %v, want %q", orders, err, want)
			}
			if err := db.Load(t.Context(), bytes.NewReader(dump)); err == nil || !strings.Contains(err.Error(), "holds rows already") {
				t.Errorf("loading twice: %v", err)
			}
		})
	})
}

// TestLoadOlder loads a dump of an older schema: the later steps find its rows.
func TestLoadOlder(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		source := openSample(t, "sqlite:"+t.TempDir()+"/old.db", 2)
		fillSample(t, source, 60<<10)
		dump := dumped(t, source)
		db := openSample(t, url, 3)
		if err := db.Load(t.Context(), bytes.NewReader(dump)); err != nil {
			t.Fatal(err)
		}
		err := db.Read(t.Context(), func(tx *store.Tx) error {
			var rank int64
			if err := tx.QueryRow("select rank from body where id = $1", "a").Scan(&rank); err != nil {
				return err
			}
			if rank != math.MaxInt64/2 {
				t.Errorf("rank %d: the step after the dump's schema did not see its rows", rank)
			}
			var words int
			if err := tx.QueryRow("select count(*) from word").Scan(&words); err != nil {
				return err
			}
			if words != 3 {
				t.Errorf("%d words, want 3", words)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if version, err := db.Version(t.Context()); version != 3 || err != nil {
			t.Errorf("schema %d, %v", version, err)
		}
	})
}

func TestLoadNewer(t *testing.T) {
	source := openSample(t, "sqlite:"+t.TempDir()+"/new.db", 3)
	dump := dumped(t, source)
	storetest.EachURL(t, func(t *testing.T, url string) {
		err := openSample(t, url, 2).Load(t.Context(), bytes.NewReader(dump))
		if !errors.Is(err, store.ErrNewer) || !strings.Contains(err.Error(), "schema 3") || !strings.Contains(err.Error(), "knows 2") {
			t.Errorf("got %v", err)
		}
	})
}

// TestLoadRefuses gives Load what is not a sound dump. After each the database must be as empty as before.
func TestLoadRefuses(t *testing.T) {
	source := openSample(t, "sqlite:"+t.TempDir()+"/source.db", 2)
	fillSample(t, source, 60<<10)
	whole := string(dumped(t, source))
	replaced := func(old, new string) string {
		t.Helper()
		if strings.Count(whole, old) == 0 {
			t.Fatalf("%q is not in the dump", old)
		}
		return strings.Replace(whole, old, new, 1)
	}
	// resummed sets the digests right again, so that what else is wrong comes to light.
	resummed := func(dump string) string {
		var out, inside, outside bytes.Buffer
		in := false
		tables, rows := 0, 0
		for line := range strings.Lines(dump) {
			switch {
			case strings.HasPrefix(line, "table ") && !in:
				in, rows = true, -1
				tables++
				inside.Reset()
			case strings.HasPrefix(line, "rows ") && !in:
				line = fmt.Sprintf("rows %d sha256 %x\n", rows, sha256.Sum256(inside.Bytes()))
			case strings.HasPrefix(line, "end "):
				line = fmt.Sprintf("end %d sha256 %x\n", tables, sha256.Sum256(outside.Bytes()))
			}
			out.WriteString(line)
			if in {
				inside.WriteString(line)
				if line == "\\.\n" {
					in = false
				} else {
					rows++
				}
			} else {
				outside.WriteString(line)
			}
		}
		return out.String()
	}
	if resummed(whole) != whole {
		t.Fatal("resumming a sound dump changes it")
	}
	word := whole[strings.Index(whole, "table word"):strings.Index(whole, "end ")]
	cases := []struct{ name, dump, want string }{
		{"empty", "", "empty"},
		{"no line", "rostrum", "not a dump"},
		{"something else", "PK\x03\x04 zip\n\n", "not a dump"},
		{"later format", replaced("rostrum-dump 1", "rostrum-dump 2"), "later format"},
		{"no schema", replaced("schema 2", "scheme 2"), "name the schema"},
		{"schema with zero", replaced("schema 2", "schema 02"), "name the schema"},
		{"huge schema", replaced("schema 2", "schema 99999999999999999999"), "name the schema"},
		{"cut in a row", whole[:strings.Index(whole, "sown")], "too early"},
		{"cut after a row", whole[:strings.Index(whole, "2\tsown")], "too early"},
		{"cut after a table", whole[:strings.Index(whole, "end ")], "too early"},
		{"last line feed missing", whole[:len(whole)-1], "too early"},
		{"changed byte", replaced("sown", "sewn"), "agree"},
		{"changed number", replaced("\t-3\t", "\t-4\t"), "agree"},
		{"changed digest", replaced("rows 2 sha256 ", "rows 2 sha256 0")[:len(whole)], "agree"},
		{"row taken out", replaced("2\tsown\n", ""), "agree"},
		{"table taken out", replaced(word, ""), "agree"},
		{"tail", whole + "x", "follows"},
		{"two dumps", whole + whole, "follows"},
		{"table missing", resummed(replaced(word, "")), "no table word"},
		{"table twice", resummed(replaced(word, word+word)), "appears twice"},
		{"unknown table", resummed(replaced("table word", "table wort")), "no table wort"},
		{"unknown column", resummed(replaced("word:text", "wort:text")), "no column wort"},
		{"column of another type", resummed(replaced("word n:integer", "word n:text")), "no column n of type text"},
		{"column twice", resummed(replaced("table word n:integer word:text", "table word n:integer n:integer")), "appears twice"},
		{"column missing", resummed(replaced(word, "table word n:integer\n1\n\\.\nrows 1 sha256 x\n")), "1 columns"},
		{"quoted name", resummed(replaced("table word", `table "word"`)), "no table where"},
		{"too few values", resummed(replaced("1\tseed", "1")), "2 values"},
		{"too many values", resummed(replaced("1\tseed", "1\tseed\t")), "2 values"},
		{"not a number", resummed(replaced("1\tseed", "one\tseed")), "integer"},
		{"number too great", resummed(replaced("1\tseed", "9223372036854775808\tseed")), "integer"},
		{"number with zero", resummed(replaced("1\tseed", "01\tseed")), "integer"},
		{"minus zero", resummed(replaced("1\tseed", "-0\tseed")), "integer"},
		{"plus", resummed(replaced("1\tseed", "+1\tseed")), "integer"},
		{"unknown escape", resummed(replaced("1\tseed", `1	s\x65ed`)), "escape"},
		{"ends in an escape", resummed(replaced("1\tseed", `1	seed\`)), "escape"},
		{"raw control character", resummed(replaced("1\tseed", "1\tse\red")), "escape"},
		{"zero byte", resummed(replaced("1\tseed", "1\tse\x00ed")), "zero byte"},
		{"not UTF-8", resummed(replaced("1\tseed", "1\tse\xffed")), "UTF-8"},
		{"bytes without x", resummed(replaced(`\\x00ff5c0a09`, `00ff5c0a09`)), "begin with"},
		{"bytes in capitals", resummed(replaced(`\\x00ff5c0a09`, `\\x00FF5C0A09`)), "lower-case"},
		{"half a byte", resummed(replaced(`\\x00ff5c0a09`, `\\x00ff5c0a0`)), "pairs"},
		{"null in a key", resummed(replaced("2\tsown", "2\t\\N")), ""},
		{"key twice", resummed(replaced("2\tsown", "1\tsown")), ""},
		{"reference to nothing", resummed(replaced("\tid3\t", "\tid99\t")), ""},
	}
	storetest.EachURL(t, func(t *testing.T, url string) {
		db := openSample(t, url, 2)
		before := dumped(t, db)
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				err := db.Load(t.Context(), strings.NewReader(c.dump))
				if err == nil {
					t.Fatal("it was loaded")
				}
				if !strings.Contains(err.Error(), c.want) {
					t.Errorf("it was refused with %q, want %q", err, c.want)
				}
				if !bytes.Equal(dumped(t, db), before) {
					t.Error("something of it was kept")
				}
			})
		}
		t.Run("changed bytes", func(t *testing.T) {
			random := rand.New(rand.NewPCG(1, 2))
			for range 25 {
				dump := []byte(whole)
				at := random.IntN(20000) // where the small rows stand
				if random.IntN(4) == 0 {
					at = len(dump) - 1 - random.IntN(20000)
				}
				dump[at] ^= byte(1 + random.IntN(255))
				if err := db.Load(t.Context(), bytes.NewReader(dump)); err == nil {
					t.Fatalf("a dump with byte %d changed was loaded", at)
				}
			}
			if !bytes.Equal(dumped(t, db), before) {
				t.Error("something was kept")
			}
		})
		if err := db.Load(t.Context(), strings.NewReader(whole)); err != nil {
			t.Errorf("after all refusals the sound dump is refused too: %v", err)
		}
	})
}

// TestLoadEnds cancels a load in its midst.
func TestLoadEnds(t *testing.T) {
	source := openSample(t, "sqlite:"+t.TempDir()+"/source.db", 2)
	fillSample(t, source, 60<<10)
	dump := dumped(t, source)
	storetest.EachURL(t, func(t *testing.T, url string) {
		db := openSample(t, url, 2)
		ctx, cancel := context.WithCancel(t.Context())
		r := io.MultiReader(bytes.NewReader(dump[:len(dump)/2]), readerFunc(func([]byte) (int, error) {
			cancel()
			return 0, nil
		}))
		if err := db.Load(ctx, r); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if err := db.Load(t.Context(), bytes.NewReader(dump)); err != nil {
			t.Errorf("loading afterwards: %v", err)
		}
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// TestDumpSeesOneInstant dumps while somebody writes pairs of rows in one transaction each.
func TestDumpSeesOneInstant(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		db := openSample(t, url, 2)
		stop := make(chan struct{})
		stopped := make(chan error)
		go func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					stopped <- nil
					return
				default:
				}
				err := db.Write(context.Background(), func(tx *store.Tx) error {
					if _, err := tx.Exec("insert into setting (name, value) values ($1, $2)", fmt.Sprint("n", i), "twin"); err != nil {
						return err
					}
					_, err := tx.Exec("insert into word (n, word) values ($1, $2)", 100+i, "twin")
					return err
				})
				if err != nil {
					stopped <- err
					return
				}
			}
		}()
		for range 20 {
			dump := dumped(t, db)
			settings, words, _ := bytes.Cut(dump, []byte("table word"))
			if a, b := bytes.Count(settings, []byte("\ttwin\n")), bytes.Count(words, []byte("\ttwin\n")); a != b {
				t.Errorf("a dump with %d of one and %d of the other", a, b)
			}
		}
		close(stop)
		if err := <-stopped; err != nil {
			t.Fatal(err)
		}
	})
}

func TestDumpFailsWithItsWriter(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		full := errors.New("the medium is full")
		if err := db.Dump(t.Context(), iotestErrWriter{full}); !errors.Is(err, full) {
			t.Errorf("got %v", err)
		}
	})
}

type iotestErrWriter struct{ err error }

func (w iotestErrWriter) Write([]byte) (int, error) { return 0, w.err }
