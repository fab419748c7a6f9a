package spreadsheet

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// sampleTable has a cell of every kind, and texts that programs would compute.
func sampleTable() Table {
	text := func(s string) Cell { return Cell{Kind: Text, Text: s} }
	return Table{
		Name:        "Sample [2026]: applications and more",
		RightToLeft: true,
		Columns:     []Column{{Name: "Name"}, {Name: "=HYPERLINK(1)"}, {Name: "عدد"}, {Name: "Born", Hidden: true}, {Name: "When"}, {Name: "At"}, {Name: "Yes"}},
		Rows: [][]Cell{
			{text("  Sample "), text("=1+1"), {Kind: Number, Text: "-12.5"}, {Kind: Date, Text: "1980-01-02"}, {Kind: Date, Text: "2026-11-23T14:30:59"}, {Kind: Date, Text: "23:59:59"}, {Kind: Boolean, Text: "true"}},
			{text("007"), text("@SUM(A1)"), {Kind: Number, Text: "0.1"}, {Kind: Date, Text: "1900-01-01"}, {}, {}, {Kind: Boolean, Text: "false"}},
			{text("a\nb,\"c\";d"), text("'=x"), {Kind: Number, Text: "123456789012345"}, {Kind: Date, Text: "9999-12-31"}},
			{text("_x0041_ <&> 中文"), text("-1"), {}, {Kind: Date, Text: "1900-02-28"}},
			{text("12"), text("+1"), {Kind: Number, Text: "0"}, {Kind: Date, Text: "1900-03-01"}},
			{text("TRUE"), text("\tx"), {Kind: Number, Text: "1000000"}},
			{text("'x"), text("＝1")},
		},
	}
}

// cellsOf gives the cells of a table as Read gives them.
func cellsOf(t Table) [][]Cell {
	var rows [][]Cell
	for _, row := range t.Rows {
		row = slices.Clone(row)
		for len(row) > 0 && row[len(row)-1] == (Cell{}) {
			row = row[:len(row)-1]
		}
		rows = append(rows, row)
	}
	return rows
}

func rowsOf(s Sheet) [][]Cell {
	var rows [][]Cell
	for _, row := range s.Rows {
		rows = append(rows, row.Cells)
	}
	return rows
}

func written(tb testing.TB, tables ...Table) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := WriteXLSX(&b, tables...); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func TestWriteXLSX(t *testing.T) {
	table := sampleTable()
	data := written(t, table, Table{Name: "sample -2026-- APPLICATIONS and more", Columns: []Column{{Name: "a"}}}, Table{})
	for range 3 {
		if again := written(t, table, Table{Name: "sample -2026-- APPLICATIONS and more", Columns: []Column{{Name: "a"}}}, Table{}); !bytes.Equal(again, data) {
			t.Fatal("the same table gives other bytes")
		}
	}
	book := read(t, "x", data)
	s := book.Sheets[0]
	if !reflect.DeepEqual(rowsOf(s), cellsOf(table)) {
		t.Errorf("got\n%v\nwant\n%v", rowsOf(s), cellsOf(table))
	}
	if !reflect.DeepEqual(s.Columns, table.Columns) || len(book.Problems) > 0 {
		t.Errorf("columns %v, problems %v", s.Columns, book.Problems)
	}
	var names []string
	for _, s := range book.Sheets {
		names = append(names, s.Name)
	}
	if want := []string{"Sample -2026-- applications and", "sample -2026-- APPLICATIONS a 2", "Sheet3"}; !slices.Equal(names, want) {
		t.Errorf("sheets %q, want %q", names, want)
	}

	// No cell is a formula, and no part names somebody or a time.
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		part, _ := io.ReadAll(r)
		for _, bad := range []string{"<f>", "<f ", "xuri", "excelize", "creator", "20060102"} {
			if strings.Contains(string(part), bad) {
				t.Errorf("%s holds %s", f.Name, bad)
			}
		}
		if !f.Modified.IsZero() && f.Modified.Year() > 1980 {
			t.Errorf("%s has the time %s", f.Name, f.Modified)
		}
		if f.Name == "xl/worksheets/sheet1.xml" {
			for _, want := range []string{`rightToLeft="true"`, `state="frozen"`, `ySplit="1"`, `<cols><col min="1" max="1" width="`, `<col min="4" max="4" width="12" customWidth="1" hidden="1"/><col min="5"`} {
				if !strings.Contains(string(part), want) {
					t.Errorf("the sheet lacks %s: %.600s", want, part)
				}
			}
		}
	}

	// The library reads the same, and computes nothing.
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for n := range table.Rows {
		for c := range table.Columns {
			formula, err := f.GetCellFormula(names[0], cellName(c, n+2))
			if formula != "" || err != nil {
				t.Errorf("%s is the formula %q, %v", cellName(c, n+2), formula, err)
			}
		}
		if kind, _ := f.GetCellType(names[0], cellName(1, n+2)); kind != excelize.CellTypeInlineString {
			t.Errorf("%s has type %v", cellName(1, n+2), kind)
		}
	}
	if got, _ := f.GetCellValue(names[0], "D2"); got != "1980-01-02" {
		t.Errorf("the library shows the day as %q", got)
	}
	if got, _ := f.GetCellValue(names[0], "A2"); got != "  Sample " {
		t.Errorf("the library shows the text as %q", got)
	}
}

