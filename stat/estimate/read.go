package estimate

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxInput bounds the file: 1,024 rows of ten lists need far less.
const maxInput = 1 << 20

// InputError says what is wrong with a table, where, and what to do about it.
type InputError struct {
	Row     int    // row of the file, the header is row 1; 0 where no row is to blame
	Column  string // name or number of the column; empty where no column is to blame
	Problem string
	Advice  string

	few bool // fewer than two lists
}

func (e *InputError) Error() string {
	var b strings.Builder
	switch {
	case e.Row > 0 && e.Column != "":
		fmt.Fprintf(&b, "row %d, column %q: ", e.Row, e.Column)
	case e.Row > 0:
		fmt.Fprintf(&b, "row %d: ", e.Row)
	case e.Column != "":
		fmt.Fprintf(&b, "column %q: ", e.Column)
	}
	b.WriteString(e.Problem)
	if e.Advice != "" {
		b.WriteString("; ")
		b.WriteString(e.Advice)
	}
	return b.String()
}

// Read reads a table from text with one row per combination of lists. The
// first row names the columns; every column but the last is a list and holds 1
// (in the list) or 0 (not in the list); the last column is the number of
// people. Combinations that are left out count 0 people. Columns are separated
// by commas, semicolons or tabs, the same throughout; a byte order mark, CRLF
// line ends and blank lines are accepted. An error about the content is a
// *InputError.
func Read(r io.Reader) (Table, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxInput+1))
	if err != nil {
		return Table{}, fmt.Errorf("reading table: %w", err)
	}
	if len(data) > maxInput {
		return Table{}, &InputError{
			Problem: fmt.Sprintf("the file is larger than %d bytes", maxInput),
			Advice:  "give one row per combination of lists with its count, not one row per person",
		}
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) || bytes.IndexByte(data, 0) >= 0 || !utf8.Valid(data) {
		return Table{}, &InputError{Problem: "the file is not UTF-8 text", Advice: "save it as CSV (UTF-8)"}
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return Table{}, &InputError{Problem: "the file is empty", Advice: "give a row of names and one row per combination of lists"}
	}
	comma := separator(data)
	cr := csv.NewReader(bytes.NewReader(data))
	cr.Comma = comma
	cr.FieldsPerRecord = -1
	cr.TrimLeadingSpace = comma != '\t'

	header, err := readRow(cr)
	if err != nil {
		return Table{}, err
	}
	if err := checkHeader(header, comma); err != nil {
		return Table{}, err
	}
	lists := header[:len(header)-1]
	counts := make([]int64, 1<<len(lists))
	seenAt := make([]int, len(counts))
	var total int64
	for {
		record, err := readRow(cr)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Table{}, err
		}
		row, _ := cr.FieldPos(0)
		p, c, err := parseRow(row, header, record, comma)
		if err != nil {
			return Table{}, err
		}
		switch {
		case seenAt[p] > 0:
			return Table{}, &InputError{
				Row:     row,
				Problem: fmt.Sprintf("the same combination of lists already stands in row %d", seenAt[p]),
				Advice:  "keep one row per combination, with the total count",
			}
		case p == 0 && c > 0:
			return Table{}, &InputError{
				Row: row, Column: header[len(lists)],
				Problem: fmt.Sprintf("%d people are counted as being in no list", c),
				Advice:  "remove this row: the number of people in no list is what is estimated",
			}
		case total+c > MaxObserved:
			return Table{}, &InputError{
				Row: row, Column: header[len(lists)],
				Problem: fmt.Sprintf("the counts add up to more than %d people", int64(MaxObserved)),
				Advice:  "check that the last column is a count",
			}
		}
		seenAt[p] = row
		counts[p] = c
		total += c
	}
	if total == 0 {
		return Table{}, &InputError{
			Problem: "the table counts nobody",
			Advice:  "give one row per combination of lists, with the number of people in the last column",
		}
	}
	return NewTable(lists, counts)
}

// readRow reads one record and turns the parser's errors into ours.
func readRow(cr *csv.Reader) ([]string, error) {
	record, err := cr.Read()
	if err == nil {
		for i := range record {
			record[i] = strings.TrimSpace(record[i])
		}
		return record, nil
	}
	var bad *csv.ParseError
	if errors.As(err, &bad) {
		return nil, &InputError{
			Row:     bad.StartLine,
			Problem: "a quotation mark is opened and not closed, or stands inside a value",
			Advice:  "the file may be cut off; check the quotation marks of this row",
		}
	}
	return nil, err
}

