package spreadsheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// pack makes a zip file of parts, in the order of their names.
func pack(tb testing.TB, parts map[string]string) []byte {
	tb.Helper()
	var names []string
	for name := range parts {
		names = append(names, name)
	}
	slices.Sort(names)
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range names {
		w, err := z.Create(name)
		if err != nil {
			tb.Fatal(err)
		}
		if _, err := w.Write([]byte(parts[name])); err != nil {
			tb.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

const shell = `<sst><si><t>Name</t></si><si><r><t>Bo</t></r><r><t xml:space="preserve">rn </t></r><rPh sb="0" eb="1"><t>x</t></rPh></si><si><t>a_x000D_b_x005F_x0041_</t></si></sst>`

// sheet makes the parts of a workbook with one sheet, of the given XML.
func sheet(inner string) map[string]string {
	return map[string]string{
		"[Content_Types].xml": `<Types><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>`,
		"_rels/.rels":         `<Relationships><Relationship Id="r1" Type="http://x/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":     `<workbook xmlns:r="r"><workbookPr/><sheets><sheet name="My sheet" sheetId="1" r:id="s1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="s1" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/>` +
			`<Relationship Id="t1" Type="http://x/sharedStrings" Target="/xl/sharedStrings.xml"/><Relationship Id="y1" Type="http://x/styles" Target="styles.xml"/></Relationships>`,
		"xl/sharedStrings.xml":     shell,
		"xl/styles.xml":            `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="dd/mm/yyyy;@"/><numFmt numFmtId="165" formatCode="00000"/><numFmt numFmtId="166" formatCode="[h]:mm"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="22"/><xf numFmtId="20"/><xf numFmtId="166"/></cellXfs></styleSheet>`,
		"xl/worksheets/sheet1.xml": `<worksheet>` + inner + `</worksheet>`,
	}
}

// read reads bytes and fails the test when they are refused.
func read(tb testing.TB, name string, data []byte) *Book {
	tb.Helper()
	book, err := Read(name, bytes.NewReader(data), int64(len(data)), Limits{})
	if err != nil {
		tb.Fatal(err)
	}
	return book
}

// codes gives the problems in short: place and code.
func codes(book *Book) []string {
	var list []string
	for _, p := range book.Problems {
		list = append(list, strings.TrimSpace(p.Place+" "+string(p.Code)))
	}
	return list
}

// dump prints a book so that all that was read can be compared.
func dump(book *Book) string {
	var b strings.Builder
	cells := func(r Row) string {
		var list []string
		for _, c := range r.Cells {
			s := c.Kind.String()[:1] + ":" + c.Text
			if c.Kind == Empty {
				s = "-"
			}
			if c.Formula {
				s += "=f"
			}
			if c.Merged {
				s += "=m"
			}
			list = append(list, s)
		}
		if r.Hidden {
			list = append(list, "hidden")
		}
		return strings.ReplaceAll(fmt.Sprintf("%d: %s\n", r.Number, strings.Join(list, " | ")), "\r", `\r`)
	}
	for _, s := range book.Sheets {
		fmt.Fprintf(&b, "sheet %s header %d", s.Name, s.Header)
		if s.Hidden {
			b.WriteString(" hidden")
		}
		b.WriteString("\n")
		for _, r := range s.Above {
			b.WriteString("  above " + cells(r))
		}
		for c, column := range s.Columns {
			fmt.Fprintf(&b, "  %s %q", columnName(c), column.Name)
			if column.Hidden {
				b.WriteString(" hidden")
			}
			b.WriteString("\n")
		}
		for _, r := range s.Rows {
			b.WriteString("  " + cells(r))
		}
	}
	for _, p := range book.Problems {
		fmt.Fprintf(&b, "%s: %s\n", p.Code, p.Error())
	}
	return b.String()
}

func TestCells(t *testing.T) {
	const head = `<sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row><row r="2"><c r="A2" t="inlineStr"><is><t>x</t></is></c>`
	for cell, want := range map[string]string{
		`<c r="B2" t="s"><v>2</v></c>`:                                                   "t:a\nb_x0041_",
		`<c r="B2" t="s"><v></v></c>`:                                                    "",
		`<c r="B2" t="inlineStr"><is><t> 007 </t></is></c>`:                              "t: 007 ",
		`<c r="B2" t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r></is></c>`:            "t:ab",
		`<c r="B2" t="str"><f>A2&amp;"!"</f><v>x!</v></c>`:                               "t:x!=f",
		`<c r="B2" t="str"><f>IF(1,"")</f><v></v></c>`:                                   "-=f",
		`<c r="B2"><f>1+1</f><v>2</v></c>`:                                               "n:2=f",
		`<c r="B2"><f>1+1</f><v></v></c>`:                                                "-=f'My sheet'!B2 formula_without_value",
		`<c r="B2"><f>1+1</f></c>`:                                                       "-=f'My sheet'!B2 formula_without_value",
		`<c r="B2"><f t="shared" si="0"/><v>3</v></c>`:                                   "n:3=f",
		`<c r="B2" t="b"><v>1</v></c>`:                                                   "b:true",
		`<c r="B2" t="b"><v>0</v></c>`:                                                   "b:false",
		`<c r="B2" t="e"><v>#REF!</v></c>`:                                               "e:#REF!'My sheet'!B2 error_cell",
		`<c r="B2"><v>1E+2</v></c>`:                                                      "n:100",
		`<c r="B2"><v>0.30000000000000004</v></c>`:                                       "n:0.3",
		`<c r="B2"><v>-0</v></c>`:                                                        "n:0",
		`<c r="B2"><v>123456789012345678</v></c>`:                                        "n:123456789012346000",
		`<c r="B2" s="2"><v>123</v></c>`:                                                 "n:00123",
		`<c r="B2" s="1"><v>1</v></c>`:                                                   "d:1900-01-01",
		`<c r="B2" s="1"><v>59</v></c>`:                                                  "d:1900-02-28",
		`<c r="B2" s="1"><v>60</v></c>`:                                                  "n:60'My sheet'!B2 date_out_of_range",
		`<c r="B2" s="1"><v>61</v></c>`:                                                  "d:1900-03-01",
		`<c r="B2" s="1"><v>46349.75</v></c>`:                                            "d:2026-11-23",
		`<c r="B2" s="1"><v>2958465</v></c>`:                                             "d:9999-12-31",
		`<c r="B2" s="1"><v>2958466</v></c>`:                                             "n:2958466'My sheet'!B2 date_out_of_range",
		`<c r="B2" s="1"><v>-1</v></c>`:                                                  "n:-1'My sheet'!B2 date_out_of_range",
		`<c r="B2" s="3"><v>46349.604166666664</v></c>`:                                  "d:2026-11-23T14:30:00",
		`<c r="B2" s="3"><v>46349.999999</v></c>`:                                        "d:2026-11-24T00:00:00",
		`<c r="B2" s="4"><v>0.604166666666667</v></c>`:                                   "d:14:30:00",
		`<c r="B2" s="5"><v>1.5</v></c>`:                                                 "n:1.5",
		`<c r="B2" t="d"><v>2026-11-23T00:00:00</v></c>`:                                 "d:2026-11-23",
		`<c r="B2" t="d"><v>tomorrow</v></c>`:                                            "t:tomorrow'My sheet'!B2 date_out_of_range",
		`<c><v>5</v></c>`:                                                                "n:5",
		`<c r="B2" s="9"><v>5</v></c>`:                                                   "n:5",
		`<c r="B2" s="1"/>`:                                                              "",
		`<c r="B2" t="inlineStr"><is><t>` + strings.Repeat("é", 32768) + `</t></is></c>`: "t:" + strings.Repeat("é", 32767) + "'My sheet'!B2 cell_too_long",
	} {
		book := read(t, "x", pack(t, sheet(head+cell+`</row></sheetData>`)))
		s := book.Sheets[0]
		got := ""
		if c := s.Rows[0].Cell(1); c != (Cell{}) {
			got = c.Kind.String()[:1] + ":" + c.Text
			if c.Kind == Empty {
				got = "-"
			}
			if c.Formula {
				got += "=f"
			}
		}
		got += strings.Join(codes(book), ",")
		if got != want {
			t.Errorf("%.90s gives %.90q, want %.90q", cell, got, want)
		}
		if s.Columns[1].Name != "Born" {
			t.Errorf("the header is %+v", s.Columns)
		}
	}
}

func Test1904(t *testing.T) {
	parts := sheet(`<sheetData><row><c s="1"><v>0</v></c><c s="1"><v>44887</v></c><c s="1"><v>2957003</v></c><c s="1"><v>2957004</v></c></row></sheetData>`)
	parts["xl/workbook.xml"] = strings.Replace(parts["xl/workbook.xml"], "<workbookPr/>", `<workbookPr date1904="1"/>`, 1)
	got := read(t, "x", pack(t, parts)).Sheets[0].Rows[0]
	for c, want := range []string{"1904-01-01", "2026-11-23", "9999-12-31", "2957004"} {
		if got.Cell(c).Text != want {
			t.Errorf("column %d is %q, want %q", c, got.Cell(c).Text, want)
		}
	}
}

// TestShape reads rows, columns and sheets that are hidden, merged, sparse and without order in their names.
func TestShape(t *testing.T) {
	parts := sheet(`<cols><col min="2" max="2" hidden="1"/></cols><sheetData>
<row r="1"><c r="A1" t="inlineStr"><is><t>Applications 2026</t></is></c></row>
<row r="2"><c r="A2" t="inlineStr"><is><t>Country</t></is></c><c r="B2" t="inlineStr"><is><t>Austria</t></is></c></row>
<row r="4"><c r="A4" t="inlineStr"><is><t>Person</t></is></c><c r="D4" t="inlineStr"><is><t>Notes</t></is></c></row>
<row r="5"><c r="A5" t="inlineStr"><is><t> First  name </t></is></c><c r="B5" t="inlineStr"><is><t>Last</t></is></c><c r="C5" t="inlineStr"><is><t>Last</t></is></c></row>
<row r="7" hidden="1"><c r="A7" t="inlineStr"><is><t>Sample</t></is></c><c r="B7"><v>1</v></c><c r="D7"><v>2</v></c></row>
<row r="8"><c r="B8"><v>3</v></c><c r="C8" s="1"/></row>
<row r="9"><c r="B9"><v>4</v></c></row>
<row r="1048576"><c r="XFD1048576" s="1"/></row></sheetData>
<mergeCells count="2"><mergeCell ref="A4:C4"/><mergeCell ref="A7:A8"/><mergeCell ref="C9"/></mergeCells>`)
	parts["xl/workbook.xml"] = `<workbook xmlns:r="r"><sheets><sheet name="A" r:id="s1"/><sheet name="B" state="veryHidden" r:id="s2"/><sheet name="Chart" r:id="c1"/></sheets></workbook>`
	parts["xl/_rels/workbook.xml.rels"] = strings.Replace(parts["xl/_rels/workbook.xml.rels"], "</Relationships>", `<Relationship Id="s2" Type="http://x/worksheet" Target="WORKSHEETS/../worksheets/Two.xml"/><Relationship Id="c1" Type="http://x/chartsheet" Target="c.xml"/></Relationships>`, 1)
	parts["xl/worksheets/two.xml"] = `<worksheet><sheetData/></worksheet>`
	parts["xl/externalLinks/externalLink1.xml"] = `<x/>`
	const want = `sheet A header 5
  above 1: t:Applications 2026
  above 2: t:Country | t:Austria
  above 4: t:Person | -=m | -=m | t:Notes
  A "First name"
  B "Last" hidden
  C "Last"
  D ""
  7: t:Sample | n:1 | - | n:2 | hidden
  8: -=m | n:3
  9: - | n:4
sheet B header 0 hidden
external_links: The workbook refers to other files. They are not opened; the values that were saved with it are used. Check that the values are up to date.
duplicate_header: A!C5: The name “Last” stands already at B5. Give each column a name of its own.
empty_header: A!D5: The column has values and no name. Write a name above it, or delete the column.
merged_cells: A!A7:A8: Cells are merged: only the first one has the value. Unmerge them, and write the value into each.
`
	if got := dump(read(t, "x", pack(t, parts))); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestHeader(t *testing.T) {
	for about, tt := range map[string]struct {
		csv  string
		want int
	}{
		"first row":        {"a,b,c\n1,2,3\n", 1},
		"only a header":    {"a,b,c\n", 1},
		"title":            {"Title,,\n,,\na,b,c\n1,2,3\n", 3},
		"title and pairs":  {"Title,,\nCountry,Austria,\na,b,c\nx,y,z\n", 3},
		"one column":       {"name\nSample\nExample\n", 1},
		"all text":         {"a,b,c\nd,e,f\n", 1},
		"half is enough":   {"a,b,c,,\n1,2,3,4,5\n", 1},
		"less is not":      {"a,b,,,,,\n1,2,3,4,5,6,7\n", 0},
		"numbers":          {"1,2,3\n4,5,6\n", 0},
		"date among names": {"a,b,2026-01-01\n1,2,3\n", 0},
	} {
		book := read(t, "x.csv", []byte(tt.csv))
		if got := book.Sheets[0].Header; got != tt.want {
			t.Errorf("%s: header %d, want %d", about, got, tt.want)
		}
		if (tt.want == 0) != slices.Contains(codes(book), "x no_header") {
			t.Errorf("%s: %v", about, codes(book))
		}
	}
}

// refused gives the code with which bytes are refused.
func refused(tb testing.TB, data []byte, limits Limits) Code {
	tb.Helper()
	_, err := Read("x", bytes.NewReader(data), int64(len(data)), limits)
	var p *Problem
	if err == nil {
		return ""
	}
	if !errors.As(err, &p) {
		tb.Fatal(err)
	}
	if !p.Refuses || p.Sentence == "" || p.Next == "" {
		tb.Errorf("%s has no sentence or does not refuse", p.Code)
	}
	return p.Code
}

func TestRefused(t *testing.T) {
	with := func(change func(map[string]string)) []byte {
		parts := sheet(`<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>`)
		change(parts)
		return pack(t, parts)
	}
	inner := func(s string) []byte {
		return with(func(p map[string]string) { p["xl/worksheets/sheet1.xml"] = s })
	}
	put := func(name, text string) []byte { return with(func(p map[string]string) { p[name] = text }) }
	row := `<row r="%d"><c r="A%d"><v>1</v></c></row>`
	ole := "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600)
	var encrypted strings.Builder
	for _, c := range "EncryptedPackage" {
		encrypted.WriteString(string(c) + "\x00")
	}
	for about, tt := range map[string]struct {
		data   []byte
		limits Limits
		want   Code
	}{
		"sound":             {inner(`<worksheet/>`), Limits{}, ""},
		"nothing":           {nil, Limits{}, EmptyFile},
		"blank":             {[]byte(" \r\n"), Limits{}, EmptyFile},
		"large":             {[]byte("a,b,c"), Limits{Bytes: 4}, FileTooLarge},
		"macros":            {put("xl/vbaProject.bin", "x"), Limits{}, Macros},
		"macros by type":    {put("[Content_Types].xml", `<Types><Override ContentType="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/></Types>`), Limits{}, Macros},
		"binary":            {put("xl/workbook.bin", "x"), Limits{}, BinaryWorkbook},
		"opendocument":      {pack(t, map[string]string{"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}), Limits{}, OpenDocument},
		"some zip":          {pack(t, map[string]string{"a.txt": "x"}), Limits{}, NotATable},
		"a document":        {put("xl/workbook.xml", `<document/>`), Limits{}, NotATable},
		"old":               {[]byte(ole), Limits{}, OldExcel},
		"encrypted":         {[]byte(ole + encrypted.String()), Limits{}, Encrypted},
		"pdf":               {[]byte("%PDF-1.7\n"), Limits{}, NotATable},
		"html":              {[]byte("\xef\xbb\xbf \n<html><table>"), Limits{}, NotATable},
		"zeros":             {[]byte("a,b\x00\x01\x02,c\n"), Limits{}, NotATable},
		"cut zip":           {inner(`<worksheet/>`)[:300], Limits{}, BrokenFile},
		"cut XML":           {inner(`<worksheet><sheetData><row`), Limits{}, BrokenFile},
		"bomb":              {inner(strings.Repeat(" ", 3<<20)), Limits{Unpacked: 1 << 20}, UnpacksTooLarge},
		"entity":            {inner(`<!DOCTYPE x [<!ENTITY a "b">]><worksheet><sheetData><row><c><v>&a;</v></c></row></sheetData></worksheet>`), Limits{}, BrokenFile},
		"sheets":            {put("xl/workbook.xml", `<workbook>`+strings.Repeat("<sheet/>", 101)+`</workbook>`), Limits{}, TooManySheets},
		"no sheet":          {put("xl/workbook.xml", `<workbook/>`), Limits{}, NoSheet},
		"lost sheet":        {put("xl/workbook.xml", `<workbook xmlns:r="r"><sheet name="x" r:id="s7"/></workbook>`), Limits{}, BrokenFile},
		"path out":          {put("xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="s1" Type="http://x/worksheet" Target="../../../etc/passwd"/></Relationships>`), Limits{}, BrokenFile},
		"rows":              {inner(`<worksheet><sheetData>` + fmt.Sprintf(row, 1, 1) + fmt.Sprintf(row, 2, 2) + fmt.Sprintf(row, 9, 9)), Limits{Rows: 2}, TooManyRows},
		"columns":           {inner(`<worksheet><sheetData><row r="1"><c r="ALM1"><v>1</v></c></row></sheetData></worksheet>`), Limits{}, TooManyColumns},
		"columns of a text": {[]byte("a" + strings.Repeat(",", 1000)), Limits{}, TooManyColumns},
		"cells":             {inner(`<worksheet><sheetData><row r="1"><c r="Z1"><v>1</v></c></row><row r="2"><c r="Z2"><v>1</v></c></row></sheetData></worksheet>`), Limits{Cells: 30}, TooManyCells},
		"rows back":         {inner(`<worksheet><sheetData><row r="2"/><row r="1"/></sheetData></worksheet>`), Limits{}, BrokenFile},
		"row 0":             {inner(`<worksheet><sheetData><row r="0"/></sheetData></worksheet>`), Limits{}, BrokenFile},
		"row too far":       {inner(`<worksheet><sheetData><row r="1048577"/></sheetData></worksheet>`), Limits{}, BrokenFile},
		"cells back":        {inner(`<worksheet><sheetData><row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row></sheetData></worksheet>`), Limits{}, BrokenFile},
		"cell of another":   {inner(`<worksheet><sheetData><row r="1"><c r="A2"><v>1</v></c></row></sheetData></worksheet>`), Limits{}, BrokenFile},
		"column too far":    {inner(`<worksheet><sheetData><row r="1"><c r="XFE1"><v>1</v></c></row></sheetData></worksheet>`), Limits{}, BrokenFile},
		"text unknown":      {inner(`<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>99</v></c></row></sheetData></worksheet>`), Limits{}, BrokenFile},
		"not a number":      {inner(`<worksheet><sheetData><row r="1"><c r="A1"><v>NaN</v></c></row></sheetData></worksheet>`), Limits{}, BrokenFile},
		"merged over":       {inner(`<worksheet><sheetData>` + fmt.Sprintf(row, 1, 1) + `</sheetData>` + strings.Repeat(`<mergeCell ref="A1:XFD1048576"/>`, 5) + `</worksheet>`), Limits{Cells: 2000}, BrokenFile},
		"merged badly":      {inner(`<worksheet><mergeCell ref="B2:A1"/></worksheet>`), Limits{}, BrokenFile},
	} {
		if got := refused(t, tt.data, tt.limits); got != tt.want {
			t.Errorf("%s: %q, want %q", about, got, tt.want)
		}
	}
	var twice bytes.Buffer
	z := zip.NewWriter(&twice)
	for range 2 {
		z.Create("xl/Workbook.xml")
	}
	z.Close()
	if got := refused(t, twice.Bytes(), Limits{}); got != BrokenFile {
		t.Errorf("two parts of one name: %q", got)
	}
}

// TestSparse reads a million rows with nothing in them, and rows whose only cell stands far right.
func TestSparse(t *testing.T) {
	var b strings.Builder
	b.WriteString(`<sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row>`)
	b.WriteString(strings.Repeat(`<row/>`, maxRows-1) + `</sheetData>`)
	book := read(t, "x", pack(t, sheet(b.String())))
	if s := book.Sheets[0]; s.Header != 1 || len(s.Rows) != 0 || len(s.Columns) != 1 {
		t.Errorf("header %d, %d rows, %d columns", s.Header, len(s.Rows), len(s.Columns))
	}
	b.Reset()
	b.WriteString(`<sheetData>`)
	for n := 1; n <= 5000; n++ {
		fmt.Fprintf(&b, `<row r="%d"><c r="ALL%d"><v>1</v></c></row>`, n, n)
	}
	b.WriteString(`</sheetData>`)
	if got := refused(t, pack(t, sheet(b.String())), Limits{}); got != TooManyCells {
		t.Errorf("5,000 rows of 1,000 columns: %q", got)
	}
}

func TestManyProblems(t *testing.T) {
	var b strings.Builder
	for n := 1; n <= 150; n++ {
		fmt.Fprintf(&b, `<row r="%d"><c r="A%d" t="e"><v>#N/A</v></c></row>`, n, n)
	}
	book := read(t, "x", pack(t, sheet(`<sheetData>`+b.String()+`</sheetData>`)))
	last := book.Problems[len(book.Problems)-1]
	if len(book.Problems) != 100 || last.Code != TooManyProblems || last.Args["count"] != "52" { // 150 and no_header
		t.Errorf("%d problems, the last %s", len(book.Problems), last.Error())
	}
}

func TestCodes(t *testing.T) {
	seen := map[Code]bool{}
	for _, c := range Codes() {
		p := newProblem(c, "", "v", "limit", "1", "first", "1", "have", "1", "want", "1", "encoding", "1", "length", "1", "count", "1")
		if seen[c] || p.Sentence == "" || p.Next == "" || strings.Contains(p.Sentence+p.Next, "{") {
			t.Errorf("%s: %q %q", c, p.Sentence, p.Next)
		}
		seen[c] = true
	}
	if len(seen) < 25 || !slices.IsSorted(Codes()) {
		t.Errorf("%d codes", len(seen))
	}
}
