package estimate

import "math"

// cholesky replaces the lower triangle of the symmetric n by n matrix a, by
// rows, by its Cholesky factor. It says false where a is not positive definite
// to working precision.
func cholesky(a []float64, n int) bool {
	for i := range n {
		ri := a[i*n : i*n+i+1]
		for j := range i {
			rj := a[j*n : j*n+j+1]
			s := ri[j]
			left, right := ri[:j], rj[:j]
			for k, v := range left {
				s -= v * right[k]
			}
			ri[j] = s / rj[j]
		}
		diagonal := ri[i]
		s := diagonal
		for _, v := range ri[:i] {
			s -= v * v
		}
		if !(s > 1e-14*diagonal) || math.IsInf(s, 1) {
			return false
		}
		ri[i] = math.Sqrt(s)
	}
	return true
}

// solveCholesky solves for b in place, given the factor.
func solveCholesky(a, b []float64, n int) {
	for i := range n {
		row := a[i*n : i*n+i+1]
		s := b[i]
		for k, v := range row[:i] {
			s -= v * b[k]
		}
		b[i] = s / row[i]
	}
	for i := n - 1; i >= 0; i-- {
		x := b[i] / a[i*n+i]
		b[i] = x
		for k := range i {
			b[k] -= x * a[i*n+k]
		}
	}
}
