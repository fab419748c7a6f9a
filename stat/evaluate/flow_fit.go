package evaluate

import (
	"context"
	"fmt"
	"math"
	"strings"
)

// flowFit is a fitted Poisson regression with fixed effects.
type flowFit struct {
	b          []float64
	mean       []float64
	within     [][]float64 // regressors with the fixed effects taken out, at the last weights
	bread      [][]float64
	deviance   float64
	iterations int
	converged  bool
	loose      bool
}

const maxFlowIterations = 300

// fit maximises the likelihood by iteratively reweighted least squares with
// the fixed effects taken out at each step (Correia, Guimarães & Zylkin 2020).
func (w *flow) fit(ctx context.Context, progress func(done, total int)) (*flowFit, error) {
	n, k := len(w.y), len(w.x)
	average := 0.0
	for _, v := range w.y {
		average += v / float64(n)
	}
	f := &flowFit{mean: make([]float64, n), b: make([]float64, k)}
	eta := make([]float64, n)
	for i, v := range w.y {
		f.mean[i] = (v + average) / 2
		eta[i] = math.Log(f.mean[i])
	}
	a := newAbsorber(w.level, w.count, n)
	effects := make([][][]float64, k+1)
	for j := range effects {
		effects[j] = a.empty()
	}
	root, z := make([]float64, n), make([]float64, n)
	before := math.Inf(1)
	for f.iterations < maxFlowIterations {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		f.iterations++
		a.reweigh(f.mean)
		for i, m := range f.mean {
			root[i] = math.Sqrt(m)
			z[i] = eta[i] - w.offset[i] + (w.y[i]-m)/m
		}
		f.within = make([][]float64, k)
		scaledX := make([][]float64, k)
		for j := range w.x {
			f.within[j] = a.residual(w.x[j], effects[j])
			scaledX[j] = make([]float64, n)
			for i, v := range f.within[j] {
				scaledX[j][i] = v * root[i]
			}
		}
		target := a.residual(z, effects[k])
		scaledZ := make([]float64, n)
		for i, v := range target {
			scaledZ[i] = v * root[i]
		}
		q := factorise(scaledX, nil)
		if len(q.dropped) > 0 {
			return nil, notEstimable("leave out "+w.names[q.dropped[0]]+" or take out the rows that alone tell it apart", "%s cannot be told apart from the other terms at the fitted means", w.names[q.dropped[0]])
		}
		b := q.solve(scaledZ)
		change := 0.0
		for j := range b {
			change = max(change, math.Abs(b[j]-f.b[j])/(1e-4+math.Abs(b[j])))
		}
		f.b, f.bread = b, q.inverse()
		fitted := product(f.within, b, n)
		deviance := 0.0
		for i := range eta {
			eta[i] = max(-200, min(200, z[i]-(target[i]-fitted[i])+w.offset[i]))
			f.mean[i] = math.Exp(eta[i])
			deviance += 2 * unitDeviance(w.y[i], f.mean[i])
		}
		f.deviance = deviance
		if progress != nil {
			progress(f.iterations, maxFlowIterations)
		}
		if f.converged {
			break // once more, so that the covariance is taken at the means reached
		}
		f.converged = math.Abs(deviance-before) <= 1e-11*(1+math.Abs(deviance)) && change < 1e-9
		before = deviance
	}
	f.loose = a.loose
	return f, nil
}

func unitDeviance(y, mean float64) float64 {
	if y == 0 {
		return mean
	}
	return y*math.Log(y/mean) - (y - mean)
}

// pseudo is McFadden's measure.
func (f *flowFit) pseudo(y []float64) float64 {
	average, own, plain := 0.0, 0.0, 0.0
	for _, v := range y {
		average += v / float64(len(y))
	}
	for i, v := range y {
		factorial, _ := math.Lgamma(v + 1)
		own += v*math.Log(f.mean[i]) - f.mean[i] - factorial
		plain += v*math.Log(average) - average - factorial
	}
	return 1 - own/plain
}

// clustering says which rows hang together, in one or more ways.
type clustering struct {
	names []string
	index [][]int
	count []int
}

