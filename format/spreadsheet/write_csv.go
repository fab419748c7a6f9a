package spreadsheet

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// Table is a table to write.
type Table struct {
	Name        string
	Columns     []Column // a hidden one is hidden in a workbook
	Rows        [][]Cell
	RightToLeft bool // in a workbook
}

// WriteCSV writes a table in text with a delimiter, such as a comma. Texts that a program would compute are guarded
// with an apostrophe, which Read takes away.
func WriteCSV(out io.Writer, t Table, delimiter rune) error {
	if !strings.ContainsRune(",;\t|", delimiter) {
		return fmt.Errorf("writing a table: %q cannot stand between cells", delimiter)
	}
	w := bufio.NewWriter(out)
	w.WriteString("\ufeff")
	header := make([]Cell, len(t.Columns))
	for c, column := range t.Columns {
		header[c] = Cell{Kind: Text, Text: column.Name}
	}
	for n, row := range append([][]Cell{header}, t.Rows...) {
		for c, cell := range row {
			if c > 0 {
				w.WriteRune(delimiter)
			}
			text, err := cell.csv()
			if err != nil {
				return fmt.Errorf("writing %s: %w", place(t.Name, cellName(c, n+1)), err)
			}
			w.WriteString(text)
		}
		if len(row) == 1 && row[0].Text == "" {
			w.WriteString(`""`) // an empty line would be no row
		}
		w.WriteString("\r\n")
	}
	return w.Flush()
}

func (c Cell) csv() (string, error) {
	if err := c.check(); err != nil {
		return "", err
	}
	switch c.Kind {
	case Empty:
		return "", nil
	case Number, Date, Boolean:
		return c.Text, nil
	}
	s := guard(c.Text)
	if kindOf(s) != Text || strings.ContainsAny(s, ",;\t|\"\r\n") || strings.TrimSpace(s) != s {
		s = `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	return s, nil
}

// check holds the text of a cell to the form of its kind, so that no formula comes in as a number.
func (c Cell) check() error {
	ok := true
	switch c.Kind {
	case Empty:
		ok = c.Text == ""
	case Number:
		ok = isNumber(c.Text)
	case Date:
		ok = isISODate(c.Text)
	case Boolean:
		ok = c.Text == "true" || c.Text == "false"
	}
	if !ok {
		return fmt.Errorf("%q is not of the kind %s", shown(c.Text), c.Kind)
	}
	return nil
}

// isNumber tells whether a text is digits with a point and a sign, of any length and with leading zeros.
func isNumber(s string) bool {
	whole, fraction, point := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	digits := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
	return digits(whole) && (!point || digits(fraction))
}
