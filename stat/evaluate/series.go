package evaluate

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat/distuv"
)

// SeriesOptions are the choices of an interrupted time series.
type SeriesOptions struct {
	Lag Lag
	// Small multiplies Newey-West covariances by n/(n-k).
	Small bool
	// Order is that of autoregressive errors; 0 stands for 1.
	Order int
	// Change names the column of 0 and 1 whose step is judged; "" takes the
	// first one of the formula.
	Change string
}

// SeriesDetail tells of the series and its change.
type SeriesDetail struct {
	Change     string   `json:"change"` // column of the step
	At         string   `json:"at"`     // first period after the change
	Before     int      `json:"before"` // periods
	After      int      `json:"after"`
	Season     float64  `json:"season,omitempty"` // periods in a cycle, where the model has one
	OtherSteps []string `json:"other_steps,omitempty"`
}

// Point is a period of a series.
type Point struct {
	Period   string  `json:"period"`
	Observed float64 `json:"observed"`
	Fitted   float64 `json:"fitted"`
	// Without is what the model expects without the change, after it; Effect
	// is the difference to it, as a ratio where the outcome is logarithmic or
	// counted.
	Without   *float64  `json:"without,omitempty"`
	Without95 *Interval `json:"without95,omitempty"`
	Effect    *float64  `json:"effect,omitempty"`
	Effect95  *Interval `json:"effect95,omitempty"`
}

const (
	minSeries  = 12 // periods below which only least squares is used
	minSegment = 8  // periods before and after the change (Penfold & Zhang 2013)
	maxOrder   = 24
)

// series evaluates an interrupted time series.
func (a *analysis) series(ctx context.Context) error {
	if len(a.formula.Fixed) > 0 {
		return &FormulaError{Position: a.formula.Fixed[0][0].Position, Problem: "one series has no fixed effects", Advice: "leave out what stands after the |, or use did or ppml for several units"}
	}
	if len(a.formula.Clusters) > 0 {
		return &FormulaError{Position: a.formula.Clusters[0].Position, Problem: "one series has no clusters", Advice: "leave out cluster(); Newey-West and autoregressive errors allow for what hangs together in time"}
	}
	if err := a.refuseTerms("group", "mean", "at"); err != nil {
		return err
	}
	if a.Series.Order < 0 || a.Series.Order > maxOrder {
		return fmt.Errorf("the order of autoregressive errors is %d; give 1 to %d", a.Series.Order, maxOrder)
	}
	s, err := a.line()
	if err != nil {
		return err
	}
	m, err := a.seriesModel(s)
	if err != nil {
		return err
	}
	for _, method := range a.seriesMethods(m) {
		if err := ctx.Err(); err != nil {
			return err
		}
		r, err := a.seriesResult(m, method)
		if err != nil {
			return err
		}
		a.report.Results = append(a.report.Results, r)
	}
	return nil
}

// line puts the rows in the order of their periods and finds gaps and
// repetitions.
func (a *analysis) line() (*scope, error) {
	f := a.frame
	s := &scope{frame: f, rows: make([]int, f.Len())}
	for i := range s.rows {
		s.rows[i] = i
	}
	if err := a.findTime(s); err != nil {
		return nil, err
	}
	if err := a.formula.checkColumns(f, true); err != nil {
		return nil, err
	}
	slices.SortStableFunc(s.rows, func(x, y int) int { return s.when.index[x] - s.when.index[y] })
	for i := 1; i < len(s.rows); i++ {
		r, before := s.rows[i], s.rows[i-1]
		switch gap := s.when.index[r] - s.when.index[before]; {
		case gap == 0:
			return nil, &InputError{
				Row: f.rows[r], Column: s.time, Problem: fmt.Sprintf("period %s also stands in row %d", s.when.label(s.when.index[r]), f.rows[before]),
				Advice: "a series has one row for each period: add rows up, or use did or ppml for several units; if this is not the column of the periods, name it with --time COL, or --time - for rows in order",
			}
		case gap > 1:
			return nil, &InputError{
				Row: f.rows[r], Column: s.time, Problem: fmt.Sprintf("after %s (row %d) comes %s: %s missing in between", s.when.label(s.when.index[before]), f.rows[before], s.when.label(s.when.index[r]), many(gap-1, "period")),
				Advice: "add their rows, with 0 where nothing happened; a series with unknown periods cannot be used",
			}
		}
	}
	d := &a.report.Data
	d.Used, d.Periods, d.Time = len(s.rows), len(s.rows), s.time
	d.First, d.Last = s.when.label(s.when.first), s.when.label(s.when.last)
	return s, nil
}