// clusters reads cluster(); without it rows hang together within the first
// fixed effect, and without fixed effects not at all.
func (a *analysis) clusters(w *flow) (*clustering, error) {
	c := &clustering{}
	var columns [][]string
	for _, e := range a.formula.Clusters {
		columns = append(columns, []string{e.Name})
	}
	if len(columns) == 0 && len(a.formula.Fixed) > 0 {
		var names []string
		for _, e := range a.formula.Fixed[0] {
			names = append(names, e.Name)
		}
		columns = append(columns, names)
		a.report.Data.Notes = append(a.report.Data.Notes, fmt.Sprintf("no cluster is named: standard errors are clustered by the first fixed effect, %s", strings.Join(names, "^")))
	}
	for _, names := range columns {
		all, _, err := a.frame.readUnits(names)
		if err != nil {
			return nil, err
		}
		own := make([]int, len(w.rows))
		for i, r := range w.rows {
			own[i] = all[r]
		}
		c.names, c.index, c.count = append(c.names, strings.Join(names, "^")), append(c.index, own), append(c.count, renumber(own))
	}
	return c, nil
}

// clustered gives the covariance of the coefficients and its name, and the
// smallest number of clusters. Several ways of clustering are joined by
// inclusion and exclusion (Cameron, Gelbach & Miller 2011), each part with its
// own factor.
func (a *analysis) clustered(w *flow, f *flowFit, c *clustering) (v [][]float64, kind string, least int) {
	n, k := len(w.y), len(f.b)
	scores := make([][]float64, k)
	for j := range scores {
		scores[j] = make([]float64, n)
		for i, x := range f.within[j] {
			scores[j][i] = x * (w.y[i] - f.mean[i])
		}
	}
	if len(c.index) == 0 {
		meat := square(k)
		for i := range meat {
			for j := range meat {
				meat[i][j] = dot(scores[i], scores[j]) * float64(n) / float64(n-1)
			}
		}
		return sandwich(f.bread, meat), "robust (rows independent), factor n/(n-1)", n
	}
	least = n
	for _, count := range c.count {
		least = min(least, count)
	}
	meat := square(k)
	for set := 1; set < 1<<len(c.index); set++ {
		group := make([]int, n)
		sign := -1.0
		for d := range c.index {
			if set>>d&1 == 0 {
				continue
			}
			sign = -sign
			pair := map[[2]int]int{}
			for i, l := range c.index[d] {
				p := [2]int{group[i], l}
				g, ok := pair[p]
				if !ok {
					g = len(pair)
					pair[p] = g
				}
				group[i] = g
			}
		}
		count := renumber(group)
		sums := make([][]float64, k)
		for j := range sums {
			sums[j] = make([]float64, count)
			for i, s := range scores[j] {
				sums[j][group[i]] += s
			}
		}
		factor := sign * a.factor(w, group, count)
		for i := range meat {
			for j := range meat {
				meat[i][j] += factor * dot(sums[i], sums[j])
			}
		}
	}
	parts := make([]string, len(c.names))
	for i, name := range c.names {
		parts[i] = fmt.Sprintf("%s (%d clusters)", name, c.count[i])
	}
	kind = "clustered by " + strings.Join(parts, " and ") + ", " + map[string]string{
		"g": "factor G/(G-1)", "cr1": "factor G/(G-1) (n-1)/(n-k)", "none": "no small-sample factor",
	}[a.Flows.Factor]
	if len(parts) > 1 {
		kind += ", each part with its own number of clusters"
	}
	return sandwich(f.bread, meat), kind, least
}

func (a *analysis) factor(w *flow, group []int, count int) float64 {
	g, n := float64(count), float64(len(w.y))
	if count < 2 {
		return 1
	}
	switch a.Flows.Factor {
	case "none":
		return 1
	case "cr1":
		k, first := float64(len(w.x)), true
		for f, level := range w.level {
			if nested(level, w.count[f], group) {
				continue
			}
			k += float64(w.count[f])
			if !first {
				k-- // its constant is that of the one before
			}
			first = false
		}
		return g / (g - 1) * (n - 1) / (n - k)
	}
	return g / (g - 1)
}

// nested says whether each level lies within one group.
func nested(level []int, levels int, group []int) bool {
	of := make([]int, levels)
	for i := range of {
		of[i] = -1
	}
	for i, l := range level {
		if of[l] >= 0 && of[l] != group[i] {
			return false
		}
		of[l] = group[i]
	}
	return true
}
