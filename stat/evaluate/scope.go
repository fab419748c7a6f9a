package evaluate

import (
	"fmt"
	"math"
	"slices"
)

// scope calculates expressions over rows of a frame.
type scope struct {
	frame *Frame
	rows  []int    // rows of the frame, in the order of the analysis
	time  string   // column of the periods; empty where rows are in order
	when  *periods // nil where there are no periods
	unit  []int    // by row of the frame; nil where there is one unit
}

// regressor is a column of a model.
type regressor struct {
	name   string
	term   int // of the formula; -1 for the intercept
	values []float64
}

const interceptName = "(intercept)"

// checkColumns finds the first column of a formula that the data do not have.
func (f *Formula) checkColumns(frame *Frame, periods bool) error {
	for _, e := range f.every() {
		if !frame.has(e.Name) && !(periods && e.Name == "t") {
			return frame.unknownColumn(e.Name, e.Position)
		}
	}
	return nil
}

// vector calculates an expression; NaN stands for a missing value.
func (s *scope) vector(e Expr) ([]float64, error) {
	out := make([]float64, len(s.rows))
	switch e.Op {
	case opNumber:
		for i := range out {
			out[i] = e.Value
		}
		return out, nil
	case opColumn:
		return s.column(e)
	case "since":
		return s.since(e.Args[0])
	case "lag":
		return s.lag(e)
	case "factor", "harmonics", "mean", "at", "group":
		return nil, &FormulaError{Position: e.Position, Problem: e.Op + "() has no meaning here", Advice: "rostrum help evaluate says where each function belongs"}
	}
	args := make([][]float64, len(e.Args))
	for i, a := range e.Args {
		var err error
		if args[i], err = s.vector(a); err != nil {
			return nil, err
		}
	}
	for i := range out {
		x, y := args[0][i], math.NaN()
		if len(args) == 2 {
			y = args[1][i]
		}
		out[i] = apply(e.Op, x, y, len(args))
		if math.IsNaN(x) || len(args) == 2 && math.IsNaN(y) {
			out[i] = math.NaN()
		} else if math.IsNaN(out[i]) || math.IsInf(out[i], 0) {
			err := &InputError{Row: s.frame.rows[s.rows[i]], Problem: fmt.Sprintf("%s has no value here", e), Advice: "take the row out, or choose another calculation"}
			if c := e.columns(); len(c) > 0 {
				err.Column = c[0].Name
			}
			if e.Op == "log" && x == 0 {
				err.Problem, err.Advice = fmt.Sprintf("%s has no value where it is 0", e), "give the count itself as the outcome, which the Poisson methods take with its zeros"
			}
			return nil, err
		}
	}
	return out, nil
}

func apply(op string, x, y float64, n int) float64 {
	switch op {
	case "+":
		return x + y
	case "-":
		if n == 1 {
			return -x
		}
		return x - y
	case "*":
		return x * y
	case "/":
		return x / y
	case "^":
		return math.Pow(x, y)
	case "log":
		return math.Log(x)
	case "log1p":
		return math.Log1p(x)
	case "sqrt":
		return math.Sqrt(x)
	case "exp":
		return math.Exp(x)
	case "abs":
		return math.Abs(x)
	}
	return math.NaN()
}

func (s *scope) column(e Expr) ([]float64, error) {
	out := make([]float64, len(s.rows))
	counted := s.when != nil && (e.Name == s.time || e.Name == "t" && !s.frame.has("t"))
	if counted && s.time == e.Name && (s.when.calendar == numbers || s.when.calendar == years) {
		counted = false
	}
	if counted {
		for i, r := range s.rows {
			out[i] = float64(s.when.index[r] + 1)
		}
		return out, nil
	}
	values, err := s.frame.numbers(e.Name)
	if err != nil {
		return nil, err
	}
	for i, r := range s.rows {
		out[i] = values[r]
	}
	return out, nil
}

