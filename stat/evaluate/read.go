package evaluate

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxInput bounds the file.
const maxInput = 256 << 20

// Read reads a table from CSV: the first row names the columns. Columns are
// separated by commas, semicolons or tabs, the same throughout; a byte order
// mark, CRLF line ends and blank lines are accepted. Empty cells and NA, NaN
// and null are missing values, never zero. Where semicolons separate the
// columns, a column whose numbers are written with a decimal comma throughout
// is accepted. An error about the content is a *InputError.
func Read(r io.Reader) (*Frame, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxInput+1))
	if err != nil {
		return nil, fmt.Errorf("reading data: %w", err)
	}
	sum := sha256.Sum256(data)
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	switch {
	case len(data) > maxInput:
		return nil, &InputError{Problem: fmt.Sprintf("the file is larger than %d bytes", maxInput), Advice: "give one row per unit and period"}
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return nil, &InputError{Problem: "the file is a workbook or an archive", Advice: "open it and save the sheet as CSV (UTF-8)"}
	case bytes.IndexByte(data, 0) >= 0 || !utf8.Valid(data):
		return nil, &InputError{Problem: "the file is not UTF-8 text", Advice: "save it as CSV (UTF-8)"}
	case len(bytes.TrimSpace(data)) == 0:
		return nil, &InputError{Problem: "the file is empty", Advice: "give a row of names and one row per period, or per unit and period"}
	}
	comma := separator(data)
	cr := csv.NewReader(bytes.NewReader(data))
	cr.Comma, cr.FieldsPerRecord, cr.TrimLeadingSpace, cr.ReuseRecord = comma, -1, comma != '\t', true
	header, err := readRow(cr)
	if err != nil {
		return nil, err
	}
	f := &Frame{names: slices.Clone(header), hash: hex.EncodeToString(sum[:]), decimalComma: comma == ';'}
	if err := f.checkNames(); err != nil {
		return nil, err
	}
	f.cells = make([][]string, len(f.names))
	for {
		record, err := readRow(cr)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		row, _ := cr.FieldPos(0)
		if len(record) != len(f.names) {
			return nil, &InputError{
				Row: row, Problem: fmt.Sprintf("the row has %d columns, the first row has %d", len(record), len(f.names)),
				Advice: "give a cell for every column, empty where the value is unknown; a name or number that holds the separator must stand in quotation marks",
			}
		}
		for i, v := range record {
			f.cells[i] = append(f.cells[i], v)
		}
		f.rows = append(f.rows, row)
	}
	if len(f.rows) == 0 {
		return nil, &InputError{Problem: "there is a row of names and no row of data", Advice: "give one row per period, or per unit and period"}
	}
	return f, nil
}

// NewFrame makes a table of rows of text, as Read would read them.
func NewFrame(names []string, rows [][]string) (*Frame, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := errors.Join(w.Write(names), w.WriteAll(rows)); err != nil {
		return nil, fmt.Errorf("making table: %w", err)
	}
	return Read(&b)
}

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
			Row: bad.StartLine, Problem: "a quotation mark is opened and not closed, or stands inside a value",
			Advice: "the file may be cut off; check the quotation marks of this row",
		}
	}
	return nil, err
}

// separator takes the one of comma, semicolon and tab that the first line with
// any uses most, commas first.
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

func (f *Frame) checkNames() error {
	numeric := true
	for i, name := range f.names {
		if _, err := strconv.ParseFloat(name, 64); err != nil {
			numeric = false
		}
		if name == "" {
			// The unnamed first column of row numbers that statistics programs
			// write is left alone.
			if i == 0 && len(f.names) > 1 {
				f.names[0] = "row"
				if slices.Contains(f.names[1:], "row") {
					f.names[0] = "row number"
				}
				continue
			}
			return &InputError{Row: 1, Column: strconv.Itoa(i + 1), Problem: "the column has no name", Advice: "name every column in the first row; a separator too many at the end of each row has the same effect"}
		}
	}
	if numeric {
		return &InputError{Row: 1, Problem: "the first row holds numbers instead of names", Advice: "add a first row that names the columns"}
	}
	for i, name := range f.names {
		if j := slices.Index(f.names[:i], name); j >= 0 {
			return &InputError{Row: 1, Column: name, Problem: fmt.Sprintf("columns %d and %d have the same name", j+1, i+1), Advice: "give each column a name of its own"}
		}
	}
	return nil
}
