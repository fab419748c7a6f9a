package estimate

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// chapman is Chapman's estimate from two lists (1951), nearly unbiased, and
// the variance of Seber (1970). It needs people in both lists.
func chapman(s *sample) (total, variance float64, ok bool) {
	n1, n2, both := s.star[1], s.star[2], s.star[3]
	total = (n1+1)*(n2+1)/(both+1) - 1
	variance = (n1 + 1) * (n2 + 1) * (n1 - both) * (n2 - both) / ((both + 1) * (both + 1) * (both + 2))
	return total, variance, both > 0
}

func chapmanEstimate(_ *worker, s *sample) (estimated, bool) {
	total, _, ok := chapman(s)
	return estimated{total: total}, ok
}

// chao is Chao's lower bound for t lists (1987), with its variance: it rests
// on those who are in one list only and in two lists only. Where nobody is in
// exactly two lists the bias-corrected form takes its place.
func chao(s *sample) (bound, corrected, variance float64) {
	f1, f2 := frequencies(s)
	k := float64(s.t-1) / float64(s.t)
	corrected = s.n + k*f1*(f1-1)/(2*(f2+1))
	if f2 == 0 {
		bound = corrected
		variance = k*f1*(f1-1)/2 + k*k*f1*(2*f1-1)*(2*f1-1)/4 - k*k*f1*f1*f1*f1/(4*bound)
		return bound, corrected, variance
	}
	r := f1 / f2
	bound = s.n + k*f1*f1/(2*f2)
	variance = f2 * (k/2*r*r + k*k*r*r*r + k*k/4*r*r*r*r)
	return bound, corrected, variance
}

// frequencies counts people in exactly one and in exactly two lists.
func frequencies(s *sample) (f1, f2 float64) {
	for p, y := range s.y {
		switch onesCount(p) {
		case 1:
			f1 += y
		case 2:
			f2 += y
		}
	}
	return f1, f2
}

func chaoEstimate(_ *worker, s *sample) (estimated, bool) {
	bound, _, _ := chao(s)
	return estimated{total: bound}, true
}

// logInterval takes the logarithm of the hidden number as normal (Chao 1987),
// so that the lower end stays above the number observed.
func logInterval(observed, total, variance, level float64) (Interval, bool) {
	hidden := total - observed
	if !(hidden > 0) || !(variance > 0) {
		return Interval{}, false
	}
	z := distuv.UnitNormal.Quantile(1 - (1-level)/2)
	c := math.Exp(z * math.Sqrt(math.Log(1+variance/(hidden*hidden))))
	return Interval{observed + hidden/c, observed + hidden*c}, true
}

// pairRatio compares, for a pair of lists, the people shared with those
// expected if being in one said nothing about being in the other, among the
// people of all further lists. Above 1 the lists find the same people, which
// makes estimates too low; below 1 they avoid them. ok is false where the
// further lists hold too few to tell.
func pairRatio(s *sample, a, b int) (ratio float64, ok bool) {
	others := (len(s.y) - 1) &^ (a | b)
	var in, inA, inB, inBoth float64
	for p, y := range s.y {
		if p&others == 0 {
			continue
		}
		in += y
		if p&a != 0 {
			inA += y
		}
		if p&b != 0 {
			inB += y
		}
		if p&a != 0 && p&b != 0 {
			inBoth += y
		}
	}
	expected := inA * inB / in
	if !(expected >= 1) {
		return 0, false
	}
	return inBoth / expected, true
}
