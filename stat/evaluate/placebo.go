package evaluate

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// syntheticResult fits by one method and judges the fit by placebos, by
// leaving donors out and by backdating.
func (a *analysis) syntheticResult(ctx context.Context, b *block, m Method) (Result, SyntheticFit, error) {
	c := b.fit(m, b.treated, b.donors, b.before)
	r := newResult(m)
	r.Term, r.Quantity = a.formula.Terms[0].String(), fmt.Sprintf("average of the gap in the %d periods from %s on", len(c.gap)-b.before, b.label(b.before))
	switch m {
	case Control:
		r.Model = "synthetic control, all outcomes before treatment matched"
		if b.x != nil {
			r.Model = "synthetic control, predictors weighed by how well the outcomes before treatment fit"
		}
	case Differences:
		r.Model = "synthetic difference-in-differences"
	default:
		r.Model = "difference of means before and after, all donors and periods alike; for comparison"
	}
	fit := SyntheticFit{Method: m, Before: c.before, After: c.after, LeftOut: []LeftOut{}, Placebos: []Placebo{}}
	if c.before > 0 {
		fit.Ratio = pointer(c.after / c.before)
	}
	if b.x != nil && m == Control {
		fit.Predictors = b.balance(c)
	}
	if m == Differences {
		fit.Ridge = pointer(c.zeta)
	}
	for j, w := range c.omega {
		if w > 1e-9 {
			fit.Weights = append(fit.Weights, Weight{b.names[b.donors[j]], w})
		}
	}
	slices.SortStableFunc(fit.Weights, heavier)
	if m == Differences {
		for t, w := range c.lambda {
			if w > 1e-9 {
				fit.TimeWeights = append(fit.TimeWeights, Weight{b.label(t), w})
			}
		}
	}
	if err := a.placebos(ctx, b, m, &fit); err != nil {
		return r, fit, err
	}
	if err := a.without(ctx, b, m, c, &fit); err != nil {
		return r, fit, err
	}
	if third := b.before - b.before/3; b.x == nil && b.before >= 9 {
		early := &block{y: make([][]float64, len(b.y)), before: third}
		for i := range early.y {
			early.y[i] = b.y[i][:b.before]
		}
		e := early.fit(m, b.treated, b.donors, third)
		fit.Backdated = &BackdatedIn{At: b.label(third), Estimate: e.estimate, Before: e.before, After: e.after}
	}
	se, kind, err := a.syntheticError(ctx, b, m, c, &fit)
	if err != nil {
		return r, fit, err
	}
	d := reference{}
	r.SEKind = kind
	r.state(c.estimate, se, d, a.formula.Response.Op == "log")
	if m == Control && fit.Ratio != nil && len(b.treated) == 1 {
		beyond := 1
		for _, p := range fit.Placebos {
			if p.Ratio >= *fit.Ratio {
				beyond++
			}
		}
		r.P, r.PKind = pointer(float64(beyond)/float64(len(fit.Placebos)+1)), fmt.Sprintf("rank %d of %d by the ratio of gaps after and before treatment", beyond, len(fit.Placebos)+1)
	}
	b.path(c, &fit, se, d, len(fit.Placebos) > 1 && a.Options.Synthetic.Inference == "placebo")
	b.judge(&r, &fit, m)
	return r, fit, nil
}

func heavier(x, y Weight) int {
	switch {
	case x.Weight > y.Weight:
		return -1
	case x.Weight < y.Weight:
		return 1
	}
	return 0
}

