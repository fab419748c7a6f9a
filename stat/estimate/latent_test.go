package estimate

import (
	"math"
	"slices"
	"testing"
)

// With one class the lists are independent and the posterior of the number of
// people in no list has a closed form, up to a constant: with uniform
// probabilities of capture, (n+m-1)!/m! prod_j B(1+n_j, 1+n+m-n_j).
func TestOneClassAgainstFormula(t *testing.T) {
	s := mustRead(t, sevenCSV).sample()
	l, err := latentClasses(t.Context(), s, LatentOptions{Classes: 1, Burn: 500, Draws: 4000, Thin: 4}, 5, nil)
	if err != nil {
		t.Fatal(err)
	}
	var total, mean, square float64
	var cumulative []float64
	for m := 0.0; m < 20_000; m++ {
		logw := lgamma(s.n+m) - lgamma(m+1)
		for j := range s.t {
			nj := s.star[1<<j]
			logw += lgamma(1+nj) + lgamma(1+s.n+m-nj) - lgamma(2+s.n+m)
		}
		w := math.Exp(logw - 100)
		total += w
		mean += w * (s.n + m)
		square += w * (s.n + m) * (s.n + m)
		cumulative = append(cumulative, total)
	}
	mean /= total
	sd := math.Sqrt(square/total - mean*mean)
	if !near(l.mean(), mean, 0.05*sd) {
		t.Errorf("mean %v, want %v (standard deviation %v)", l.mean(), mean, sd)
	}
	for _, p := range []float64{0.1, 0.5, 0.9} {
		i, _ := slices.BinarySearch(cumulative, p*total)
		if got, want := quantile(l.sorted, p), s.n+float64(i); !near(got, want, 0.12*sd) {
			t.Errorf("quantile %g: %v, want %v", p, got, want)
		}
	}
	if l.rhat > 1.01 || l.ess < 4000 {
		t.Errorf("R-hat %v, effective draws %v", l.rhat, l.ess)
	}
}

// The sampler leaves the posterior as it is: parameters drawn from the prior,
// data from the parameters, then sweeps; the parameters stay distributed as in
// the prior (Geweke 2004). The number of people is held fixed.
func TestSweepKeepsPrior(t *testing.T) {
	// With data drawn anew before each sweep, the capture probability of the
	// largest class keeps the uniform distribution's mean and variance.
	const people, lists, classes = 60, 3, 3
	rng := stream(11, "geweke", 0)
	s := newSample(lists)
	s.y[1], s.y[2], s.y[4] = 1, 1, 1
	s.update()
	c := newChain(s, LatentOptions{Classes: classes, Shape: 2, Rate: 2}.withDefaults(), rng)
	var sum, squares, alpha float64
	const sweeps = 60_000
	for range sweeps {
		// People by class and capture, given the parameters; those in no list
		// are the hidden ones, whose number the prior on N leaves to the data.
		for p := range s.y {
			s.y[p] = 0
		}
		total := 0.0
		for h := range classes {
			total += math.Exp(c.logPi[h])
		}
		for range people {
			u := rng.Float64() * total
			h := 0
			for ; h < classes-1; h++ {
				if u -= math.Exp(c.logPi[h]); u < 0 {
					break
				}
			}
			p := 0
			for j := range lists {
				if rng.Float64() < c.in[j][h] {
					p |= 1 << j
				}
			}
			s.y[p]++
		}
		c.hidden = int64(s.y[0])
		s.update()
		c.patterns = c.patterns[:0]
		for p, y := range s.y {
			if y > 0 {
				c.patterns = append(c.patterns, p)
			}
		}
		c.patterns = append(c.patterns, 0)
		for h, l := range c.logPi {
			c.size[h] = math.Exp(l)
		}
		c.drawMembers()
		c.drawParameters()
		sum += c.in[0][0]
		squares += c.in[0][0] * c.in[0][0]
		alpha += c.alpha
	}
	mean := sum / sweeps
	if !near(mean, 0.5, 0.02) || !near(squares/sweeps-mean*mean, 1.0/12, 0.01) {
		t.Errorf("capture: mean %v, variance %v; want 0.5 and 0.083", mean, squares/sweeps-mean*mean)
	}
	if !near(alpha/sweeps, 1, 0.08) {
		t.Errorf("concentration: mean %v, want 1", alpha/sweeps)
	}
}

func TestDiagnose(t *testing.T) {
	rng := stream(12, "diagnose", 0)
	good, bad, spread := matrix(4, 500), matrix(4, 500), matrix(4, 500)
	for i := range 4 {
		for k := range 500 {
			good[i][k] = rng.NormFloat64()
			bad[i][k] = rng.NormFloat64()
			spread[i][k] = rng.NormFloat64()
			if i == 3 {
				bad[i][k] += 2
				spread[i][k] *= 6
			}
		}
	}
	if r, ess := diagnose(good); r > 1.02 || ess < 1200 || ess > 4000 {
		t.Errorf("independent draws: R-hat %v, effective %v", r, ess)
	}
	if r, _ := diagnose(bad); r < 1.2 {
		t.Errorf("one chain elsewhere: R-hat %v", r)
	}
	if r, _ := diagnose(spread); r < 1.1 {
		t.Errorf("one chain wider: R-hat %v", r)
	}
	walk := matrix(4, 500)
	for i := range 4 {
		for k := 1; k < 500; k++ {
			walk[i][k] = 0.98*walk[i][k-1] + rng.NormFloat64()
		}
	}
	if _, ess := diagnose(walk); ess > 200 {
		t.Errorf("correlated draws: effective %v", ess)
	}
	if r, _ := diagnose(matrix(4, 100)); r != 1 {
		t.Errorf("constant draws: R-hat %v", r)
	}
}
