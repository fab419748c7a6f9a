package evaluate

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// SyntheticOptions are the choices of a synthetic control.
type SyntheticOptions struct {
	// Inference makes the standard error: "placebo" (the usual), "jackknife"
	// or "bootstrap"; the latter two need several treated units.
	Inference string
}

// SyntheticDetail tells of the treated units and of each fit.
type SyntheticDetail struct {
	Treated []string       `json:"treated"`
	At      string         `json:"at"` // first period of treatment
	Before  int            `json:"before"`
	After   int            `json:"after"`
	Donors  int            `json:"donors"`
	Fits    []SyntheticFit `json:"fits"`
	outcome string
}

// SyntheticFit is the fit of one method.
type SyntheticFit struct {
	Method      Method       `json:"method"`
	Weights     []Weight     `json:"weights"` // of donors, heaviest first; those of zero left out
	TimeWeights []Weight     `json:"time_weights,omitempty"`
	Ridge       *float64     `json:"ridge,omitempty"` // zeta of synthetic difference-in-differences
	Before      float64      `json:"rmspe_before"`    // root mean squared gap
	After       float64      `json:"rmspe_after"`
	Ratio       *float64     `json:"rmspe_ratio"`
	Path        []Gap        `json:"path"`
	Predictors  []Predictor  `json:"predictors,omitempty"`
	LeftOut     []LeftOut    `json:"left_out"`
	Placebos    []Placebo    `json:"placebos"`
	Backdated   *BackdatedIn `json:"backdated,omitempty"`
}

// Weight is the weight of a donor or a period.
type Weight struct {
	Name   string  `json:"name"`
	Weight float64 `json:"weight"`
}

// Gap is the difference of the treated and their synthetic counterpart in a
// period. Without a shift the counterpart is the weighted mean of donors; the
// methods of differences move it by the weighted gap before treatment.
type Gap struct {
	Period    string    `json:"period"`
	Treated   float64   `json:"treated"`
	Synthetic float64   `json:"synthetic"`
	Gap       float64   `json:"gap"`
	Gap95     *Interval `json:"gap95,omitempty"` // after treatment, by the standard error of the method
}

// LeftOut is the estimate without one donor.
type LeftOut struct {
	Donor    string  `json:"donor"`
	Weight   float64 `json:"weight"`
	Estimate float64 `json:"estimate"`
	Before   float64 `json:"rmspe_before"`
}

// Placebo is the estimate for units that were not treated, as if they had
// been.
type Placebo struct {
	Units    []string `json:"units"`
	Estimate float64  `json:"estimate"`
	Before   float64  `json:"rmspe_before"`
	After    float64  `json:"rmspe_after"`
	Ratio    float64  `json:"rmspe_ratio"`
	gap      []float64
}

// BackdatedIn is the estimate as if the treatment had come earlier, from
// periods before the real one alone.
type BackdatedIn struct {
	At       string  `json:"at"`
	Estimate float64 `json:"estimate"`
	After    float64 `json:"rmspe_after"`
	Before   float64 `json:"rmspe_before"`
}

const (
	minDonors      = 9    // so that a placebo p-value can reach 10 %
	minBefore      = 5    // periods before treatment
	maxPoorFit     = 0.25 // gap before treatment in standard deviations of the donors
	usualPlacebos  = 200
	maxPlaceboWork = 10_000_000 // fits times donors
)

// block is a panel in which some units are treated from one period on.
type block struct {
	y         [][]float64 // by unit and period
	x         [][]float64 // by unit: predictors, scaled; nil where the outcomes before treatment predict
	before    int         // number of periods before treatment
	treated   []int
	donors    []int
	names     []string
	label     func(k int) string // of a period by its place
	predictor []string
	raw       [][]float64 // predictors as they are
}

