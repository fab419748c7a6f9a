package estimate

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Method is a method of estimation.
type Method string

const (
	Two      Method = "two"      // Chapman's estimate for each pair of lists, with Chao's lower bound
	Main     Method = "main"     // log-linear model of independent lists
	Stepwise Method = "stepwise" // pairs added by their Poisson p-value
	Downhill Method = "downhill" // walks to least BIC over all hierarchical models
	BIC      Method = "bic"      // least BIC of all hierarchical models
	BIC2     Method = "bic2"     // least BIC of all models of main effects and pairs
	Average  Method = "average"  // posterior over decomposable graphical models
	Latent   Method = "latent"   // Bayesian latent class model
	All      Method = "all"      // every method that the table allows, side by side

	// Chao is the method of the lower bound that comes with Two and All.
	Chao Method = "chao"
)

// Methods lists the methods that can be asked for.
func Methods() []Method {
	return []Method{Two, Main, Stepwise, Downhill, BIC, BIC2, Average, Latent, All}
}

// ParseMethod reads the name of a method.
func ParseMethod(name string) (Method, error) {
	if m := Method(name); slices.Contains(Methods(), m) {
		return m, nil
	}
	names := make([]string, 0, len(Methods()))
	for _, m := range Methods() {
		names = append(names, string(m))
	}
	return "", fmt.Errorf("there is no method %q; choose one of %s", name, strings.Join(names, ", "))
}

// Options set up a run. The zero value is a run of all methods with asymptotic
// intervals.
type Options struct {
	Method Method // "" stands for All
	// Resamples is the number of bootstrap resamples; each chooses its model
	// anew. 0 gives asymptotic intervals, where one is defined.
	Resamples int
	Seed      uint64
	// Top is the number of models, the best by BIC on the table itself, among
	// which a resample chooses in the searches. 0 stands for all models where
	// there are at most 200, else the best 60 (Silverman, Chan & Vincent 2024).
	Top int
	// Threshold is the p-value below which stepwise adds a pair; 0 stands for
	// 0.02.
	Threshold float64
	// Delta is the prior count in each cell of the full table for model
	// averaging; 0 stands for 1/2^lists.
	Delta  float64
	Latent LatentOptions

	// About describes the data. What is not stated is reported as not stated.
	About About
	// Alternatives are the same data under other decisions about which records
	// are the same person: other thresholds, sampled linkages.
	Alternatives []Alternative

	Version string // of the program, for the report
	// Progress hears of the work; calls do not overlap. It may be nil.
	Progress func(stage string, done, total int)
}

const (
	defaultTop       = 60
	allModels        = 200
	defaultThreshold = 0.02
	maxResamples     = 1_000_000
)

// About says what the table is about.
type About struct {
	Population string            `json:"population,omitempty"` // who is counted
	Period     string            `json:"period,omitempty"`
	Place      string            `json:"place,omitempty"`
	Lists      map[string]string `json:"lists,omitempty"`         // what each list is and who keeps it
	Linkage    string            `json:"linkage,omitempty"`       // how records of one person were recognised
	Errors     string            `json:"linkage_error,omitempty"` // estimated rates of false and missed links
}

// Alternative is a table made from the same records by another linkage.
type Alternative struct {
	Name  string
	Table Table
}

// settings are options made complete.
type settings struct {
	resamples int
	seed      uint64
	top       int
	threshold float64
	delta     float64
	latent    LatentOptions
	progress  func(stage string, done, total int)
}

func (o *settings) stage(name string) func(done, total int) {
	if o.progress == nil {
		return nil
	}
	return func(done, total int) { o.progress(name, done, total) }
}

// Estimate runs the methods asked for and puts the report together. The same
// table, options and seed give the same report to the bit, on any number of
// processors and whatever the order of lists and rows in the source. It fails
// only for options that make no sense and when the context ends; a table that
// allows no estimate gives a report that says so.
func Estimate(ctx context.Context, t Table, o Options) (*Report, error) {
	set, methods, err := o.prepare(t)
	if err != nil {
		return nil, err
	}
	report := newReport(t, o)
	for _, m := range methods {
		results, err := set.method(ctx, t, m)
		if err != nil {
			return nil, fmt.Errorf("estimating by %s: %w", m, err)
		}
		report.Results = append(report.Results, results...)
	}
	for _, result := range report.Results {
		if result.Method != Chao && result.Estimable {
			report.Estimable = true
		}
	}
	if err := set.sensitivity(ctx, t, methods, o.Alternatives, report); err != nil {
		return nil, err
	}
	report.conclude(t)
	return report, nil
}

