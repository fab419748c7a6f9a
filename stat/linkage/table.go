package linkage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
)

// Source is one list of records to read: a name for messages and output, and the
// delimited text with a header row.
type Source struct {
	Name   string
	Reader io.Reader
}

// Table holds the records of one or more lists. Columns of different lists that
// have the same name, case and spaces apart, are one column; a list without it
// has only missing values there. Each distinct value is kept once.
type Table struct {
	lists   []string
	sizes   []int
	list    []uint16 // per record
	columns []*column
	byName  map[string]int
	ragged  int // rows with fewer cells than their header
}

// column is one column: per record the number of its value, 0 for missing.
type column struct {
	name   string
	cells  []uint32
	values []string
	index  map[string]uint32
	lists  uint64 // lists that have this column, one bit each
}

const maxLists = 64

// Read reads all sources into one table. It streams: memory grows with the
// number of records and of distinct values, not with the size of the text.
func Read(ctx context.Context, sources ...Source) (*Table, error) {
	t := &Table{byName: map[string]int{}}
	for _, s := range sources {
		if err := t.Append(ctx, s); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// Append reads one more list into the table. A source with the name of a list
// that is already there adds records to that list.
func (t *Table) Append(ctx context.Context, s Source) error {
	rows, err := newRowReader(s.Name, s.Reader)
	if err != nil {
		return err
	}
	header, err := rows.next()
	if errors.Is(err, io.EOF) {
		return &InputError{List: s.Name, What: "the file is blank", Next: "give a table with a header row"}
	}
	if err != nil {
		return err
	}
	list, err := t.addList(s.Name)
	if err != nil {
		return err
	}
	into, err := t.addHeader(s.Name, list, header)
	if err != nil {
		return err
	}
	ragged := 0
	for n := 0; ; n++ {
		if n&0xfff == 0 && ctx.Err() != nil {
			return fmt.Errorf("reading %s: %w", s.Name, ctx.Err())
		}
		row, err := rows.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		for len(row) > len(into) && len(row[len(row)-1]) == 0 {
			row = row[:len(row)-1]
		}
		if len(row) > len(into) {
			return &InputError{List: s.Name, Line: rows.rowLine, What: fmt.Sprintf("the row has %d cells where the header has %d", len(row), len(into)), Next: "check the separator, and quote cells that contain it"}
		}
		if len(row) < len(into) {
			if rows.ended && ragged == 0 {
				return &InputError{List: s.Name, Line: rows.rowLine, What: fmt.Sprintf("the last row has %d of %d cells and no line end: the file seems cut short", len(row), len(into)), Next: "fetch or export the file again"}
			}
			ragged++
		}
		if len(t.list) == math.MaxInt32 {
			return &InputError{List: s.Name, Line: rows.rowLine, What: "the tables have more than 2,147,483,647 records", Next: "link them in parts"}
		}
		t.addRow(list, into, row)
	}
	t.ragged += ragged
	t.fill()
	return nil
}

// Records is the number of records in all lists.
func (t *Table) Records() int { return len(t.list) }

// Lists gives the names of the lists in the order of reading.
func (t *Table) Lists() []string { return append([]string(nil), t.lists...) }

// List gives the number of a record's list in Lists.
func (t *Table) List(record int) int { return int(t.list[record]) }

// Columns gives the names of the columns in the order of first appearance.
func (t *Table) Columns() []string {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = c.name
	}
	return names
}

// Value gives the text of one cell as it was written, "" if missing.
func (t *Table) Value(record int, column string) string {
	i, ok := t.byName[columnKey(column)]
	if !ok {
		return ""
	}
	c := t.columns[i]
	return c.values[c.cells[record]]
}

func columnKey(name string) string {
	return strings.Join(strings.Fields(strings.ToLower(name)), " ")
}

func (t *Table) addList(name string) (int, error) {
	for i, n := range t.lists {
		if n == name {
			return i, nil
		}
	}
	if len(t.lists) == maxLists {
		return 0, &InputError{List: name, What: fmt.Sprintf("there are more than %d lists", maxLists), Next: "join lists of one holder first"}
	}
	t.lists = append(t.lists, name)
	t.sizes = append(t.sizes, 0)
	return len(t.lists) - 1, nil
}

func (t *Table) addHeader(name string, list int, header [][]byte) ([]*column, error) {
	into := make([]*column, len(header))
	seen := map[string]int{}
	for i, h := range header {
		title := strings.Join(strings.Fields(string(h)), " ")
		if title == "" {
			title = fmt.Sprintf("column %d", i+1)
		}
		key := columnKey(title)
		if first, twice := seen[key]; twice {
			return nil, &InputError{List: name, Line: 1, What: fmt.Sprintf("columns %d and %d are both called %q", first+1, i+1, title), Next: "give each column its own name"}
		}
		seen[key] = i
		at, known := t.byName[key]
		if !known {
			at = len(t.columns)
			t.byName[key] = at
			c := &column{name: title, values: []string{""}, index: map[string]uint32{}}
			c.cells = make([]uint32, len(t.list))
			t.columns = append(t.columns, c)
		}
		into[i] = t.columns[at]
		into[i].lists |= 1 << list
	}
	return into, nil
}

func (t *Table) addRow(list int, into []*column, row [][]byte) {
	t.list = append(t.list, uint16(list))
	t.sizes[list]++
	for i, cell := range row {
		into[i].add(cell, len(t.list)-1)
	}
}

// add appends the value of a record, filling up records without one before it.
func (c *column) add(cell []byte, record int) {
	for len(c.cells) < record {
		c.cells = append(c.cells, 0)
	}
	c.cells = append(c.cells, c.intern(cell))
}

func (c *column) intern(cell []byte) uint32 {
	if isMissing(cell) {
		return 0
	}
	if v, ok := c.index[string(cell)]; ok {
		return v
	}
	v := uint32(len(c.values))
	s := string(cell)
	c.values = append(c.values, s)
	c.index[s] = v
	return v
}

// fill makes all columns as long as the table.
func (t *Table) fill() {
	for _, c := range t.columns {
		for len(c.cells) < len(t.list) {
			c.cells = append(c.cells, 0)
		}
	}
}

// isMissing knows the ways in which people write that they do not know. Words
// that are also names (Na, Nan, Null in lower or mixed case) stay values.
func isMissing(cell []byte) bool {
	if len(cell) > 12 {
		return false
	}
	switch string(cell) {
	case "", "-", "--", "---", "?", "??", "???", ".", "..", "/", "NA", "N/A", "n/a", "N.A.", "n.a.", "#N/A", "<NA>", "NaN", "nan", "NULL", "null", "None", "NONE",
		"unknown", "Unknown", "UNKNOWN", "unk", "UNK", "not known", "Not known", "inconnu", "Inconnu", "inconnue", "desconocido", "Desconocido", "неизвестно", "missing", "Missing":
		return true
	}
	return false
}

// column finds a column by name, or says which there are.
func (t *Table) column(name, role string) (*column, error) {
	if i, ok := t.byName[columnKey(name)]; ok {
		return t.columns[i], nil
	}
	return nil, &InputError{List: strings.Join(t.lists, " and "), What: fmt.Sprintf("there is no column %q for %s", name, role), Next: "the columns are " + strings.Join(t.Columns(), ", ")}
}