func (s *scope) unitOf(row int) int {
	if s.unit == nil {
		return 0
	}
	return s.unit[row]
}

// onset gives for each unit the period from which a column of 0 and 1 is 1,
// and refuses a column that goes back to 0.
func (s *scope) onset(e Expr) (map[int]int, error) {
	x, err := s.column(e)
	if err != nil {
		return nil, err
	}
	if s.when == nil {
		return nil, &FormulaError{Position: e.Position, Column: e.Name, Problem: "the periods are not known", Advice: "name their column: --time COL"}
	}
	on, off, offRow := map[int]int{}, map[int]int{}, map[int]int{}
	for i, r := range s.rows {
		u, t := s.unitOf(r), s.when.index[r]
		switch x[i] {
		case 1:
			if first, ok := on[u]; !ok || t < first {
				on[u] = t
			}
		case 0:
			if last, ok := off[u]; !ok || t > last {
				off[u], offRow[u] = t, r
			}
		default:
			if math.IsNaN(x[i]) {
				return nil, &InputError{Row: s.frame.rows[r], Column: e.Name, Problem: "the value is missing", Advice: "write 0 before the change and 1 from it on"}
			}
			return nil, &InputError{Row: s.frame.rows[r], Column: e.Name, Problem: fmt.Sprintf("%g is neither 0 nor 1", x[i]), Advice: "write 0 before the change and 1 from it on"}
		}
	}
	for u, first := range on {
		if last, ok := off[u]; ok && last > first {
			return nil, &InputError{
				Row: s.frame.rows[offRow[u]], Column: e.Name,
				Problem: fmt.Sprintf("it is 0 in %s, after having been 1 in %s", s.when.label(last), s.when.label(first)),
				Advice:  "what is switched off again cannot be judged this way: end the data before that, or give each phase a column of its own",
			}
		}
	}
	return on, nil
}

// since counts the periods since the step was taken, 0 at the first one.
func (s *scope) since(e Expr) ([]float64, error) {
	on, err := s.onset(e)
	if err != nil {
		return nil, err
	}
	out := make([]float64, len(s.rows))
	for i, r := range s.rows {
		if first, ok := on[s.unitOf(r)]; ok {
			out[i] = max(0, float64(s.when.index[r]-first))
		}
	}
	return out, nil
}

// lag gives the value some periods before, of the same unit; the first
// periods have none.
func (s *scope) lag(e Expr) ([]float64, error) {
	if s.when == nil {
		return nil, &FormulaError{Position: e.Position, Problem: "lag() needs to know the periods", Advice: "name their column: --time COL, and the column of the units: --unit COL"}
	}
	x, err := s.vector(e.Args[0])
	if err != nil {
		return nil, err
	}
	k := 1
	if len(e.Args) == 2 {
		k = int(e.Args[1].Value)
	}
	type place struct{ unit, period int }
	at := make(map[place]int, len(s.rows))
	for i, r := range s.rows {
		p := place{s.unitOf(r), s.when.index[r]}
		if j, ok := at[p]; ok {
			return nil, &InputError{Row: s.frame.rows[r], Problem: fmt.Sprintf("period %s of this unit also stands in row %d, so that lag() is not defined", s.when.label(p.period), s.frame.rows[s.rows[j]]), Advice: "name the columns that make a unit: --unit COL,COL"}
		}
		at[p] = i
	}
	out := make([]float64, len(s.rows))
	for i, r := range s.rows {
		out[i] = math.NaN()
		if j, ok := at[place{s.unitOf(r), s.when.index[r] - k}]; ok {
			out[i] = x[j]
		}
	}
	return out, nil
}

