// Package spreadsheet reads and writes tables: workbooks (.xlsx) and texts with delimiters (.csv, .tsv). What it
// reads comes from strangers: every file is bounded, nothing outside it is opened, and each thing that is wrong has
// a code and a place such as Sheet1!C7.
//
// docs/formats/spreadsheet.md specifies what is read and written.
package spreadsheet

import (
	"bytes"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// Kind says what a cell holds.
type Kind uint8

// The kinds, with the form of a cell's text.
const (
	Empty   Kind = iota
	Text         // as it stands
	Number       // decimal digits with a point
	Date         // 2026-11-23, 2026-11-23T14:30:00 or 14:30:00
	Boolean      // true or false
	Error        // #REF!
)

// String gives the word of the kind.
func (k Kind) String() string {
	return [...]string{"empty", "text", "number", "date", "boolean", "error"}[min(k, Error)]
}

// Cell is one cell.
type Cell struct {
	Text    string
	Kind    Kind
	Formula bool // the text is what a program computed when the file was saved
	Merged  bool // the value stands in another cell, above or before this one
}

// Row is one row, from column A to its last cell that is not empty.
type Row struct {
	Number int // as in the file, from 1
	Hidden bool
	Cells  []Cell
}

// Cell gives a cell by its column, from 0; an empty one beyond the end.
func (r Row) Cell(column int) Cell {
	if column < 0 || column >= len(r.Cells) {
		return Cell{}
	}
	return r.Cells[column]
}

func (r Row) empty() bool {
	for _, c := range r.Cells {
		if c.Kind != Empty {
			return false
		}
	}
	return true
}

// Column is one column.
type Column struct {
	Name   string // empty where it has none
	Hidden bool
}

// Sheet is one table.
type Sheet struct {
	Name    string
	Hidden  bool
	Columns []Column
	Header  int   // the row that names the columns; 0 where none does
	Above   []Row // what stands over the header
	Rows    []Row // the data; rows in which all is empty are left out
}

// Place names a cell of the sheet, column from 0 and row from 1, as Sheet1!C7.
func (s *Sheet) Place(column, row int) string { return place(s.Name, cellName(column, row)) }

// Book is what one file holds.
type Book struct {
	Format    string // xlsx or csv
	Encoding  string // of a csv: utf-8, utf-16le, utf-16be or windows-1252
	Delimiter rune   // of a csv
	Sheets    []Sheet
	Problems  []Problem
}

// Limits bound what a file may cost. What is zero has the value of DefaultLimits.
type Limits struct {
	Bytes      int64 // of the file
	Unpacked   int64 // bytes of all parts of a workbook that are read
	Sheets     int
	Rows       int // that are not empty, of all sheets
	Columns    int
	Cells      int // counted up to the last one of each row
	Characters int // of one cell
	Problems   int
}

// DefaultLimits suit a file that a person fills in.
func DefaultLimits() Limits {
	return Limits{Bytes: 32 << 20, Unpacked: 256 << 20, Sheets: 100, Rows: 200_000, Columns: 1000, Cells: 2_000_000, Characters: 32_767, Problems: 100}
}

func (l Limits) filled() Limits {
	d := DefaultLimits()
	for _, v := range []struct{ have, def *int64 }{{&l.Bytes, &d.Bytes}, {&l.Unpacked, &d.Unpacked}} {
		if *v.have <= 0 {
			*v.have = *v.def
		}
	}
	for _, v := range []struct{ have, def *int }{{&l.Sheets, &d.Sheets}, {&l.Rows, &d.Rows}, {&l.Columns, &d.Columns}, {&l.Cells, &d.Cells}, {&l.Characters, &d.Characters}, {&l.Problems, &d.Problems}} {
		if *v.have <= 0 {
			*v.have = *v.def
		}
	}
	l.Columns = min(l.Columns, maxColumns)
	return l
}

// Read reads a file of size bytes. The name serves only to name the sheet of a text. An error is a *Problem, which
// refuses the file, or one of in. What is wrong with single cells stands in the book's Problems.
func Read(name string, in io.ReaderAt, size int64, limits Limits) (*Book, error) {
	r := &reader{limits: limits.filled(), book: &Book{}}
	if size == 0 {
		return nil, newProblem(EmptyFile, "", "")
	}
	if size > r.limits.Bytes {
		return nil, newProblem(FileTooLarge, "", "", "limit", megabytes(r.limits.Bytes))
	}
	head := make([]byte, min(size, 4096))
	if _, err := in.ReadAt(head, 0); err != nil && err != io.EOF {
		return nil, err
	}
	var err error
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		err = r.workbook(in, size)
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		err = compound(in, size)
	default:
		err = r.text(name, head, io.NewSectionReader(in, 0, size))
	}
	if err != nil {
		return nil, err
	}
	r.book.Problems = r.problems.list
	return r.book, nil
}

