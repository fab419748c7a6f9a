package evaluate

import (
	"math"
	"testing"
)

// trials gives the number of simulations: few in a usual run, many with -long.
func trials(few int) int {
	if *long {
		return 20 * few
	}
	return few
}

// tally counts how often intervals hold the truth and how far estimates are
// off on average.
type tally struct {
	name          string
	n, held       int
	sum, squares  float64
	low, high     float64 // of the share that holds, in a usual run
	biasTolerance float64
}

func (c *tally) add(estimate, truth float64, in Interval) {
	c.n++
	c.sum += estimate - truth
	c.squares += (estimate - truth) * (estimate - truth)
	if in.holds(truth) {
		c.held++
	}
}

func (c *tally) check(t *testing.T) {
	t.Helper()
	share, bias := float64(c.held)/float64(c.n), c.sum/float64(c.n)
	error := math.Sqrt(c.squares/float64(c.n)) / math.Sqrt(float64(c.n))
	t.Logf("%s: %d trials, coverage %.3f, bias %+.4f (Monte-Carlo error %.4f)", c.name, c.n, share, bias, error)
	if share < c.low || share > c.high {
		t.Errorf("%s: %.3f of the intervals hold the truth, want %.2f to %.2f", c.name, share, c.low, c.high)
	}
	if math.Abs(bias) > c.biasTolerance+3*error {
		t.Errorf("%s: bias %+.4f", c.name, bias)
	}
}

// Series of 120 months with autoregressive errors and a known step.
// Intervals are a little too narrow, by Newey-West more than by restricted
// likelihood, as Turner et al. (2021) find.
func TestSeriesCoverage(t *testing.T) {
	reml, nw := tally{name: "reml", low: 0.87, high: 0.98}, tally{name: "newey-west", low: 0.80, high: 0.96}
	quasi := tally{name: "quasi-poisson", low: 0.90, high: 0.99}
	for i := range trials(150) {
		rng := stream(31, "series", uint64(i))
		var b, counts table
		b.row("t", "y", "law")
		counts.row("t", "y", "law")
		e := rng.NormFloat64() / math.Sqrt(1-0.16)
		for k := 1; k <= 120; k++ {
			e = 0.4*e + rng.NormFloat64()
			law := indicator(k > 80)
			b.row(k, 20+0.05*float64(k)-2*law+e, law)
			// A mixture of two Poisson means doubles the variance and more.
			mean := math.Exp(3 - 0.2*law)
			counts.row(k, poissonDraw(rng.Float64, mean*(0.5+float64(rng.IntN(2)))), law)
		}
		f := mustRead(t, b.String())
		for _, c := range []*tally{&reml, &nw} {
			r := mustEvaluate(t, f, Options{Formula: "y ~ t + law", Method: map[string]Method{"reml": Restricted, "newey-west": NeweyWest}[c.name]})
			c.add(*r.Results[0].Estimate, -2, *r.Results[0].Interval95)
		}
		r := mustEvaluate(t, mustRead(t, counts.String()), Options{Formula: "y ~ t + law", Method: QuasiPoisson})
		quasi.add(*r.Results[0].Estimate, -0.2, *r.Results[0].Interval95)
	}
	reml.check(t)
	nw.check(t)
	quasi.check(t)
}

// poissonDraw draws by multiplying uniform numbers; means here are small.
func poissonDraw(uniform func() float64, mean float64) float64 {
	k, product := 0.0, uniform()
	for limit := math.Exp(-mean); product > limit; k++ {
		product *= uniform()
	}
	return k
}

