package estimate

import (
	"math"
	"math/rand/v2"
	"testing"
)

// With two lists the fit has a closed form: n10 n01 / n11 people in no list,
// with variance 1/n11 + 1/n10 + 1/n01 of its logarithm.
func TestFitOfTwoLists(t *testing.T) {
	tab := mustRead(t, "A,B,n\n1,0,40\n0,1,30\n1,1,6\n")
	s := tab.sample()
	f := newFitter(2).fit(s, newPlan(mainEffects(2)), nil, true)
	if !f.ok || !near(f.dark, 200, 1e-9) || !near(f.se, math.Sqrt(1.0/40+1.0/30+1.0/6), 1e-9) {
		t.Errorf("dark %v, se %v", f.dark, f.se)
	}
}

// In [A*C] [B*C] lists A and B are independent given C, and among those not in
// C the two-list formula holds.
func TestFitOfConditionalIndependence(t *testing.T) {
	tab := mustRead(t, sevenCSV)
	m, _ := parseModel(tab, [][]string{{"A", "C"}, {"B", "C"}})
	s := tab.sample()
	f := newFitter(3).fit(s, newPlan(m), nil, true)
	if want := 60.0 * 50 / 12; !f.ok || !near(f.dark, want, 1e-9) {
		t.Errorf("dark %v, want %v", f.dark, want)
	}
}

// At the maximum the fitted and the observed number of people in the lists of
// every term agree, and any change of a coefficient lowers the likelihood.
func TestFitIsAMaximum(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	fits := 0
	for range 300 {
		lists := 3 + rng.IntN(3)
		s := sparseSample(rng, lists)
		p := newPlan(randomModel(rng, lists))
		if newChecker(lists).check(s, p) != Exists {
			continue
		}
		fits++
		f := newFitter(lists)
		fit := f.fit(s, p, nil, true)
		if !fit.ok {
			t.Fatalf("no convergence for %v on %v", p.terms, s.y)
		}
		best := f.coefficients()
		f.evaluate(s, best)
		for _, term := range f.terms {
			if !near(f.star[term], s.star[term], 1e-6*(1+s.star[term])) {
				t.Errorf("term %b: fitted %v, observed %v", term, f.star[term], s.star[term])
			}
		}
		l := f.evaluate(s, best)
		if !near(l, fit.loglik, 1e-8*math.Abs(l)) {
			t.Errorf("log-likelihood %v, recomputed %v", fit.loglik, l)
		}
		for _, term := range f.terms {
			best[term] += 0.01
			if f.evaluate(s, best) > l {
				t.Errorf("a change of term %b raises the likelihood", term)
			}
			best[term] -= 0.01
		}
		// A warm start ends at the same place.
		if warm := f.fit(s, p, best, false); !warm.ok || !near(warm.dark, fit.dark, 1e-6*(1+fit.dark)) {
			t.Errorf("warm start: dark %v, cold start %v", warm.dark, fit.dark)
		}
	}
	if fits < 100 {
		t.Errorf("only %d fits", fits)
	}
}

// Large counts lose no precision: a table of a hundred thousand times as many people.
func TestFitOfLargeCounts(t *testing.T) {
	s := mustRead(t, kosovoCSV).sample()
	large := newSample(s.t)
	for p, y := range s.y {
		large.y[p] = 1e5 * y
	}
	large.update()
	for _, m := range hierarchical(4, 4) {
		p := newPlan(m)
		small, big := newFitter(4).fit(s, p, nil, true), newFitter(4).fit(large, p, nil, true)
		if !small.ok || !big.ok || !near(big.dark/1e5, small.dark, 1e-7*small.dark) || !near(big.se*math.Sqrt(1e5), small.se, 1e-6) {
			t.Errorf("%v: %+v and %+v", p.terms, small, big)
		}
	}
}

func TestLatticeSums(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	a := make([]float64, 32)
	for i := range a {
		a[i] = float64(rng.IntN(100))
	}
	up, down := append([]float64{}, a...), append([]float64{}, a...)
	supersetSums(up)
	subsetSums(down)
	for p := range a {
		var wantUp, wantDown float64
		for q := range a {
			if q&p == p {
				wantUp += a[q]
			}
			if q&p == q {
				wantDown += a[q]
			}
		}
		if up[p] != wantUp || down[p] != wantDown {
			t.Fatalf("pattern %b: %v and %v, want %v and %v", p, up[p], down[p], wantUp, wantDown)
		}
	}
}

func TestCholesky(t *testing.T) {
	a := []float64{4, 0, 0, 2, 5, 0, 2, 3, 6}
	b := []float64{8, 10, 11}
	if !cholesky(a, 3) {
		t.Fatal("not positive definite")
	}
	solveCholesky(a, b, 3)
	for i, want := range []float64{1, 1, 1} {
		if !near(b[i], want, 1e-12) {
			t.Errorf("x[%d] = %v", i, b[i])
		}
	}
	if cholesky([]float64{1, 0, 1, 1}, 2) {
		t.Error("a singular matrix was accepted")
	}
}
