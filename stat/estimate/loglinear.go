package estimate

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// loglinear runs one of the methods that choose a log-linear model.
func (o *settings) loglinear(ctx context.Context, t Table, m Method) (Result, error) {
	s := t.sample()
	r := newResult(m)
	w := newWorker(ctx, s.t)
	w.limit = math.MaxInt // the report lists every model that was met
	sel, best, err := o.selectModel(ctx, t, s, w, &r)
	if err != nil {
		return Result{}, err
	}
	if best == nil {
		if r.Reason == "" {
			r.notEstimable(o.mainCode(w, s), whyNot(t))
		}
		return r, nil
	}
	// The number that is reported comes from a fit of its own, to full
	// precision, whatever way the model was found.
	fit := w.fitter.fit(s, best, nil, true)
	if !fit.ok {
		return Result{}, fmt.Errorf("fitting %s: the iterations did not converge", best.model.name(t))
	}
	r.setEstimate(s.n, s.n+fit.dark)
	r.Model = best.model.name(t)
	r.Parameters = best.params
	r.BIC = pointer(fit.bic(best, s) + 2*s.logFactorials())
	for _, term := range best.terms {
		if s.star[term] == 0 {
			r.Infinite = append(r.Infinite, t.name(term))
		}
	}
	if o.resamples == 0 {
		r.setIntervals(KindAsymptotic, asymptotic(s, fit, 0.80), asymptotic(s, fit, 0.95))
		if m != Main {
			r.warn("the interval takes the model as known; resample (--boot) for one that allows for the choice of model")
		}
		return r, nil
	}
	observed := estimated{s.n + fit.dark, best.model.set}
	if err := o.resample(ctx, s, estimatorOf(sel), observed, &r); err != nil {
		return Result{}, err
	}
	if c, ok := sel.(candidates); ok {
		r.Bootstrap.Models = len(c.list)
	}
	return r, nil
}

// selectModel finds the model and the rule by which resamples choose theirs.
func (o *settings) selectModel(ctx context.Context, t Table, s *sample, w *worker, r *Result) (selector, *plan, error) {
	switch r.Method {
	case Main:
		p := newPlan(mainEffects(s.t))
		c := w.code(s, p)
		r.Search = o.listed(t, s, w)
		if c != Exists {
			return nil, nil, nil
		}
		w.fitter.fit(s, p, nil, true)
		return fixed{p, w.fitter.coefficients()}, p, nil
	case Stepwise:
		sel := stepwise{o.threshold}
		c, ok := sel.run(w, s, true)
		r.Search = o.listed(t, s, w)
		if !ok {
			return nil, nil, nil
		}
		return sel, c.plan, nil
	case Downhill:
		sel := downhill{order: s.t, starts: downhillStarts(s.t), step: &stepwise{o.threshold}}
		ends := sel.walks(w, s)
		if err := ctx.Err(); err != nil {
			return nil, nil, fmt.Errorf("walking downhill: %w", err)
		}
		r.Search = o.listed(t, s, w)
		if len(ends) == 0 {
			return nil, nil, nil
		}
		slices.SortFunc(ends, func(a, b *candidate) int {
			if betterBIC(a, b) {
				return -1
			}
			return 1
		})
		for _, e := range ends[:min(len(ends), topModels)] {
			r.Search.Top = append(r.Search.Top, Fit{e.plan.model.name(t), e.bic + 2*s.logFactorials(), s.n + e.fit.dark})
		}
		if len(ends) > 1 {
			r.warn("walks from different models ended at %d models, whose estimates go from %s to %s", len(ends), rounded(extreme(ends, s, -1)), rounded(extreme(ends, s, 1)))
		}
		// In resamples the walks start from the main effects, the stepwise
		// model and all ends of the walks over the table itself.
		sel.starts = []model{mainEffects(s.t)}
		for _, e := range ends {
			sel.starts = append(sel.starts, e.plan.model)
		}
		return sel, ends[0].plan, nil
	}
	order := s.t
	if r.Method == BIC2 {
		order = 2
	}
	if n, ok := countHierarchical(s.t, order); !ok {
		r.Reason = fmt.Sprintf("%d lists have too many models to fit every one", s.t)
		if n > 0 {
			r.Reason = fmt.Sprintf("%d lists have %d models, too many to fit every one", s.t, n)
		}
		r.refuse("no number: %s; use downhill", r.Reason)
		r.Estimable = o.mainCode(w, s) == Exists
		return nil, nil, nil
	}
	found, err := search(ctx, s, order, o.stage("searching models"))
	if err != nil {
		return nil, nil, fmt.Errorf("searching models: %w", err)
	}
	r.Search = found.report(t, s)
	if len(found.ranked) == 0 {
		return nil, nil, nil
	}
	if found.diverged > 0 {
		r.warn("%d models were left out because their fit did not converge", found.diverged)
	}
	top := o.top
	if top == 0 {
		top = defaultTop
		if len(found.ranked) <= allModels {
			top = allModels
		}
	}
	list := found.ranked[:min(top, len(found.ranked))]
	best := found.ranked[0]
	if low, high := plausible(found.ranked, s); high > 1.5*low {
		r.warn("models that the data support about as well (BIC within 6) say anything from %s to %s", rounded(low), rounded(high))
	}
	return newCandidates(s, list, w), best.plan, nil
}