// design calculates the columns of a model.
func (s *scope) design(f *Formula, intercept bool) ([]regressor, error) {
	var out []regressor
	if intercept {
		ones := make([]float64, len(s.rows))
		for i := range ones {
			ones[i] = 1
		}
		out = append(out, regressor{interceptName, -1, ones})
	}
	full := !intercept // the first factor has all its levels where there is no intercept
	for k, t := range f.Terms {
		columns := []regressor{{"", k, nil}}
		for _, e := range t {
			part, err := s.part(e, full && len(t) == 1 && len(f.Fixed) == 0)
			if err != nil {
				return nil, err
			}
			if s.isFactor(e) {
				full = false
			}
			var product []regressor
			for _, a := range columns {
				for _, b := range part {
					product = append(product, multiply(a, b))
				}
			}
			if columns = product; len(columns) > 5000 {
				return nil, &FormulaError{Position: e.Position, Problem: "the term has more than 5,000 columns", Advice: "make it a fixed effect: write it after a |"}
			}
		}
		out = append(out, columns...)
	}
	return out, nil
}

func multiply(a, b regressor) regressor {
	if a.values == nil {
		return regressor{b.name, a.term, b.values}
	}
	v := slices.Clone(a.values)
	for i := range v {
		v[i] *= b.values[i]
	}
	return regressor{a.name + ":" + b.name, a.term, v}
}

func (s *scope) isFactor(e Expr) bool {
	return e.Op == "factor" || e.Op == opColumn && e.Name != s.time && s.frame.has(e.Name) && s.frame.isText(e.Name)
}

// part gives the columns of one factor of a term.
func (s *scope) part(e Expr, full bool) ([]regressor, error) {
	switch {
	case s.isFactor(e):
		if e.Op == "factor" {
			e = e.Args[0]
		}
		index, values := s.frame.levels(e.Name)
		used := make([]bool, len(values))
		for _, r := range s.rows {
			if index[r] >= 0 {
				used[index[r]] = true
			}
		}
		var out []regressor
		base := full
		for l, v := range values {
			if !used[l] {
				continue
			}
			if !base {
				base = true
				continue
			}
			c := regressor{name: e.Name + ": " + v, values: make([]float64, len(s.rows))}
			for i, r := range s.rows {
				switch index[r] {
				case l:
					c.values[i] = 1
				case -1:
					c.values[i] = math.NaN()
				}
			}
			out = append(out, c)
		}
		return out, nil
	case e.Op == "harmonics":
		return s.harmonics(e)
	}
	v, err := s.vector(e)
	return []regressor{{e.String(), 0, v}}, err
}

func (s *scope) harmonics(e Expr) ([]regressor, error) {
	if s.when == nil {
		return nil, &FormulaError{Position: e.Position, Problem: "harmonics() needs to know the periods", Advice: "name their column: --time COL"}
	}
	period, err := s.seasonOf(e)
	if err != nil {
		return nil, err
	}
	var out []regressor
	for k := 1; k <= int(e.Args[0].Value); k++ {
		if 2*float64(k) > period {
			return nil, &FormulaError{Position: e.Position, Problem: fmt.Sprintf("%d pairs of waves are too many for a period of %g", int(e.Args[0].Value), period), Advice: fmt.Sprintf("write at most %d", int(period/2))}
		}
		sin, cos := make([]float64, len(s.rows)), make([]float64, len(s.rows))
		for i, r := range s.rows {
			sin[i], cos[i] = math.Sincos(2 * math.Pi * float64(k) * float64(s.when.index[r]+1) / period)
		}
		if 2*float64(k) < period {
			out = append(out, regressor{fmt.Sprintf("sine %d", k), 0, sin})
		}
		out = append(out, regressor{fmt.Sprintf("cosine %d", k), 0, cos})
	}
	return out, nil
}

// seasonOf is the period of harmonics(): its second argument, or a year.
func (s *scope) seasonOf(e Expr) (float64, error) {
	if len(e.Args) == 2 {
		return e.Args[1].Value, nil
	}
	if season := s.when.season(); season >= 2 {
		return season, nil
	}
	return 0, &FormulaError{Position: e.Position, Problem: "the number of periods in a cycle is not known", Advice: "give it: harmonics(2, 12)"}
}