// prepare checks the options and lists the methods to run.
func (o Options) prepare(t Table) (*settings, []Method, error) {
	if len(t.lists) == 0 {
		return nil, nil, fmt.Errorf("estimating: the table is empty")
	}
	if o.Method == "" {
		o.Method = All
	}
	if _, err := ParseMethod(string(o.Method)); err != nil {
		return nil, nil, fmt.Errorf("estimating: %w", err)
	}
	switch {
	case o.Resamples < 0 || o.Resamples > maxResamples:
		return nil, nil, fmt.Errorf("estimating: the number of resamples is %d; give 0 to %d", o.Resamples, maxResamples)
	case o.Top < 0:
		return nil, nil, fmt.Errorf("estimating: the number of models per resample is %d; give 0 or more", o.Top)
	case o.Threshold < 0 || o.Threshold >= 1 || o.Threshold != o.Threshold:
		return nil, nil, fmt.Errorf("estimating: the threshold is %g; give a p-value between 0 and 1", o.Threshold)
	case o.Delta < 0 || o.Delta > 1e6 || o.Delta != o.Delta:
		return nil, nil, fmt.Errorf("estimating: the prior count is %g; give a small positive number", o.Delta)
	}
	set := &settings{
		resamples: o.Resamples, seed: o.Seed, top: o.Top, threshold: o.Threshold, delta: o.Delta,
		latent: o.Latent.withDefaults(), progress: o.Progress,
	}
	if set.threshold == 0 {
		set.threshold = defaultThreshold
	}
	if o.Method != All {
		return set, []Method{o.Method}, nil
	}
	lists := len(t.lists)
	if lists == 2 {
		// Of two lists there is one model, that of independence.
		return set, []Method{Two, Main, Average}, nil
	}
	methods := []Method{Main, Stepwise, Downhill}
	if _, ok := countHierarchical(lists, 2); ok {
		methods = append(methods, BIC2)
	}
	if _, ok := countHierarchical(lists, lists); ok {
		methods = append(methods, BIC)
	}
	if lists <= maxAverageLists {
		methods = append(methods, Average)
	}
	return set, append(methods, Latent, Chao), nil
}

// method runs one method.
func (o *settings) method(ctx context.Context, t Table, m Method) ([]Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var results []Result
	var err error
	switch m {
	case Two:
		results, err = o.two(ctx, t)
	case Average:
		results = make([]Result, 1)
		results[0], err = o.averaged(ctx, t)
	case Latent:
		results = make([]Result, 1)
		results[0], err = o.latentClasses(ctx, t)
	case Chao:
		results = []Result{o.chao(t)}
	default:
		results = make([]Result, 1)
		results[0], err = o.loglinear(ctx, t, m)
	}
	if err != nil {
		return nil, err
	}
	for i := range results {
		results[i].applyRules(t)
	}
	return results, nil
}

// two gives Chapman's estimate for each pair of lists, and Chao's bound.
func (o *settings) two(ctx context.Context, t Table) ([]Result, error) {
	var out []Result
	for j := range t.lists {
		for i := range j {
			r, err := o.pair(ctx, t, i, j)
			if err != nil {
				return nil, err
			}
			out = append(out, r)
		}
	}
	return append(out, o.chao(t)), nil
}

func (o *settings) pair(ctx context.Context, t Table, i, j int) (Result, error) {
	r := newResult(Two)
	r.Model = fmt.Sprintf("Chapman, %s and %s", t.lists[i], t.lists[j])
	s := newSample(2)
	for p, c := range t.counts {
		s.y[p>>i&1|p>>j&1<<1] += float64(c)
	}
	s.update()
	total, variance, ok := chapman(s)
	if !ok {
		r.notEstimable(NoEstimate, fmt.Sprintf("lists %s and %s share nobody", t.lists[i], t.lists[j]))
		return r, nil
	}
	r.setEstimate(s.n, total)
	if len(t.lists) > 2 {
		r.refuse("two lists alone: the other %d lists of the table are not used", len(t.lists)-2)
		if observed := float64(t.Observed()); total < observed {
			r.refuse("the estimate is below the about %s people observed in all lists: these two lists find the same people", rounded(observed))
		}
	}
	if o.resamples > 0 {
		return r, o.resample(ctx, s, chapmanEstimate, estimated{total: total}, &r)
	}
	i80, ok80 := logInterval(s.n, total, variance, 0.80)
	i95, ok95 := logInterval(s.n, total, variance, 0.95)
	if ok80 && ok95 {
		r.setIntervals(KindAsymptotic, i80, i95)
	} else {
		r.warn("one list lies inside the other, so that the interval has no width")
	}
	return r, nil
}