// plausible is the range of the estimates of models whose BIC is within 6 of
// the least.
func plausible(ranked []*candidate, s *sample) (low, high float64) {
	low = s.n + ranked[0].fit.dark
	high = low
	for _, c := range ranked {
		if c.bic > ranked[0].bic+6 {
			break
		}
		low, high = min(low, s.n+c.fit.dark), max(high, s.n+c.fit.dark)
	}
	return low, high
}

func extreme(ends []*candidate, s *sample, sign float64) float64 {
	out := sign * (s.n + ends[0].fit.dark)
	for _, e := range ends {
		out = max(out, sign*(s.n+e.fit.dark))
	}
	return sign * out
}

// report turns a search into what the reader sees.
func (f *searched) report(t Table, s *sample) *Search {
	out := &Search{Considered: len(f.all), Codes: f.codes, Excluded: len(f.all) - f.codes[Exists]}
	for _, c := range f.ranked[:min(topModels, len(f.ranked))] {
		out.Top = append(out.Top, Fit{c.plan.model.name(t), c.bic + 2*s.logFactorials(), s.n + c.fit.dark})
	}
	if len(f.all) > maxModelChecks {
		out.Cut = true
		return out
	}
	for _, c := range f.all {
		out.Models = append(out.Models, ModelCheck{c.plan.model.name(t), c.code})
	}
	return out
}

// listed reports the models that a walk has met.
func (o *settings) listed(t Table, s *sample, w *worker) *Search {
	type met struct {
		m model
		c Code
	}
	var all []met
	for key, code := range w.single {
		if key.support == s.support {
			all = append(all, met{model{s.t, key.set}, code})
		}
	}
	slices.SortFunc(all, func(a, b met) int { return compareModels(&a.m, &b.m) })
	out := &Search{Considered: len(all)}
	for _, a := range all {
		out.Codes[a.c]++
		if len(all) <= maxModelChecks {
			out.Models = append(out.Models, ModelCheck{a.m.name(t), a.c})
		}
	}
	out.Cut = len(all) > maxModelChecks
	out.Excluded = len(all) - out.Codes[Exists]
	return out
}

// mainCode is the existence code of the main effects, the smallest model.
func (o *settings) mainCode(w *worker, s *sample) Code {
	return w.code(s, newPlan(mainEffects(s.t)))
}

// whyNot explains why nothing can be estimated.
func whyNot(t Table) string {
	if positiveOverlaps(t) == 0 {
		return "no two lists share anybody, so nothing says how many people both have missed"
	}
	return "no model of this method has an estimate that exists and is unique, because too many combinations of lists hold nobody"
}

// resample runs the bootstrap and sets the intervals.
func (o *settings) resample(ctx context.Context, s *sample, e estimator, observed estimated, r *Result) error {
	b, err := bootstrap(ctx, s, e, observed, o.resamples, o.seed, o.stage("resampling"))
	if err != nil {
		return err
	}
	r.Bootstrap = b
	i80, _, err := b.interval(0.80)
	var beyond float64
	var i95 Interval
	if err == nil {
		i95, beyond, err = b.interval(0.95)
	}
	if err != nil {
		if b.Problem == "" {
			b.Problem = err.Error()
		}
		r.warn("no interval from the resamples: %s", b.Problem)
		return nil
	}
	r.setIntervals(KindBCa, i80, i95)
	switch {
	case o.resamples < 1000:
		r.warn("%s resamples are few for the ends of a 95 %% interval; take 1,000 or more", people(float64(o.resamples)))
	case beyond < 5:
		r.warn("after the correction for bias one end of the 95 %% interval rests on the outermost resamples and moves with the seed; more resamples make it firmer")
	}
	return nil
}
