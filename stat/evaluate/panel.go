package evaluate

import (
	"fmt"
	"slices"
	"strings"
)

// panel names the columns of units and periods, from the options or from what
// stands after the bar, and reads them.
func (a *analysis) panel() (*scope, []string, error) {
	f := a.frame
	unit, when := a.Unit, a.Time
	if len(a.formula.Fixed) > 0 {
		for _, c := range a.formula.Fixed {
			if len(c) > 1 {
				return nil, nil, &FormulaError{Position: c[0].Position, Problem: "units and periods are single columns here", Advice: "write: outcome ~ treated | unit + period"}
			}
		}
		if len(a.formula.Fixed) != 2 {
			return nil, nil, &FormulaError{Position: a.formula.Fixed[0][0].Position, Problem: fmt.Sprintf("after the | stand %d columns", len(a.formula.Fixed)), Advice: "write the unit and the period: outcome ~ treated | unit + period"}
		}
		if len(unit) == 0 {
			unit = []string{a.formula.Fixed[0][0].Name}
		}
		if when == "" {
			when = a.formula.Fixed[1][0].Name
		}
	}
	if len(unit) == 0 || when == "" {
		return nil, nil, &FormulaError{Position: len([]rune(a.Formula)) + 1, Problem: "the columns of units and periods are not named", Advice: "write them after a |: outcome ~ treated | unit + period"}
	}
	for _, name := range append(slices.Clone(unit), when) {
		if !f.has(name) {
			position := 0
			for _, c := range a.formula.Fixed {
				if c[0].Name == name {
					position = c[0].Position
				}
			}
			return nil, nil, f.unknownColumn(name, position)
		}
	}
	if err := a.formula.checkColumns(f, true); err != nil {
		return nil, nil, err
	}
	p, err := f.readPeriods(when)
	if err != nil {
		return nil, nil, err
	}
	index, names, err := f.readUnits(unit)
	if err != nil {
		return nil, nil, err
	}
	s := &scope{frame: f, time: when, when: p, unit: index, rows: make([]int, f.Len())}
	for i := range s.rows {
		s.rows[i] = i
	}
	slices.SortStableFunc(s.rows, func(x, y int) int {
		if index[x] != index[y] {
			return index[x] - index[y]
		}
		return p.index[x] - p.index[y]
	})
	for i := 1; i < len(s.rows); i++ {
		r, before := s.rows[i], s.rows[i-1]
		if index[r] == index[before] && p.index[r] == p.index[before] {
			return nil, nil, &InputError{
				Row: f.rows[r], Column: when, Problem: fmt.Sprintf("%s in %s also stands in row %d", names[index[r]], p.label(p.index[r]), f.rows[before]),
				Advice: "give one row for each unit and period: add rows up, or take one away",
			}
		}
	}
	d := &a.report.Data
	d.Time, d.First, d.Last = when, p.label(p.first), p.label(p.last)
	return s, names, nil
}

// readUnits numbers the units; several columns make one together.
func (f *Frame) readUnits(columns []string) (index []int, names []string, err error) {
	for _, c := range columns {
		level, values := f.levels(c)
		for i, l := range level {
			if l < 0 {
				return nil, nil, &InputError{Row: f.rows[i], Column: c, Problem: "the unit is missing", Advice: "say which unit the row is about, or take it out"}
			}
		}
		if index == nil {
			index, names = level, values
			continue
		}
		joined := make([][2]int, len(index))
		for i := range index {
			joined[i] = [2]int{index[i], level[i]}
		}
		distinct := slices.Clone(joined)
		slices.SortFunc(distinct, func(x, y [2]int) int { return slices.Compare(x[:], y[:]) })
		distinct = slices.Compact(distinct)
		at := make(map[[2]int]int, len(distinct))
		next := make([]string, len(distinct))
		for i, d := range distinct {
			at[d], next[i] = i, strings.Join([]string{names[d[0]], values[d[1]]}, ", ")
		}
		for i := range index {
			index[i] = at[joined[i]]
		}
		names = next
	}
	return index, names, nil
}

// treatment finds the term that says who is treated and gives for each unit
// the period from which it is, in the numbering of the periods; units that
// never are have none.
func (a *analysis) treatment(s *scope) (first map[int]int, term Expr, rest []Term, err error) {
	at := slices.IndexFunc(a.formula.Terms, func(t Term) bool { return t[0].Op == "group" })
	if at < 0 {
		at = 0
	}
	if len(a.formula.Terms) == 0 {
		return nil, Expr{}, nil, &FormulaError{Position: a.formula.Response.Position, Problem: "no term says who is treated", Advice: "write a column that is 0 before the treatment and 1 from it on: outcome ~ treated | unit + period"}
	}
	t := a.formula.Terms[at]
	rest = slices.Delete(slices.Clone(a.formula.Terms), at, at+1)
	switch {
	case len(t) == 1 && t[0].Op == "group":
		first, err = a.groupColumn(s, t[0].Args[0])
	case len(t) == 1 && t[0].Op == opColumn:
		first, err = s.onset(t[0])
	default:
		err = &FormulaError{Position: t[0].Position, Problem: "the first term says who is treated and is a column of 0 and 1", Advice: "write: outcome ~ treated + covariates | unit + period"}
	}
	return first, t[0], rest, err
}

// groupColumn reads the period of first treatment of each unit; 0 and empty
// cells stand for never.
func (a *analysis) groupColumn(s *scope, e Expr) (map[int]int, error) {
	f := s.frame
	cells, times := f.text(e.Name), f.text(s.time)
	never := func(c string) bool {
		v, ok := f.parse(c, false)
		return missing(c) || ok && v == 0 || strings.EqualFold(c, "inf") || strings.EqualFold(c, "never")
	}
	// Both columns are read as one, so that they are counted alike.
	both := &Frame{names: []string{e.Name}, rows: slices.Clone(f.rows), cells: [][]string{slices.Clone(times)}}
	var from []int
	for i, c := range cells {
		if !never(c) {
			from = append(from, i)
			both.rows, both.cells[0] = append(both.rows, f.rows[i]), append(both.cells[0], c)
		}
	}
	p, err := both.readPeriods(e.Name)
	if err != nil {
		return nil, err
	}
	// From the joint numbering to that of the periods.
	scale, shift := s.when.step/p.step, 0
	if scale < 1 || s.when.step%p.step != 0 {
		return nil, &InputError{Column: e.Name, Problem: "its periods and those of " + s.time + " are counted differently", Advice: "write both in one way"}
	}
	shift = p.index[0] - s.when.index[0]*scale
	out, said := map[int]int{}, map[int]int{}
	for k, i := range from {
		g := p.index[len(times)+k] - shift
		// A first treatment between two periods shows in the later one.
		g = -floorDiv(-g, scale)
		u := s.unit[i]
		if before, ok := out[u]; ok && before != g {
			return nil, &InputError{Row: f.rows[i], Column: e.Name, Problem: fmt.Sprintf("%s differs from %s in row %d, for the same unit", quoted(cells[i]), quoted(cells[said[u]]), f.rows[said[u]]), Advice: "a unit has one period of first treatment, the same in all its rows"}
		}
		out[u], said[u] = g, i
	}
	for i, c := range cells {
		if g, ok := said[s.unit[i]]; ok && never(c) {
			return nil, &InputError{Row: f.rows[i], Column: e.Name, Problem: fmt.Sprintf("it says never, and row %d says %s, for the same unit", f.rows[g], quoted(cells[g])), Advice: "a unit has one period of first treatment, the same in all its rows"}
		}
	}
	return out, nil
}