func (o *settings) chao(t Table) Result {
	r := newResult(Chao)
	r.Model = "Chao's lower bound"
	s := t.sample()
	if positiveOverlaps(t) == 0 {
		r.notEstimable(NoEstimate, whyNot(t))
		return r
	}
	bound, corrected, variance := chao(s)
	r.setEstimate(s.n, bound)
	if i80, ok := logInterval(s.n, bound, variance, 0.80); ok {
		i95, _ := logInterval(s.n, bound, variance, 0.95)
		r.setIntervals(KindAsymptotic, i80, i95)
	}
	r.warn("this is a lower bound of the number, not an estimate of it; with correction for bias it is about %s", rounded(corrected))
	r.warn("the bound fails where lists avoid each other: if being in one list makes being in another less likely, the true number may be lower")
	return r
}

// averaged runs model averaging.
func (o *settings) averaged(ctx context.Context, t Table) (Result, error) {
	r := newResult(Average)
	s := t.sample()
	if code := o.mainCode(newWorker(ctx, s.t), s); code != Exists {
		r.notEstimable(code, whyNot(t))
		return r, nil
	}
	if s.t > maxAverageLists {
		r.Estimable = true
		r.Reason = fmt.Sprintf("%d lists have too many graphs to average over", s.t)
		r.refuse("no number: %s, use stepwise or downhill", r.Reason)
		return r, nil
	}
	delta := o.delta
	if delta == 0 {
		delta = 1 / float64(len(s.y))
	}
	a, err := average(ctx, s, delta, o.stage("averaging models"))
	if err != nil {
		return Result{}, err
	}
	r.setEstimate(s.n, a.quantile(0.5))
	r.Mean = pointer(a.mean())
	r.setIntervals(KindPosterior, a.interval(0.80), a.interval(0.95))
	r.Model = fmt.Sprintf("average over %d decomposable graphs, prior count %.4g", len(a.graphs), delta)
	order := make([]int, len(a.graphs))
	for g := range order {
		order[g] = g
	}
	slices.SortStableFunc(order, func(x, y int) int {
		switch {
		case a.share[x] > a.share[y]:
			return -1
		case a.share[x] < a.share[y]:
			return 1
		}
		return 0
	})
	for _, g := range order[:min(topModels, len(order))] {
		r.Graphs = append(r.Graphs, Share{a.graphs[g].name(t), a.share[g]})
	}
	if a.cut {
		r.refuse("the posterior does not fall off: a thousand times the people observed is still plausible")
	}
	return r, nil
}

// latentClasses runs the latent class model.
func (o *settings) latentClasses(ctx context.Context, t Table) (Result, error) {
	r := newResult(Latent)
	s := t.sample()
	if code := o.mainCode(newWorker(ctx, s.t), s); code != Exists {
		r.notEstimable(code, whyNot(t))
		return r, nil
	}
	l, err := latentClasses(ctx, s, o.latent, o.seed, o.stage("sampling chains"))
	if err != nil {
		return Result{}, err
	}
	r.setEstimate(s.n, quantile(l.sorted, 0.5))
	r.Mean = pointer(l.mean())
	r.setIntervals(KindPosterior, l.interval(0.80), l.interval(0.95))
	r.Model = fmt.Sprintf("up to %d latent classes", o.latent.Classes)
	r.Chains = &Chains{Chains: len(l.chains), Draws: len(l.sorted), Rhat: min(l.rhat, 1e6), Effective: l.ess}
	if !(l.rhat < maxRhat) {
		r.refuse("the chains do not agree: R-hat is %.3f, it must be below %g", l.rhat, maxRhat)
	}
	if l.ess < minEffective {
		r.warn("the draws are worth about %s independent ones, fewer than %d: the ends of the interval move with the seed", rounded(l.ess), minEffective)
	}
	if s.t == 2 {
		r.warn("with two lists the classes cannot be told apart; the number rests on the prior")
	}
	return r, nil
}
