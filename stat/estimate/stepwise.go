package estimate

import "math"

// stepwise starts from the main effects and adds pairs of lists one at a time:
// the pair whose number of shared people is the least likely under the present
// fit, as long as its one-sided Poisson p-value is below the threshold. A pair
// whose model has no estimate is passed over (Chan, Silverman & Vincent 2021).
type stepwise struct {
	threshold float64
}

func (st stepwise) choose(w *worker, s *sample) (chosen, bool) {
	return st.run(w, s, false)
}

func (st stepwise) run(w *worker, s *sample, exact bool) (chosen, bool) {
	p := newPlan(mainEffects(s.t))
	if w.code(s, p) != Exists {
		return chosen{}, false
	}
	fit := w.fitter.fit(s, p, nil, exact)
	pairs := interactions(s.t, 2)
	for fit.ok {
		var next *plan
		least := math.Log(st.threshold)
		for _, pair := range pairs {
			if !p.model.canAdd(pair) {
				continue
			}
			logp := poissonTail(s.star[pair], w.fitter.fittedStar(pair))
			if logp >= least {
				continue
			}
			m := p.model
			m.set.add(pair)
			if candidate := newPlan(m); w.code(s, candidate) == Exists {
				next, least = candidate, logp
			}
		}
		if next == nil {
			return chosen{p, fit, fit.bic(p, s)}, true
		}
		warm := w.fitter.coefficients()
		p = next
		fit = w.fitter.fit(s, p, warm, exact)
	}
	return chosen{}, false
}

// poissonTail is the logarithm of the smaller of P(X <= k) and P(X >= k) for a
// Poisson variable of the given mean.
func poissonTail(k, mean float64) float64 {
	if mean <= 0 {
		if k == 0 {
			return 0
		}
		return math.Inf(-1)
	}
	l, _ := math.Lgamma(k + 1)
	logPMF := k*math.Log(mean) - mean - l
	sum, term := 1.0, 1.0
	if k < mean {
		for i := k; i > 0 && term > 1e-17*sum; i-- {
			term *= i / mean
			sum += term
		}
	} else {
		for i := k + 1; term > 1e-17*sum; i++ {
			term *= mean / i
			sum += term
		}
	}
	return min(0, logPMF+math.Log(sum))
}
