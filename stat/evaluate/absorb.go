package evaluate

// absorber takes fixed effects out of vectors, with weights. The weighted
// normal equations of the effects are solved by conjugate gradients with their
// diagonal as preconditioner, which allows any number of fixed effects with
// many levels each.
type absorber struct {
	level  [][]int // by fixed effect and row
	count  []int   // levels of each
	weight []float64
	inner  [][]float64 // sum of weights by fixed effect and level
	loose  bool        // a solution did not reach its precision
}

const (
	absorbPrecision  = 1e-13
	absorbIterations = 20_000
)

func newAbsorber(level [][]int, count []int, n int) *absorber {
	a := &absorber{level: level, count: count, weight: make([]float64, n)}
	for _, c := range count {
		a.inner = append(a.inner, make([]float64, c))
	}
	for i := range a.weight {
		a.weight[i] = 1
	}
	a.reweigh(a.weight)
	return a
}

func (a *absorber) reweigh(weight []float64) {
	copy(a.weight, weight)
	for f, inner := range a.inner {
		clear(inner)
		for i, l := range a.level[f] {
			inner[l] += a.weight[i]
		}
	}
}

// gather gives the weighted sums of a vector by level.
func (a *absorber) gather(v []float64, out [][]float64) {
	for f := range out {
		clear(out[f])
		for i, l := range a.level[f] {
			out[f][l] += a.weight[i] * v[i]
		}
	}
}

// spread gives each row the sum of its levels' effects.
func (a *absorber) spread(effect [][]float64, out []float64) {
	clear(out)
	for f := range effect {
		for i, l := range a.level[f] {
			out[i] += effect[f][l]
		}
	}
}

func (a *absorber) empty() [][]float64 {
	out := make([][]float64, len(a.count))
	for f, c := range a.count {
		out[f] = make([]float64, c)
	}
	return out
}

// residual gives what is left of a vector when the fixed effects are taken
// out. effect holds a first guess of the effects and receives them.
func (a *absorber) residual(v []float64, effect [][]float64) []float64 {
	out := append([]float64(nil), v...)
	if len(a.count) == 0 {
		return out
	}
	if len(a.count) == 1 {
		a.gather(v, effect)
		for l := range effect[0] {
			if a.inner[0][l] > 0 {
				effect[0][l] /= a.inner[0][l]
			}
		}
		for i, l := range a.level[0] {
			out[i] -= effect[0][l]
		}
		return out
	}
	fitted := make([]float64, len(v))
	r, z, p, q := a.empty(), a.empty(), a.empty(), a.empty()
	condition := func() float64 {
		sum := 0.0
		for f := range r {
			for l := range r[f] {
				z[f][l] = 0
				if a.inner[f][l] > 0 {
					z[f][l] = r[f][l] / a.inner[f][l]
				}
				sum += r[f][l] * z[f][l]
			}
		}
		return sum
	}
	a.gather(v, r)
	whole := condition()
	refresh := func() float64 {
		a.spread(effect, fitted)
		for i := range out {
			out[i] = v[i] - fitted[i]
		}
		a.gather(out, r)
		return condition()
	}
	rho := refresh()
	goal := absorbPrecision * absorbPrecision * whole
	for f := range p {
		copy(p[f], z[f])
	}
	done := rho <= goal
	// Where rounding keeps the residual from falling further, going on would
	// change nothing.
	last, floor := rho, 1e-20*whole
	for k := 1; !done && k <= absorbIterations; k++ {
		a.spread(p, fitted)
		a.gather(fitted, q)
		curve := 0.0
		for f := range p {
			curve += dot(p[f], q[f])
		}
		if !(curve > 0) {
			break
		}
		step := rho / curve
		for f := range p {
			for l := range p[f] {
				effect[f][l] += step * p[f][l]
				r[f][l] -= step * q[f][l]
			}
		}
		next := condition()
		if k%50 == 0 || next <= goal {
			next = refresh()
			done = next <= goal || next <= floor && next > 0.1*last
			last = next
		}
		turn := next / rho
		rho = next
		for f := range p {
			for l := range p[f] {
				p[f][l] = z[f][l] + turn*p[f][l]
			}
		}
	}
	a.loose = a.loose || !done
	refresh()
	return out
}
