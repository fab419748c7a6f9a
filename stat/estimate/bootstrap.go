package estimate

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// maxFailedShare is the share of resamples without an estimate above which no
// interval is given.
const maxFailedShare = 0.05

// Bootstrap is what the resamples of one method say.
type Bootstrap struct {
	Resamples int     `json:"resamples"`
	Failed    int     `json:"failed"`       // resamples in which no model had an estimate
	Share     float64 `json:"failed_share"` // Failed / Resamples
	Models    int     `json:"models"`       // models among which each resample chose; 0 where it chose among all of the method's
	Same      float64 `json:"same_model"`   // share of resamples that chose the model of the table itself
	Z0        float64 `json:"bias"`         // bias correction, in standard normal units
	A         float64 `json:"acceleration"`
	Problem   string  `json:"problem,omitempty"` // why there is no interval

	totals []float64 // the estimates, sorted
}

// estimated is the number of people that a method finds, and the terms of its
// model.
type estimated struct {
	total float64
	model termSet
}

// estimator is a method of estimation, model selection included.
type estimator func(w *worker, s *sample) (estimated, bool)

// estimatorOf makes an estimator of a rule of selection.
func estimatorOf(sel selector) estimator {
	return func(w *worker, s *sample) (estimated, bool) {
		c, ok := sel.choose(w, s)
		if !ok {
			return estimated{}, false
		}
		return estimated{c.total(s), c.plan.model.set}, true
	}
}

// errNoInterval explains a missing interval; the reason is in its text.
var errNoInterval = errors.New("no interval")

// bootstrap resamples the table, chooses a model anew in every resample, and
// prepares bias-corrected and accelerated intervals (Efron 1987; for multiple
// systems Silverman, Chan & Vincent 2024). The acceleration comes from the
// jackknife over people, which for counts means one table per cell, weighted
// by its count.
//
// estimate gives the total for a sample and the model it rests on; it says
// false where there is none. observed is what it gives for s itself.
func bootstrap(ctx context.Context, s *sample, estimate estimator, observed estimated, resamples int, seed uint64, progress func(done, total int)) (*Bootstrap, error) {
	cells := make([]int, 0, len(s.y))
	for p, y := range s.y {
		if y > 0 {
			cells = append(cells, p)
		}
	}
	weight := make([]float64, len(cells))
	for i, p := range cells {
		weight[i] = s.y[p]
	}
	type draw struct {
		total float64
		ok    bool
		same  bool
	}
	draws := make([]draw, resamples+len(cells))
	err := parallel(ctx, len(draws), progress, func() func(int) {
		w := newWorker(ctx, s.t)
		r := newSample(s.t)
		counts := make([]float64, len(cells))
		return func(i int) {
			if i < resamples {
				multinomial(stream(seed, "resample", uint64(i)), int64(s.n), weight, s.n, counts)
				for k, p := range cells {
					r.y[p] = counts[k]
				}
			} else {
				copy(r.y, s.y)
				r.y[cells[i-resamples]]--
			}
			r.update()
			e, ok := estimate(w, r)
			if !ok || math.IsNaN(e.total) || math.IsInf(e.total, 0) {
				return
			}
			draws[i] = draw{e.total, true, e.model == observed.model}
		}
	})
	if err != nil {
		return nil, fmt.Errorf("bootstrap: %w", err)
	}
	b := &Bootstrap{Resamples: resamples}
	same := 0
	for _, d := range draws[:resamples] {
		if !d.ok {
			b.Failed++
			continue
		}
		b.totals = append(b.totals, d.total)
		if d.same {
			same++
		}
	}
	slices.Sort(b.totals)
	b.Share = float64(b.Failed) / float64(resamples)
	b.Same = float64(same) / float64(resamples)
	if b.Share > maxFailedShare {
		b.Problem = fmt.Sprintf("%.1f %% of the resamples have no estimate", 100*b.Share)
		return b, nil
	}
	below := 0
	for _, total := range b.totals {
		if total < observed.total {
			below++
		}
	}
	b.Z0 = distuv.UnitNormal.Quantile(float64(below) / float64(len(b.totals)))
	if math.IsInf(b.Z0, 0) || math.IsNaN(b.Z0) {
		b.Z0 = 0
		b.Problem = "the estimate lies outside all resamples, so their bias cannot be corrected"
		return b, nil
	}
	mean, people := 0.0, 0.0
	for i, d := range draws[resamples:] {
		if !d.ok {
			b.Problem = "without one of the people there is no estimate"
			return b, nil
		}
		mean += weight[i] * d.total
		people += weight[i]
	}
	mean /= people
	squares, cubes := 0.0, 0.0
	for i, d := range draws[resamples:] {
		diff := mean - d.total
		squares += weight[i] * diff * diff
		cubes += weight[i] * diff * diff * diff
	}
	if squares > 0 {
		b.A = cubes / (6 * math.Pow(squares, 1.5))
	}
	return b, nil
}

// interval is the BCa interval of a level, 0.95 for 95 %. beyond is the number
// of resamples beyond the end that has fewer of them: where it is small, the
// end moves with the seed.
func (b *Bootstrap) interval(level float64) (out Interval, beyond float64, err error) {
	if b.Problem != "" {
		return Interval{}, 0, fmt.Errorf("%w: %s", errNoInterval, b.Problem)
	}
	tail := (1 - level) / 2
	beyond = math.Inf(1)
	for i, q := range []float64{tail, 1 - tail} {
		z := b.Z0 + distuv.UnitNormal.Quantile(q)
		denominator := 1 - b.A*z
		if denominator <= 0 {
			return Interval{}, 0, fmt.Errorf("%w: the acceleration %.3g is too large for a %.0f %% interval", errNoInterval, b.A, 100*level)
		}
		p := distuv.UnitNormal.CDF(b.Z0 + z/denominator)
		out[i] = quantile(b.totals, p)
		beyond = min(beyond, float64(len(b.totals))*min(p, 1-p))
	}
	return out, beyond, nil
}

// quantile is the median-unbiased quantile of sorted values (type 8 of Hyndman
// & Fan 1996).
func quantile(sorted []float64, p float64) float64 {
	n := float64(len(sorted))
	h := (n+1.0/3)*p + 1.0/3
	// The same guard as in common practice: h a hair below a whole number is
	// that number.
	j := math.Floor(h + 4*2.220446049250313e-16)
	frac := h - j
	if math.Abs(frac) < 4*2.220446049250313e-16 {
		frac = 0
	}
	at := func(i float64) float64 {
		return sorted[int(min(max(i, 1), n))-1]
	}
	if frac == 0 {
		return at(j)
	}
	return at(j) + frac*(at(j+1)-at(j))
}

// asymptotic is the interval that treats the model as known: the intercept is
// taken as normal with its standard error (Chan, Silverman & Vincent 2021).
func asymptotic(s *sample, fit fitted, level float64) Interval {
	z := distuv.UnitNormal.Quantile(1 - (1-level)/2)
	return Interval{s.n + math.Exp(fit.b0-z*fit.se), s.n + math.Exp(fit.b0+z*fit.se)}
}

// Interval is a lower and an upper bound.
type Interval [2]float64
