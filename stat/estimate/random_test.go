package estimate

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// Frequencies of draws against the probabilities, by a chi-square statistic.
func TestBinomialFrequencies(t *testing.T) {
	for i, c := range []struct {
		n int64
		p float64
	}{{5, 0.3}, {40, 0.02}, {40, 0.5}, {100, 0.4}, {1000, 0.015}, {4400, 0.25}, {50, 0.97}} {
		rng := stream(1, "binomial test", uint64(i))
		const draws = 40_000
		counts := map[int64]float64{}
		for range draws {
			counts[binomial(rng, c.n, c.p)]++
		}
		dist := distuv.Binomial{N: float64(c.n), P: c.p}
		chi, cells, rest, restWant := 0.0, 0, float64(draws), float64(draws)
		for k := range c.n + 1 {
			want := draws * dist.Prob(float64(k))
			if want < 10 {
				continue
			}
			chi += (counts[k] - want) * (counts[k] - want) / want
			cells++
			rest -= counts[k]
			restWant -= want
		}
		if restWant > 10 {
			chi += (rest - restWant) * (rest - restWant) / restWant
			cells++
		}
		if p := 1 - (distuv.ChiSquared{K: float64(cells - 1)}).CDF(chi); p < 1e-4 {
			t.Errorf("n %d, p %g: chi-square %.1f over %d cells, p-value %.2g", c.n, c.p, chi, cells, p)
		}
	}
}

func TestBinomialEdges(t *testing.T) {
	rng := stream(1, "edges", 0)
	for _, c := range []struct {
		n    int64
		p    float64
		want int64
	}{{0, 0.5, 0}, {7, 0, 0}, {7, 1, 7}, {7, 1.0000001, 7}, {7, -1, 0}, {7, math.NaN(), 0}} {
		if got := binomial(rng, c.n, c.p); got != c.want {
			t.Errorf("binomial(%d, %g) = %d, want %d", c.n, c.p, got, c.want)
		}
	}
}

func TestMultinomialKeepsTotal(t *testing.T) {
	rng := stream(2, "multinomial test", 0)
	weight := []float64{3, 0, 1e-9, 50, 7}
	out := make([]float64, len(weight))
	sums := make([]float64, len(weight))
	for range 2000 {
		multinomial(rng, 100, weight, 60.000000001, out)
		total := 0.0
		for i, v := range out {
			total += v
			sums[i] += v
		}
		if total != 100 || out[1] != 0 {
			t.Fatalf("%v", out)
		}
	}
	if !near(sums[3]/200_000, 50.0/60, 0.005) {
		t.Errorf("share %v", sums[3]/200_000)
	}
}

func TestMoments(t *testing.T) {
	const draws = 50_000
	for i, shape := range []float64{0.05, 0.7, 1, 3.2, 150} {
		rng := stream(3, "gamma test", uint64(i))
		sum, squares := 0.0, 0.0
		for range draws {
			x := gamma(rng, shape)
			sum += x
			squares += x * x
		}
		mean := sum / draws
		if se := math.Sqrt(shape / draws); !near(mean, shape, 5*se) {
			t.Errorf("gamma(%g): mean %v", shape, mean)
		}
		if v := squares/draws - mean*mean; !near(v, shape, 0.1*shape+0.01) {
			t.Errorf("gamma(%g): variance %v", shape, v)
		}
	}
	for i, mean := range []float64{0.3, 9, 14, 400, 20_000} {
		rng := stream(4, "poisson test", uint64(i))
		sum, squares := 0.0, 0.0
		for range draws {
			x := float64(poisson(rng, mean))
			sum += x - mean
			squares += (x - mean) * (x - mean)
		}
		if se := math.Sqrt(mean / draws); !near(sum/draws, 0, 5*se) {
			t.Errorf("poisson(%g): mean off by %v", mean, sum/draws)
		}
		if v := squares / draws; !near(v, mean, 0.05*mean) {
			t.Errorf("poisson(%g): variance %v", mean, v)
		}
	}
	rng := stream(5, "beta test", 0)
	sum := 0.0
	for range draws {
		x, y := logBeta(rng, 0.01, 3)
		if !near(math.Exp(x)+math.Exp(y), 1, 1e-9) {
			t.Fatalf("the parts add to %v", math.Exp(x)+math.Exp(y))
		}
		sum += math.Exp(x)
	}
	if want := 0.01 / 3.01; !near(sum/draws, want, 0.0015) {
		t.Errorf("beta mean %v, want %v", sum/draws, want)
	}
}

func TestStreamsDiffer(t *testing.T) {
	seen := map[uint64]bool{}
	for seed := range uint64(3) {
		for _, purpose := range []string{"resample", "chain"} {
			for i := range uint64(3) {
				a, b := stream(seed, purpose, i), stream(seed, purpose, i)
				v := a.Uint64()
				if v != b.Uint64() {
					t.Fatal("a stream does not repeat")
				}
				if seen[v] {
					t.Fatal("two streams begin alike")
				}
				seen[v] = true
			}
		}
	}
}

func TestPoissonTail(t *testing.T) {
	for _, c := range []struct{ k, mean float64 }{{0, 3}, {2, 9.5}, {30, 12}, {7, 7}, {200, 90}, {0, 0.01}, {1, 0.001}} {
		d := distuv.Poisson{Lambda: c.mean}
		lower, upper := d.CDF(c.k), 1-d.CDF(c.k-1)
		if got, want := math.Exp(poissonTail(c.k, c.mean)), min(lower, upper); !near(got, want, 1e-9+1e-6*want) && want < 0.4 {
			t.Errorf("k %g, mean %g: %g, want %g", c.k, c.mean, got, want)
		}
	}
	// Far out, where probabilities underflow, the logarithm still orders.
	if a, b := poissonTail(2000, 1), poissonTail(2001, 1); !(b < a) || math.IsInf(b, -1) {
		t.Errorf("%v, %v", a, b)
	}
	if poissonTail(0, 0) != 0 || !math.IsInf(poissonTail(1, 0), -1) {
		t.Error("mean 0")
	}
}
