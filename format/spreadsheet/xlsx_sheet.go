package spreadsheet

import (
	"encoding/xml"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// rawCell is a cell as it stands in the file.
type rawCell struct {
	column           int
	kind             string // attribute t
	style            int
	value            []byte
	hasValue         bool
	formula, inValue bool
	text             richText
}

// area is a range of cells, ends included; columns from 0 and rows from 1.
type area struct{ left, top, right, bottom int }

func (a area) String() string { return cellName(a.left, a.top) + ":" + cellName(a.right, a.bottom) }

// sheetReader reads one worksheet.
type sheetReader struct {
	*workbook
	sheet  *Sheet
	row    Row
	inRow  bool
	cell   rawCell
	inCell bool
	hidden []area // columns
	merged []area
}

func (b *workbook) readSheet(name string, sheet *Sheet) error {
	pt, err := b.parts.open(name)
	if err != nil {
		return err
	}
	if pt == nil {
		return broken("a sheet is missing")
	}
	s := &sheetReader{workbook: b, sheet: sheet}
	err = pt.each(func(t xml.Token) error {
		switch t := t.(type) {
		case xml.StartElement:
			return s.start(t)
		case xml.CharData:
			if s.inCell {
				if s.cell.inValue {
					s.cell.value = append(s.cell.value, t...)
				} else {
					s.cell.text.add(t)
				}
			}
		case xml.EndElement:
			return s.end(t.Name.Local)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := s.merge(); err != nil {
		return err
	}
	s.name(sheet, s.merged)
	for _, h := range s.hidden {
		for c := h.left; c <= h.right && c < len(sheet.Columns); c++ {
			sheet.Columns[c].Hidden = true
		}
	}
	return nil
}

func (s *sheetReader) start(e xml.StartElement) error {
	switch e.Name.Local {
	case "row":
		number := s.row.Number + 1
		s.row = Row{Hidden: on(attr(e, "hidden")), Cells: s.row.Cells[:0]}
		if r := attr(e, "r"); r != "" {
			n, err := strconv.Atoi(r)
			if err != nil || n < number {
				return broken("rows of " + s.sheet.Name)
			}
			number = n
		}
		if number > maxRows {
			return broken("rows of " + s.sheet.Name)
		}
		s.row.Number, s.inRow = number, true
	case "c":
		if s.inRow {
			return s.startCell(e)
		}
	case "v":
		s.cell.inValue, s.cell.hasValue = s.inCell, true
	case "f":
		s.cell.formula = true
	case "col":
		from, err := strconv.Atoi(attr(e, "min"))
		to, err2 := strconv.Atoi(attr(e, "max"))
		if err == nil && err2 == nil && from >= 1 && on(attr(e, "hidden")) && len(s.hidden) < maxColumns {
			s.hidden = append(s.hidden, area{left: from - 1, right: to - 1})
		}
	case "mergeCell":
		from, to, found := strings.Cut(attr(e, "ref"), ":")
		if !found {
			return nil
		}
		var a area
		var ok, ok2 bool
		a.left, a.top, ok = parseCell(from)
		a.right, a.bottom, ok2 = parseCell(to)
		if !ok || !ok2 || a.right < a.left || a.bottom < a.top {
			return broken("merged cells of " + s.sheet.Name)
		}
		s.merged = append(s.merged, a)
	default:
		if s.inCell {
			s.cell.text.start(e.Name.Local)
		}
	}
	return nil
}

func (s *sheetReader) startCell(e xml.StartElement) error {
	value := s.cell.value[:0]
	text := s.cell.text
	text.take()
	s.cell = rawCell{column: len(s.row.Cells), value: value, text: text}
	for i := range e.Attr {
		switch a := &e.Attr[i]; a.Name.Local {
		case "r":
			column, row, ok := parseCell(a.Value)
			if !ok || row != s.row.Number || column < len(s.row.Cells) {
				return broken("cells of " + s.sheet.Name)
			}
			s.cell.column = column
		case "t":
			s.cell.kind = a.Value
		case "s":
			s.cell.style, _ = strconv.Atoi(a.Value)
		}
	}
	s.inCell = true
	return nil
}

func (s *sheetReader) end(name string) error {
	switch name {
	case "v":
		s.cell.inValue = false
	case "c":
		if s.inCell {
			s.inCell = false
			return s.endCell()
		}
	case "row":
		if s.inRow {
			s.inRow = false
			return s.keep(s.sheet, s.row)
		}
	default:
		if s.inCell {
			s.cell.text.end(name)
		}
	}
	return nil
}

// endCell puts the cell into its row. Empty cells take no room.
func (s *sheetReader) endCell() error {
	c, err := s.value()
	if err != nil || c == (Cell{}) {
		return err
	}
	if s.cell.column >= s.limits.Columns {
		return newProblem(TooManyColumns, s.here(), "", "limit", strconv.Itoa(s.limits.Columns))
	}
	s.row.Cells = append(s.row.Cells, make([]Cell, s.cell.column-len(s.row.Cells))...)
	s.row.Cells = append(s.row.Cells, c)
	return nil
}

func (s *sheetReader) here() string { return s.sheet.Place(s.cell.column, s.row.Number) }

// value reads the cell (ECMA-376, part 1, 18.3.1.4).
func (s *sheetReader) value() (Cell, error) {
	raw := &s.cell
	c := Cell{Formula: raw.formula}
	value := string(raw.value)
	if raw.formula && (!raw.hasValue || value == "" && raw.kind != "str") {
		s.report(FormulaWithoutValue, s.here(), "")
		return c, nil
	}
	switch raw.kind {
	case "s":
		n, err := strconv.Atoi(strings.TrimSpace(value))
		if value == "" {
			return c, nil
		}
		if err != nil || n < 0 || n >= len(s.shared) {
			return c, broken("texts of " + s.sheet.Name)
		}
		value = s.shared[n]
	case "inlineStr":
		value = raw.text.take()
	case "str":
		value = unescape(value)
	case "b":
		c.Kind, c.Text = Boolean, strconv.FormatBool(on(strings.TrimSpace(value)))
		return c, nil
	case "e":
		c.Kind, c.Text = Error, strings.TrimSpace(value)
		s.report(ErrorCell, s.here(), c.Text)
		return c, nil
	case "d": // strict: ISO 8601
		c.Kind, c.Text = Text, strings.TrimSuffix(strings.TrimSpace(value), "Z")
		c.Text = strings.TrimSuffix(c.Text, "T00:00:00")
		if isISODate(c.Text) {
			c.Kind = Date
		} else {
			s.report(DateOutOfRange, s.here(), value)
		}
		return c, nil
	default:
		return s.number(c, strings.TrimSpace(value))
	}
	if value != "" {
		c.Kind, c.Text = Text, s.cut(value, s.here())
	}
	return c, nil
}

func (s *sheetReader) number(c Cell, value string) (Cell, error) {
	if value == "" {
		return c, nil
	}
	v, err := strconv.ParseFloat(value, 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
		return c, broken("numbers of " + s.sheet.Name)
	}
	var f numberFormat
	if s.cell.style >= 0 && s.cell.style < len(s.formats) {
		f = s.formats[s.cell.style]
	}
	c.Kind = Number
	if f.date || f.time {
		iso, ok := isoDate(v, f, s.since1904)
		if ok {
			c.Kind, c.Text = Date, iso
			return c, nil
		}
		s.report(DateOutOfRange, s.here(), value)
	}
	c.Text = decimal(v, f.zeros)
	return c, nil
}

// merge marks merged cells. The ranges must not overlap (18.3.1.55), which bounds the work.
func (s *sheetReader) merge() error {
	rows, marked := s.sheet.Rows, 0
	slices.SortStableFunc(s.merged, func(a, b area) int {
		if a.top != b.top {
			return a.top - b.top
		}
		return a.left - b.left
	})
	for n, a := range s.merged {
		if n > s.limits.Cells {
			return newProblem(TooManyCells, s.sheet.Place(a.left, a.top), "", "limit", strconv.Itoa(s.limits.Cells))
		}
		first := sort.Search(len(rows), func(i int) bool { return rows[i].Number >= a.top })
		for i := first; i < len(rows) && rows[i].Number <= a.bottom; i++ {
			for c := a.left; c <= a.right && c < s.limits.Columns; c++ {
				if c == a.left && rows[i].Number == a.top {
					continue
				}
				if marked++; marked > s.limits.Cells {
					return broken("merged cells of " + s.sheet.Name)
				}
				for len(rows[i].Cells) <= c {
					rows[i].Cells = append(rows[i].Cells, Cell{})
				}
				rows[i].Cells[c] = Cell{Merged: true} // a value that is left over is not shown, so it does not count
			}
		}
	}
	kept := rows[:0]
	for _, row := range rows {
		if !row.empty() {
			kept = append(kept, row)
		}
	}
	s.sheet.Rows = kept
	return nil
}