// placebos takes donors as treated: each in turn where one unit is treated,
// else random sets of as many as are treated. The treated have no part in it.
func (a *analysis) placebos(ctx context.Context, b *block, m Method, fit *SyntheticFit) error {
	k := len(b.treated)
	if len(b.donors) < k+2 {
		return nil
	}
	sets := len(b.donors)
	if k > 1 {
		sets = a.Resamples
		if sets == 0 {
			sets = usualPlacebos
		}
	}
	if sets*len(b.donors) > maxPlaceboWork {
		return fmt.Errorf("%d placebos of %d donors are too many; give fewer resamples", sets, len(b.donors))
	}
	fit.Placebos = make([]Placebo, sets)
	err := parallel(ctx, sets, a.stage("placebos"), func(i int) {
		chosen := []int{i}
		if k > 1 {
			chosen = stream(a.Seed, "placebo", uint64(i)).Perm(len(b.donors))[:k]
			slices.Sort(chosen)
		}
		var treated, donors []int
		p := &fit.Placebos[i]
		for j, u := range b.donors {
			if slices.Contains(chosen, j) {
				treated = append(treated, u)
				p.Units = append(p.Units, b.names[u])
			} else {
				donors = append(donors, u)
			}
		}
		c := b.fit(m, treated, donors, b.before)
		p.Estimate, p.Before, p.After, p.gap = c.estimate, c.before, c.after, c.gap
		p.Ratio = p.After / max(p.Before, 1e-12*(1e-300+p.After))
	})
	return err
}

// without leaves out each donor that has weight, one at a time.
func (a *analysis) without(ctx context.Context, b *block, m Method, c counterpart, fit *SyntheticFit) error {
	if m == TwoWay || len(b.donors) < 3 {
		return nil
	}
	var heavy []int
	for j, w := range c.omega {
		if w > 0.001 {
			heavy = append(heavy, j)
		}
	}
	fit.LeftOut = make([]LeftOut, len(heavy))
	err := parallel(ctx, len(heavy), a.stage("leaving out"), func(i int) {
		donors := slices.Delete(slices.Clone(b.donors), heavy[i], heavy[i]+1)
		e := b.fit(m, b.treated, donors, b.before)
		fit.LeftOut[i] = LeftOut{b.names[b.donors[heavy[i]]], c.omega[heavy[i]], e.estimate, e.before}
	})
	slices.SortStableFunc(fit.LeftOut, func(x, y LeftOut) int { return heavier(Weight{Weight: x.Weight}, Weight{Weight: y.Weight}) })
	return err
}

// syntheticError makes the standard error (Arkhangelsky et al. 2021,
// algorithms 2 to 4).
func (a *analysis) syntheticError(ctx context.Context, b *block, m Method, c counterpart, fit *SyntheticFit) (float64, string, error) {
	switch a.Options.Synthetic.Inference {
	case "jackknife":
		return b.jackknife(c), "jackknife over units, weights kept", nil
	case "bootstrap":
		return a.blockBootstrap(ctx, b, m)
	}
	if len(fit.Placebos) < 2 {
		return 0, "none: too few donors for placebos", nil
	}
	e := make([]float64, len(fit.Placebos))
	for i, p := range fit.Placebos {
		e[i] = p.Estimate
	}
	kind := fmt.Sprintf("placebo: spread of the estimates for all %d donors", len(e))
	if len(b.treated) > 1 {
		kind = fmt.Sprintf("placebo: spread of the estimates for %d random sets of %d donors", len(e), len(b.treated))
	}
	return rms(centred(e)), kind, nil
}

// jackknife leaves out each unit and keeps the weights of the others in
// proportion.
func (b *block) jackknife(c counterpart) float64 {
	n := float64(len(b.treated) + len(b.donors))
	sum := 0.0
	again := func(treated, donors []int, omega []float64) {
		total := 0.0
		for _, w := range omega {
			total += w
		}
		e := counterpart{treated: b.mean(treated), omega: make([]float64, len(omega)), lambda: c.lambda}
		for j, w := range omega {
			e.omega[j] = 1 / float64(len(omega))
			if total > 0 {
				e.omega[j] = w / total
			}
		}
		e.measure(b, donors, b.before)
		sum += (e.estimate - c.estimate) * (e.estimate - c.estimate)
	}
	for i := range b.treated {
		again(slices.Delete(slices.Clone(b.treated), i, i+1), b.donors, c.omega)
	}
	for j := range b.donors {
		again(b.treated, slices.Delete(slices.Clone(b.donors), j, j+1), slices.Delete(slices.Clone(c.omega), j, j+1))
	}
	return math.Sqrt((n - 1) / n * sum)
}

