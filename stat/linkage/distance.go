package linkage

import "math/bits"

// jaroWinkler is the similarity of Winkler (1990) in [0, 1], prefix weight 0.1
// over at most four letters, given to any pair whose Jaro similarity exceeds 0.7.
func jaroWinkler[T byte | rune](a, b []T) float64 {
	j := jaro(a, b)
	if j <= 0.7 {
		return j
	}
	p := 0
	for p < len(a) && p < len(b) && p < 4 && a[p] == b[p] {
		p++
	}
	return j + 0.1*float64(p)*(1-j)
}

// jaro is the similarity of Jaro (1989): letters match within half the longer
// length minus one, and matched letters out of order count as half transpositions.
func jaro[T byte | rune](a, b []T) float64 {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(a) == 0 {
		if len(b) == 0 {
			return 1
		}
		return 0
	}
	if len(b) > 64 {
		return jaroLong(a, b)
	}
	window := max(len(b)/2-1, 0)
	var usedA, usedB uint64
	m := 0
	for i, c := range a {
		hi := min(i+window, len(b)-1)
		for k := max(i-window, 0); k <= hi; k++ {
			if b[k] == c && usedB>>k&1 == 0 {
				usedB |= 1 << k
				usedA |= 1 << i
				m++
				break
			}
		}
	}
	if m == 0 {
		return 0
	}
	t := 0
	for x, y := usedA, usedB; x != 0; x, y = x&(x-1), y&(y-1) {
		if a[bits.TrailingZeros64(x)] != b[bits.TrailingZeros64(y)] {
			t++
		}
	}
	return jaroOf(m, t, len(a), len(b))
}

func jaroOf(m, halfTranspositions, la, lb int) float64 {
	fm := float64(m)
	return (fm/float64(la) + fm/float64(lb) + (fm-float64(halfTranspositions)/2)/fm) / 3
}

func jaroLong[T byte | rune](a, b []T) float64 {
	window := max(len(b)/2-1, 0)
	usedA, usedB := make([]bool, len(a)), make([]bool, len(b))
	m := 0
	for i, c := range a {
		hi := min(i+window, len(b)-1)
		for k := max(i-window, 0); k <= hi; k++ {
			if b[k] == c && !usedB[k] {
				usedA[i], usedB[k] = true, true
				m++
				break
			}
		}
	}
	if m == 0 {
		return 0
	}
	t, k := 0, 0
	for i := range a {
		if !usedA[i] {
			continue
		}
		for !usedB[k] {
			k++
		}
		if a[i] != b[k] {
			t++
		}
		k++
	}
	return jaroOf(m, t, len(a), len(b))
}

// withinOne reports whether one insertion, deletion, replacement or exchange of
// neighbours turns a into b (restricted Damerau-Levenshtein distance of at most 1).
func withinOne[T byte | rune](a, b []T) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	x, y := len(a), len(b)
	for x > i && y > i && a[x-1] == b[y-1] {
		x--
		y--
	}
	switch {
	case x == i: // only b has letters left
		return y-i <= 1
	case x-i == 1:
		return y-i == 1
	case x-i == 2 && y-i == 2:
		return a[i] == b[i+1] && a[i+1] == b[i]
	}
	return false
}

// within reports whether the restricted Damerau-Levenshtein distance of a and b
// is at most limit (which must be under 8).
func within[T byte | rune](a, b []T, limit int) bool {
	if limit == 1 {
		return withinOne(a, b)
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > limit {
		return false
	}
	for len(a) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	if len(a) == 0 {
		return len(b) <= limit
	}
	if len(b) > 62 {
		return false
	}
	// Three rows of the usual table. Only cells within limit of the diagonal are
	// filled; those just outside are high, so that no way leads through them.
	var rows [3][64]uint8
	const high = 200
	before, last, row := &rows[0], &rows[1], &rows[2]
	for j := range min(limit, len(b)) + 1 {
		last[j] = uint8(j)
	}
	last[min(limit, len(b))+1] = high
	lastBest := uint8(0)
	for i := 1; i <= len(a); i++ {
		lo, hi := max(1, i-limit), min(len(b), i+limit)
		row[lo-1] = high
		if lo == 1 {
			row[0] = uint8(min(i, high))
		}
		best := row[lo-1]
		for j := lo; j <= hi; j++ {
			cost := uint8(1)
			if a[i-1] == b[j-1] {
				cost = 0
			}
			v := min(last[j-1]+cost, last[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				v = min(v, before[j-2]+1)
			}
			row[j] = v
			best = min(best, v)
		}
		row[hi+1] = high
		// An exchange reaches back two rows, so both must be beyond the limit.
		if int(best) > limit && int(lastBest) > limit {
			return false
		}
		lastBest = best
		before, last, row = last, row, before
	}
	return int(last[len(b)]) <= limit
}
