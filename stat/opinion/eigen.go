package opinion

import (
	"context"
	"fmt"
	"math"
)

// An operator is a symmetric positive semidefinite matrix, known by what it
// does to a vector. The result must not depend on the number of workers.
type operator interface {
	size() int
	apply(dst, src []float64)
}

// An eigenpair belongs to a symmetric matrix; the vector has length one, or
// is all zeros where the value is zero to working precision.
type eigenpair struct {
	value    float64
	vector   []float64
	residual float64 // ‖Av − λv‖
}

const (
	// A Ritz pair is taken as found when its residual is this part of the
	// leading eigenvalue: working precision, or what is enough to see groups.
	exact = 4e-15
	rough = 1e-7
	// The longest Krylov basis before the iteration starts again from its
	// best vector, and how often it may.
	maxBasis    = 600
	maxRestarts = 40
)

// leading finds the count largest eigenpairs of op, largest first, to working
// precision: Lanczos iteration with full reorthogonalisation (Golub and Van
// Loan, Matrix Computations, 4th ed., 10.3), one pair at a time, each
// orthogonal to those before, so that equal eigenvalues are found as well.
// The starts are fixed; the same matrix gives the same bits everywhere.
func leading(ctx context.Context, op operator, count int, tolerance float64) ([]eigenpair, error) {
	var found []eigenpair
	scale := 0.0
	for len(found) < count {
		p, err := nextPair(ctx, op, found, scale, tolerance)
		if err != nil {
			return nil, err
		}
		scale = max(scale, p.value)
		if p.value <= scale*1e-13 || p.value <= math.SmallestNonzeroFloat64 {
			p = eigenpair{vector: make([]float64, op.size())}
		}
		found = append(found, p)
	}
	return found, nil
}

// nextPair finds the largest eigenpair of op orthogonal to those found.
func nextPair(ctx context.Context, op operator, found []eigenpair, scale, tolerance float64) (eigenpair, error) {
	n := op.size()
	start := noise(n, uint64(len(found)))
	var p eigenpair
	for range maxRestarts {
		if err := ctx.Err(); err != nil {
			return p, fmt.Errorf("finding the axes of the map: %w", err)
		}
		p = lanczos(op, found, start, scale, tolerance)
		// The residual is computed anew from the vector; rounding may have
		// raised it above the estimate, but not far.
		if p.residual <= 1000*tolerance*max(scale, p.value) {
			return p, nil
		}
		start = p.vector
	}
	return p, fmt.Errorf("finding the axes of the map: residual %.3g of eigenvalue %.6g after %d restarts", p.residual, p.value, maxRestarts)
}

// lanczos improves start to the largest eigenpair of op that is orthogonal to
// those found. It overwrites start.
func lanczos(op operator, found []eigenpair, start []float64, scale, tolerance float64) eigenpair {
	n := op.size()
	limit := min(n-len(found), maxBasis)
	project := func(v []float64) {
		for _, f := range found {
			axpy(v, -dot(f.vector, v), f.vector)
		}
	}
	q := start
	project(q)
	project(q)
	if limit < 1 || !normalise(q) {
		return eigenpair{vector: make([]float64, n)}
	}
	var basis [][]float64
	var t tridiagonal
	var ritz []float64
	for {
		basis = append(basis, q)
		w := make([]float64, n)
		op.apply(w, q)
		project(w)
		alpha := dot(w, q)
		axpy(w, -alpha, q)
		if m := len(basis); m > 1 {
			axpy(w, -t.off[m-2], basis[m-2])
		}
		project(w)
		for _, b := range basis {
			axpy(w, -dot(b, w), b)
		}
		beta := math.Sqrt(dot(w, w))
		t.diagonal = append(t.diagonal, alpha)
		m := len(basis)
		last := m == limit
		if last || m%4 == 0 || beta <= tolerance*max(scale, alpha) {
			var theta float64
			theta, ritz = t.largest()
			size := max(scale, theta)
			// The residual of a Ritz pair is beta times the last entry of
			// its vector.
			if last || beta <= tolerance*size || beta*math.Abs(ritz[m-1]) <= tolerance*size {
				break
			}
		}
		t.off = append(t.off, beta)
		for i := range w {
			w[i] /= beta
		}
		q = w
	}
	v := make([]float64, n)
	for i, b := range basis {
		axpy(v, ritz[i], b)
	}
	project(v)
	normalise(v)
	r := make([]float64, n)
	op.apply(r, v)
	value := dot(r, v)
	axpy(r, -value, v)
	return eigenpair{value: value, vector: v, residual: math.Sqrt(dot(r, r))}
}

