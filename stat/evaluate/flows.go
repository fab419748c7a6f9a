package evaluate

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat/distuv"
)

// FlowOptions are the choices of a Poisson regression with fixed effects.
type FlowOptions struct {
	// Factor multiplies clustered covariances: "g" (the usual) by G/(G-1) for
	// G clusters, "cr1" by G/(G-1) (n-1)/(n-k), "none" not at all. k counts the
	// regressors and the levels of fixed effects that do not lie within
	// clusters.
	Factor string
}

// FlowDetail tells of the regression.
type FlowDetail struct {
	Fixed      []FixedEffect `json:"fixed"`
	Clusters   []FixedEffect `json:"clusters"`
	Zeros      int           `json:"zeros"` // counts of 0 among the rows used
	Singles    int           `json:"singletons"`
	ZeroLevels int           `json:"zero_levels"` // rows in levels where every count is 0
	Separated  int           `json:"separated"`
	Checked    bool          `json:"separation_checked"`
	Iterations int           `json:"iterations"`
	Deviance   float64       `json:"deviance"`
	Pseudo     *float64      `json:"pseudo_r2"` // 1 less the ratio of log-likelihoods to a constant mean
}

// FixedEffect is a set of levels.
type FixedEffect struct {
	Name   string `json:"name"`
	Levels int    `json:"levels"`
}

// flow is a regression ready to be fitted.
type flow struct {
	y, offset []float64
	x         [][]float64
	names     []string
	level     [][]int
	count     []int
	rows      []int // of the frame
}

// flows evaluates a Poisson regression with fixed effects.
func (a *analysis) flows(ctx context.Context) error {
	switch a.Flows.Factor {
	case "":
		a.Flows.Factor = "g"
	case "g", "cr1", "none":
	default:
		return fmt.Errorf("there is no factor %q; choose g, cr1 or none", a.Flows.Factor)
	}
	if err := a.refuseTerms("group", "mean", "at"); err != nil {
		return err
	}
	if e := a.formula.Response; e.Op == "log" || e.Op == "log1p" {
		return &FormulaError{Position: e.Position, Problem: "the Poisson regression takes the count or flow itself", Advice: "write " + e.Args[0].String() + " before the ~; zeros stay in"}
	}
	d := &FlowDetail{}
	a.report.Flows = d
	w, err := a.flow(d)
	if err != nil {
		return err
	}
	fit, err := w.fit(ctx, a.stage("fitting"))
	if err != nil {
		return err
	}
	clusters, err := a.clusters(w)
	if err != nil {
		return err
	}
	d.Iterations, d.Deviance = fit.iterations, fit.deviance
	if pseudo := fit.pseudo(w.y); !math.IsNaN(pseudo) {
		d.Pseudo = pointer(pseudo)
	}
	for i, name := range clusters.names {
		d.Clusters = append(d.Clusters, FixedEffect{name, clusters.count[i]})
	}
	r := newResult(PPML)
	v, kind, least := a.clustered(w, fit, clusters)
	ref := reference{}
	if a.Student {
		ref.degrees = float64(max(1, least-1))
	}
	r.SEKind = kind
	r.Model = "Poisson pseudo-maximum likelihood"
	if len(a.formula.Fixed) > 0 {
		names := make([]string, len(d.Fixed))
		for i, f := range d.Fixed {
			names[i] = f.Name
		}
		r.Model += ", fixed effects of " + strings.Join(names, ", ")
	}
	r.coefficients(w.names, fit.b, v, ref, true)
	main := 0
	if w.names[0] == interceptName && len(w.names) > 1 {
		main = 1
	}
	r.Term, r.Quantity = w.names[main], fmt.Sprintf("coefficient of %s, logarithm of a ratio", w.names[main])
	r.state(fit.b[main], math.Sqrt(max(0, v[main][main])), ref, true)
	r.needsInterval()
	if !fit.converged {
		r.refuse("the regression did not converge in %d steps", fit.iterations)
	}
	if len(a.formula.Clusters)+len(a.formula.Fixed) == 0 {
		r.refuse("the standard error takes the rows as independent: name what they have in common with cluster(), or fixed effects after a |")
	} else if least < minClusters {
		r.refuse("%d clusters are too few for this standard error, at least %d are needed (Cameron & Miller 2015): cluster more finely where that is right, or take more units", least, minClusters)
	}
	for i := range v {
		if !(v[i][i] > 0) {
			r.refuse("the clustered variance of %s is not positive: cluster in one way", w.names[i])
		}
	}
	if !d.Checked {
		r.refuse("whether rows with 0 are separated could not be settled: leave out regressors that are nearly the same")
	}
	if fit.loose {
		r.refuse("the fixed effects could not be taken out to full precision: use fewer of them")
	}
	if lost := d.Singles + d.ZeroLevels + d.Separated; 2*lost > lost+len(w.y) {
		r.warn("more than half of the rows say nothing about the coefficients and are left out")
	}
	if t, ok := w.reset(ctx, fit, clusters, a); ok {
		r.Tests = append(r.Tests, t)
		if t.P < 0.05 {
			r.warn("the form of the model may be wrong (%s, %s): look at curved terms and logarithms", t.Name, pText(t.P))
		}
	}
	a.report.Results = append(a.report.Results, r)
	return nil
}