// synthetic evaluates by a synthetic control and its relatives.
func (a *analysis) synthetic(ctx context.Context) error {
	switch a.Options.Synthetic.Inference {
	case "":
		a.Options.Synthetic.Inference = "placebo"
	case "placebo", "jackknife", "bootstrap":
	default:
		return fmt.Errorf("there is no inference %q; choose placebo, jackknife or bootstrap", a.Options.Synthetic.Inference)
	}
	if err := a.refuseTerms("harmonics", "since", "factor"); err != nil {
		return err
	}
	if len(a.formula.Offsets) > 0 || len(a.formula.Clusters) > 0 {
		e := slices.Concat(a.formula.Offsets, a.formula.Clusters)[0]
		return &FormulaError{Position: e.Position, Problem: "a synthetic control has no offset and no clusters", Advice: "leave it out"}
	}
	b, err := a.block()
	if err != nil {
		return err
	}
	if a.Options.Synthetic.Inference != "placebo" && len(b.treated) < 2 {
		return fmt.Errorf("%s needs several treated units, and there is one; use placebo", a.Options.Synthetic.Inference)
	}
	d := a.report.Synthetic
	methods := []Method{a.Method}
	if a.Method == All {
		methods = []Method{Control, Differences, TwoWay}
	}
	for _, m := range methods {
		r, fit, err := a.syntheticResult(ctx, b, m)
		if err != nil {
			return err
		}
		d.Fits = append(d.Fits, fit)
		a.report.Results = append(a.report.Results, r)
	}
	return nil
}

// block reads the panel.
func (a *analysis) block() (*block, error) {
	s, names, err := a.panel()
	if err != nil {
		return nil, err
	}
	first, _, predictors, err := a.treatment(s)
	if err != nil {
		return nil, err
	}
	y, err := s.vector(a.formula.Response)
	if err != nil {
		return nil, err
	}
	d := &SyntheticDetail{outcome: a.formula.Response.String(), Fits: []SyntheticFit{}, Treated: []string{}}
	a.report.Synthetic = d
	periods := s.when.last + 1
	start := never
	for _, g := range first {
		if g > s.when.last {
			continue
		}
		if start != never && g != start {
			return nil, notEstimable("use did, which takes them as groups, or keep one group and the units never treated", "treated units begin in different periods, among them %s and %s", s.when.label(min(g, start)), s.when.label(max(g, start)))
		}
		start = g
	}
	switch {
	case len(names) < 2:
		return nil, notEstimable("use its for a single series", "there is one unit, %s, and a synthetic control needs others", names[0])
	case start == never:
		return nil, notEstimable("check the column of the treatment", "no unit becomes treated within the periods of the data")
	case start < 2:
		return nil, notEstimable("give earlier periods", "%s before the treatment: too few to find weights", many(max(start, 0), "period"))
	}
	b := &block{before: start, label: s.when.label}
	incomplete := 0
	var member []int // frame-wide number of each unit kept
	for i := 0; i < len(s.rows); {
		u := s.unit[s.rows[i]]
		values := make([]float64, periods)
		for k := range values {
			values[k] = math.NaN()
		}
		for ; i < len(s.rows) && s.unit[s.rows[i]] == u; i++ {
			values[s.when.index[s.rows[i]]] = y[i]
		}
		g, ok := first[u]
		treated := ok && g <= s.when.last
		if k := slices.IndexFunc(values, math.IsNaN); k >= 0 {
			if treated {
				return nil, &InputError{Problem: fmt.Sprintf("the outcome of %s, which is treated, is missing in %s", names[u], s.when.label(k)), Advice: "give the value, or begin or end the data where it is known"}
			}
			incomplete++
			continue
		}
		if treated {
			b.treated = append(b.treated, len(b.y))
			d.Treated = append(d.Treated, names[u])
		} else {
			b.donors = append(b.donors, len(b.y))
		}
		b.y, b.names, member = append(b.y, values), append(b.names, names[u]), append(member, u)
	}
	a.report.leave("unit", incomplete, "they lack the outcome in a period")
	a.report.Data.Units, a.report.Data.Periods, a.report.Data.Used = len(b.y), periods, len(b.y)*periods
	d.At, d.Before, d.After, d.Donors = s.when.label(start), start, periods-start, len(b.donors)
	if len(b.donors) < 2 {
		return nil, notEstimable("add units that are not treated and have all periods", "%s without treatment: too few to make a synthetic one", many(len(b.donors), "unit"))
	}
	return b, a.readPredictors(s, b, predictors, member)
}