// Panels whose trends and treatment both depend on a covariate. With it the
// effect is found, without it not; bands hold all effects together.
func TestGroupCoverage(t *testing.T) {
	simple, plain := tally{name: "doubly robust", low: 0.90, high: 0.99}, tally{name: "without the covariate", low: 0, high: 0.85, biasTolerance: 1}
	band := tally{name: "band, all effects together", low: 0.88, high: 1}
	for i := range trials(120) {
		rng := stream(32, "groups", uint64(i))
		var b table
		b.row("unit", "year", "first", "y", "x")
		var weights [3]float64
		for u := range 150 {
			x := rng.NormFloat64()
			first := 0
			if rng.Float64() < 1/(1+math.Exp(-0.7*x)) {
				first = 2003 + rng.IntN(2)
				weights[first-2003+1]++
			}
			a := rng.NormFloat64()
			for year := 2001; year <= 2005; year++ {
				effect := 0.0
				if first > 0 && year >= first {
					effect = float64(year - first + 1) // 1, 2, 3 with time since
				}
				b.row(u, year, first, a+0.5*x*float64(year-2001)+effect+rng.NormFloat64(), x)
			}
		}
		f := mustRead(t, b.String())
		// Group 2003 has effects 1, 2, 3; group 2004 has 1, 2.
		truth := (6*weights[1] + 3*weights[2]) / (3*weights[1] + 2*weights[2])
		r := mustEvaluate(t, f, Options{Design: Groups, Formula: "y ~ group(first) + x | unit + year", Resamples: 199, Seed: uint64(i)})
		got := find(t, r, DoublyRobust, "simple")
		simple.add(*got.Estimate, truth, *got.Interval95)
		all := true
		for _, e := range r.Groups.Dynamic {
			all = all && e.Band95.holds(max(0, float64(*e.Since+1)))
		}
		band.add(0, 0, Interval{0, 1 - 2*indicator(!all)})
		r = mustEvaluate(t, f, Options{Design: Groups, Formula: "y ~ group(first) | unit + year"})
		got = find(t, r, DoublyRobust, "simple")
		plain.add(*got.Estimate, truth, *got.Interval95)
	}
	simple.check(t)
	plain.check(t)
	band.check(t)
}

// Panels with two factors in which the treated unit loads like donors do.
func TestSyntheticCoverage(t *testing.T) {
	differences := tally{name: "synthetic differences", low: 0.87, high: 1}
	for i := range trials(100) {
		rng := stream(33, "block", uint64(i))
		const units, periods, before = 24, 20, 14
		var factor [periods][2]float64
		for k := range periods {
			for j := range 2 {
				if k > 0 {
					factor[k][j] = factor[k-1][j]
				}
				factor[k][j] += 0.4 * rng.NormFloat64()
			}
		}
		var b table
		b.row("unit", "year", "y", "on")
		for u := range units {
			a, l0, l1 := rng.NormFloat64(), rng.Float64(), rng.Float64()
			for k := range periods {
				on := indicator(u == 0 && k >= before)
				b.row(100+u, 2001+k, a+l0*factor[k][0]+l1*factor[k][1]+0.5*rng.NormFloat64()+1.5*on, on)
			}
		}
		r := mustEvaluate(t, mustRead(t, b.String()), Options{Design: Synthetic, Method: Differences, Formula: "y ~ on | unit + year"})
		differences.add(*r.Results[0].Estimate, 1.5, *r.Results[0].Interval95)
	}
	differences.check(t)
}

// Counts that vary more than Poisson counts, with effects of origins that hang
// together with the regressor.
func TestFlowCoverage(t *testing.T) {
	slope := tally{name: "slope", low: 0.88, high: 0.99}
	for i := range trials(100) {
		rng := stream(34, "flows", uint64(i))
		var b table
		b.row("origin", "dest", "flow", "x")
		for o := range 40 {
			a := rng.NormFloat64()
			for d := range 8 {
				x := rng.NormFloat64() + 0.5*a
				mean := math.Exp(0.5*a+0.1*float64(d)+0.3*x) * (-math.Log(1 - rng.Float64()))
				b.row(o, d, poissonDraw(rng.Float64, mean), x)
			}
		}
		r := mustEvaluate(t, mustRead(t, b.String()), Options{Design: Flows, Formula: "flow ~ x | origin + dest"})
		slope.add(*r.Results[0].Estimate, 0.3, *r.Results[0].Interval95)
	}
	slope.check(t)
}