// flow reads the rows and takes out those that cannot be used.
func (a *analysis) flow(d *FlowDetail) (*flow, error) {
	f := a.frame
	s := &scope{frame: f, rows: make([]int, f.Len())}
	for i := range s.rows {
		s.rows[i] = i
	}
	name := a.Time
	uses := slices.ContainsFunc(a.formula.Terms, func(t Term) bool {
		return slices.ContainsFunc(t, func(e Expr) bool {
			_, ok := e.find(func(x Expr) bool { return x.Op == "lag" || x.Op == "since" || x.Op == "harmonics" })
			return ok
		})
	})
	if name == "" && uses {
		name = f.guessTime(false)
	}
	if name != "" && name != "-" {
		if !f.has(name) {
			return nil, f.unknownColumn(name, 0)
		}
		p, err := f.readPeriods(name)
		if err != nil {
			return nil, err
		}
		s.when, s.time = p, name
		a.report.Data.Time, a.report.Data.First, a.report.Data.Last, a.report.Data.Periods = name, p.label(p.first), p.label(p.last), p.last+1
	}
	if err := a.formula.checkColumns(f, s.when != nil); err != nil {
		return nil, err
	}
	for _, u := range a.Unit {
		if !f.has(u) {
			return nil, f.unknownColumn(u, 0)
		}
	}
	if len(a.Unit) > 0 {
		index, names, err := f.readUnits(a.Unit)
		if err != nil {
			return nil, err
		}
		s.unit, a.report.Data.Units = index, len(names)
	}
	y, err := s.vector(a.formula.Response)
	if err != nil {
		return nil, err
	}
	offset := make([]float64, len(y))
	for _, o := range a.formula.Offsets {
		v, err := s.vector(o)
		if err != nil {
			return nil, err
		}
		for i := range v {
			offset[i] += v[i]
		}
	}
	columns, err := s.design(a.formula, a.formula.Intercept && len(a.formula.Fixed) == 0)
	if err != nil {
		return nil, err
	}
	if len(columns) == 0 || len(columns) == 1 && columns[0].term < 0 {
		return nil, &FormulaError{Position: a.formula.Response.Position, Problem: "no term stands after the ~", Advice: "write what the outcome may go with: flow ~ conflict + log(wage) | origin + year"}
	}
	var level [][]int
	var count []int
	for _, c := range a.formula.Fixed {
		names := make([]string, len(c))
		for i, e := range c {
			names[i] = e.Name
		}
		index, values, err := f.readUnits(names)
		if err != nil {
			return nil, err
		}
		level, count = append(level, index), append(count, len(values))
		d.Fixed = append(d.Fixed, FixedEffect{Name: strings.Join(names, "^")})
	}
	whole := make([]bool, len(y))
	unknown := 0
	positive := false
	for i, v := range y {
		if v < 0 {
			return nil, &InputError{Row: f.rows[i], Problem: fmt.Sprintf("the outcome is %g, and a count or flow is not negative", v), Advice: "correct it, or take the row out"}
		}
		whole[i] = !math.IsNaN(v) && !math.IsNaN(offset[i])
		for _, c := range columns {
			whole[i] = whole[i] && !math.IsNaN(c.values[i])
		}
		if !whole[i] {
			unknown++
		}
		positive = positive || whole[i] && v > 0
	}
	a.report.leave("row", unknown, "the outcome, a term or a lag is missing")
	if !positive {
		return nil, notEstimable("check the column", "every outcome that can be used is 0")
	}
	w := &flow{y: y, offset: offset, level: level, count: count, rows: s.rows}
	for _, c := range columns {
		w.x, w.names = append(w.x, c.values), append(w.names, c.name)
	}
	w = w.take(whole)
	keep, singles, zeros := prune(w.y, w.level, w.count)
	d.Singles, d.ZeroLevels = singles, zeros
	w = w.take(keep)
	none := "give more rows for each level, or use fewer fixed effects"
	if len(w.y) == 0 {
		return nil, notEstimable(none, "every row is alone in a level of a fixed effect, or in one where every outcome is 0")
	}
	out, checked := separated(w.y, w.x, w.level, w.count)
	d.Checked = checked
	for i := range out {
		if out[i] {
			d.Separated++
		}
		out[i] = !out[i]
	}
	if d.Separated > 0 {
		w = w.take(out)
		keep, singles, zeros := prune(w.y, w.level, w.count)
		d.Singles, d.ZeroLevels = d.Singles+singles, d.ZeroLevels+zeros
		w = w.take(keep)
	}
	r := a.report
	r.leave("row", d.ZeroLevels, "every outcome of their level of a fixed effect is 0")
	r.leave("row", d.Singles, "they are alone in a level of a fixed effect")
	r.leave("row", d.Separated, "they are separated: a term or a combination of terms occurs only where the outcome is 0")
	if len(w.y) == 0 {
		return nil, notEstimable(none, "no row is left when separated rows are taken out")
	}
	for i := range d.Fixed {
		d.Fixed[i].Levels = w.count[i]
	}
	for _, v := range w.y {
		if v == 0 {
			d.Zeros++
		}
	}
	r.Data.Used = len(w.y)
	return w, a.distinguish(w)
}