// mean gives the mean outcome of units, by period.
func (b *block) mean(units []int) []float64 {
	out := make([]float64, len(b.y[0]))
	for _, u := range units {
		for t, v := range b.y[u] {
			out[t] += v / float64(len(units))
		}
	}
	return out
}

// counterpart is a fit: weights of donors and periods, and the gap by period.
type counterpart struct {
	omega    []float64
	lambda   []float64 // nil for a synthetic control, which is not shifted
	zeta     float64
	v        []float64 // importance of predictors
	treated  []float64
	gap      []float64
	estimate float64
	before   float64
	after    float64
}

// fit finds the weights of a method for some units taken as treated.
func (b *block) fit(m Method, treated, donors []int, before int) counterpart {
	c := counterpart{treated: b.mean(treated)}
	periods := len(c.treated)
	switch m {
	case Control:
		if b.x != nil {
			c.omega, c.v = b.byPredictors(c.treated, treated, donors)
			break
		}
		points := make([][]float64, len(donors))
		for j, u := range donors {
			points[j] = make([]float64, before)
			for t := range before {
				points[j][t] = b.y[u][t] - c.treated[t]
			}
		}
		c.omega = nearest(points, 0)
	case Differences:
		c.zeta = math.Pow(float64(len(treated)*(periods-before)), 0.25) * b.noise(donors, before)
		points := make([][]float64, len(donors))
		for j, u := range donors {
			points[j] = make([]float64, before)
			for t := range before {
				points[j][t] = b.y[u][t] - c.treated[t]
			}
			points[j] = centred(points[j])
		}
		c.omega = nearest(points, c.zeta*c.zeta*float64(before))
		c.lambda = b.timeWeights(donors, before)
	default:
		c.omega, c.lambda = make([]float64, len(donors)), make([]float64, before)
		for j := range c.omega {
			c.omega[j] = 1 / float64(len(donors))
		}
		for t := range c.lambda {
			c.lambda[t] = 1 / float64(before)
		}
	}
	c.measure(b, donors, before)
	return c
}

// measure works out the gap and what follows from it.
func (c *counterpart) measure(b *block, donors []int, before int) {
	c.gap = slices.Clone(c.treated)
	for j, u := range donors {
		if c.omega[j] != 0 {
			for t, v := range b.y[u] {
				c.gap[t] -= c.omega[j] * v
			}
		}
	}
	shift := 0.0
	for t, l := range c.lambda {
		shift += l * c.gap[t]
	}
	c.estimate = 0
	for t := range c.gap {
		c.gap[t] -= shift
		if t >= before {
			c.estimate += c.gap[t] / float64(len(c.gap)-before)
		}
	}
	c.before, c.after = rms(c.gap[:before]), rms(c.gap[before:])
}

// noise is the standard deviation of the changes of donors from period to
// period before treatment (Arkhangelsky et al. 2021).
func (b *block) noise(donors []int, before int) float64 {
	mean, n := 0.0, float64(len(donors)*(before-1))
	for _, u := range donors {
		mean += (b.y[u][before-1] - b.y[u][0]) / n
	}
	sum := 0.0
	for _, u := range donors {
		for t := 1; t < before; t++ {
			d := b.y[u][t] - b.y[u][t-1] - mean
			sum += d * d / n
		}
	}
	return math.Sqrt(sum)
}

// timeWeights weigh the periods before treatment so that they look like those
// after it in the donors, up to a constant.
func (b *block) timeWeights(donors []int, before int) []float64 {
	points := make([][]float64, before)
	for t := range points {
		points[t] = make([]float64, len(donors))
		for j, u := range donors {
			after := 0.0
			for _, v := range b.y[u][before:] {
				after += v / float64(len(b.y[u])-before)
			}
			points[t][j] = b.y[u][t] - after
		}
		points[t] = centred(points[t])
	}
	zeta := 1e-6 * b.noise(donors, before)
	return nearest(points, zeta*zeta*float64(len(donors)))
}
