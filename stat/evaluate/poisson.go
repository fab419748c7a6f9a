package evaluate

import "math"

// loglinear is a fitted log-linear model of counts.
type loglinear struct {
	b       []float64
	mean    []float64
	bread   [][]float64 // inverse of X'WX
	pearson float64
	ok      bool
}

// loglinearFit fits a Poisson model with logarithmic link by iteratively
// reweighted least squares, from means near the counts, until the coefficients
// stand still.
func loglinearFit(x [][]float64, y, offset []float64) loglinear {
	n, k := len(y), len(x)
	mean := make([]float64, n)
	average := 0.0
	for _, v := range y {
		average += v / float64(n)
	}
	for i, v := range y {
		mean[i] = (v + average) / 2
	}
	eta := make([]float64, n)
	for i, m := range mean {
		eta[i] = math.Log(m)
	}
	f := loglinear{b: make([]float64, k), mean: mean}
	weighted := make([][]float64, k)
	for j := range weighted {
		weighted[j] = make([]float64, n)
	}
	z := make([]float64, n)
	for range 200 {
		for i, m := range mean {
			w := math.Sqrt(m)
			z[i] = w * (eta[i] - offset[i] + (y[i]-m)/m)
			for j := range x {
				weighted[j][i] = w * x[j][i]
			}
		}
		q := factorise(weighted, nil)
		if len(q.dropped) > 0 {
			return f
		}
		b := q.solve(z)
		change := 0.0
		for j := range b {
			change = max(change, math.Abs(b[j]-f.b[j])/(1e-3+math.Abs(b[j])))
		}
		f.b, f.bread = b, q.inverse()
		copy(eta, product(x, b, n))
		for i := range eta {
			eta[i] = max(-300, min(300, eta[i]+offset[i]))
			mean[i] = math.Exp(eta[i])
		}
		if change < 1e-12 {
			f.ok = true
			break
		}
	}
	for i, m := range mean {
		f.pearson += (y[i] - m) * (y[i] - m) / m
	}
	for _, v := range f.b {
		// Means that go to 0 have no finite coefficients.
		f.ok = f.ok && !math.IsNaN(v) && math.Abs(v) < 200
	}
	return f
}
