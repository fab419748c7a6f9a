package evaluate

import (
	"math"

	"gonum.org/v1/gonum/diff/fd"
	"gonum.org/v1/gonum/optimize"
)

// autoregressive is a regression with autoregressive errors.
type autoregressive struct {
	b          []float64
	covariance [][]float64
	phi        []float64 // autoregressive coefficients
	variance   float64   // of the innovations
	loglik     float64
	innovation []float64 // standardised residuals, near independent
	ok         bool
}

// filter turns partial autocorrelations into what makes errors independent,
// by the recursion of Durbin and Levinson: phi[m] predicts a value from the m
// before it, and variance[m] is that of the prediction, in units of the
// innovation variance.
type filter struct {
	phi      [][]float64
	variance []float64
}

func newFilter(partial []float64) *filter {
	p := len(partial)
	f := &filter{phi: make([][]float64, p+1), variance: make([]float64, p+1)}
	f.variance[p] = 1
	for m := p - 1; m >= 0; m-- {
		f.variance[m] = f.variance[m+1] / (1 - partial[m]*partial[m])
	}
	for m := 1; m <= p; m++ {
		row := make([]float64, m)
		for j := range m - 1 {
			row[j] = f.phi[m-1][j] - partial[m-1]*f.phi[m-1][m-2-j]
		}
		row[m-1] = partial[m-1]
		f.phi[m] = row
	}
	return f
}

func (f *filter) apply(v []float64) []float64 {
	p := len(f.variance) - 1
	out := make([]float64, len(v))
	for t := range v {
		m := min(t, p)
		e := v[t]
		for j, phi := range f.phi[m] {
			e -= phi * v[t-1-j]
		}
		out[t] = e / math.Sqrt(f.variance[m])
	}
	return out
}

func (f *filter) logDeterminant() float64 {
	sum := 0.0
	for _, v := range f.variance[:len(f.variance)-1] {
		sum += math.Log(v)
	}
	return sum
}

// generalised fits by generalised least squares for given partial
// autocorrelations and gives the logarithm of the likelihood, exact for
// Gaussian errors, with the other parameters at their best.
func generalised(x [][]float64, y, partial []float64, restricted bool) autoregressive {
	f := newFilter(partial)
	n, k := float64(len(y)), float64(len(x))
	xs := make([][]float64, len(x))
	for j := range x {
		xs[j] = f.apply(x[j])
	}
	ys := f.apply(y)
	q := factorise(xs, nil)
	a := autoregressive{phi: f.phi[len(partial)], loglik: math.Inf(-1)}
	if len(q.dropped) > 0 {
		return a
	}
	a.b = q.solve(ys)
	fitted := product(xs, a.b, len(y))
	a.innovation = make([]float64, len(y))
	rss := 0.0
	for i := range ys {
		a.innovation[i] = ys[i] - fitted[i]
		rss += a.innovation[i] * a.innovation[i]
	}
	degrees := n
	penalty := f.logDeterminant()
	if restricted {
		degrees, penalty = n-k, penalty+q.logDeterminant()
	}
	a.variance = rss / degrees
	a.loglik = -0.5 * (degrees*(math.Log(2*math.Pi*a.variance)+1) + penalty)
	a.covariance = scaled(q.inverse(), a.variance)
	a.ok = rss > 0 && !math.IsNaN(a.loglik)
	return a
}

// mostLikely finds the partial autocorrelations of greatest likelihood: one
// order at a time, from the order before, by quasi-Newton steps on the scale of
// Fisher's z and then Newton steps.
func mostLikely(x [][]float64, y []float64, order int, restricted bool) autoregressive {
	z := []float64{}
	loss := func(z []float64) float64 {
		partial := make([]float64, len(z))
		for i, v := range z {
			partial[i] = math.Tanh(v)
		}
		a := generalised(x, y, partial, restricted)
		if !a.ok || math.IsInf(a.loglik, 0) {
			return 1e300
		}
		return -a.loglik
	}
	for len(z) < order {
		best, at := math.Inf(1), 0.0
		for v := -3.0; v <= 3; v += 0.1 {
			if l := loss(append(z[:len(z):len(z)], v)); l < best {
				best, at = l, v
			}
		}
		z = climb(loss, append(z[:len(z):len(z)], at))
	}
	partial := make([]float64, len(z))
	for i, v := range z {
		partial[i] = math.Tanh(v)
	}
	return generalised(x, y, partial, restricted)
}

// climb descends to the nearest minimum of a smooth function.
func climb(loss func([]float64) float64, start []float64) []float64 {
	gradient := func(g, z []float64) { fd.Gradient(g, loss, z, &fd.Settings{Formula: fd.Central, Step: 1e-4}) }
	if len(start) > 1 {
		result, err := optimize.Minimize(optimize.Problem{Func: loss, Grad: gradient}, start, &optimize.Settings{MajorIterations: 200, GradientThreshold: 1e-6, Concurrent: 0}, &optimize.BFGS{})
		if result != nil && (err == nil || result.F < loss(start)) {
			start = result.X
		}
	}
	z := append([]float64(nil), start...)
	k := len(z)
	g := make([]float64, k)
	for range 30 {
		gradient(g, z)
		h := square(k)
		up, down := make([]float64, k), make([]float64, k)
		for i := range k {
			const d = 1e-3
			zi := z[i]
			z[i] = zi + d
			gradient(up, z)
			z[i] = zi - d
			gradient(down, z)
			z[i] = zi
			for j := range k {
				h[i][j] += (up[j] - down[j]) / (4 * d)
				h[j][i] += (up[j] - down[j]) / (4 * d)
			}
		}
		step, ok := symmetric(h, g)
		if !ok {
			break
		}
		next := make([]float64, k)
		size := 0.0
		for i := range z {
			next[i] = z[i] - step[i]
			size = max(size, math.Abs(step[i]))
		}
		if !(loss(next) <= loss(z)+1e-9) {
			break
		}
		z = next
		if size < 1e-10 {
			break
		}
	}
	return z
}

// praisWinsten estimates the autocorrelation from the residuals, transforms,
// and repeats until it stands still (Prais & Winsten 1954).
func praisWinsten(x [][]float64, y []float64) autoregressive {
	rho := 0.0
	a := autoregressive{}
	for range 500 {
		a = generalised(x, y, []float64{rho}, false)
		if !a.ok {
			return a
		}
		e := residuals(x, y, a.b)
		before := dot(e[:len(e)-1], e[:len(e)-1])
		next := 0.0
		if before > 0 {
			next = max(-0.9999, min(0.9999, dot(e[1:], e[:len(e)-1])/before))
		}
		done := math.Abs(next-rho) < 1e-12
		rho = next
		if done {
			break
		}
	}
	n, k := float64(len(y)), float64(len(x))
	if n > k {
		a.covariance = scaled(a.covariance, n/(n-k))
		a.variance *= n / (n - k)
	}
	return a
}

func residuals(x [][]float64, y, b []float64) []float64 {
	out := product(x, b, len(y))
	for i := range out {
		out[i] = y[i] - out[i]
	}
	return out
}
