package evaluate

import "math"

// comparison is the change of the outcome in treated units and in units
// compared with them.
type comparison struct {
	change  []float64
	treated []bool
	x       [][]float64 // by column, the intercept first
}

// estimated is an average effect on the treated with its influence function,
// whose mean square by n is the variance.
type estimated struct {
	value     float64
	influence []float64
	problem   string
}

// maxScore is the propensity score from which on a treated unit counts as
// having nobody to be compared with.
const maxScore = 0.999

// effect estimates the average effect on the treated by one of the estimators
// of Sant'Anna & Zhao (2020): outcome regression, normalised inverse
// probability weighting, or both (their traditional doubly robust estimator).
func (c *comparison) effect(m Method) estimated {
	n := float64(len(c.change))
	if len(c.x) == 1 {
		m = Outcome // without covariates all three are the difference of means
	}
	count := 0.0
	for _, d := range c.treated {
		if d {
			count++
		}
	}
	if n-count < float64(len(c.x)) {
		return estimated{problem: "there are fewer units to compare with than covariates"}
	}
	expected := make([]float64, len(c.change))
	var representation [][]float64
	if m != Probability {
		var ok bool
		if expected, representation, ok = c.regression(); !ok {
			return estimated{problem: "the covariates are collinear among the units compared with"}
		}
	}
	var weight []float64
	var scoreRepresentation [][]float64
	if m != Outcome {
		var problem string
		if weight, scoreRepresentation, problem = c.propensity(); problem != "" {
			return estimated{problem: problem}
		}
	}
	out := estimated{influence: make([]float64, len(c.change))}
	// The treated.
	share := count / n
	mean := 0.0
	for i, d := range c.treated {
		if d {
			mean += (c.change[i] - expected[i]) / count
		}
	}
	treatedX := c.average(func(i int) float64 { return indicator(c.treated[i]) })
	for i, d := range c.treated {
		v := 0.0
		if d {
			v = c.change[i] - expected[i] - mean
		}
		if m != Probability {
			v -= along(representation, i, treatedX)
		}
		out.influence[i] = v / share
	}
	out.value = mean
	if m == Outcome {
		return out
	}
	// The units compared with, weighted to look like the treated.
	total, other := 0.0, 0.0
	for i, w := range weight {
		total += w / n
		other += w * (c.change[i] - expected[i]) / n
	}
	if !(total > 0) {
		return estimated{problem: "no unit compared with looks like the treated ones"}
	}
	other /= total
	moment := c.average(func(i int) float64 { return weight[i] * (c.change[i] - expected[i] - other) })
	weightX := c.average(func(i int) float64 { return weight[i] })
	for i, w := range weight {
		v := w*(c.change[i]-expected[i]-other) + along(scoreRepresentation, i, moment)
		if m == DoublyRobust {
			v -= along(representation, i, weightX)
		}
		out.influence[i] -= v / total
	}
	out.value -= other
	return out
}

func indicator(v bool) float64 {
	if v {
		return 1
	}
	return 0
}

// average gives the mean over units of a weight times each covariate.
func (c *comparison) average(weight func(i int) float64) []float64 {
	out := make([]float64, len(c.x))
	for j, column := range c.x {
		for i, v := range column {
			out[j] += weight(i) * v / float64(len(column))
		}
	}
	return out
}

func along(representation [][]float64, i int, direction []float64) float64 {
	return dot(representation[i], direction)
}

// regression predicts the change from the units compared with, and gives the
// influence of each unit on the coefficients.
func (c *comparison) regression() (expected []float64, representation [][]float64, ok bool) {
	n := len(c.change)
	x := make([][]float64, len(c.x))
	y := make([]float64, n)
	for j := range x {
		x[j] = make([]float64, n)
	}
	for i := range n {
		if c.treated[i] {
			continue
		}
		y[i] = c.change[i]
		for j := range x {
			x[j][i] = c.x[j][i]
		}
	}
	q := factorise(x, nil)
	if len(q.dropped) > 0 {
		return nil, nil, false
	}
	expected = product(c.x, q.solve(y), n)
	inverse := scaled(q.inverse(), float64(n))
	representation = make([][]float64, n)
	for i := range n {
		representation[i] = make([]float64, len(x))
		if !c.treated[i] {
			e := c.change[i] - expected[i]
			for j := range x {
				for k := range x {
					representation[i][j] += inverse[j][k] * c.x[k][i] * e
				}
			}
		}
	}
	return expected, representation, true
}

// propensity fits a logistic model of treatment and gives the weights that
// make the units compared with look like the treated, and the influence of
// each unit on the coefficients.
func (c *comparison) propensity() (weight []float64, representation [][]float64, problem string) {
	const separated = "the covariates tell treated from untreated units apart, so that nobody is comparable: leave out covariates or use or"
	n := len(c.change)
	b := make([]float64, len(c.x))
	score := make([]float64, n)
	weighted := make([][]float64, len(c.x))
	for j := range weighted {
		weighted[j] = make([]float64, n)
	}
	z := make([]float64, n)
	var inverse [][]float64
	converged := false
	for range 100 {
		linear := product(c.x, b, n)
		for i, l := range linear {
			score[i] = 1 / (1 + math.Exp(-l))
			v := max(score[i]*(1-score[i]), 1e-12)
			w := math.Sqrt(v)
			z[i] = w * (l + (indicator(c.treated[i])-score[i])/v)
			for j := range c.x {
				weighted[j][i] = w * c.x[j][i]
			}
		}
		q := factorise(weighted, nil)
		if len(q.dropped) > 0 {
			return nil, nil, "the covariates are collinear"
		}
		next := q.solve(z)
		change := 0.0
		for j := range b {
			change = max(change, math.Abs(next[j]-b[j])/(1+math.Abs(next[j])))
		}
		b, inverse = next, q.inverse()
		if change < 1e-11 {
			converged = true
			break
		}
	}
	if !converged {
		return nil, nil, separated
	}
	linear := product(c.x, b, n)
	weight, representation = make([]float64, n), make([][]float64, n)
	for i, l := range linear {
		score[i] = min(1/(1+math.Exp(-l)), 1-1e-6)
		if c.treated[i] && score[i] >= maxScore {
			return nil, nil, separated
		}
		if !c.treated[i] {
			weight[i] = score[i] / (1 - score[i])
		}
		e := indicator(c.treated[i]) - score[i]
		representation[i] = make([]float64, len(b))
		for j := range b {
			for k := range b {
				representation[i][j] += float64(n) * inverse[j][k] * c.x[k][i] * e
			}
		}
	}
	return weight, representation, ""
}
