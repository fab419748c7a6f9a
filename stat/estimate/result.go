package estimate

import "fmt"

// Kinds of interval.
const (
	KindNone       = "none"
	KindAsymptotic = "asymptotic" // the model is taken as known
	KindBCa        = "bca"        // bootstrap that chooses the model anew each time
	KindPosterior  = "posterior"  // quantiles of a posterior distribution
)

// Result is what one method says of one table. A nil number is one that does
// not exist. Numbers of people include those observed.
type Result struct {
	Method       Method    `json:"method"`
	Estimate     *float64  `json:"estimate"` // number of people; of a posterior its median
	Mean         *float64  `json:"mean"`     // mean of a posterior, nil for other methods
	Interval80   *Interval `json:"interval80"`
	Interval95   *Interval `json:"interval95"`
	IntervalKind string    `json:"interval_kind"`
	Model        string    `json:"model"`
	// Refusals say why the number may not be published. It is computed all the
	// same. An empty list allows it.
	Refusals []string `json:"refusals"`
	// Warnings say what to keep in mind, in the report and beside the number.
	Warnings []string `json:"warnings"`

	// Estimable is false where no model of the method has an estimate that
	// exists and is unique; Reason then says why.
	Estimable bool   `json:"estimable"`
	Reason    string `json:"reason,omitempty"`
	Code      Code   `json:"code"` // existence code of the model; of the main effects where none has an estimate

	Ratio      *float64   `json:"hidden_per_observed,omitempty"` // hidden people for each one observed
	Parameters int        `json:"parameters,omitempty"`          // of the model, those at minus infinity counted
	Infinite   []string   `json:"minus_infinity,omitempty"`      // terms whose estimate is minus infinity
	BIC        *float64   `json:"bic,omitempty"`
	Search     *Search    `json:"search,omitempty"`
	Bootstrap  *Bootstrap `json:"bootstrap,omitempty"`
	Chains     *Chains    `json:"chains,omitempty"`
	Graphs     []Share    `json:"graphs,omitempty"` // the most probable graphs

	public []string // the refusals in words that give no overlap away
}

// Search tells of all models that a method considered.
type Search struct {
	Considered int          `json:"considered"`
	Codes      [4]int       `json:"codes"`    // models with existence code 0, 1, 2, 3
	Excluded   int          `json:"excluded"` // models without an estimate
	Top        []Fit        `json:"top"`      // the best by BIC
	Models     []ModelCheck `json:"models,omitempty"`
	Cut        bool         `json:"models_cut,omitempty"` // Models is left out because there are too many
}

// Fit is one model's fit in a search.
type Fit struct {
	Model    string  `json:"model"`
	BIC      float64 `json:"bic"`
	Estimate float64 `json:"estimate"`
}

// ModelCheck is the existence code of one model.
type ModelCheck struct {
	Model string `json:"model"`
	Code  Code   `json:"code"`
}

// Chains tells how well a posterior sample was drawn.
type Chains struct {
	Chains    int     `json:"chains"`
	Draws     int     `json:"draws"`
	Rhat      float64 `json:"rhat"`
	Effective float64 `json:"effective_draws"`
}

// Share is the posterior probability of a graph.
type Share struct {
	Model string  `json:"model"`
	Share float64 `json:"share"`
}

const (
	topModels = 10
	// maxModelChecks bounds the list of models in a report.
	maxModelChecks = 10_000
	// maxWidth is the most that the upper end of a 95 % interval may be, in
	// multiples of the lower end, for a number to be published.
	maxWidth = 5.0
	// maxRhat is the R-hat from which chains count as not having converged.
	maxRhat = 1.05
	// minEffective is the number of independent draws that make the ends of an
	// interval firm (Vehtari et al. 2021).
	minEffective = 400
)

func newResult(m Method) Result {
	return Result{Method: m, IntervalKind: KindNone, Refusals: []string{}, Warnings: []string{}}
}

func pointer[T any](v T) *T { return &v }

func (r *Result) warn(format string, args ...any) {
	r.Warnings = append(r.Warnings, fmt.Sprintf(format, args...))
}

func (r *Result) refuse(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	r.Refusals, r.public = append(r.Refusals, text), append(r.public, text)
}

// refuseOverlap is a refusal that says who shares nobody with whom, which a
// public copy may not say.
func (r *Result) refuseOverlap(text string) {
	r.Refusals = append(r.Refusals, text)
	r.public = append(r.public, "too few people are in more than one list")
}

// notEstimable marks a result without a number.
func (r *Result) notEstimable(code Code, reason string) {
	r.Estimable, r.Code, r.Reason = false, code, reason
	r.refuseOverlap("not estimable: " + reason)
}

// setEstimate sets the number and its ratio to those observed.
func (r *Result) setEstimate(observed, total float64) {
	r.Estimable = true
	r.Estimate = pointer(total)
	r.Ratio = pointer((total - observed) / observed)
}

func (r *Result) setIntervals(kind string, i80, i95 Interval) {
	r.IntervalKind = kind
	r.Interval80, r.Interval95 = pointer(i80), pointer(i95)
}

// applyRules adds the refusals that hold for every method.
func (r *Result) applyRules(t Table) {
	if r.Estimate == nil {
		return
	}
	if len(t.lists) == 2 {
		r.refuse("two lists alone: whether the lists find the same people cannot be checked; add a third list")
	} else if n := positiveOverlaps(t); n == 0 {
		r.refuseOverlap("no pair of lists shares anybody, at least two must: check the linkage or merge lists")
	} else if n == 1 {
		r.refuseOverlap("only one pair of lists shares anybody, at least two must: the estimate hangs on a single overlap; check the linkage or merge lists")
	}
	switch {
	case r.Interval95 == nil:
		r.refuse("there is no 95 %% interval: a number is not published without one")
	case r.Interval95[1] > maxWidth*r.Interval95[0]:
		r.refuse("the 95 %% interval is too wide: its upper end is %.1f times its lower end, more than %g", r.Interval95[1]/r.Interval95[0], maxWidth)
	}
}

func positiveOverlaps(t Table) int {
	n := 0
	for _, o := range t.Overlaps() {
		if o.Shared > 0 {
			n++
		}
	}
	return n
}
