package evaluate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Design is a design of evaluation.
type Design string

const (
	Series    Design = "its"   // interrupted time series: one series, before and after a change
	Groups    Design = "did"   // difference-in-differences by group and time
	Synthetic Design = "synth" // synthetic control, and synthetic difference-in-differences
	Flows     Design = "ppml"  // Poisson regression with fixed effects
)

// Designs lists the designs that can be asked for.
func Designs() []Design { return []Design{Series, Groups, Synthetic, Flows} }

// Method is a method within a design.
type Method string

const (
	All Method = "all" // every method of the design that fits the data, side by side

	OLS          Method = "ols"                // of a series: least squares, independent periods
	NeweyWest    Method = "newey-west"         // least squares, Newey-West standard errors
	QuasiPoisson Method = "quasi-poisson"      // log-linear model of counts with a dispersion
	PoissonHAC   Method = "poisson-newey-west" // the same model, Newey-West standard errors
	PraisWinsten Method = "prais-winsten"      // autoregressive errors of order 1, iterated to convergence
	Likelihood   Method = "ml"                 // autoregressive errors, exact maximum likelihood
	Restricted   Method = "reml"               // autoregressive errors, restricted maximum likelihood

	DoublyRobust Method = "dr"  // of groups: doubly robust
	Outcome      Method = "or"  // outcome regression
	Probability  Method = "ipw" // inverse probability weighting

	Control     Method = "control"     // synthetic control
	Differences Method = "differences" // synthetic difference-in-differences
	TwoWay      Method = "two-way"     // plain difference-in-differences, for comparison

	PPML Method = "ppml"
)

// Methods lists the methods of a design that can be asked for.
func (d Design) Methods() []Method {
	switch d {
	case Series:
		return []Method{OLS, NeweyWest, QuasiPoisson, PoissonHAC, PraisWinsten, Likelihood, Restricted, All}
	case Groups:
		return []Method{DoublyRobust, Outcome, Probability, All}
	case Synthetic:
		return []Method{Control, Differences, TwoWay, All}
	case Flows:
		return []Method{PPML}
	}
	return nil
}

// ParseDesign reads the name of a design.
func ParseDesign(name string) (Design, error) {
	if d := Design(name); slices.Contains(Designs(), d) {
		return d, nil
	}
	return "", fmt.Errorf("there is no design %q; choose its, did, synth or ppml", name)
}

// ParseMethod reads the name of a method of a design. The empty name stands
// for what the design does when nothing is asked for.
func ParseMethod(d Design, name string) (Method, error) {
	m := Method(strings.ReplaceAll(name, "quasipoisson", string(QuasiPoisson)))
	switch {
	case name == "" && d == Groups:
		return DoublyRobust, nil
	case name == "" && d == Flows:
		return PPML, nil
	case name == "":
		return All, nil
	case slices.Contains(d.Methods(), m):
		return m, nil
	}
	names := make([]string, 0, len(d.Methods()))
	for _, m := range d.Methods() {
		names = append(names, string(m))
	}
	return "", fmt.Errorf("%s has no method %q; choose one of %s", d, name, strings.Join(names, ", "))
}

// Options set up a run. Formula must be given; the zero value of everything
// else is the usual choice.
type Options struct {
	Design  Design // "" stands for Series
	Formula string
	Method  Method
	// Time names the column of the periods; "" looks for one, "-" takes the
	// rows in their order. Unit names the columns that make a unit.
	Time string
	Unit []string
	// Resamples is the number of bootstrap resamples, or of random placebos
	// where there are too many to try all.
	Resamples int
	Seed      uint64
	// Student takes quantiles of Student's t instead of the normal
	// distribution, with the degrees of freedom that each result names.
	Student bool

	Series    SeriesOptions
	Groups    GroupOptions
	Synthetic SyntheticOptions
	Flows     FlowOptions

	About    About
	Version  string // of the program, for the report
	Progress func(stage string, done, total int)
}

