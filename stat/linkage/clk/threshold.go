package clk

import (
	"math"
	"math/rand/v2"
)

// mixture describes the Dice coefficients above a floor: those of different
// persons fall off exponentially, those of one person stand around a mean.
type mixture struct {
	floor float64
	share float64 // of one person's pairs among those above the floor
	scale float64 // mean excess over the floor of different persons' pairs
	mean  float64
	sd    float64
}

// bins is the resolution at which coefficients are counted.
const bins = 1024

// chance is the chance that a pair with the given coefficient is one person.
func (m mixture) chance(dice float64) float64 {
	if m.share <= 0 {
		return 0
	}
	// Above its mean the bell stays at its height: more alike is never less likely.
	z := min(dice-m.mean, 0) / m.sd
	one := m.share * math.Exp(-z*z/2) / (m.sd * math.Sqrt(2*math.Pi))
	other := (1 - m.share) * math.Exp(-(dice-m.floor)/m.scale) / m.scale
	return one / (one + other)
}

// threshold is the least coefficient with a chance of a half or more.
func (m mixture) threshold() float64 {
	for b := int(m.floor * bins); b <= bins; b++ {
		if d := float64(b) / bins; m.chance(d) >= 0.5 {
			return d
		}
	}
	return math.Inf(1)
}

// slope estimates how fast the coefficients of different persons fall off, from
// where nearly all pairs are such: the first standard deviation above the floor of
// all pairs of a sample, against the second. usual is what it is for bits that are
// set independently, and what is taken where little is seen.
func slope(counts *[bins + 1]int64, floor, sd, usual float64) float64 {
	first, second := 0.0, 0.0
	for b, n := range counts {
		switch d := float64(b)/bins - floor; {
		case d < sd:
			first += float64(n)
		case d < 2*sd:
			second += float64(n)
		}
	}
	if first < 50 || second < 1 || second >= first {
		return usual
	}
	// Where true pairs are many and little alike they reach down to the floor; a
	// tail much longer than usual is theirs.
	return min(max(sd/math.Log(first/second), usual), 2*usual)
}

// widest is how much slower than at the floor the coefficients of different
// persons may fall off in all: relatives share names and homes.
const widest = 1.6

// fitMixture fits counted coefficients by expectation-maximisation, the mean
// excess of different persons' pairs held between tail and widest times tail.
func fitMixture(counts *[bins + 1]int64, floor, tail float64) mixture {
	total, top := int64(0), 0
	for b, n := range counts {
		total += n
		if n > 0 {
			top = b
		}
	}
	m := mixture{floor: floor, scale: max(tail, 1.0/bins)}
	if total == 0 {
		return m
	}
	highest := float64(top) / bins
	middle := floor + (highest-floor)*0.6
	m.mean, m.sd = floor+(highest-floor)*0.8, max((highest-floor)/8, 0.02)
	high := int64(0)
	for b := int(middle * bins); b <= bins; b++ {
		high += counts[b]
	}
	m.share = (float64(high) + 0.5) / (float64(total) + 1)
	for range 300 {
		var n, sum, square, rest, excess float64
		for b, c := range counts {
			if c == 0 {
				continue
			}
			d := float64(b) / bins
			// For fitting, the bell is a bell on both sides.
			z := (d - m.mean) / m.sd
			one := m.share * math.Exp(-z*z/2) / (m.sd * math.Sqrt(2*math.Pi))
			other := (1 - m.share) * math.Exp(-max(d-floor, 0)/m.scale) / m.scale
			xi := 0.0
			if one+other > 0 {
				xi = one / (one + other)
			} else if d > m.mean {
				xi = 1
			}
			w := float64(c)
			n += w * xi
			sum += w * xi * d
			square += w * xi * d * d
			rest += w * (1 - xi)
			excess += w * (1 - xi) * max(d-floor, 0)
		}
		if n < 1e-6 {
			m.share = 0
			return m
		}
		before := m
		m.share = n / (n + rest)
		m.mean = sum / n
		m.sd = max(math.Sqrt(max(square/n-m.mean*m.mean, 0)), 0.01)
		if rest > 0 {
			m.scale = min(max(excess/rest, tail), widest*tail)
		}
		m.share = min(max(m.share, 1e-9), 1-1e-9)
		if math.Abs(m.mean-before.mean)+math.Abs(m.share-before.share)+math.Abs(m.sd-before.sd) < 1e-10 {
			break
		}
	}
	if m.mean <= floor+2*m.scale {
		// The bell has sunk into the tail: there is nothing to tell apart.
		m.share = 0
	}
	return m
}

// background gives mean and standard deviation of the coefficient of random pairs.
func background(codes []Code, seed uint64) (mean, sd float64) {
	n := len(codes)
	random := rand.New(rand.NewPCG(seed, 0xd1ce))
	const draws = 1 << 16
	sum, square := 0.0, 0.0
	for range draws {
		i := random.IntN(n)
		j := random.IntN(n - 1)
		if j >= i {
			j++
		}
		d := Dice(&codes[i], &codes[j])
		sum += d
		square += d * d
	}
	mean = sum / draws
	return mean, math.Sqrt(max(square/draws-mean*mean, 1e-6))
}