func TestWriteCSV(t *testing.T) {
	table := sampleTable()
	for _, delimiter := range ",;\t|" {
		var b bytes.Buffer
		if err := WriteCSV(&b, table, delimiter); err != nil {
			t.Fatal(err)
		}
		book := read(t, "x.csv", b.Bytes())
		if book.Delimiter != delimiter {
			t.Errorf("%q is read as %q", delimiter, book.Delimiter)
		}
		want := cellsOf(table)
		got := rowsOf(book.Sheets[0])
		for n := range want {
			for c := range want[n] {
				w, g := want[n][c], Row{Cells: got[n]}.Cell(c)
				if w.Text != g.Text || w.Kind != g.Kind && w.Kind != Text { // a text that looks like a number is one in text
					t.Errorf("%q: %s is %+v, want %+v", delimiter, cellName(c, n+2), g, w)
				}
			}
		}
		in := csv.NewReader(bytes.NewReader(b.Bytes()))
		in.Comma, in.FieldsPerRecord = delimiter, -1
		records, err := in.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, record := range records {
			for _, cell := range record {
				if strings.ContainsAny(cell[:min(1, len(cell))], "=+@\t\r\n") || strings.HasPrefix(cell, "-") && !isDecimal(cell) {
					t.Errorf("%q: a program would compute %q", delimiter, cell)
				}
			}
		}
	}
	for about, cell := range map[string]Cell{
		"a formula as a number": {Kind: Number, Text: "=1+1"}, "a formula as a day": {Kind: Date, Text: "=1+1"}, "no truth": {Kind: Boolean, Text: "=TRUE()"}, "something in nothing": {Text: "=1"},
	} {
		bad := Table{Name: "x", Columns: []Column{{Name: "a"}}, Rows: [][]Cell{{cell}}}
		if err := WriteCSV(io.Discard, bad, ','); err == nil || !strings.Contains(err.Error(), "x!A2") {
			t.Errorf("%s: %v", about, err)
		}
		if err := WriteXLSX(io.Discard, bad); err == nil || !strings.Contains(err.Error(), "A2") {
			t.Errorf("%s: %v", about, err)
		}
	}
	if err := WriteXLSX(io.Discard, Table{Columns: []Column{{}}, Rows: [][]Cell{{{Kind: Text, Text: strings.Repeat("a", 32768)}}}}); err == nil {
		t.Error("a text that no cell holds is written")
	}
	if err := WriteXLSX(io.Discard); err == nil {
		t.Error("a workbook without a sheet is written")
	}
	if err := WriteCSV(io.Discard, table, '='); err == nil {
		t.Error("= stands between cells")
	}
}

