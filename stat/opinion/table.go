package opinion

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// An InputError says what is wrong in a file that was read, where, and what
// to do about it.
type InputError struct {
	File    string // as named by the caller
	Row     int    // 1 is the header, as a spreadsheet counts; 0 is the whole file
	Column  string // as the header names it; empty for the whole row
	Problem string
	Remedy  string
}

// Error gives all parts in one line.
func (e *InputError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "reading %s", e.File)
	if e.Row > 0 {
		fmt.Fprintf(&b, ", row %d", e.Row)
	}
	if e.Column != "" {
		fmt.Fprintf(&b, ", column %q", e.Column)
	}
	fmt.Fprintf(&b, ": %s; %s", e.Problem, e.Remedy)
	return b.String()
}

// maxRow is the longest row read, in bytes. It bounds the memory that a
// broken file can take.
const maxRow = 1 << 20

// A table reads a file of comma-, semicolon- or tab-separated values (RFC
// 4180) row by row in constant memory.
type table struct {
	file      string
	source    io.Reader
	buf       []byte
	at, end   int
	searched  int // bytes after at that hold no line end
	ended     bool
	plain     bool // no quotation mark stands between at and end
	separator byte
	row       int // the row returned last
	header    []string
	// The row read last: its bytes, and where in them each field begins
	// and ends.
	line    []byte
	spans   [][2]int
	scratch []byte
}

// field gives field i of the row read last. It holds until the next call of
// next.
func (t *table) field(i int) []byte {
	s := t.spans[i]
	return t.line[s[0]:s[1]]
}

// newTable reads the header.
func newTable(file string, r io.Reader) (*table, error) {
	t := &table{file: file, source: r, buf: make([]byte, 1<<16)}
	if err := t.fill(); err != nil {
		return nil, err
	}
	for !t.ended && t.end < 4 {
		if err := t.fill(); err != nil {
			return nil, err
		}
	}
	start := t.buf[:t.end]
	switch {
	case bytes.HasPrefix(start, []byte("\xef\xbb\xbf")):
		t.at = 3
	case bytes.HasPrefix(start, []byte("\xff\xfe")), bytes.HasPrefix(start, []byte("\xfe\xff")):
		return nil, t.fail(0, "", "the file is written in UTF-16", "save it as CSV in UTF-8")
	case bytes.HasPrefix(start, []byte("PK\x03\x04")):
		return nil, t.fail(0, "", "the file is a workbook or an archive", "open it and save the sheet as CSV in UTF-8")
	}
	if err := t.sniff(); err != nil {
		return nil, err
	}
	err := t.next()
	if err == io.EOF {
		return nil, t.fail(0, "", "the file is empty", "give a file with a header and one row per entry")
	}
	if err != nil {
		return nil, err
	}
	for i := range t.spans {
		f := t.field(i)
		if !utf8.Valid(f) {
			return nil, t.fail(t.row, "", "the header is not UTF-8", "save the file as CSV in UTF-8")
		}
		t.header = append(t.header, strings.TrimSpace(string(f)))
	}
	return t, nil
}

// sniff finds the separator that the first row has most of.
func (t *table) sniff() error {
	t.separator = ','
	line, err := t.peek()
	if err != nil || line == nil {
		return err
	}
	for _, s := range []byte{';', '\t'} {
		if bytes.Count(line, []byte{s}) > bytes.Count(line, []byte{t.separator}) {
			t.separator = s
		}
	}
	return nil
}

// peek gives the bytes up to the next line end, without it, or nil at the
// end of the file.
func (t *table) peek() ([]byte, error) {
	for {
		if i := bytes.IndexByte(t.buf[t.at+t.searched:t.end], '\n'); i >= 0 {
			return t.buf[t.at : t.at+t.searched+i], nil
		}
		t.searched = t.end - t.at
		if t.ended {
			if t.searched == 0 {
				return nil, nil
			}
			return t.buf[t.at:t.end], nil
		}
		if err := t.fill(); err != nil {
			return nil, err
		}
	}
}

// fill reads more bytes behind those not yet consumed.
func (t *table) fill() error {
	if t.at > 0 {
		copy(t.buf, t.buf[t.at:t.end])
		t.end -= t.at
		t.at = 0
	}
	if t.end == len(t.buf) {
		if len(t.buf) >= maxRow {
			return t.fail(t.row+1, "", "the row is longer than a megabyte", "look for a quotation mark that is not closed, or for line ends that are missing")
		}
		t.buf = append(t.buf, make([]byte, len(t.buf))...)
	}
	for range 100 {
		n, err := t.source.Read(t.buf[t.end:])
		t.end += n
		t.plain = t.end <= 1<<16 && bytes.IndexByte(t.buf[:t.end], '"') < 0
		switch {
		case errors.Is(err, io.EOF):
			t.ended = true
			return nil
		case err != nil:
			return fmt.Errorf("reading %s after row %d: %w", t.file, t.row, err)
		case n > 0:
			return nil
		}
	}
	return fmt.Errorf("reading %s after row %d: %w", t.file, t.row, io.ErrNoProgress)
}

// next reads the next row that is not blank, or gives io.EOF.
func (t *table) next() error {
	for {
		line, err := t.peek()
		if err != nil {
			return err
		}
		if line == nil {
			return io.EOF
		}
		if t.plain || bytes.IndexByte(line, '"') < 0 {
			t.consume(len(line) + 1)
			t.row++
			if n := len(line); n > 0 && line[n-1] == '\r' {
				line = line[:n-1]
			}
			if len(line) == 0 {
				continue
			}
			t.split(line)
			return t.fit()
		}
		if err := t.quoted(); err != nil {
			return err
		}
		return t.fit()
	}
}

