package estimate

import (
	"math"
	"testing"
)

// simulate draws a table of people from cell probabilities.
func simulate(seed, index uint64, t int, people int64, cell []float64) *sample {
	total := 0.0
	for _, p := range cell {
		total += p
	}
	s := newSample(t)
	multinomial(stream(seed, "simulation", index), people, cell, total, s.y)
	s.update()
	return s
}

// cells gives the probability of every pattern for lists that are independent
// but for one pair, whose odds ratio is given.
func cells(capture []float64, ratio float64) []float64 {
	out := make([]float64, 1<<len(capture))
	for p := range out {
		v := 1.0
		for j, c := range capture {
			if p>>j&1 == 1 {
				v *= c / (1 - c)
			}
		}
		if p&3 == 3 {
			v *= ratio
		}
		out[p] = v
	}
	return out
}

// Tables of known truth: the estimate has little bias and the intervals hold
// the truth about as often as they say.
func TestCoverage(t *testing.T) {
	const truth = 2000
	for _, c := range []struct {
		name      string
		cell      []float64
		sel       selector
		tables    int
		resamples int
		low, high float64 // of the share of 95 % intervals that hold the truth
	}{
		{"independent lists, asymptotic", cells([]float64{0.3, 0.25, 0.2}, 1), fixed{newPlan(mainEffects(3)), nil}, 400, 0, 0.92, 0.98},
		{"independent lists, bootstrap", cells([]float64{0.3, 0.25, 0.2}, 1), fixed{newPlan(mainEffects(3)), nil}, 120, 200, 0.88, 0.995},
		{"one dependent pair, stepwise", cells([]float64{0.25, 0.3, 0.35, 0.2}, 3), stepwise{0.02}, 300, 0, 0.88, 0.98},
		{"one dependent pair, best of all models, bootstrap", cells([]float64{0.35, 0.3, 0.4}, 3), nil, 150, 200, 0.87, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			lists := 0
			for 1<<lists < len(c.cell) {
				lists++
			}
			sel := c.sel
			if sel == nil {
				var list []*candidate
				for _, m := range hierarchical(lists, lists) {
					list = append(list, &candidate{plan: newPlan(m)})
				}
				sel = candidates{list: list}
			}
			w := testWorker(lists)
			covered, logBias := 0, 0.0
			for i := range c.tables {
				s := simulate(21, uint64(i), lists, truth, c.cell)
				chosen, ok := sel.choose(w, s)
				if !ok {
					t.Fatal("no estimate")
				}
				fit := w.fitter.fit(s, chosen.plan, nil, true)
				logBias += math.Log((s.n + fit.dark) / truth)
				in := asymptotic(s, fit, 0.95)
				if c.resamples > 0 {
					b, err := bootstrap(t.Context(), s, estimatorOf(sel), estimated{s.n + fit.dark, chosen.plan.model.set}, c.resamples, uint64(i), nil)
					if err != nil {
						t.Fatal(err)
					}
					if in, _, err = b.interval(0.95); err != nil {
						t.Fatal(err)
					}
				}
				if in[0] <= truth && truth <= in[1] {
					covered++
				}
			}
			share := float64(covered) / float64(c.tables)
			if share < c.low || share > c.high {
				t.Errorf("%.3f of the 95 %% intervals hold the truth, want %.2f to %.2f", share, c.low, c.high)
			}
			if bias := logBias / float64(c.tables); math.Abs(bias) > 0.04 {
				t.Errorf("mean log bias %.3f", bias)
			}
		})
	}
}

// The Bayesian families on tables of independent lists.
func TestPosteriorCoverage(t *testing.T) {
	const truth = 2000
	covered, logBias := 0, 0.0
	const tables = 150
	for i := range tables {
		s := simulate(22, uint64(i), 3, truth, cells([]float64{0.3, 0.25, 0.2}, 1))
		a, err := average(t.Context(), s, 1.0/8, nil)
		if err != nil {
			t.Fatal(err)
		}
		in := a.interval(0.95)
		if in[0] <= truth && truth <= in[1] {
			covered++
		}
		logBias += math.Log(a.quantile(0.5) / truth)
	}
	if share := float64(covered) / tables; share < 0.88 {
		t.Errorf("%.3f of the posterior intervals hold the truth", share)
	}
	if bias := logBias / tables; math.Abs(bias) > 0.03 {
		t.Errorf("mean log bias %.3f", bias)
	}
}

// Chapman's estimate is nearly unbiased and its interval covers.
func TestChapmanCoverage(t *testing.T) {
	const truth, tables = 1500, 600
	covered, sum := 0, 0.0
	for i := range tables {
		s := simulate(23, uint64(i), 2, truth, cells([]float64{0.2, 0.25}, 1))
		total, variance, ok := chapman(s)
		if !ok {
			t.Fatal("no overlap")
		}
		sum += total
		if in, ok := logInterval(s.n, total, variance, 0.95); ok && in[0] <= truth && truth <= in[1] {
			covered++
		}
	}
	if mean := sum / tables; !near(mean, truth, 25) {
		t.Errorf("mean %v", mean)
	}
	if share := float64(covered) / tables; share < 0.92 || share > 0.98 {
		t.Errorf("%.3f of the intervals hold the truth", share)
	}
}

// Chao's bound stays below the truth where chances are unequal, and above what
// independence says.
func TestChaoBound(t *testing.T) {
	// Half of the people are hard to find.
	cell := make([]float64, 16)
	for p := range cell {
		easy, hard := 1.0, 1.0
		for j := range 4 {
			if p>>j&1 == 1 {
				easy, hard = easy*0.4, hard*0.05
			} else {
				easy, hard = easy*0.6, hard*0.95
			}
		}
		cell[p] = (easy + hard) / 2
	}
	w := testWorker(4)
	const truth = 5000
	for i := range 20 {
		s := simulate(24, uint64(i), 4, truth, cell)
		bound, corrected, _ := chao(s)
		c, _ := fixed{newPlan(mainEffects(4)), nil}.choose(w, s)
		if !(bound < truth && bound > c.total(s) && corrected <= bound) {
			t.Errorf("bound %v, corrected %v, independence %v", bound, corrected, c.total(s))
		}
	}
	// f1 = 150, f2 = 29, t = 3 by hand.
	bound, corrected, _ := chao(mustRead(t, sevenCSV).sample())
	if !near(bound, 182+2.0/3*150*150/58, 1e-9) || !near(corrected, 182+2.0/3*150*149/60, 1e-9) {
		t.Errorf("bound %v, corrected %v", bound, corrected)
	}
	total, _, _ := chapman(mustRead(t, "A,B,n\n1,0,40\n0,1,30\n1,1,6\n").sample())
	if want := 47.0*37/7 - 1; !near(total, want, 1e-9) {
		t.Errorf("Chapman %v, want %v", total, want)
	}
}
