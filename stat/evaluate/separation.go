package evaluate

import "math"

// prune takes out rows that say nothing about the slopes of a Poisson
// regression: those alone in a level of a fixed effect, and those in levels
// where every count is 0. It repeats until nothing changes.
func prune(y []float64, level [][]int, count []int) (keep []bool, singles, zeros int) {
	keep = make([]bool, len(y))
	for i := range keep {
		keep[i] = true
	}
	for changed := true; changed; {
		changed = false
		for f := range level {
			rows, sum := make([]int, count[f]), make([]float64, count[f])
			for i, l := range level[f] {
				if keep[i] {
					rows[l]++
					sum[l] += y[i]
				}
			}
			for i, l := range level[f] {
				switch {
				case !keep[i]:
				case sum[l] == 0:
					keep[i], changed = false, true
					zeros++
				case rows[l] == 1:
					keep[i], changed = false, true
					singles++
				}
			}
		}
	}
	return keep, singles, zeros
}

const (
	rectifierWeight    = 1e7
	rectifierTolerance = 1e-5
	rectifierRounds    = 2000
)

// separated finds the rows whose counts are 0 and whose means go to 0 in the
// limit of the likelihood, so that the coefficients would not be finite, by
// the iterative rectifier of Correia, Guimarães & Zylkin (2019): a regression
// of an indicator of 0 on the regressors, in which rows with counts weigh very
// much, is repeated with its own positive predictions as the outcome until it
// reproduces them. What then is positive is separated. The second result is
// false where the rounds did not suffice.
func separated(y []float64, x [][]float64, level [][]int, count []int) ([]bool, bool) {
	n := len(y)
	out := make([]bool, n)
	u, weight := make([]float64, n), make([]float64, n)
	any := false
	for i, v := range y {
		weight[i] = rectifierWeight
		if v == 0 {
			u[i], weight[i], any = 1, 1, true
		}
	}
	if !any {
		return out, true
	}
	a := newAbsorber(level, count, n)
	a.reweigh(weight)
	root := make([]float64, n)
	for i, w := range weight {
		root[i] = math.Sqrt(w)
	}
	columns, lengths := make([][]float64, len(x)), make([]float64, len(x))
	for j := range x {
		columns[j] = a.residual(x[j], a.empty())
		for i := range columns[j] {
			lengths[j] += weight[i] * x[j][i] * x[j][i]
			columns[j][i] *= root[i]
		}
		lengths[j] = math.Sqrt(lengths[j])
	}
	q := factorise(columns, lengths)
	effect := a.empty()
	for range rectifierRounds {
		within := a.residual(u, effect)
		rest := make([]float64, n)
		for i, v := range within {
			rest[i] = v * root[i]
		}
		for range 2 {
			for _, column := range q.q {
				c := dot(column, rest)
				for i, v := range column {
					rest[i] -= c * v
				}
			}
		}
		largest, top := 0.0, 0.0
		for i := range u {
			e := rest[i] / root[i]
			fitted := u[i] - e
			if y[i] == 0 {
				largest = max(largest, math.Abs(e))
				u[i] = max(0, fitted)
				if u[i] < rectifierTolerance {
					u[i] = 0
				}
				top = max(top, u[i])
			}
		}
		if top == 0 {
			return out, true
		}
		if largest < rectifierTolerance*max(top, 1e-3) {
			for i := range u {
				out[i] = u[i] > 10*rectifierTolerance
			}
			return out, true
		}
	}
	return out, false
}