func (t *table) consume(n int) {
	t.at = min(t.at+n, t.end)
	t.searched = 0
}

// split cuts a row without quotation marks.
func (t *table) split(line []byte) {
	t.line, t.spans = line, t.spans[:0]
	start := 0
	for {
		i := bytes.IndexByte(line[start:], t.separator)
		if i < 0 {
			break
		}
		t.spans = append(t.spans, [2]int{start, start + i})
		start += i + 1
	}
	t.spans = append(t.spans, [2]int{start, len(line)})
}

// quoted reads a row that has quotation marks and may go over several lines.
func (t *table) quoted() error {
	for {
		n, complete, problem := t.scan(t.buf[t.at:t.end])
		if problem != "" {
			return t.fail(t.row+1, t.name(len(t.spans)), problem, "put fields with quotation marks between quotation marks and double those inside")
		}
		if complete {
			t.line = t.scratch
			t.consume(n)
			t.row++
			return nil
		}
		if t.ended {
			return t.fail(t.row+1, t.name(len(t.spans)), "the quotation mark that opens the field is never closed", "the file seems to be cut off here; fetch it again, or close the quotation mark")
		}
		if err := t.fill(); err != nil {
			return err
		}
	}
}

// scan copies the fields of the row at the start of data into scratch and reports its length
// and whether data holds all of it.
func (t *table) scan(data []byte) (n int, complete bool, problem string) {
	t.spans, t.scratch = t.spans[:0], t.scratch[:0]
	i := 0
	for {
		start := len(t.scratch)
		if i < len(data) && data[i] == '"' {
			i++
			for {
				q := bytes.IndexByte(data[i:], '"')
				if q < 0 {
					return 0, false, ""
				}
				t.scratch = append(t.scratch, data[i:i+q]...)
				i += q + 1
				if i == len(data) && !t.ended {
					return 0, false, ""
				}
				if i < len(data) && data[i] == '"' {
					t.scratch = append(t.scratch, '"')
					i++
					continue
				}
				break
			}
		} else {
			from := i
			for i < len(data) && data[i] != t.separator && data[i] != '\n' {
				if data[i] == '"' {
					return 0, false, "a quotation mark stands inside a field that does not begin with one"
				}
				i++
			}
			f := data[from:i]
			if i < len(data) && data[i] == '\n' || i == len(data) && t.ended {
				f = bytes.TrimSuffix(f, []byte{'\r'})
			}
			t.scratch = append(t.scratch, f...)
		}
		t.spans = append(t.spans, [2]int{start, len(t.scratch)})
		if i+1 < len(data) && data[i] == '\r' && data[i+1] == '\n' {
			i++
		}
		switch {
		case i == len(data) && !t.ended:
			return 0, false, ""
		case i == len(data):
			return i, true, ""
		case data[i] == '\n':
			return i + 1, true, ""
		case data[i] == t.separator:
			i++
		case data[i] == '\r' && i+1 == len(data):
			if t.ended {
				return i + 1, true, ""
			}
			return 0, false, ""
		default:
			return 0, false, "characters follow the closing quotation mark"
		}
	}
}

// fit checks the number of fields of a row against the header.
func (t *table) fit() error {
	n, want := len(t.spans), len(t.header)
	if want == 0 || n == want {
		return nil
	}
	problem := fmt.Sprintf("the row has %d fields, the header names %d", n, want)
	if n < want && t.ended && t.at == t.end {
		return t.fail(t.row, t.name(n), problem, "the file seems to be cut off in its last row; fetch it again, or remove the row")
	}
	return t.fail(t.row, "", problem, "give every row as many fields as the header, and put fields with separators between quotation marks")
}

// name is the header of column i, empty where there is none.
func (t *table) name(i int) string {
	if i < len(t.header) {
		return t.header[i]
	}
	return ""
}

func (t *table) fail(row int, column, problem, remedy string) error {
	return &InputError{File: t.file, Row: row, Column: column, Problem: problem, Remedy: remedy}
}

// column finds the column with one of the names given; −1 where there is
// none.
func (t *table) column(names ...string) (int, error) {
	found := -1
	for i, h := range t.header {
		h = strings.NewReplacer("_", "-", " ", "-").Replace(strings.ToLower(h))
		for _, name := range names {
			if h != name {
				continue
			}
			if found >= 0 {
				return -1, t.fail(1, t.header[i], fmt.Sprintf("columns %q and %q mean the same", t.header[found], t.header[i]), "keep one of them")
			}
			found = i
		}
	}
	return found, nil
}

// need is column for a column that must be there.
func (t *table) need(names ...string) (int, error) {
	i, err := t.column(names...)
	if err == nil && i < 0 {
		err = t.fail(1, "", fmt.Sprintf("there is no column %q; the header names %s", names[0], quoteAll(t.header)), "add the column or correct its name")
	}
	return i, err
}

func quoteAll(names []string) string {
	const most = 12
	var b strings.Builder
	for i, n := range names {
		if i == most {
			fmt.Fprintf(&b, " and %d more", len(names)-most)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%.40q", n)
	}
	return b.String()
}
