package evaluate

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// bands makes simultaneous confidence bands for lists of effects by the
// multiplier bootstrap (Callaway & Sant'Anna 2021, algorithm 1).
type bands struct {
	st    *study
	lists []*effectList
}

// effectList is a list of effects that share a band.
type effectList struct {
	effects []Effect
	sums    [][]float64 // by effect; nil where there is none
	supT    float64     // largest |t| before treatment
	supP    *float64
	st      *study
}

func (b *bands) list() *effectList {
	l := &effectList{st: b.st, effects: []Effect{}}
	b.lists = append(b.lists, l)
	return l
}

func (l *effectList) add(e Effect, est *estimated) {
	var sums []float64
	if est != nil {
		e.Estimate = pointer(est.value)
		sums = l.st.sums(est.influence)
		if se := math.Sqrt(dot(sums, sums)); se > 0 {
			e.SE = pointer(se)
		} else {
			sums = nil
		}
	}
	l.effects, l.sums = append(l.effects, e), append(l.sums, sums)
}

// multiplier draws one weight of mean 0 and variance 1.
func multiplier(rng *rand.Rand, kind string) float64 {
	switch kind {
	case "rademacher":
		if rng.Uint64()&1 == 0 {
			return -1
		}
		return 1
	case "webb":
		w := []float64{math.Sqrt(1.5), 1, math.Sqrt(0.5)}[rng.IntN(3)]
		if rng.Uint64()&1 == 0 {
			return -w
		}
		return w
	}
	// Mammen's two points.
	const root5 = 2.23606797749979
	if rng.Float64() < (root5+1)/(2*root5) {
		return (1 - root5) / 2
	}
	return (1 + root5) / 2
}

// draw fills in intervals and, with resamples, bands.
func (b *bands) draw(ctx context.Context, a *analysis, d reference) error {
	for _, l := range b.lists {
		for i := range l.effects {
			if e := &l.effects[i]; e.SE != nil {
				e.Interval95, e.P = pointer(d.interval(*e.Estimate, *e.SE, 0.95)), pointer(d.p(*e.Estimate, *e.SE))
			}
		}
	}
	if a.Resamples == 0 {
		return nil
	}
	if work := float64(a.Resamples) * float64(b.st.clusters); work > maxMultipliers {
		return fmt.Errorf("%d resamples of %d clusters are too many; give fewer", a.Resamples, b.st.clusters)
	}
	largest := make([][]float64, len(b.lists)) // by list and resample
	early := make([][]float64, len(b.lists))
	for i := range b.lists {
		largest[i], early[i] = make([]float64, a.Resamples), make([]float64, a.Resamples)
	}
	err := parallel(ctx, a.Resamples, a.stage("bootstrap"), func(r int) {
		rng := stream(a.Seed, "multiplier", uint64(r))
		xi := make([]float64, b.st.clusters)
		for c := range xi {
			xi[c] = multiplier(rng, a.Groups.Weights)
		}
		for i, l := range b.lists {
			for k, e := range l.effects {
				if l.sums[k] == nil {
					continue
				}
				t := math.Abs(dot(xi, l.sums[k])) / *e.SE
				largest[i][r] = max(largest[i][r], t)
				if e.Before {
					early[i][r] = max(early[i][r], t)
				}
			}
		}
	})
	if err != nil {
		return err
	}
	for i, l := range b.lists {
		slices.Sort(largest[i])
		critical := max(quantile(largest[i], 0.95), d.quantile(0.975))
		seen := false
		for k := range l.effects {
			e := &l.effects[k]
			if l.sums[k] == nil {
				continue
			}
			e.Band95 = &Interval{*e.Estimate - critical**e.SE, *e.Estimate + critical**e.SE}
			if e.Before {
				seen, l.supT = true, max(l.supT, math.Abs(*e.Estimate / *e.SE))
			}
		}
		if seen {
			beyond := 1
			for _, t := range early[i] {
				if t >= l.supT {
					beyond++
				}
			}
			l.supP = pointer(float64(beyond) / float64(a.Resamples+1))
		}
	}
	return nil
}

// quantile is the empirical quantile of sorted values (type 1 of Hyndman & Fan
// 1996).
func quantile(sorted []float64, p float64) float64 {
	return sorted[min(len(sorted)-1, max(0, int(math.Ceil(p*float64(len(sorted))-1e-9))-1))]
}