// compound says what a compound file of Microsoft is (MS-CFB): an encrypted workbook has a stream of a known name.
func compound(in io.ReaderAt, size int64) error {
	var name []byte
	for _, c := range utf16.Encode([]rune("EncryptedPackage")) {
		name = append(name, byte(c), byte(c>>8))
	}
	all, err := io.ReadAll(io.NewSectionReader(in, 0, size))
	if err != nil {
		return err
	}
	if bytes.Contains(all, name) {
		return newProblem(Encrypted, "", "")
	}
	return newProblem(OldExcel, "", "")
}

// reader reads one file.
type reader struct {
	limits   Limits
	book     *Book
	problems problems
	rows     int // that are not empty so far
	cells    int // so far
}

func (r *reader) report(code Code, place, value string, args ...string) {
	r.problems.add(r.limits.Problems, newProblem(code, place, value, args...))
}

// keep adds a row to a sheet unless it is empty, and holds the limits.
func (r *reader) keep(s *Sheet, row Row) error {
	for len(row.Cells) > 0 && row.Cells[len(row.Cells)-1] == (Cell{}) {
		row.Cells = row.Cells[:len(row.Cells)-1]
	}
	if row.empty() {
		return nil
	}
	r.rows++
	r.cells += len(row.Cells)
	switch {
	case r.rows > r.limits.Rows:
		return newProblem(TooManyRows, s.Place(0, row.Number), "", "limit", strconv.Itoa(r.limits.Rows))
	case r.cells > r.limits.Cells:
		return newProblem(TooManyCells, s.Place(0, row.Number), "", "limit", strconv.Itoa(r.limits.Cells))
	}
	row.Cells = slices.Clone(row.Cells) // the caller uses its own again
	s.Rows = append(s.Rows, row)
	return nil
}

// cut holds a text to the limit of characters.
func (r *reader) cut(text, place string) string {
	if len(text) <= r.limits.Characters {
		return text
	}
	count, at := 0, len(text)
	for i := range text {
		if count == r.limits.Characters {
			at = i
		}
		count++
	}
	if at < len(text) {
		r.report(CellTooLong, place, text[:at], "limit", strconv.Itoa(r.limits.Characters), "length", strconv.Itoa(count))
	}
	return text[:at]
}

// What a spreadsheet program has at most (ECMA-376, part 1, 18.3.1.73).
const (
	maxColumns = 16_384
	maxRows    = 1_048_576
)

// columnName gives the letters of a column, from 0: A, Z, AA.
func columnName(column int) string {
	var b [4]byte
	at := len(b)
	for n := column + 1; n > 0; n = (n - 1) / 26 {
		at--
		b[at] = byte('A' + (n-1)%26)
	}
	return string(b[at:])
}

func cellName(column, row int) string { return columnName(column) + strconv.Itoa(row) }

// parseCell reads C7 as column 2 and row 7.
func parseCell(s string) (column, row int, ok bool) {
	at := 0
	for at < len(s) && at < 4 && s[at] >= 'A' && s[at] <= 'Z' {
		column = column*26 + int(s[at]-'A') + 1
		at++
	}
	if at == 0 || at == len(s) || len(s)-at > 7 {
		return 0, 0, false
	}
	for ; at < len(s); at++ {
		if s[at] < '0' || s[at] > '9' {
			return 0, 0, false
		}
		row = row*10 + int(s[at]-'0')
	}
	return column - 1, row, column <= maxColumns && row >= 1 && row <= maxRows
}

// place names a range of a sheet as spreadsheet programs do.
func place(sheet, cells string) string {
	if strings.ContainsFunc(sheet, func(c rune) bool {
		return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c >= 0x80)
	}) {
		sheet = "'" + strings.ReplaceAll(sheet, "'", "''") + "'"
	}
	if cells == "" {
		return sheet
	}
	return sheet + "!" + cells
}

// baseName names the sheet of a text after its file.
func baseName(file string) string {
	base := path.Base(strings.ReplaceAll(file, `\`, "/"))
	base = strings.TrimSpace(strings.TrimSuffix(base, path.Ext(base)))
	if base == "" || base == "." || base == "/" {
		return "Sheet1"
	}
	return base
}
