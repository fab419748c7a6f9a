package estimate

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// diagnose gives the larger of the rank-normalised split R-hat of the draws
// and of their distance from the median, and the effective number of draws in
// the bulk (Vehtari, Gelman, Simpson, Carpenter & Bürkner 2021).
func diagnose(chains [][]float64) (rhat, ess float64) {
	halves := make([][]float64, 0, 2*len(chains))
	var all []float64
	for _, c := range chains {
		half := len(c) / 2
		halves = append(halves, c[:half], c[len(c)-half:])
		all = append(all, c...)
	}
	slices.Sort(all)
	median := quantile(all, 0.5)
	folded := make([][]float64, len(halves))
	for i, h := range halves {
		folded[i] = make([]float64, len(h))
		for k, v := range h {
			folded[i][k] = math.Abs(v - median)
		}
	}
	bulk := rankNormal(halves)
	return max(splitRhat(bulk), splitRhat(rankNormal(folded))), effective(bulk)
}

// rankNormal replaces values by normal scores of their ranks, ties sharing
// their mean rank.
func rankNormal(chains [][]float64) [][]float64 {
	type place struct{ chain, at int }
	var order []place
	for i, c := range chains {
		for k := range c {
			order = append(order, place{i, k})
		}
	}
	value := func(p place) float64 { return chains[p.chain][p.at] }
	slices.SortStableFunc(order, func(a, b place) int {
		switch x, y := value(a), value(b); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	out := make([][]float64, len(chains))
	for i, c := range chains {
		out[i] = make([]float64, len(c))
	}
	n := float64(len(order))
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && value(order[j]) == value(order[i]) {
			j++
		}
		rank := float64(i+j+1) / 2
		z := distuv.UnitNormal.Quantile((rank - 3.0/8) / (n + 1.0/4))
		for ; i < j; i++ {
			out[order[i].chain][order[i].at] = z
		}
	}
	return out
}

func meanVariance(x []float64) (mean, variance float64) {
	for _, v := range x {
		mean += v
	}
	mean /= float64(len(x))
	for _, v := range x {
		variance += (v - mean) * (v - mean)
	}
	return mean, variance / float64(len(x)-1)
}

// splitRhat compares the variance between chains with that within them.
func splitRhat(chains [][]float64) float64 {
	within, _, pooled := variances(chains)
	if within == 0 {
		if pooled == 0 {
			return 1
		}
		return math.Inf(1)
	}
	return math.Sqrt(pooled / within)
}

func variances(chains [][]float64) (within, between, pooled float64) {
	n := float64(len(chains[0]))
	means := make([]float64, len(chains))
	for i, c := range chains {
		m, v := meanVariance(c)
		means[i] = m
		within += v
	}
	within /= float64(len(chains))
	_, variance := meanVariance(means)
	between = n * variance
	return within, between, (n-1)/n*within + between/n
}

// effective is the number of independent draws that would tell as much, by
// Geyer's initial monotone sequence of autocorrelations.
func effective(chains [][]float64) float64 {
	within, _, pooled := variances(chains)
	n := len(chains[0])
	total := float64(n * len(chains))
	if pooled == 0 {
		return total
	}
	centred := make([][]float64, len(chains))
	for i, c := range chains {
		mean, _ := meanVariance(c)
		for _, v := range c {
			centred[i] = append(centred[i], v-mean)
		}
	}
	correlation := func(lag int) float64 {
		sum := 0.0
		for _, c := range centred {
			s := 0.0
			for k, v := range c[:n-lag] {
				s += v * c[k+lag]
			}
			sum += s / float64(n)
		}
		return 1 - (within-sum/float64(len(chains)))/pooled
	}
	tau, last := -1.0, math.Inf(1)
	for lag := 0; lag+1 < n; lag += 2 {
		pair := correlation(lag) + correlation(lag+1)
		if pair <= 0 {
			break
		}
		last = min(last, pair)
		tau += 2 * last
	}
	return min(total/max(tau, 1/math.Log10(total)), total*math.Log10(total))
}