// separator takes the separator from the first line that holds any: the one of
// comma, semicolon and tab that it uses most, commas first.
func separator(data []byte) rune {
	for line := range bytes.Lines(data) {
		best, most := ',', bytes.Count(line, []byte{','})
		for _, c := range []byte{';', '\t'} {
			if n := bytes.Count(line, []byte{c}); n > most {
				best, most = rune(c), n
			}
		}
		if most > 0 {
			return best
		}
	}
	return ','
}

func checkHeader(header []string, comma rune) error {
	if len(header) < 2 {
		return &InputError{
			Row:     1,
			Problem: "there is one column",
			Advice:  "separate the columns by commas: one column for each list and a last column of counts",
		}
	}
	numeric := true
	for _, name := range header {
		if _, err := strconv.ParseFloat(name, 64); err != nil {
			numeric = false
		}
	}
	if numeric {
		return &InputError{Row: 1, Problem: "the first row holds numbers instead of names", Advice: "add a first row that names the lists and the column of counts"}
	}
	lists, count := header[:len(header)-1], header[len(header)-1]
	for i, name := range header {
		if other := otherSeparator(name, comma); other != "" {
			return &InputError{
				Row: 1, Column: strconv.Itoa(i + 1),
				Problem: fmt.Sprintf("the name %q holds a %s while columns are separated by %s", name, other, separatorName(comma)),
				Advice:  "use one separator throughout",
			}
		}
	}
	if err := checkLists(lists); err != nil {
		return err
	}
	if count == "" {
		return &InputError{Row: 1, Column: strconv.Itoa(len(header)), Problem: "the last column has no name", Advice: "name it, for example \"count\"; a separator too many at the end of each row has the same effect"}
	}
	for i, name := range lists {
		if name == count {
			return &InputError{
				Row: 1, Column: strconv.Itoa(len(header)),
				Problem: fmt.Sprintf("the name %q is also that of column %d", count, i+1),
				Advice:  "the last column holds the counts; give it a name of its own",
			}
		}
	}
	return nil
}

// parseRow turns a record into a bit pattern and a count.
func parseRow(row int, header, record []string, comma rune) (int, int64, error) {
	if len(record) != len(header) {
		e := &InputError{
			Row:     row,
			Problem: fmt.Sprintf("the row has %d columns, the first row has %d", len(record), len(header)),
			Advice:  "give a 0 or 1 for every list and then the count; the file may be cut off here",
		}
		for _, v := range record {
			if other := otherSeparator(v, comma); other != "" {
				e.Problem = fmt.Sprintf("the row uses a %s while the first row uses %s", other, separatorName(comma))
				e.Advice = "use one separator throughout"
			}
		}
		return 0, 0, e
	}
	last := len(record) - 1
	p := 0
	for j, v := range record[:last] {
		switch v {
		case "0":
		case "1":
			p |= 1 << j
		default:
			return 0, 0, &InputError{
				Row: row, Column: header[j],
				Problem: fmt.Sprintf("%s is neither 0 nor 1", quoted(v)),
				Advice:  "write 1 for people in this list and 0 for people not in it; the count comes last",
			}
		}
	}
	v := record[last]
	c, err := strconv.ParseUint(v, 10, 63)
	if err == nil {
		return p, int64(min(c, MaxObserved+1)), nil
	}
	e := &InputError{Row: row, Column: header[last], Problem: fmt.Sprintf("%s is not a whole number", quoted(v)), Advice: "write the number of people as 0, 1, 2 and so on, without separators"}
	switch f, ferr := strconv.ParseFloat(v, 64); {
	case v == "":
		e.Problem, e.Advice = "the count is missing", "write the number of people, 0 where there is nobody"
	case errors.Is(err, strconv.ErrRange):
		e.Problem, e.Advice = fmt.Sprintf("%s is too large", quoted(v)), "check that the last column is a count"
	case ferr == nil && f < 0:
		e.Problem = fmt.Sprintf("%s is negative", quoted(v))
	case ferr == nil && f == f && strings.ContainsAny(v, "."):
		e.Advice = "counts of people are whole; a weighted table cannot be used here"
	}
	return 0, 0, e
}

// quoted shortens a value so that a message stays readable.
func quoted(v string) string {
	const most = 40
	if utf8.RuneCountInString(v) > most {
		v = string([]rune(v)[:most]) + "…"
	}
	return strconv.Quote(v)
}

func separatorName(c rune) string {
	switch c {
	case ';':
		return "semicolon"
	case '\t':
		return "tab"
	}
	return "comma"
}

// otherSeparator names a separator in the value that is not the file's.
func otherSeparator(v string, comma rune) string {
	for _, c := range []rune{';', '\t', ','} {
		if c != comma && strings.ContainsRune(v, c) {
			return separatorName(c)
		}
	}
	return ""
}