// TestRoundTrip writes random tables and reads them again.
func TestRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	letters := []rune("ab'=+-@,;|\t\n\"\\ é中ل0_x4<&>\u200f")
	random := func() Cell {
		switch r.IntN(5) {
		case 0:
			return Cell{}
		case 1:
			return Cell{Kind: Number, Text: decimal(float64(r.IntN(2_000_000)-1_000_000)/100, 0)}
		case 2:
			return Cell{Kind: Date, Text: fmt.Sprintf("%04d-%02d-%02d", 1901+r.IntN(300), 1+r.IntN(12), 1+r.IntN(28))}
		}
		var b strings.Builder
		for range 1 + r.IntN(8) {
			b.WriteRune(letters[r.IntN(len(letters))])
		}
		return Cell{Kind: Text, Text: b.String()}
	}
	for range 60 {
		table := Table{Name: "t", Columns: []Column{{Name: "first"}, {Name: "second"}, {Name: "third"}, {Name: "fourth"}}}
		for range 1 + r.IntN(8) {
			row := []Cell{{Kind: Text, Text: "x"}}
			for range 3 {
				row = append(row, random())
			}
			table.Rows = append(table.Rows, row)
		}
		if got := rowsOf(read(t, "t", written(t, table)).Sheets[0]); !reflect.DeepEqual(got, cellsOf(table)) {
			t.Fatalf("xlsx: got\n%v\nwant\n%v", got, cellsOf(table))
		}
		var b bytes.Buffer
		if err := WriteCSV(&b, table, ','); err != nil {
			t.Fatal(err)
		}
		got, want := rowsOf(read(t, "t", b.Bytes()).Sheets[0]), cellsOf(table)
		for n := range want {
			for c := range want[n] {
				if g := (Row{Cells: got[n]}).Cell(c); g.Text != want[n][c].Text {
					t.Fatalf("csv: %s is %q, want %q, in\n%s", cellName(c, n+2), g.Text, want[n][c].Text, b.String())
				}
			}
		}
	}
}

// TestLibrary reads what another program's library writes.
func TestLibrary(t *testing.T) {
	f := excelize.NewFile()
	defer f.Close()
	for cell, value := range map[string]any{"A1": "name", "B1": "n", "C1": "sum", "A2": "Sample", "B2": 2.5, "A3": "Example", "B3": 4} {
		if err := f.SetCellValue("Sheet1", cell, value); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.SetCellFormula("Sheet1", "C2", "B2*2"); err != nil {
		t.Fatal(err)
	}
	if err := f.SetRowVisible("Sheet1", 3, false); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	const want = `sheet Sheet1 header 1
  A "name"
  B "n"
  C "sum"
  2: t:Sample | n:2.5 | -=f
  3: t:Example | n:4 | hidden
formula_without_value: Sheet1!C2: The cell has a formula, and no value was saved with it. Open the file in a spreadsheet program, let it compute, and save it.
`
	if got := dump(read(t, "x", b.Bytes())); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func bench(b *testing.B) ([]byte, []byte) {
	t := Table{Name: "Sheet1"}
	for c := range 30 {
		t.Columns = append(t.Columns, Column{Name: fmt.Sprint("column ", c)})
	}
	for n := range 10_000 {
		var row []Cell
		for c := range t.Columns {
			row = append(row, [...]Cell{
				{Kind: Text, Text: fmt.Sprintf("text %d %d", n, c)}, {Kind: Number, Text: fmt.Sprint(n * c)},
				{Kind: Date, Text: "2026-11-23"}, {Kind: Boolean, Text: "true"},
			}[c%4])
		}
		t.Rows = append(t.Rows, row)
	}
	var text bytes.Buffer
	if err := WriteCSV(&text, t, ','); err != nil {
		b.Fatal(err)
	}
	return written(b, t), text.Bytes()
}

// BenchmarkRead reads 10,000 rows of 30 columns, and has the library read them for comparison.
func BenchmarkRead(b *testing.B) {
	workbook, text := bench(b)
	for name, data := range map[string][]byte{"xlsx": workbook, "csv": text} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if n := len(read(b, "x", data).Sheets[0].Rows); n != 10_000 {
					b.Fatal(n)
				}
			}
		})
	}
	b.Run("library", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f, err := excelize.OpenReader(bytes.NewReader(workbook))
			if err != nil {
				b.Fatal(err)
			}
			if rows, err := f.GetRows("Sheet1"); err != nil || len(rows) != 10_001 {
				b.Fatal(len(rows), err)
			}
		}
	})
}
