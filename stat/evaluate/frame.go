package evaluate

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Frame is a table: named columns of text cells, all equally long. A frame
// does not change.
type Frame struct {
	names        []string
	cells        [][]string // by column
	rows         []int      // row of the file that each row stood in
	hash         string
	decimalComma bool
}

// Len is the number of rows.
func (f *Frame) Len() int { return len(f.rows) }

// Columns lists the names of the columns.
func (f *Frame) Columns() []string { return slices.Clone(f.names) }

// Hash is the SHA-256 of the file, in hexadecimal.
func (f *Frame) Hash() string { return f.hash }

func (f *Frame) has(name string) bool { return slices.Contains(f.names, name) }

// text gives the cells of a column, nil where there is none of this name.
func (f *Frame) text(name string) []string {
	if i := slices.Index(f.names, name); i >= 0 {
		return f.cells[i]
	}
	return nil
}

func missing(cell string) bool {
	switch cell {
	case "", "NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "None", "#N/A":
		return true
	}
	return false
}

// parse reads one number; only plain decimal notation counts.
func (f *Frame) parse(cell string, comma bool) (float64, bool) {
	if comma {
		cell = strings.Replace(cell, ",", ".", 1)
	}
	if strings.ContainsAny(cell, "xXpP_") {
		return 0, false
	}
	v, err := strconv.ParseFloat(cell, 64)
	return v, err == nil && !math.IsNaN(v) && math.Abs(v) <= largest && (v == 0 || math.Abs(v) >= 1/largest)
}

// largest is the largest number that data may hold: squares and products of it
// are still numbers.
const largest = 1e60

// comma says whether the numbers of a column are written with decimal commas.
func (f *Frame) comma(cells []string) bool {
	if !f.decimalComma {
		return false
	}
	seen := false
	for _, c := range cells {
		if missing(c) {
			continue
		}
		if strings.Contains(c, ".") {
			return false
		}
		seen = seen || strings.Contains(c, ",")
	}
	return seen
}

// isText says whether a column holds names: it has values and none is a
// number.
func (f *Frame) isText(name string) bool {
	cells := f.text(name)
	comma, seen := f.comma(cells), false
	for _, c := range cells {
		if missing(c) {
			continue
		}
		if _, ok := f.parse(c, comma); ok {
			return false
		}
		seen = true
	}
	return seen
}

// numbers reads a column of numbers; NaN stands for a missing value.
func (f *Frame) numbers(name string) ([]float64, error) {
	cells := f.text(name)
	comma := f.comma(cells)
	out := make([]float64, len(cells))
	for i, c := range cells {
		if missing(c) {
			out[i] = math.NaN()
			continue
		}
		v, ok := f.parse(c, comma)
		if !ok {
			advice := "correct the cell, or leave it empty where the value is unknown; write factor(" + name + ") if the column holds names"
			switch x, err := strconv.ParseFloat(c, 64); {
			case err == nil && (math.Abs(x) > largest || x != 0 && math.Abs(x) < 1/largest):
				return nil, &InputError{Row: f.rows[i], Column: name, Problem: quoted(c) + " is too large or too small to be calculated with", Advice: "correct the cell, or give the column in other units"}
			case strings.ContainsAny(c, "<>"):
				advice = "a suppressed number is not a number: leave the cell empty, and say so where the result is used"
			case strings.Contains(c, ","):
				advice = "write numbers with a decimal point and without separators of thousands"
			}
			return nil, &InputError{Row: f.rows[i], Column: name, Problem: quoted(c) + " is not a number", Advice: advice}
		}
		out[i] = v
	}
	return out, nil
}

// levels gives each row the index of its value among the distinct values of
// the column, which are in order: as numbers where all are numbers. A missing
// value is -1.
func (f *Frame) levels(name string) (index []int, values []string) {
	cells := f.text(name)
	seen := map[string]bool{}
	for _, c := range cells {
		if !missing(c) && !seen[c] {
			seen[c] = true
			values = append(values, c)
		}
	}
	sortValues(values)
	at := make(map[string]int, len(values))
	for i, v := range values {
		at[v] = i
	}
	index = make([]int, len(cells))
	for i, c := range cells {
		index[i] = -1
		if !missing(c) {
			index[i] = at[c]
		}
	}
	return index, values
}

// sortValues sorts numbers by size and anything else by its letters.
func sortValues(values []string) {
	number := make(map[string]float64, len(values))
	for _, v := range values {
		x, err := strconv.ParseFloat(v, 64)
		if err != nil || math.IsNaN(x) {
			slices.Sort(values)
			return
		}
		number[v] = x
	}
	slices.SortFunc(values, func(a, b string) int {
		switch {
		case number[a] < number[b]:
			return -1
		case number[a] > number[b]:
			return 1
		}
		return strings.Compare(a, b)
	})
}

// unknownColumn is the error for a name that the data do not have, with the
// nearest name that they have.
func (f *Frame) unknownColumn(name string, position int) error {
	advice := "the columns are " + some(f.names)
	best := 3
	for _, n := range f.names {
		if d := distance(strings.ToLower(n), strings.ToLower(name)); d < best && d < max(len(n), 2) {
			best, advice = d, fmt.Sprintf("is %q meant?", n)
		}
	}
	return &FormulaError{Position: position, Column: name, Problem: "the data have no such column", Advice: advice}
}

// distance is the number of letters to change, add or leave out between two
// names (Levenshtein).
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	if len(x) > 64 || len(y) > 64 {
		return 64
	}
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		before := row[0]
		row[0] = i + 1
		for j := range y {
			cost := before
			if x[i] != y[j] {
				cost++
			}
			before, row[j+1] = row[j+1], min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(y)]
}
