package spreadsheet

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// WriteXLSX writes a workbook with one sheet for each table. The same tables give the same bytes. A sheet of more than
// 16 MiB passes through a temporary file of the library, which only its owner can read and which is then removed.
func WriteXLSX(out io.Writer, tables ...Table) error {
	if len(tables) == 0 {
		return fmt.Errorf("writing a workbook: it has no table")
	}
	f := excelize.NewFile()
	defer f.Close()
	styles, err := newStyles(f)
	if err != nil {
		return fmt.Errorf("writing a workbook: %w", err)
	}
	var names []string
	for n, t := range tables {
		name := sheetName(t.Name, n, names)
		names = append(names, name)
		if n == 0 {
			err = f.SetSheetName(f.GetSheetName(0), name)
		} else {
			_, err = f.NewSheet(name)
		}
		if err == nil {
			err = writeSheet(f, name, t, styles)
		}
		if err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		return fmt.Errorf("writing a workbook: %w", err)
	}
	return anonymous(out, b.Bytes())
}

// styles are the numbers of the styles that are used.
type styles struct {
	header, text int
	date         map[numberFormat]int
}

func newStyles(f *excelize.File) (s styles, err error) {
	var failed error
	style := func(want *excelize.Style) int {
		id, err := f.NewStyle(want)
		if err != nil {
			failed = err
		}
		return id
	}
	day, moment, clock := "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", "hh:mm:ss"
	const asText = 49 // @
	top := &excelize.Alignment{Vertical: "top", WrapText: true}
	s.header = style(&excelize.Style{NumFmt: asText, Font: &excelize.Font{Bold: true}, Alignment: top,
		Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E7E6E6"}}})
	s.text = style(&excelize.Style{NumFmt: asText, Alignment: top})
	s.date = map[numberFormat]int{
		{date: true}:             style(&excelize.Style{CustomNumFmt: &day}),
		{date: true, time: true}: style(&excelize.Style{CustomNumFmt: &moment}),
		{time: true}:             style(&excelize.Style{CustomNumFmt: &clock}),
	}
	return s, failed
}

func writeSheet(f *excelize.File, name string, t Table, styles styles) error {
	if t.RightToLeft {
		yes := true
		if err := f.SetSheetView(name, 0, &excelize.ViewOptions{RightToLeft: &yes}); err != nil {
			return err
		}
	}
	for c, column := range t.Columns {
		if column.Hidden {
			if err := f.SetColVisible(name, columnName(c), false); err != nil {
				return err
			}
		}
	}
	w, err := f.NewStreamWriter(name)
	if err != nil {
		return err
	}
	if err := w.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	for c, width := range slices.Backward(widths(t)) { // the library puts each before the others, and the order counts
		if err := w.SetColWidth(c+1, c+1, width); err != nil {
			return err
		}
	}
	row := make([]any, len(t.Columns))
	for c, column := range t.Columns {
		row[c] = excelize.Cell{StyleID: styles.header, Value: printable(column.Name)}
	}
	if err := w.SetRow("A1", row); err != nil {
		return err
	}
	for n, cells := range t.Rows {
		row = row[:0]
		for c, cell := range cells {
			value, err := cell.xlsx(styles)
			if err != nil {
				return fmt.Errorf("%s: %w", cellName(c, n+2), err)
			}
			row = append(row, value)
		}
		if err := w.SetRow(cellName(0, n+2), row); err != nil {
			return err
		}
	}
	return w.Flush()
}

// xlsx gives the value as the library takes it.
func (c Cell) xlsx(styles styles) (any, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	switch c.Kind {
	case Empty:
		return nil, nil
	case Number:
		if isDecimal(c.Text) { // else it would lose digits or leading zeros as a number
			return strconv.ParseFloat(c.Text, 64)
		}
	case Boolean:
		return c.Text == "true", nil
	case Date:
		if serial, f, ok := serialOf(c.Text); ok {
			return excelize.Cell{StyleID: styles.date[f], Value: serial}, nil
		}
	}
	if n := len(utf16.Encode([]rune(c.Text))); n > excelize.TotalCellChars {
		return nil, fmt.Errorf("the text has %d characters, and a cell holds %d", n, excelize.TotalCellChars)
	}
	return excelize.Cell{StyleID: styles.text, Value: printable(c.Text)}, nil
}

// printable replaces what XML cannot hold.
func printable(s string) string {
	return strings.Map(func(c rune) rune {
		if c == '\r' {
			return '\n'
		}
		if c < ' ' && c != '\t' && c != '\n' || c == '\ufffe' || c == '\uffff' {
			return utf8.RuneError
		}
		return c
	}, lineBreaks(s))
}

// widths gives the width of each column in characters, by its name and first rows.
func widths(t Table) []float64 {
	const narrow, wide, looked = 8, 60, 1000
	found := make([]float64, len(t.Columns))
	for c, column := range t.Columns {
		longest := utf8.RuneCountInString(column.Name)
		for _, row := range t.Rows[:min(len(t.Rows), looked)] {
			if c < len(row) {
				longest = max(longest, utf8.RuneCountInString(row[c].Text))
			}
		}
		found[c] = float64(min(max(longest+2, narrow), wide))
	}
	return found
}

// sheetName makes a name that a sheet may have and that no other sheet has.
func sheetName(name string, n int, taken []string) string {
	name = strings.Map(func(c rune) rune {
		if strings.ContainsRune(`[]:*?/\`, c) || c < ' ' {
			return '-'
		}
		return c
	}, name)
	name = strings.Trim(name, "' ")
	if name == "" || strings.EqualFold(name, "history") { // Excel keeps that name for itself
		name = "Sheet" + strconv.Itoa(n+1)
	}
	cut := func(s string, length int) string {
		for len(utf16.Encode([]rune(s))) > length {
			_, last := utf8.DecodeLastRuneInString(s)
			s = s[:len(s)-last]
		}
		return strings.TrimRight(s, "' ")
	}
	free := cut(name, excelize.MaxSheetNameLength)
	for i := 2; slices.ContainsFunc(taken, func(other string) bool { return strings.EqualFold(other, free) }); i++ {
		end := " " + strconv.Itoa(i)
		free = cut(name, excelize.MaxSheetNameLength-len(end)) + end
	}
	return free
}

// anonymous writes a workbook again with its parts in order, without times, and without properties that name an
// author or a program.
func anonymous(out io.Writer, workbook []byte) error {
	in, err := zip.NewReader(bytes.NewReader(workbook), int64(len(workbook)))
	if err != nil {
		return fmt.Errorf("writing a workbook: %w", err)
	}
	files := slices.SortedFunc(slices.Values(in.File), func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	const head = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	properties := map[string]string{
		"docProps/core.xml": head + `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>`,
		"docProps/app.xml":  head + `<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>`,
	}
	w := zip.NewWriter(out)
	for _, f := range files {
		part, err := w.Create(f.Name)
		if err != nil {
			return err
		}
		if text, ok := properties[f.Name]; ok {
			if _, err := io.WriteString(part, text); err != nil {
				return err
			}
			continue
		}
		r, err := f.Open()
		if err != nil {
			return fmt.Errorf("writing a workbook: %w", err)
		}
		if _, err := io.Copy(part, r); err != nil {
			return err
		}
		r.Close()
	}
	return w.Close()
}
