package spreadsheet

import (
	"slices"
	"strings"
)

// How far the header is looked for, and how far below it rows are compared with it.
const (
	headerWithin = 50
	headerBelow  = 20
)

// name finds the header of a sheet whose rows all stand in Rows, and names the columns.
func (r *reader) name(s *Sheet, merged []area) {
	if len(s.Rows) == 0 {
		return
	}
	wide := map[int]bool{} // rows in which cells are merged across columns
	for _, a := range merged {
		if a.right > a.left {
			wide[a.top] = true
		}
	}
	at := findHeader(s.Rows, wide)
	width := 0
	if at >= 0 {
		s.Above, s.Header = s.Rows[:at:at], s.Rows[at].Number
		width = rowWidth(s.Rows[at])
	}
	header := Row{}
	data := s.Rows
	if at >= 0 {
		header, data = s.Rows[at], s.Rows[at+1:]
	} else {
		r.report(NoHeader, place(s.Name, ""), "")
	}
	s.Rows = data
	filled := 0
	for _, row := range data {
		filled = max(filled, rowWidth(row))
	}
	used := make([]bool, max(width, filled))
	for _, row := range data {
		for c := range row.Cells[:min(len(row.Cells), len(used))] {
			used[c] = used[c] || row.Cells[c].Kind != Empty
		}
	}
	first := map[string]int{}
	for c := range used {
		name := strings.Join(strings.Fields(header.Cell(c).Text), " ")
		s.Columns = append(s.Columns, Column{Name: name})
		if at < 0 {
			continue
		}
		if before, twice := first[name]; name != "" && twice {
			r.report(DuplicateHeader, s.Place(c, s.Header), name, "first", cellName(before, s.Header))
		} else if name != "" {
			first[name] = c
		} else if used[c] {
			r.report(EmptyHeader, s.Place(c, s.Header), "")
		}
	}
	for _, a := range merged {
		if a.top > s.Header {
			r.report(MergedCells, place(s.Name, a.String()), "", "range", a.String())
		}
	}
}

// rowWidth is the number of columns up to the last cell that is not empty.
func rowWidth(row Row) int {
	for n := len(row.Cells); n > 0; n-- {
		if row.Cells[n-1].Kind != Empty {
			return n
		}
	}
	return 0
}

// findHeader gives the index of the header among the rows; -1 when there is none.
func findHeader(rows []Row, wide map[int]bool) int {
	fallback := -1
	for i := 0; i < len(rows) && i < headerWithin; i++ {
		count, texts := countCells(rows[i])
		if texts != count {
			continue
		}
		var below []int
		usual, names := 0, 0
		for _, row := range rows[i+1 : min(len(rows), i+1+headerBelow)] {
			filled, texts := countCells(row)
			below = append(below, filled)
			if filled == texts {
				names = max(names, filled)
			}
		}
		if len(below) > 0 {
			slices.Sort(below)
			usual = below[len(below)/2]
		}
		if 2*count < usual || count <= 2 && count < max(usual, names) { // two cells are a note: “Country”, “Austria”
			continue
		}
		if !wide[rows[i].Number] {
			return i
		}
		fallback = i
	}
	return fallback
}

// countCells counts the cells of a row that hold something, and those whose text may be a name: 1,5 is none.
func countCells(row Row) (filled, texts int) {
	for _, c := range row.Cells {
		if c.Kind != Empty {
			filled++
		}
		if c.Kind == Text && strings.Trim(c.Text, "0123456789 .,:'/+-") != "" {
			texts++
		}
	}
	return filled, texts
}
