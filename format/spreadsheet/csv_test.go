package spreadsheet

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf16"
)

func utf16Bytes(s string, big bool) []byte {
	var out []byte
	for _, c := range utf16.Encode([]rune(s)) {
		if big {
			out = append(out, byte(c>>8), byte(c))
		} else {
			out = append(out, byte(c), byte(c>>8))
		}
	}
	return out
}

func TestText(t *testing.T) {
	const table = "Name,Né\nA,1\n"
	for about, tt := range map[string]struct {
		data []byte
		want string // what Read gives, in short: encoding, delimiter, cells, problems
	}{
		"utf-8":           {[]byte(table), `utf-8 "," Name|Né;A|1`},
		"mark":            {[]byte("\ufeff" + table), `utf-8 "," Name|Né;A|1`},
		"broken utf-8":    {[]byte("\ufeffName,N\xe9\nA,1\n"), `utf-8 "," Name|N�;A|1 x encoding_guessed`},
		"windows":         {[]byte("Name,N\xe9\x80\nA,1\n"), `windows-1252 "," Name|Né€;A|1 x encoding_guessed`},
		"utf-16le":        {utf16Bytes("\ufeff"+table, false), `utf-16le "," Name|Né;A|1`},
		"utf-16be":        {utf16Bytes("\ufeff"+table, true), `utf-16be "," Name|Né;A|1`},
		"no mark le":      {utf16Bytes(table, false), `utf-16le "," Name|Né;A|1 x encoding_guessed`},
		"no mark be":      {utf16Bytes(table, true), `utf-16be "," Name|Né;A|1 x encoding_guessed`},
		"semicolon":       {[]byte("a;b\n\"x;y\";1,5\n"), `utf-8 ";" a|b;x;y|1,5`},
		"decimal commas":  {[]byte("Report\n1,5;2,5;3,5\n2,5;3,5;4,5\n"), `utf-8 ";" Report;1,5|2,5|3,5;2,5|3,5|4,5 x no_header`},
		"prose":           {[]byte("Name;Note\nA;well, yes\nB;no\n"), `utf-8 ";" Name|Note;A|well, yes;B|no`},
		"tabs":            {[]byte("a\tb\tc\n1\t2\t3\n"), `utf-8 "\t" a|b|c;1|2|3`},
		"bars":            {[]byte("a|b\n1|2\n"), `utf-8 "|" a|b;1|2`},
		"said":            {[]byte("sep=|\r\na,1|b\r\n1|2\r\n"), `utf-8 "|" a,1|b;1|2`},
		"one column":      {[]byte("name\nA\nB\n"), `utf-8 "," name;A;B`},
		"lines in cells":  {[]byte("a,b\r\n\"x\r\ny\",2\r\n"), "utf-8 \",\" a|b;x\ny|2"},
		"mac":             {[]byte("a,b\r1,2\r"), "utf-8 \",\" a|b;1|2"},
		"quote":           {[]byte("a,b\n\nx \"y\" z,2\n\"ok\",3\n"), `utf-8 "," a|b;x "y" z|2;ok|3 x!A3 stray_quote`},
		"open quote":      {[]byte("a,b\n1,2\n\"x,2\n3,4\n"), "utf-8 \",\" a|b;1|2;x,2\n3,4\n x!A3 stray_quote,x!3:3 uneven_row"},
		"uneven":          {[]byte("a,b\n1\n1,2,3\n\n4,5\n"), `utf-8 "," a|b;1;1|2|3;4|5 x!C1 empty_header,x!2:2 uneven_row,x!3:3 uneven_row`},
		"guarded":         {[]byte("a,b\n'=1+1,''@x\n'x,'\n-1,'-1\n"), "utf-8 \",\" a|b;=1+1|'@x;'x|';-1|-1"},
		"long":            {[]byte("a,b\n1," + strings.Repeat("x", 40_000) + "\n"), `utf-8 "," a|b;1|` + strings.Repeat("x", 32_767) + ` x!B2 cell_too_long`},
		"long and quoted": {[]byte("a,b\n1," + strings.Repeat("x", 40_000) + "\n1,\"\n"), `utf-8 "," a|b;1|` + strings.Repeat("x", 32_767) + ";1|\n x!B2 cell_too_long,x!A3 stray_quote"},
	} {
		book := read(t, `C:\data\x.csv`, tt.data)
		s := book.Sheets[0]
		var rows []string
		all := s.Rows
		if s.Header > 0 {
			var names []string
			for _, c := range s.Columns {
				if c.Name != "" {
					names = append(names, c.Name)
				}
			}
			rows = append(rows, strings.Join(names, "|"))
		}
		for _, r := range all {
			var cells []string
			for _, c := range r.Cells {
				cells = append(cells, c.Text)
			}
			rows = append(rows, strings.Join(cells, "|"))
		}
		got := strings.TrimSpace(book.Encoding + ` ` + quoted(book.Delimiter) + ` ` + strings.Join(rows, ";") + " " + strings.Join(codes(book), ","))
		if got != tt.want {
			t.Errorf("%s:\n got %.200q\nwant %.200q", about, got, tt.want)
		}
	}
}

