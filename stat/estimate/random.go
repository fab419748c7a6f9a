package estimate

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
)

// stream is the random stream for one piece of work: a resample, a chain. The
// key of the ChaCha8 generator is made of the seed, the purpose and the index,
// so that every piece has its own numbers whichever worker does it and when.
func stream(seed uint64, purpose string, index uint64) *rand.Rand {
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:8], seed)
	binary.LittleEndian.PutUint64(key[8:16], index)
	copy(key[16:], purpose)
	return rand.New(rand.NewChaCha8(key))
}

// multinomial distributes n people over the cells in proportion to weight.
// total is the sum of the weights.
func multinomial(rng *rand.Rand, n int64, weight []float64, total float64, out []float64) {
	for i, w := range weight {
		var k int64
		if n > 0 && w > 0 {
			k = binomial(rng, n, w/total)
		}
		out[i] = float64(k)
		n -= k
		total -= w
	}
	if n > 0 {
		// Rounding left a sliver of the last cell's probability: its people
		// belong to the last cell that can have any.
		for i := len(weight) - 1; i >= 0; i-- {
			if weight[i] > 0 {
				out[i] += float64(n)
				return
			}
		}
	}
}

// binomial draws from the binomial distribution, exactly up to rounding:
// inversion for a small mean, else Hörmann's transformed rejection (1993,
// algorithm BTRS).
func binomial(rng *rand.Rand, n int64, p float64) int64 {
	switch {
	case n <= 0 || !(p > 0):
		return 0
	case p >= 1:
		return n
	case p > 0.5:
		return n - binomial(rng, n, 1-p)
	case float64(n)*p < 10:
		return binomialInversion(rng, n, p)
	}
	nf := float64(n)
	q := 1 - p
	sd := math.Sqrt(nf * p * q)
	b := 1.15 + 2.53*sd
	a := -0.0873 + 0.0248*b + 0.01*p
	centre := nf*p + 0.5
	squeeze := 0.92 - 4.2/b
	odds := p / q
	alpha := (2.83 + 5.1/b) * sd
	mode := math.Floor((nf + 1) * p)
	for {
		u := rng.Float64() - 0.5
		v := rng.Float64()
		us := 0.5 - math.Abs(u)
		k := math.Floor((2*a/us+b)*u + centre)
		if us >= 0.07 && v <= squeeze {
			return int64(k)
		}
		if k < 0 || k > nf {
			continue
		}
		bound := (mode+0.5)*math.Log((mode+1)/(odds*(nf-mode+1))) +
			(nf+1)*math.Log((nf-mode+1)/(nf-k+1)) +
			(k+0.5)*math.Log(odds*(nf-k+1)/(k+1)) +
			stirlingTail(mode) + stirlingTail(nf-mode) - stirlingTail(k) - stirlingTail(nf-k)
		if math.Log(v*alpha/(a/(us*us)+b)) <= bound {
			return int64(k)
		}
	}
}

// binomialInversion adds up the probabilities from 0; the mean is below 10.
func binomialInversion(rng *rand.Rand, n int64, p float64) int64 {
	odds := p / (1 - p)
	for {
		u := rng.Float64()
		if u < 1-float64(n)*p {
			return 0 // at most the probability of 0, by Bernoulli's inequality
		}
		prob := math.Exp(float64(n) * math.Log1p(-p))
		for k := int64(0); k <= n; k++ {
			if u < prob {
				return k
			}
			u -= prob
			prob *= odds * float64(n-k) / float64(k+1)
			if prob == 0 {
				break // u fell into the rounding error of the sum
			}
		}
	}
}

// stirlingTail is ln k! less Stirling's approximation of it.
func stirlingTail(k float64) float64 {
	if k < 10 {
		l, _ := math.Lgamma(k + 1)
		return l - (k+0.5)*math.Log(k+1) + (k + 1) - 0.5*math.Log(2*math.Pi)
	}
	k++
	kk := k * k
	return (1.0/12 - (1.0/360-1.0/1260/kk)/kk) / k
}

// gamma draws from the gamma distribution of unit scale (Marsaglia & Tsang
// 2000).
func gamma(rng *rand.Rand, shape float64) float64 {
	if shape < 1 {
		return math.Exp(logGamma(rng, shape))
	}
	if shape == 1 {
		return rng.ExpFloat64()
	}
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := rng.NormFloat64()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v = v * v * v
		u := 1 - rng.Float64()
		if u < 1-0.0331*x*x*x*x || math.Log(u) < 0.5*x*x+d*(1-v+math.Log(v)) {
			return d * v
		}
	}
}

// logGamma draws the logarithm of a gamma variable; it does not underflow for
// a small shape.
func logGamma(rng *rand.Rand, shape float64) float64 {
	if shape >= 1 {
		return math.Log(gamma(rng, shape))
	}
	g := gamma(rng, shape+1)
	return math.Log(g) + math.Log(1-rng.Float64())/shape
}

// logBeta draws ln X and ln(1-X) for X from the beta distribution.
func logBeta(rng *rand.Rand, a, b float64) (logX, log1mX float64) {
	x, y := logGamma(rng, a), logGamma(rng, b)
	m := max(x, y)
	sum := m + math.Log(math.Exp(x-m)+math.Exp(y-m))
	return x - sum, y - sum
}

// poisson draws from the Poisson distribution: by inversion for a small mean,
// else by peeling off gamma variables (Ahrens & Dieter 1974).
func poisson(rng *rand.Rand, mean float64) int64 {
	var k int64
	for mean > 12 {
		m := int64(mean * 7 / 8)
		x := gamma(rng, float64(m))
		if x > mean {
			return k + binomial(rng, m-1, mean/x)
		}
		k += m
		mean -= x
	}
	limit := math.Exp(-mean)
	for prod := rng.Float64(); prod > limit; prod *= rng.Float64() {
		k++
	}
	return k
}