// About says what the data are about. What is not stated is reported as not
// stated, or by the name of its column.
type About struct {
	Outcome string `json:"outcome,omitempty"` // what is counted or measured
	Change  string `json:"change,omitempty"`  // what changed
	Place   string `json:"place,omitempty"`
	Source  string `json:"source,omitempty"` // of the data, with its date
}

const maxResamples = 1_000_000

// analysis is a run in progress.
type analysis struct {
	Options
	frame   *Frame
	formula *Formula
	report  *Report
}

func (a *analysis) stage(name string) func(done, total int) {
	if a.Progress == nil {
		return nil
	}
	return func(done, total int) { a.Progress(name, done, total) }
}

// Evaluate estimates what a formula asks for and puts the report together. The
// same data and options give the same report to the bit, on any number of
// processors. Data that allow no estimate give a report that says so. Errors
// are a *FormulaError, an *InputError, an error about options that make no
// sense, or that of the context.
func Evaluate(ctx context.Context, data *Frame, o Options) (*Report, error) {
	if o.Design == "" {
		o.Design = Series
	}
	if _, err := ParseDesign(string(o.Design)); err != nil {
		return nil, err
	}
	m, err := ParseMethod(o.Design, string(o.Method))
	if err != nil {
		return nil, err
	}
	if o.Resamples < 0 || o.Resamples > maxResamples {
		return nil, fmt.Errorf("the number of resamples is %d; give 0 to %d", o.Resamples, maxResamples)
	}
	o.Method = m
	f, err := ParseFormula(o.Formula)
	if err != nil {
		return nil, err
	}
	a := &analysis{Options: o, frame: data, formula: f, report: newReport(data, f, o)}
	a.settings()
	if err := a.run(ctx); err != nil {
		var not *NotEstimable
		if !errors.As(err, &not) {
			return nil, err
		}
		a.report.Estimable, a.report.Reason = false, sentence(not.Reason, not.Advice)
		a.report.Results = []Result{}
	}
	a.report.conclude()
	return a.report, nil
}

// settings notes the choices that the report needs to be computed again.
func (a *analysis) settings() {
	set := a.report.Provenance.Settings
	put := func(name, value string) {
		if value != "" {
			set[name] = value
		}
	}
	put("method", string(a.Method))
	put("time", a.Time)
	put("unit", strings.Join(a.Unit, ","))
	if a.Student {
		put("reference", "Student's t")
	}
	switch a.Design {
	case Series:
		put("lag", string(a.Series.Lag))
		put("change", a.Series.Change)
		if a.Series.Small {
			put("small-sample factor", "n/(n-k)")
		}
		if a.Series.Order > 0 {
			put("order", fmt.Sprint(a.Series.Order))
		}
	case Groups:
		put("control", string(a.Groups.Control))
		put("multipliers", a.Groups.Weights)
		put("anticipation", fmt.Sprint(a.Groups.Anticipation))
		if a.Groups.Universal {
			put("base", "last period before treatment")
		}
	case Synthetic:
		put("inference", a.Options.Synthetic.Inference)
	case Flows:
		put("factor", a.Flows.Factor)
	}
}

func (a *analysis) run(ctx context.Context) error {
	switch a.Design {
	case Series:
		return a.series(ctx)
	case Groups:
		return a.groups(ctx)
	case Synthetic:
		return a.synthetic(ctx)
	}
	return a.flows(ctx)
}

// refuseTerms finds a term that a design has no use for.
func (a *analysis) refuseTerms(ops ...string) error {
	for _, t := range a.formula.Terms {
		for _, e := range t {
			if found, ok := e.find(func(x Expr) bool { return slices.Contains(ops, x.Op) }); ok {
				return &FormulaError{Position: found.Position, Problem: fmt.Sprintf("%s() has no meaning in %s", found.Op, a.Design.title()), Advice: "leave it out; rostrum help evaluate says where each function belongs"}
			}
		}
	}
	return nil
}

// title names the design in a sentence.
func (d Design) title() string {
	switch d {
	case Series:
		return "an interrupted time series"
	case Groups:
		return "a difference-in-differences"
	case Synthetic:
		return "a synthetic control"
	}
	return "a Poisson regression with fixed effects"
}
