package linkage

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
)

func TestReadForms(t *testing.T) {
	want := [][]string{{"id", "name", "town"}, {"1", "Zoë", "Aix"}, {"2", "Bob, Jr", ""}}
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String("id\tname\ttown\r\n1\tZoë\tAix\r\n2\tBob, Jr\t\r\n")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"comma":           "id,name,town\n1,Zoë,Aix\n2,\"Bob, Jr\",\n",
		"semicolon":       "id;name;town\n1;Zoë;Aix\n2;Bob, Jr;\n",
		"tab":             "id\tname\ttown\n1\tZoë\tAix\n2\tBob, Jr\t\n",
		"bar":             "id|name|town\n1|Zoë|Aix\n2|Bob, Jr|\n",
		"byte order mark": "\xef\xbb\xbfid;name;town\n1;Zoë;Aix\n2;Bob, Jr;\n",
		"UTF-16":          utf16,
		"Windows-1252":    "id;name;town\n1;Zo\xeb;Aix\n2;Bob, Jr;\n",
		"carriage return": "id;name;town\r1;Zoë;Aix\r2;Bob, Jr;\r",
		"CRLF, no end":    "id;name;town\r\n1;Zoë;Aix\r\n2;Bob, Jr;",
		"blanks":          "\n id , name , town \n\n1, Zoë , Aix\n2, \"Bob, Jr\" ,  \n\n",
	} {
		rows, err := newRowReader(name, iotest.OneByteReader(strings.NewReader(text)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for i, w := range want {
			row, err := rows.next()
			if err != nil {
				t.Errorf("%s, row %d: %v", name, i, err)
				break
			}
			if got := string(bytes.Join(row, []byte("¦"))); got != strings.Join(w, "¦") {
				t.Errorf("%s, row %d = %s, want %s", name, i, got, strings.Join(w, "¦"))
			}
		}
		if _, err := rows.next(); !errors.Is(err, io.EOF) {
			t.Errorf("%s: after the last row: %v", name, err)
		}
	}
}

func TestQuotes(t *testing.T) {
	in := "a,b,c\n\"x \"\"y\"\" z\",\"two\nlines\",plain\n\"end\" tail,in\"side,\"\"\n"
	rows, err := newRowReader("q", strings.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"a", "b", "c"}, {`x "y" z`, "two\nlines", "plain"}, {"end tail", `in"side`, ""}}
	for _, w := range want {
		row, err := rows.next()
		if err != nil {
			t.Fatal(err)
		}
		if got := string(bytes.Join(row, []byte("¦"))); got != strings.Join(w, "¦") {
			t.Errorf("row = %q, want %q", got, strings.Join(w, "¦"))
		}
	}
}

func TestBadTables(t *testing.T) {
	for _, c := range []struct{ name, text, what string }{
		{"empty", "", "empty"},
		{"blank", "\n \n", "blank"},
		{"workbook", "PK\x03\x04rest", "workbook"},
		{"binary", "a,b\n1,\x00\n", "zero bytes"},
		{"twice", "name,Name\n1,2\n", "both called"},
		{"too many cells", "a,b\n1,2\n1,2,3\n", "line 3"},
		{"cut in a row", "a,b,c\n1,2,3\n4,5", "cut short"},
		{"cut in a quote", "a,b\n1,\"two\n", "cut short"},
		{"open quote", "a,b\n1,\"" + strings.Repeat("x\n", 1100) + "\",2\n", "not closed"},
	} {
		_, err := Read(t.Context(), Source{"list", strings.NewReader(c.text)})
		var input *InputError
		if !errors.As(err, &input) {
			t.Errorf("%s: error %v is not about the input", c.name, err)
			continue
		}
		if !strings.Contains(err.Error(), c.what) || !strings.Contains(err.Error(), "list") {
			t.Errorf("%s: error %q does not say %q", c.name, err, c.what)
		}
	}
	broken := errors.New("broken disk")
	_, err := Read(t.Context(), Source{"list", io.MultiReader(strings.NewReader("a,b\n1,2\n"), iotest.ErrReader(broken))})
	if !errors.Is(err, broken) {
		t.Errorf("a failing reader gives %v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := Read(ctx, Source{"list", strings.NewReader("a\n1\n")}); !errors.Is(err, context.Canceled) {
		t.Errorf("a stopped reading gives %v", err)
	}
}

func TestRaggedAndShared(t *testing.T) {
	table := read(t, "ID,Name,Town\n1,Ann,Aix\n2,Bob\n3\n", "name , id\nCid,4\n")
	if n := table.Records(); n != 4 {
		t.Fatalf("records = %d, want 4", n)
	}
	if got := table.Value(3, "NAME"); got != "Cid" {
		t.Errorf("name of the record in the second list = %q", got)
	}
	if got := table.Value(3, "town"); got != "" {
		t.Errorf("town of the record in the second list = %q", got)
	}
	if table.ragged != 2 {
		t.Errorf("ragged rows = %d, want 2", table.ragged)
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{"id,name\n1,Ann\n", "a;b\r\n\"x;y\";2", "\xff\xfea\x00", "a\tb\n\"", "name\nNA\n\"\"\n", "a|b\n1|2|3"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		table, err := Read(t.Context(), Source{"f", bytes.NewReader(data)})
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without a message")
			}
			return
		}
		for _, c := range table.columns {
			if len(c.cells) != table.Records() {
				t.Fatalf("column %q has %d cells of %d", c.name, len(c.cells), table.Records())
			}
			for _, v := range c.values {
				if !utf8.ValidString(v) {
					t.Fatalf("value %q is not valid text", v)
				}
			}
		}
		if table.Records() > 200 {
			return
		}
		var input *InputError
		if _, _, err := Link(t.Context(), table, Config{}); err != nil && !errors.As(err, &input) {
			t.Fatalf("linking gives %v", err)
		}
	})
}
