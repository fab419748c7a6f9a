package evaluate

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/optimize"
)

// Predictor is a predictor of a synthetic control and how well it is matched.
type Predictor struct {
	Name       string  `json:"name"`
	Importance float64 `json:"importance"` // V, adding up to 1
	Treated    float64 `json:"treated"`
	Synthetic  float64 `json:"synthetic"`
	Donors     float64 `json:"donors"` // their plain mean
}

// readPredictors reads what is to be matched besides or instead of all
// outcomes before treatment: a column (its mean before treatment), mean(x,
// from, to) or at(x, period).
func (a *analysis) readPredictors(s *scope, b *block, terms []Term, member []int) error {
	if len(terms) == 0 {
		return nil
	}
	b.raw = make([][]float64, len(b.y))
	place := make(map[int]int, len(member))
	for k, u := range member {
		place[u] = k
	}
	for _, t := range terms {
		if len(t) > 1 {
			return &FormulaError{Position: t[0].Position, Problem: "a predictor is one column or calculation", Advice: "write x, mean(x, from, to) or at(x, period)"}
		}
		e, from, to := t[0], math.Inf(-1), math.Inf(1)
		switch {
		case e.Op == "at":
			from, _ = e.Args[1].constant()
			e, to = e.Args[0], from
		case e.Op == "mean":
			if len(e.Args) > 1 {
				from, _ = e.Args[1].constant()
			}
			if len(e.Args) > 2 {
				to, _ = e.Args[2].constant()
			}
			e = e.Args[0]
		}
		v, err := s.vector(e)
		if err != nil {
			return err
		}
		sum, count := make([]float64, len(b.y)), make([]float64, len(b.y))
		for i, r := range s.rows {
			k, kept := place[s.unit[r]]
			when := s.when.index[r]
			if x := s.when.value(when); kept && when < b.before && x >= from && x <= to && !math.IsNaN(v[i]) {
				sum[k] += v[i]
				count[k]++
			}
		}
		for k := range sum {
			if count[k] == 0 {
				return &InputError{Problem: fmt.Sprintf("%s has no value for %s before the treatment", t, b.names[k]), Advice: "give the value, leave the predictor out, or take the unit out"}
			}
			b.raw[k] = append(b.raw[k], sum[k]/count[k])
		}
		b.predictor = append(b.predictor, t.String())
	}
	b.x = make([][]float64, len(b.y))
	for k := range b.x {
		b.x[k] = slices.Clone(b.raw[k])
	}
	for j := range b.predictor {
		column := make([]float64, len(b.x))
		for k := range b.x {
			column[k] = b.x[k][j]
		}
		c := centred(column)
		sd := math.Sqrt(dot(c, c) / float64(len(c)-1))
		if !(sd > 0) {
			return notEstimable("leave it out", "the predictor %s is the same in all units", b.predictor[j])
		}
		for k := range b.x {
			b.x[k][j] /= sd
		}
	}
	return nil
}

// byPredictors finds the weights whose importance of predictors makes the
// outcomes before treatment fit best (Abadie, Diamond & Hainmueller 2010). The
// outer search is by simplices from several starts.
func (b *block) byPredictors(outcome []float64, treated, donors []int) (omega, v []float64) {
	k := len(b.predictor)
	target := make([]float64, k)
	for _, u := range treated {
		for j := range target {
			target[j] += b.x[u][j] / float64(len(treated))
		}
	}
	weigh := func(v []float64) []float64 {
		points := make([][]float64, len(donors))
		for d, u := range donors {
			points[d] = make([]float64, k)
			for j := range points[d] {
				points[d][j] = math.Sqrt(v[j]) * (b.x[u][j] - target[j])
			}
		}
		return nearest(points, 0)
	}
	importance := func(z []float64) []float64 {
		v, total := make([]float64, k), 0.0
		for j := range v {
			v[j] = math.Exp(max(-30, min(30, z[j])))
			total += v[j]
		}
		for j := range v {
			v[j] /= total
		}
		return v
	}
	loss := func(w []float64) float64 {
		sum := 0.0
		for t := range b.before {
			e := outcome[t]
			for d, u := range donors {
				e -= w[d] * b.y[u][t]
			}
			sum += e * e
		}
		return sum / float64(b.before)
	}
	problem := optimize.Problem{Func: func(z []float64) float64 { return loss(weigh(importance(z))) }}
	best := math.Inf(1)
	for start := range k + 1 {
		z := make([]float64, k)
		if start > 0 {
			z[start-1] = 3
		}
		for range 2 { // a second run from where the first one ended
			r, err := optimize.Minimize(problem, z, &optimize.Settings{FuncEvaluations: 150 * k, Concurrent: 0}, &optimize.NelderMead{SimplexSize: 1})
			if r == nil || err != nil && r.X == nil {
				break
			}
			z = r.X
			if r.F < best {
				best, v = r.F, importance(z)
			}
		}
	}
	if v == nil {
		v = importance(make([]float64, k))
	}
	return weigh(v), v
}

// balance tells how well the predictors are matched.
func (b *block) balance(c counterpart) []Predictor {
	var out []Predictor
	for j, name := range b.predictor {
		p := Predictor{Name: name, Importance: c.v[j]}
		for _, u := range b.treated {
			p.Treated += b.raw[u][j] / float64(len(b.treated))
		}
		for d, u := range b.donors {
			p.Synthetic += c.omega[d] * b.raw[u][j]
			p.Donors += b.raw[u][j] / float64(len(b.donors))
		}
		out = append(out, p)
	}
	return out
}
