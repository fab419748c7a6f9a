package linkage

import (
	"cmp"
	"math"
	"slices"
)

// rates are the chances of the levels of each field, among pairs of one class.
type rates [][levels]float64

// leastRate keeps every chance away from 0, so that no single level decides.
const leastRate = 1e-6

// tally counts pairs by pattern.
type tally struct {
	pattern pattern
	count   int64
}

// sortTallies puts tallies into the one order in which sums over them are taken.
func sortTallies(t []tally) {
	slices.SortFunc(t, func(a, b tally) int { return cmp.Compare(a.pattern, b.pattern) })
}

// fit is the result of expectation-maximisation over pairs that agree on one rule.
type fit struct {
	m      rates
	share  float64   // of matches among the pairs
	counts rates     // expected matches by field and level
	trace  []float64 // penalised log-likelihood, step by step
}

// estimate fits a mixture of matches and non-matches to counted patterns
// (Fellegi & Sunter 1969; Winkler 1988), with the non-match chances u held fixed.
// Fields not in use are left out, missing values give no weight and stay out of
// the denominators. prior holds pseudo-counts for m. Sums run over tallies in
// their order, so the result is the same to the bit on any machine with the same
// arithmetic.
func estimate(tallies []tally, use []bool, u, start, prior rates, share float64) fit {
	f := fit{m: slices.Clone(start), share: share}
	total := 0.0
	for _, t := range tallies {
		total += float64(t.count)
	}
	if total == 0 {
		return f
	}
	var fields []int
	for i, used := range use {
		if used {
			fields = append(fields, i)
		}
	}
	counts := make(rates, len(use))
	ratio := make(rates, len(use))
	const pseudo = 0.5 // of a match and of a non-match, so that no class dies out
	for range 500 {
		for _, i := range fields {
			for l := 1; l < levels; l++ {
				counts[i][l] = 0
				ratio[i][l] = f.m[i][l] / u[i][l]
			}
		}
		logLik := pseudo * (math.Log(f.share) + math.Log1p(-f.share))
		matches := 0.0
		for _, t := range tallies {
			r := f.share / (1 - f.share)
			base := 1 - f.share
			for _, i := range fields {
				if l := t.pattern.level(i); l != missing {
					r *= ratio[i][l]
				}
			}
			n := float64(t.count)
			xi := r / (1 + r)
			if math.IsInf(r, 1) {
				xi = 1
				r = math.MaxFloat64
			}
			logLik += n * (math.Log1p(r) + math.Log(base))
			matches += n * xi
			for _, i := range fields {
				counts[i][t.pattern.level(i)] += n * xi
			}
		}
		for _, i := range fields {
			for l := 1; l < levels; l++ {
				if prior[i][l] > 0 {
					logLik += prior[i][l] * math.Log(f.m[i][l])
				}
			}
		}
		done := len(f.trace) > 0 && logLik-f.trace[len(f.trace)-1] < 1e-9*math.Abs(logLik)
		f.trace = append(f.trace, logLik)
		f.counts = counts
		if done {
			break
		}
		f.share = (matches + pseudo) / (total + 2*pseudo)
		for _, i := range fields {
			f.m[i] = shares(counts[i], prior[i])
		}
	}
	return f
}

// shares turns counts by level plus pseudo-counts into chances that add up to 1.
func shares(counts, prior [levels]float64) [levels]float64 {
	sum := 0.0
	for l := 1; l < levels; l++ {
		sum += counts[l] + prior[l]
	}
	var out [levels]float64
	if sum == 0 {
		return out
	}
	for l := 1; l < levels; l++ {
		if prior[l] > 0 {
			out[l] = max((counts[l]+prior[l])/sum, leastRate)
		}
	}
	return out
}

// usualRates are the m chances from which training starts and towards which few
// data are drawn: most values of one person agree, errors are mostly slips.
func usualRates(f *field) [levels]float64 {
	var out [levels]float64
	switch {
	case f.kind == Date:
		out[exact], out[slip], out[twoParts], out[close], out[similar], out[partial], out[differ] = 0.75, 0.08, 0.05, 0.03, 0.03, 0.02, 0.04
	case f.partner >= 0:
		out[exact], out[close], out[similar], out[exchanged], out[strayed], out[differ] = 0.65, 0.15, 0.06, 0.02, 0.02, 0.10
	default:
		out[exact], out[close], out[similar], out[differ] = 0.70, 0.12, 0.06, 0.12
	}
	return out
}
