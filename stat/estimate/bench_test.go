package estimate

import (
	"testing"
)

// Peer, two cores: 152.7 s for all hierarchical models with 1,000 BCa
// resamples that redo the selection.
func BenchmarkKosovoBIC1000(b *testing.B) {
	tab := mustRead(b, kosovoCSV)
	for b.Loop() {
		runMethod(b, tab, BIC, 1000, 1)
	}
}

// Peer, two cores: 14.6 s for 100 resamples among 60 models, 146 s for 1,000.
func BenchmarkUKFiveBIC2Top60x1000(b *testing.B) {
	tab := shared(b, "mse_ukdat_5/UKdat_5.csv")
	for b.Loop() {
		runOptions(b, tab, Options{Method: BIC2, Resamples: 1000, Seed: 1, Top: 60})
	}
}

// Peer, two cores: 24.4 s for 100 resamples.
func BenchmarkUKFiveStepwise100(b *testing.B) {
	tab := shared(b, "mse_ukdat_5/UKdat_5.csv")
	for b.Loop() {
		runMethod(b, tab, Stepwise, 100, 1)
	}
}

// Peer, two cores: 0.29 s.
func BenchmarkKosovoAverage(b *testing.B) {
	tab := mustRead(b, kosovoCSV)
	for b.Loop() {
		runMethod(b, tab, Average, 0, 1)
	}
}

// Peer, two cores: 12.6 s.
func BenchmarkUKFiveAverage(b *testing.B) {
	tab := shared(b, "mse_ukdat_5/UKdat_5.csv")
	for b.Loop() {
		runMethod(b, tab, Average, 0, 1)
	}
}

// Peer, two cores: 5.0 s for one chain.
func BenchmarkKosovoLatent(b *testing.B) {
	tab := mustRead(b, kosovoCSV)
	for b.Loop() {
		runMethod(b, tab, Latent, 0, 1)
	}
}

func BenchmarkUKSixDownhill1000(b *testing.B) {
	tab := shared(b, "mse_ukdat/UKdat.csv")
	for b.Loop() {
		runMethod(b, tab, Downhill, 1000, 1)
	}
}

func BenchmarkFit(b *testing.B) {
	tab := mustRead(b, kosovoCSV)
	s := tab.sample()
	m, _ := parseModel(tab, [][]string{{"EXH", "ABA", "OSCE"}, {"HRW", "EXH"}, {"HRW", "OSCE"}})
	p, f := newPlan(m), newFitter(s.t)
	b.ReportAllocs()
	for b.Loop() {
		if !f.fit(s, p, nil, false).ok {
			b.Fatal("no convergence")
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	tab := mustRead(b, artificialCSV)
	s := tab.sample()
	m, _ := parseModel(tab, [][]string{{"A", "B"}, {"C"}})
	p, c := newPlan(m), newChecker(s.t)
	b.ReportAllocs()
	for b.Loop() {
		if c.check(s, p) != NoEstimate {
			b.Fatal("wrong code")
		}
	}
}