func quoted(c rune) string {
	if c == '\t' {
		return `"\t"`
	}
	return `"` + string(c) + `"`
}

func TestKindOf(t *testing.T) {
	for s, want := range map[string]Kind{
		"": Text, "1": Number, "-12.5": Number, "0.10": Number, "007": Text, "1e5": Text, "+1": Text, "1,5": Text, ".5": Text, "5.": Text, "1234567890123456": Text,
		"2026-11-23": Date, "2026-02-30": Text, "2026-11-23T14:30:00": Date, "14:30:00": Date, "1899-12-31": Text, "23.11.2026": Text,
		"TRUE": Text, "false": Boolean, "true": Boolean, "yes": Text,
	} {
		if got := kindOf(s); got != want {
			t.Errorf("%q is %s, want %s", s, got, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "a;b\n\"x;y\";1,5\n", "\xff\xfea\x00,\x00", "sep=;\na;b\n", "a,\"b\n1,2", "a\r\r\n\n,\n", "'=1\n"} {
		f.Add([]byte(s))
	}
	f.Add(pack(f, sheet(`<sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" s="1"><f>1</f><v>5</v></c></row></sheetData><mergeCell ref="A1:B2"/>`)))
	f.Fuzz(func(t *testing.T, data []byte) {
		limits := Limits{Bytes: 1 << 20, Unpacked: 1 << 20, Rows: 1000, Cells: 10_000}
		book, err := Read("x", bytes.NewReader(data), int64(len(data)), limits)
		if err == nil {
			check(t, book)
		}
	})
}

// FuzzSheet reads hostile XML within a sound workbook.
func FuzzSheet(f *testing.F) {
	for _, s := range []string{
		`<sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" s="1"><f>1</f><v>5</v></c></row></sheetData><mergeCells><mergeCell ref="A1:B2"/></mergeCells>`,
		`<cols><col min="1" max="99999" hidden="1"/></cols><sheetData><row><c t="inlineStr"><is><t>x_x0041_</t></is></c></row><row><c><v>1</v></c></row></sheetData>`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, inner string) {
		data := pack(t, sheet(inner))
		book, err := Read("x", bytes.NewReader(data), int64(len(data)), Limits{Unpacked: 1 << 20, Rows: 1000, Cells: 10_000})
		if err == nil {
			check(t, book)
		}
	})
}

// check holds what is promised of every book.
func check(t *testing.T, book *Book) {
	t.Helper()
	for _, s := range book.Sheets {
		before := s.Header
		for _, r := range s.Rows {
			if r.Number <= before || r.empty() {
				t.Fatalf("row %d after %d, empty: %v", r.Number, before, r.empty())
			}
			before = r.Number
			if n := rowWidth(r); n > len(s.Columns) {
				t.Fatalf("row %d has %d cells for %d columns", r.Number, n, len(s.Columns))
			}
			for _, c := range r.Cells {
				if c.Kind != Error && c.check() != nil {
					t.Fatal(c.check())
				}
			}
		}
	}
	if len(book.Problems) > 100 {
		t.Fatalf("%d problems", len(book.Problems))
	}
}
