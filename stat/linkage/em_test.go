package linkage

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestEstimate draws patterns from known chances and finds them again; the
// likelihood never falls on the way.
func TestEstimate(t *testing.T) {
	const fields, n, share = 5, 200_000, 0.03
	r := rand.New(rand.NewPCG(1, 9))
	m, u, prior := make(rates, fields), make(rates, fields), make(rates, fields)
	use := make([]bool, fields)
	for i := range fields {
		m[i][exact], m[i][close], m[i][similar], m[i][differ] = 0.7+0.05*float64(i%3), 0.1, 0.05, 0.15-0.05*float64(i%3)
		u[i][exact], u[i][close], u[i][similar], u[i][differ] = 0.01*float64(i+1), 0.02, 0.03, 0.95-0.01*float64(i+1)
		prior[i] = [levels]float64{0, .4, .2, .4, 2.8}
		use[i] = true
	}
	draw := func(p [levels]float64) level {
		x := r.Float64()
		for l := 1; l < levels; l++ {
			if x -= p[l]; x < 0 {
				return level(l)
			}
		}
		return differ
	}
	counts := map[pattern]int64{}
	for range n {
		class := u
		if r.Float64() < share {
			class = m
		}
		var p pattern
		for i := range fields {
			if r.Float64() < 0.1 {
				continue // missing
			}
			p = p.with(i, draw(class[i]))
		}
		counts[p]++
	}
	var tallies []tally
	for p, c := range counts {
		tallies = append(tallies, tally{p, c})
	}
	sortTallies(tallies)
	start := make(rates, fields)
	for i := range start {
		start[i] = usualRates(&field{kind: Code, partner: -1})
	}
	got := estimate(tallies, use, u, start, prior, 0.5)
	if math.Abs(got.share-share) > 0.003 {
		t.Errorf("share = %.4f, want %.4f", got.share, share)
	}
	for i := range fields {
		for l := 1; l <= int(exact); l++ {
			if math.Abs(got.m[i][l]-m[i][l]) > 0.02 {
				t.Errorf("m of field %d, level %d = %.4f, want %.4f", i, l, got.m[i][l], m[i][l])
			}
		}
	}
	for i := 1; i < len(got.trace); i++ {
		if got.trace[i] < got.trace[i-1]-1e-9*math.Abs(got.trace[i]) {
			t.Fatalf("the likelihood falls at step %d: %v after %v", i, got.trace[i], got.trace[i-1])
		}
	}
	again := estimate(tallies, use, u, start, prior, 0.5)
	if again.share != got.share || !slices.Equal(again.m, got.m) {
		t.Error("a second run gives another result")
	}
}

func TestEstimateOfNothing(t *testing.T) {
	start := rates{usualRates(&field{kind: Code, partner: -1})}
	if got := estimate(nil, []bool{true}, start, start, start, 0.5); got.m[0] != start[0] {
		t.Errorf("no pairs change m to %v", got.m[0])
	}
}

func TestExcess(t *testing.T) {
	for _, c := range []struct{ observed, without, with, want float64 }{
		{0.5, 0, 1, 0.5}, {0.1, 0.2, 1, 0}, {1, 0, 0.9, 1}, {0.5, 0.5, 0.5, 0},
	} {
		if got := excess(c.observed, c.without, c.with); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("excess(%v, %v, %v) = %v, want %v", c.observed, c.without, c.with, got, c.want)
		}
	}
}

func TestWidest(t *testing.T) {
	// 0-1 strong, 1-2 weak, 0-2 hopeless: the way from 0 to 2 is as good as its
	// weakest step.
	w := []float64{0, 9, -5, 9, 0, 2, -5, 2, 0}
	if got := widest(w, 3); got[2] != 2 || got[6] != 2 || got[1] != 9 {
		t.Errorf("widest = %v", got)
	}
}

func TestGamma(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for _, shape := range []float64{0.3, 1, 7.5, 200} {
		const n = 40_000
		sum, square := 0.0, 0.0
		for range n {
			x := gamma(r, shape)
			sum += x
			square += x * x
		}
		mean := sum / n
		variance := square/n - mean*mean
		if math.Abs(mean-shape) > 5*math.Sqrt(shape/n) || math.Abs(variance/shape-1) > 0.1 {
			t.Errorf("shape %v: mean %.3f, variance %.3f", shape, mean, variance)
		}
	}
}

func TestSortMembers(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	for _, n := range []int{0, 1, 255, 256, 5000} {
		members := make([]member, n)
		for i := range members {
			members[i] = member{r.Uint32() >> r.IntN(32), uint32(i)}
		}
		want := slices.Clone(members)
		slices.SortStableFunc(want, func(a, b member) int { return int(int64(a.key) - int64(b.key)) })
		if got := sortMembers(members); !slices.Equal(got, want) {
			t.Errorf("%d members are not sorted", n)
		}
	}
}