// findTime finds the periods of a series: the column asked for, one with a
// common name, year and month together, or the order of the rows.
func (a *analysis) findTime(s *scope) error {
	f := a.frame
	name := a.Time
	if name == "" {
		name = f.guessTime(true)
	}
	note := func(format string, args ...any) {
		a.report.Data.Notes = append(a.report.Data.Notes, fmt.Sprintf(format, args...))
	}
	var year, month string
	for _, n := range f.names {
		switch strings.ToLower(n) {
		case "year":
			year = n
		case "month":
			month = n
		}
	}
	if a.Time == "" && year != "" && month != "" {
		if p := f.yearAndMonth(year, month); p != nil {
			s.when = p // s.time stays empty: month alone is a column like any other
			note("the periods are read from the columns %s and %s", year, month)
			return nil
		}
	}
	if name == "" || name == "-" {
		p := &periods{calendar: numbers, index: make([]int, f.Len()), label: numbers.label}
		for i := range p.index {
			p.index[i] = i + 1
		}
		p.settle()
		s.when = p
		note("the rows are taken as periods in their order")
		return nil
	}
	if !f.has(name) {
		return f.unknownColumn(name, 0)
	}
	p, err := f.readPeriods(name)
	if err != nil {
		return err
	}
	s.when, s.time = p, name
	note("the periods are read from the column %s, as %ss", name, p.calendar)
	return nil
}

// yearAndMonth joins two columns of numbers, nil where they are not.
func (f *Frame) yearAndMonth(year, month string) *periods {
	y, err1 := f.numbers(year)
	m, err2 := f.numbers(month)
	if err1 != nil || err2 != nil {
		return nil
	}
	p := &periods{calendar: months, index: make([]int, f.Len()), label: months.label}
	for i := range p.index {
		if !(y[i] >= 1500 && y[i] <= 2200 && m[i] >= 1 && m[i] <= 12 && y[i] == math.Trunc(y[i]) && m[i] == math.Trunc(m[i])) {
			return nil
		}
		p.index[i] = int(y[i])*12 + int(m[i]) - 1
	}
	p.settle()
	return p
}

// seriesModel is the model of a series, ready to be fitted.
type seriesModel struct {
	*scope
	y, offset   []float64
	logarithmic bool // the outcome is a logarithm
	counts      bool // the outcome is whole numbers, none negative
	names       []string
	x           [][]float64
	constant    int   // index of the intercept, -1 where there is none
	effect      []int // columns that the change moves
	main        int   // the column whose coefficient is the estimate
	onset       int   // place of the first period after the change
	season      float64
	left        []string
}

func (a *analysis) seriesModel(s *scope) (*seriesModel, error) {
	m := &seriesModel{scope: s, constant: -1, main: -1, onset: -1, logarithmic: a.formula.Response.Op == "log"}
	var err error
	if m.y, err = s.complete(a.formula.Response); err != nil {
		return nil, err
	}
	m.offset = make([]float64, len(m.y))
	for _, o := range a.formula.Offsets {
		v, err := s.complete(o)
		if err != nil {
			return nil, err
		}
		for i := range v {
			m.offset[i] += v[i]
		}
	}
	m.counts = !m.logarithmic
	constant := true
	for _, v := range m.y {
		m.counts = m.counts && v >= 0 && v == math.Trunc(v)
		constant = constant && v == m.y[0]
	}
	if constant {
		return nil, notEstimable("check the column; a series without variation has nothing to explain", "the outcome is %g in every period", m.y[0])
	}
	columns, err := s.design(a.formula, a.formula.Intercept)
	if err != nil {
		return nil, err
	}
	if err := s.checkComplete(columns, a.formula); err != nil {
		return nil, err
	}
	m.season = a.season(s)
	change, err := a.findChange(m)
	if err != nil {
		return nil, err
	}
	raw := make([][]float64, len(columns))
	for j, c := range columns {
		raw[j] = c.values
	}
	q := factorise(raw, nil)
	for _, j := range q.dropped {
		m.left = append(m.left, columns[j].name)
	}
	moved := func(t int) bool {
		return t >= 0 && slices.ContainsFunc(a.formula.Terms[t], func(e Expr) bool {
			return slices.ContainsFunc(e.columns(), func(c Expr) bool { return c.Name == change })
		})
	}
	for _, j := range q.dropped {
		if moved(columns[j].term) {
			return nil, notEstimable("leave out one of the terms that say the same, or give more periods after the change", "%s cannot be told apart from the terms before it", columns[j].name)
		}
	}
	for _, j := range q.kept {
		c := columns[j]
		if c.term < 0 {
			m.constant = len(m.x)
		}
		if moved(c.term) {
			m.effect = append(m.effect, len(m.x))
			if t := a.formula.Terms[c.term]; m.main < 0 || len(t) == 1 && t[0].Op == opColumn {
				m.main = len(m.x)
			}
		}
		m.x, m.names = append(m.x, c.values), append(m.names, c.name)
	}
	if n, k := len(m.y), len(m.x); n <= k+1 {
		return nil, notEstimable("leave out terms, such as harmonics, or give more periods", "%s are too few for %s", many(n, "period"), many(k, "term"))
	}
	return m, nil
}

// complete calculates an expression that must have a value in every row.
func (s *scope) complete(e Expr) ([]float64, error) {
	v, err := s.vector(e)
	if err != nil {
		return nil, err
	}
	for i, x := range v {
		if math.IsNaN(x) {
			return nil, s.absent(e, i)
		}
	}
	return v, nil
}

