package opinion

import "math"

// A spread is a 2×2 matrix of second moments about a mean.
type spread struct{ xx, xy, yy float64 }

// values are the two eigenvalues, the larger first.
func (s spread) values() (large, small float64) {
	mid, half := (s.xx+s.yy)/2, (s.xx-s.yy)/2
	root := math.Sqrt(float64(half*half) + float64(s.xy*s.xy))
	return mid + root, max(mid-root, 0)
}

// longest is the eigenvector of the larger eigenvalue, not scaled.
func (s spread) longest() Point {
	large, _ := s.values()
	switch {
	case s.xy != 0:
		return Point{s.xy, large - s.xx}
	case s.yy > s.xx:
		return Point{0, 1}
	}
	return Point{1, 0}
}
