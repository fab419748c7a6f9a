package evaluate

import "math"

// collinearTolerance is the share of a column's length that must remain when
// the columns before it are taken out of it.
const collinearTolerance = 1e-9

// qr is the factorisation of a matrix given by columns, made by Gram-Schmidt
// with every column orthogonalised twice, which keeps working precision
// (Giraud, Langou & Rozložník 2005). A column that the ones before it make up
// is left out.
type qr struct {
	q       [][]float64 // orthonormal columns
	r       [][]float64 // r[j] are the coordinates of kept column j, j+1 of them
	kept    []int
	dropped []int
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}

// factorise takes the lengths that columns had before anything was taken out
// of them; nil stands for their lengths as they are.
func factorise(x [][]float64, lengths []float64) *qr {
	f := &qr{}
	for j, column := range x {
		v := append([]float64(nil), column...)
		length := math.Sqrt(dot(v, v))
		if lengths != nil {
			length = lengths[j]
		}
		r := make([]float64, len(f.q)+1)
		for range 2 {
			for i, q := range f.q {
				c := dot(q, v)
				r[i] += c
				for k, qk := range q {
					v[k] -= c * qk
				}
			}
		}
		rest := math.Sqrt(dot(v, v))
		if !(rest > collinearTolerance*length) {
			f.dropped = append(f.dropped, j)
			continue
		}
		r[len(f.q)] = rest
		for k := range v {
			v[k] /= rest
		}
		f.q, f.r, f.kept = append(f.q, v), append(f.r, r), append(f.kept, j)
	}
	return f
}

// solve gives the coefficients of the kept columns.
func (f *qr) solve(y []float64) []float64 {
	k := len(f.q)
	b := make([]float64, k)
	rest := append([]float64(nil), y...)
	for i, q := range f.q {
		b[i] = dot(q, rest)
		for t, v := range q {
			rest[t] -= b[i] * v
		}
	}
	for j := k - 1; j >= 0; j-- {
		b[j] /= f.r[j][j]
		for i := range j {
			b[i] -= f.r[j][i] * b[j]
		}
	}
	return b
}

// inverse gives the inverse of X'X over the kept columns.
func (f *qr) inverse() [][]float64 {
	k := len(f.q)
	inv := square(k) // of R
	for j := range k {
		inv[j][j] = 1 / f.r[j][j]
		for i := j - 1; i >= 0; i-- {
			sum := 0.0
			for m := i + 1; m <= j; m++ {
				sum += f.r[m][i] * inv[m][j]
			}
			inv[i][j] = -sum / f.r[i][i]
		}
	}
	out := square(k)
	for a := range k {
		for b := range a + 1 {
			for m := a; m < k; m++ {
				out[a][b] += inv[a][m] * inv[b][m]
			}
			out[b][a] = out[a][b]
		}
	}
	return out
}

// logDeterminant is that of X'X.
func (f *qr) logDeterminant() float64 {
	sum := 0.0
	for j := range f.r {
		sum += 2 * math.Log(f.r[j][j])
	}
	return sum
}

func square(k int) [][]float64 {
	flat := make([]float64, k*k)
	out := make([][]float64, k)
	for i := range out {
		out[i] = flat[i*k : (i+1)*k]
	}
	return out
}

// product gives X b.
func product(x [][]float64, b []float64, n int) []float64 {
	out := make([]float64, n)
	for j, column := range x {
		for i, v := range column {
			out[i] += v * b[j]
		}
	}
	return out
}

// sandwich gives bread·meat·bread.
func sandwich(bread, meat [][]float64) [][]float64 {
	return times(times(bread, meat), bread)
}

func times(a, b [][]float64) [][]float64 {
	out := square(len(a))
	for i := range a {
		for j := range a {
			for k := range a {
				out[i][j] += a[i][k] * b[k][j]
			}
		}
	}
	return out
}

func scaled(a [][]float64, by float64) [][]float64 {
	out := square(len(a))
	for i := range a {
		for j := range a {
			out[i][j] = a[i][j] * by
		}
	}
	return out
}

// quadratic gives c' V c.
func quadratic(v [][]float64, c []float64) float64 {
	sum := 0.0
	for i := range c {
		for j := range c {
			sum += c[i] * v[i][j] * c[j]
		}
	}
	return sum
}

// symmetric solves A x = b for a symmetric positive definite A by Cholesky;
// false where A is not.
func symmetric(a [][]float64, b []float64) ([]float64, bool) {
	k := len(a)
	l := square(k)
	for i := range k {
		for j := range i + 1 {
			sum := a[i][j]
			for m := range j {
				sum -= l[i][m] * l[j][m]
			}
			if i == j {
				if !(sum > 1e-14*math.Abs(a[i][i])) {
					return nil, false
				}
				l[i][i] = math.Sqrt(sum)
			} else {
				l[i][j] = sum / l[j][j]
			}
		}
	}
	x := append([]float64(nil), b...)
	for i := range k {
		for m := range i {
			x[i] -= l[i][m] * x[m]
		}
		x[i] /= l[i][i]
	}
	for i := k - 1; i >= 0; i-- {
		for m := i + 1; m < k; m++ {
			x[i] -= l[m][i] * x[m]
		}
		x[i] /= l[i][i]
	}
	return x, true
}