// blockBootstrap draws units with repetition and fits anew.
func (a *analysis) blockBootstrap(ctx context.Context, b *block, m Method) (float64, string, error) {
	resamples := a.Resamples
	if resamples == 0 {
		resamples = usualPlacebos
	}
	e := make([]float64, resamples)
	all := slices.Concat(b.treated, b.donors)
	err := parallel(ctx, resamples, a.stage("bootstrap"), func(i int) {
		rng := stream(a.Seed, "block", uint64(i))
		for {
			var treated, donors []int
			for range all {
				if k := rng.IntN(len(all)); k < len(b.treated) {
					treated = append(treated, all[k])
				} else {
					donors = append(donors, all[k])
				}
			}
			if len(treated) > 0 && len(donors) > 1 {
				e[i] = b.fit(m, treated, donors, b.before).estimate
				return
			}
		}
	})
	return rms(centred(e)), fmt.Sprintf("bootstrap of units, %d resamples, weights found anew", resamples), err
}

// path gives the gap by period, with intervals after treatment.
func (b *block) path(c counterpart, fit *SyntheticFit, se float64, d reference, byPeriod bool) {
	for t, gap := range c.gap {
		g := Gap{Period: b.label(t), Treated: c.treated[t], Synthetic: c.treated[t] - gap, Gap: gap}
		if t >= b.before && byPeriod {
			e := make([]float64, len(fit.Placebos))
			for i, p := range fit.Placebos {
				e[i] = p.gap[t]
			}
			g.Gap95 = pointer(d.interval(gap, rms(centred(e)), 0.95))
		}
		fit.Path = append(fit.Path, g)
	}
}

// judge says what may not be published.
func (b *block) judge(r *Result, fit *SyntheticFit, m Method) {
	r.needsInterval()
	if len(b.donors) < minDonors {
		r.refuse("%d donors are too few: with them no placebo p-value can be below %.2f; add untreated units", len(b.donors), 1/float64(len(b.donors)+1))
	}
	if b.before < minBefore {
		r.refuse("%d periods before the treatment are too few, at least %d are needed: a close fit to them may be chance (Abadie 2021)", b.before, minBefore)
	}
	var donors []float64
	for _, u := range b.donors {
		donors = append(donors, b.y[u][:b.before]...)
	}
	spread := rms(centred(donors))
	if m != TwoWay && fit.Before > maxPoorFit*spread {
		r.refuse("the fit before treatment is poor: the gap is %.2g, more than %g of the spread of the donors (%.3g)", fit.Before, maxPoorFit, spread)
	}
	if m == TwoWay {
		r.refuse("plain differences take parallel trends for granted; they are shown for comparison")
		return
	}
	turned := 0
	for _, l := range fit.LeftOut {
		if l.Estimate*(*r.Estimate) < 0 {
			turned++
		}
	}
	if turned > 0 {
		r.refuse("the sign of the estimate changes when one donor is left out (%d of %d)", turned, len(fit.LeftOut))
	}
	if len(fit.Weights) > 0 && fit.Weights[0].Weight > 0.9 {
		r.warn("nearly all weight lies on %s: what happened there happens to the estimate", fit.Weights[0].Name)
	}
	if fit.Backdated != nil && math.Abs(fit.Backdated.Estimate) > math.Abs(*r.Estimate) {
		r.warn("a treatment invented for %s gives a larger estimate (%.3g) than the real one", fit.Backdated.At, fit.Backdated.Estimate)
	}
	if m == Control && fit.Before == 0 {
		r.warn("the fit before treatment is exact, so that the weights may not be the only ones")
	}
}
