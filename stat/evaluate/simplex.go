package evaluate

import (
	"math"
	"slices"
)

// nearest gives the weights, none negative and adding up to 1, under which the
// weighted sum of the points lies nearest to the origin, with ridge times the
// sum of squared weights added to the squared distance. It is Wolfe's algorithm
// (1976), which finds the minimum exactly in finitely many steps: it walks from
// one set of affinely independent points to another, each with the minimum of
// its affine hull inside.
func nearest(points [][]float64, ridge float64) []float64 {
	n := len(points)
	length := make([]float64, n)
	start, largest := 0, 0.0
	for j, p := range points {
		length[j] = dot(p, p) + ridge
		if length[j] < length[start] {
			start = j
		}
		largest = max(largest, length[j])
	}
	w := make([]float64, n)
	if n == 0 {
		return w
	}
	w[start] = 1
	corral := []int{start}
	tolerance := 1e-13 * largest
	sum := make([]float64, len(points[0]))
	for range 50*n + 100 {
		clear(sum)
		for _, j := range corral {
			for i, v := range points[j] {
				sum[i] += w[j] * v
			}
		}
		here := dot(sum, sum)
		for _, j := range corral {
			here += ridge * w[j] * w[j]
		}
		next, least := -1, here-tolerance
		for j, p := range points {
			if d := dot(sum, p) + ridge*w[j]; d < least && !slices.Contains(corral, j) {
				next, least = j, d
			}
		}
		if next < 0 {
			return w
		}
		grown, ok := shrink(points, ridge, largest, append(slices.Clone(corral), next), w)
		if !ok {
			return w
		}
		corral = grown
	}
	return w
}

// shrink moves the weights to the minimum over the affine hull of the corral,
// and drops points on the way as their weights reach zero.
func shrink(points [][]float64, ridge, scale float64, corral []int, w []float64) ([]int, bool) {
	before := slices.Clone(w)
	for len(corral) > 0 {
		k := len(corral)
		g, ones := square(k), make([]float64, k)
		for a := range k {
			ones[a] = 1
			for b := range a + 1 {
				g[a][b] = dot(points[corral[a]], points[corral[b]]) + scale
				if a == b {
					g[a][b] += ridge
				}
				g[b][a] = g[a][b]
			}
		}
		v, ok := symmetric(g, ones)
		if !ok {
			copy(w, before)
			return nil, false
		}
		total := 0.0
		for _, x := range v {
			total += x
		}
		step := 1.0
		for a, j := range corral {
			v[a] /= total
			if v[a] < 0 {
				step = min(step, w[j]/(w[j]-v[a]))
			}
		}
		if step == 1 {
			for a, j := range corral {
				w[j] = v[a]
			}
			return corral, true
		}
		var left []int
		for a, j := range corral {
			w[j] += step * (v[a] - w[j])
			if w[j] > 1e-15 && !(v[a] < 0 && w[j] <= 1e-14) {
				left = append(left, j)
			} else {
				w[j] = 0
			}
		}
		if len(left) == k {
			// Rounding kept a point that should have gone.
			worst := 0
			for a := range corral {
				if v[a] < v[worst] {
					worst = a
				}
			}
			w[corral[worst]] = 0
			left = slices.Delete(slices.Clone(corral), worst, worst+1)
		}
		corral = left
		rest := 0.0
		for _, j := range corral {
			rest += w[j]
		}
		for _, j := range corral {
			w[j] /= rest
		}
	}
	copy(w, before)
	return nil, false
}

// centred takes the mean out of a vector.
func centred(v []float64) []float64 {
	mean := 0.0
	for _, x := range v {
		mean += x / float64(len(v))
	}
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = x - mean
	}
	return out
}

func rms(v []float64) float64 { return math.Sqrt(dot(v, v) / float64(len(v))) }