// take keeps some rows and numbers the levels that are left anew.
func (w *flow) take(keep []bool) *flow {
	out := &flow{names: w.names, x: make([][]float64, len(w.x)), level: make([][]int, len(w.level))}
	for i, k := range keep {
		if !k {
			continue
		}
		out.y, out.offset, out.rows = append(out.y, w.y[i]), append(out.offset, w.offset[i]), append(out.rows, w.rows[i])
		for j := range w.x {
			out.x[j] = append(out.x[j], w.x[j][i])
		}
		for f := range w.level {
			out.level[f] = append(out.level[f], w.level[f][i])
		}
	}
	for f := range out.level {
		n := renumber(out.level[f])
		out.count = append(out.count, n)
	}
	return out
}

// renumber numbers the values from 0 in the order of their first appearance
// and gives their number.
func renumber(v []int) int {
	at := map[int]int{}
	for i, l := range v {
		k, ok := at[l]
		if !ok {
			k = len(at)
			at[l] = k
		}
		v[i] = k
	}
	return len(at)
}

// distinguish leaves out the regressors that the fixed effects and the ones
// before them make up.
func (a *analysis) distinguish(w *flow) error {
	absorb := newAbsorber(w.level, w.count, len(w.y))
	columns, lengths := make([][]float64, len(w.x)), make([]float64, len(w.x))
	for j := range w.x {
		columns[j] = absorb.residual(w.x[j], absorb.empty())
		lengths[j] = math.Sqrt(dot(w.x[j], w.x[j]))
	}
	q := factorise(columns, lengths)
	var left []string
	for _, j := range q.dropped {
		left = append(left, w.names[j])
	}
	if len(left) > 0 {
		a.report.warn("left out, because the fixed effects or the terms before make them up: %s", some(left))
	}
	if len(q.kept) == 0 || len(q.kept) == 1 && w.names[q.kept[0]] == interceptName {
		return notEstimable("choose terms that vary within the levels of the fixed effects", "no term is left: the fixed effects make up all of them")
	}
	x, names := w.x, w.names
	w.x, w.names = nil, nil
	for _, j := range q.kept {
		w.x, w.names = append(w.x, x[j]), append(w.names, names[j])
	}
	degrees := len(w.x)
	for _, c := range w.count {
		degrees += c - 1
	}
	if len(w.y) <= degrees {
		return notEstimable("give more rows or fewer fixed effects", "%d rows are too few for %d coefficients", len(w.y), degrees+min(1, len(w.count)))
	}
	return nil
}

// reset tests the form of the model by the square of its linear part (Ramsey
// 1969; Santos Silva & Tenreyro 2006).
func (w *flow) reset(ctx context.Context, fit *flowFit, c *clustering, a *analysis) (Test, bool) {
	linear := make([]float64, len(w.y))
	for i, m := range fit.mean {
		linear[i] = math.Log(m) - w.offset[i]
	}
	for i, v := range centred(linear) {
		linear[i] = v * v
	}
	wider := *w
	wider.x = append(slices.Clone(w.x), linear)
	wider.names = append(slices.Clone(w.names), "square")
	next, err := wider.fit(ctx, nil)
	if err != nil || !next.converged || len(next.b) != len(wider.x) {
		return Test{}, false
	}
	v, _, _ := a.clustered(&wider, next, c)
	k := len(next.b) - 1
	if !(v[k][k] > 0) {
		return Test{}, false
	}
	stat := next.b[k] * next.b[k] / v[k][k]
	return Test{Name: "RESET", Statistic: stat, Degrees: 1, P: distuv.ChiSquared{K: 1}.Survival(stat), Meaning: "the square of the linear part adds nothing"}, true
}