// absent is the error for a missing value of a series.
func (s *scope) absent(e Expr, i int) error {
	err := &InputError{Row: s.frame.rows[s.rows[i]], Problem: "a value is missing", Advice: "give the value; a series with unknown periods cannot be used, and a missing number is not 0"}
	if lag, ok := e.find(func(x Expr) bool { return x.Op == "lag" }); ok {
		err.Problem, err.Advice = fmt.Sprintf("%s has no value here", lag), "end or begin the data where all lags are known"
	}
	for _, c := range e.columns() {
		if cells := s.frame.text(c.Name); cells != nil && missing(cells[s.rows[i]]) {
			err.Column = c.Name
		}
	}
	return err
}

func (s *scope) checkComplete(columns []regressor, f *Formula) error {
	for _, c := range columns {
		for i, v := range c.values {
			if math.IsNaN(v) {
				for _, e := range f.Terms[c.term] {
					if len(e.columns()) > 0 {
						return s.absent(e, i)
					}
				}
			}
		}
	}
	return nil
}

// season is the number of periods in a cycle of the model, 0 where it has
// none.
func (a *analysis) season(s *scope) float64 {
	for _, t := range a.formula.Terms {
		if t[0].Op == "harmonics" {
			season, _ := s.seasonOf(t[0])
			if len(t[0].Args) == 1 && s.when.calendar == numbers {
				a.report.Data.Notes = append(a.report.Data.Notes, "the periods are numbers: harmonics() takes 12 of them for a cycle; write harmonics(2, 4) for quarters")
			}
			return season
		}
	}
	return 0
}

// findChange finds the column of 0 and 1 whose step is judged.
func (a *analysis) findChange(m *seriesModel) (string, error) {
	var names []Expr
	for _, t := range a.formula.Terms {
		for _, e := range t {
			for _, c := range e.columns() {
				if !slices.ContainsFunc(names, func(n Expr) bool { return n.Name == c.Name }) {
					names = append(names, c)
				}
			}
		}
	}
	d := &SeriesDetail{Season: m.season}
	chosen := ""
	for _, c := range names {
		if !a.frame.has(c.Name) || c.Name == m.time || a.frame.isText(c.Name) {
			continue
		}
		on, err := m.scope.onset(c)
		var bad *InputError
		if errors.As(err, &bad) {
			if c.Name == a.Series.Change {
				return "", err
			}
			continue
		} else if err != nil {
			return "", err
		}
		first, switched := on[0]
		at := slices.IndexFunc(m.rows, func(r int) bool { return m.when.index[r] == first })
		if !switched || at <= 0 {
			if c.Name == a.Series.Change {
				return "", notEstimable("give periods from before and from after the change", "%s is the same in every period", c.Name)
			}
			continue
		}
		if chosen == "" && (a.Series.Change == "" || a.Series.Change == c.Name) {
			chosen, m.onset = c.Name, at
			d.Change, d.At, d.Before, d.After = c.Name, m.when.label(first), at, len(m.rows)-at
		} else {
			d.OtherSteps = append(d.OtherSteps, c.Name)
		}
	}
	if chosen == "" {
		what := "no term of the formula is 0 before a change and 1 from it on"
		if a.Series.Change != "" {
			what = fmt.Sprintf("no term of the formula has the column %s", a.Series.Change)
		}
		return "", notEstimable("add a column that is 0 before the change and 1 from it on, and name it in the formula", "%s", what)
	}
	a.report.Series = d
	return chosen, nil
}

// seriesMethods lists the methods to run.
func (a *analysis) seriesMethods(m *seriesModel) []Method {
	if a.Method != All {
		return []Method{a.Method}
	}
	if len(m.y) < minSeries {
		return []Method{OLS}
	}
	if m.counts && len(a.formula.Offsets) > 0 {
		return []Method{QuasiPoisson, PoissonHAC} // an offset of counts is one of their logarithms
	}
	out := []Method{NeweyWest}
	if m.counts {
		out = append(out, QuasiPoisson, PoissonHAC)
	}
	return append(out, Restricted)
}

// portmanteau tests residuals for autocorrelation (Ljung & Box 1978). Degrees
// of freedom are less by the number of autoregressive coefficients.
func portmanteau(e []float64, lags, spent int) Test {
	n := float64(len(e))
	mean := 0.0
	for _, v := range e {
		mean += v / n
	}
	centred := make([]float64, len(e))
	for i, v := range e {
		centred[i] = v - mean
	}
	all, q := dot(centred, centred), 0.0
	for k := 1; k <= lags && all > 0; k++ {
		r := dot(centred[k:], centred[:len(e)-k]) / all
		q += n * (n + 2) * r * r / (n - float64(k))
	}
	degrees := max(1, lags-spent)
	return Test{
		Name: fmt.Sprintf("Ljung-Box, %d lags", lags), Statistic: q, Degrees: degrees,
		P: distuv.ChiSquared{K: float64(degrees)}.Survival(q), Meaning: "what the model leaves over is independent from period to period",
	}
}

func (m *seriesModel) lags() int {
	lags := 10
	if m.season > 0 {
		lags = int(math.Ceil(m.season))
	}
	return max(1, min(lags, len(m.y)/4))
}