// A tridiagonal is a symmetric tridiagonal matrix; off has one entry less
// than diagonal.
type tridiagonal struct{ diagonal, off []float64 }

// largest finds the largest eigenvalue by bisection on the Sturm sequence and
// its vector, of length one, by inverse iteration. The shift lies above every
// eigenvalue, where elimination without pivoting is stable.
func (t tridiagonal) largest() (float64, []float64) {
	m := len(t.diagonal)
	if m == 1 {
		return t.diagonal[0], []float64{1}
	}
	lo, hi, size := math.Inf(-1), math.Inf(-1), 0.0
	for i, d := range t.diagonal {
		radius := 0.0
		if i > 0 {
			radius += math.Abs(t.off[i-1])
		}
		if i < m-1 {
			radius += math.Abs(t.off[i])
		}
		lo, hi = max(lo, d), max(hi, d+radius)
		size = max(size, math.Abs(d)+radius)
	}
	hi += size*1e-15 + math.SmallestNonzeroFloat64
	for {
		mid := lo + (hi-lo)/2
		if mid <= lo || mid >= hi {
			break
		}
		if t.below(mid) {
			hi = mid
		} else {
			lo = mid
		}
	}
	v := make([]float64, m)
	for i := range v {
		v[i] = 1
	}
	pivot := make([]float64, m)
	for range 3 {
		t.solve(hi, pivot, v)
		if !normalise(v) {
			break
		}
	}
	return hi, v
}

// below reports whether every eigenvalue lies below x, that is, whether all
// pivots of xI − T are positive.
func (t tridiagonal) below(x float64) bool {
	p := x - t.diagonal[0]
	for i, o := range t.off {
		if p <= 0 {
			return false
		}
		p = x - t.diagonal[i+1] - float64(o/p*o)
	}
	return p > 0
}

// solve overwrites v with the solution of (xI − T)y = v, scaled.
func (t tridiagonal) solve(x float64, pivot, v []float64) {
	m := len(v)
	pivot[0] = x - t.diagonal[0]
	for i := 1; i < m; i++ {
		o := t.off[i-1]
		f := o / pivot[i-1]
		pivot[i] = x - t.diagonal[i] - float64(f*o)
		v[i] += float64(f * v[i-1])
	}
	v[m-1] /= pivot[m-1]
	for i := m - 2; i >= 0; i-- {
		v[i] = (v[i] + float64(t.off[i]*v[i+1])) / pivot[i]
	}
}

// noise is a fixed vector without structure: outputs of SplitMix64 (Steele,
// Lea and Flood 2014) between −1 and 1.
func noise(n int, stream uint64) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = float64(int64(mix(stream<<32+uint64(i)+1))) / (1 << 63)
	}
	return v
}

// mix is the output function of SplitMix64 for the n-th state from zero.
func mix(n uint64) uint64 {
	z := n * 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// The conversions below forbid the compiler to fuse a product with a sum, so
// that every processor rounds alike.

func dot(a, b []float64) float64 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float64
	for len(a) >= 4 && len(b) >= 4 {
		s0 += float64(a[0] * b[0])
		s1 += float64(a[1] * b[1])
		s2 += float64(a[2] * b[2])
		s3 += float64(a[3] * b[3])
		a, b = a[4:], b[4:]
	}
	for i := range a {
		s0 += float64(a[i] * b[i])
	}
	return (s0 + s1) + (s2 + s3)
}

// axpy adds c·x to y.
func axpy(y []float64, c float64, x []float64) {
	x = x[:len(y)]
	for i := range y {
		y[i] += float64(c * x[i])
	}
}

// normalise scales v to length one and reports whether it could.
func normalise(v []float64) bool {
	largest := 0.0
	for _, x := range v {
		largest = max(largest, math.Abs(x))
	}
	if !(largest > 0) || math.IsInf(largest, 0) {
		return false
	}
	for i := range v {
		v[i] /= largest
	}
	n := math.Sqrt(dot(v, v))
	for i := range v {
		v[i] /= n
	}
	return true
}
