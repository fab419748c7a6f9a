package evaluate

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Interval is a lower and an upper bound.
type Interval [2]float64

func (in Interval) holds(v float64) bool { return in[0] <= v && v <= in[1] }

// Result is what one method says. A nil number is one that does not exist.
type Result struct {
	Method   Method `json:"method"`
	Model    string `json:"model"`
	Quantity string `json:"quantity"` // what the estimate is, in words
	Term     string `json:"term,omitempty"`

	Estimate     *float64  `json:"estimate"`
	SE           *float64  `json:"se"`
	SEKind       string    `json:"se_kind"` // how the standard error was made
	P            *float64  `json:"p"`       // two-sided, of no effect
	PKind        string    `json:"p_kind,omitempty"`
	Interval80   *Interval `json:"interval80"`
	Interval95   *Interval `json:"interval95"`
	IntervalKind string    `json:"interval_kind"`
	Ratio        *Ratio    `json:"ratio,omitempty"` // where the outcome is on a logarithmic scale

	Terms      []Coefficient `json:"terms,omitempty"`
	Left       []string      `json:"left_out,omitempty"` // terms that others make up
	Dispersion *float64      `json:"dispersion,omitempty"`
	// Autoregression holds the coefficients of autoregressive errors.
	Autoregression []float64 `json:"autoregression,omitempty"`
	Residual       *float64  `json:"residual_sd,omitempty"`
	LogLikelihood  *float64  `json:"log_likelihood,omitempty"`
	Lag            *float64  `json:"lag,omitempty"` // of Newey-West
	Tests          []Test    `json:"tests,omitempty"`
	Path           []Point   `json:"path,omitempty"` // of a series: period by period

	// Refusals say why the number may not be published. It is computed all the
	// same. An empty list allows it.
	Refusals []string `json:"refusals"`
	// Warnings say what to keep in mind beside the number.
	Warnings []string `json:"warnings"`
}

// Ratio is an estimate on a logarithmic scale, turned back.
type Ratio struct {
	Ratio      float64  `json:"ratio"`
	Interval95 Interval `json:"interval95"`
	Percent    float64  `json:"percent"` // 100 (ratio - 1)
	Percent95  Interval `json:"percent95"`
}

// Coefficient is one term of a model.
type Coefficient struct {
	Term       string   `json:"term"`
	Estimate   float64  `json:"estimate"`
	SE         float64  `json:"se"`
	P          float64  `json:"p"`
	Interval95 Interval `json:"interval95"`
	Ratio      *Ratio   `json:"ratio,omitempty"`
}

// Test is a test of something that a method takes for granted.
type Test struct {
	Name      string  `json:"name"`
	Statistic float64 `json:"statistic"`
	Degrees   int     `json:"degrees,omitempty"`
	P         float64 `json:"p"`
	Meaning   string  `json:"meaning"`
}

func pointer[T any](v T) *T { return &v }

func newResult(m Method) Result {
	return Result{Method: m, IntervalKind: "none", Refusals: []string{}, Warnings: []string{}}
}

func (r *Result) warn(format string, args ...any) {
	r.Warnings = append(r.Warnings, fmt.Sprintf(format, args...))
}

func (r *Result) refuse(format string, args ...any) {
	r.Refusals = append(r.Refusals, fmt.Sprintf(format, args...))
}

// reference is the distribution that a standard error is held against.
type reference struct {
	degrees float64 // of Student's t; 0 stands for the normal distribution
}

func (d reference) quantile(p float64) float64 {
	if d.degrees > 0 {
		return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: d.degrees}.Quantile(p)
	}
	return distuv.UnitNormal.Quantile(p)
}

// p is the two-sided p-value.
func (d reference) p(estimate, se float64) float64 {
	z := math.Abs(estimate / se)
	if math.IsNaN(z) {
		return 1
	}
	if d.degrees > 0 {
		return min(1, 2*distuv.StudentsT{Mu: 0, Sigma: 1, Nu: d.degrees}.Survival(z))
	}
	return min(1, 2*distuv.UnitNormal.Survival(z))
}

func (d reference) interval(estimate, se, level float64) Interval {
	q := d.quantile(1 - (1-level)/2)
	return Interval{estimate - q*se, estimate + q*se}
}

func (d reference) name() string {
	if d.degrees > 0 {
		return fmt.Sprintf("Student's t, %g degrees of freedom", d.degrees)
	}
	return "normal"
}

// back turns a logarithm back into a number, bounded so that an interval
// without an end is still written.
func back(v float64) float64 { return math.Exp(min(v, 300)) }

// maxLogWidth is the width of a 95 % interval of a logarithm from which it says
// nothing: a factor of a million.
const maxLogWidth = 13.8

// ratioOf turns an estimate on a logarithmic scale back.
func ratioOf(estimate float64, in Interval) *Ratio {
	r := &Ratio{Ratio: back(estimate), Percent: 100 * math.Expm1(min(estimate, 300))}
	for i := range in {
		r.Interval95[i], r.Percent95[i] = back(in[i]), 100*math.Expm1(min(in[i], 300))
	}
	return r
}

// state sets the estimate and all that follows from its standard error.
func (r *Result) state(estimate, se float64, d reference, logarithmic bool) {
	r.Estimate = pointer(estimate)
	if !(se > 0) || math.IsInf(se, 0) {
		return
	}
	in := d.interval(estimate, se, 0.95)
	r.SE, r.P = pointer(se), pointer(d.p(estimate, se))
	r.Interval80, r.Interval95 = pointer(d.interval(estimate, se, 0.80)), pointer(in)
	r.IntervalKind = d.name()
	if logarithmic {
		r.Ratio = ratioOf(estimate, in)
	}
}

// coefficients fills in all terms of a model.
func (r *Result) coefficients(names []string, b []float64, v [][]float64, d reference, logarithmic bool) {
	r.Terms = nil
	for i, name := range names {
		se := math.Sqrt(max(v[i][i], 0))
		c := Coefficient{Term: name, Estimate: b[i], SE: se, P: d.p(b[i], se), Interval95: d.interval(b[i], se, 0.95)}
		if logarithmic && name != interceptName {
			c.Ratio = ratioOf(b[i], c.Interval95)
		}
		r.Terms = append(r.Terms, c)
	}
}

// needsInterval adds the refusal that holds for every method.
func (r *Result) needsInterval() {
	if r.Interval95 == nil {
		r.refuse("there is no 95 %% interval: a number is not published without one")
	} else if r.Ratio != nil && r.Interval95[1]-r.Interval95[0] > maxLogWidth {
		r.refuse("the 95 %% interval is too wide to say anything: its ends differ by a factor of more than a million")
	}
}
