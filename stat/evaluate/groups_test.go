package evaluate

import (
	"math"
	"strings"
	"testing"
)

// sampleGroups is a made-up panel of 80 units in 6 years, treated in 2003,
// 2004, 2006 or never.
func sampleGroups() string {
	g := lcg(11)
	var b table
	b.row("unit", "year", "first", "y", "x", "region", "treated")
	for i := 1; i <= 80; i++ {
		x := math.Round(1000*g.normal()) / 1000
		u := g.uniform() + 0.15*x
		first := 2006
		switch {
		case u < 0.45:
			first = 0
		case u < 0.65:
			first = 2003
		case u < 0.85:
			first = 2004
		}
		a := g.normal()
		for t := 2001; t < 2007; t++ {
			effect, on := 0.0, 0
			if first > 0 && t >= first {
				effect, on = 0.5+0.1*float64(t-first), 1
			}
			y := a + 0.3*float64(t-2001) + 0.2*x*float64(t-2001) + effect + 0.5*g.normal()
			b.row(i, t, first, math.Round(10000*y)/10000, x, (i-1)/4+1, on)
		}
	}
	return b.String()
}

// The sample panel against csdid 0.4.3 with analytical standard errors.
func TestGroupPeers(t *testing.T) {
	f := mustRead(t, sampleGroups())
	for _, c := range []struct {
		name, covariates string
		m                Method
		o                GroupOptions
		want             [8]float64 // simple, group, dynamic, calendar, each with its standard error
	}{
		{"never", "", Outcome, GroupOptions{}, [8]float64{0.844047305, 0.165883533, 0.819695685, 0.143220238, 0.92306208, 0.19196728, 0.802845869, 0.164142848}},
		{"not yet", "", Outcome, GroupOptions{Control: NotYetTreated}, [8]float64{0.803787284, 0.158912206, 0.790331008, 0.140572795, 0.879711417, 0.185161164, 0.762019105, 0.156374942}},
		{"never, doubly robust", "+ x", DoublyRobust, GroupOptions{}, [8]float64{0.705342501, 0.112354458, 0.725532907, 0.126170629, 0.747109449, 0.116925563, 0.677731767, 0.118200163}},
		{"never, regression", "+ x", Outcome, GroupOptions{}, [8]float64{0.633500176, 0.112318832, 0.528383368, 0.120293092, 0.696596288, 0.117580202, 0.629918529, 0.117923509}},
		{"never, weighting", "+ x", Probability, GroupOptions{}, [8]float64{0.666535412, 0.118310974, 0.621939132, 0.10713578, 0.722736145, 0.126262338, 0.652057346, 0.125355042}},
		{"not yet, doubly robust", "+ x", DoublyRobust, GroupOptions{Control: NotYetTreated}, [8]float64{0.739620978, 0.11477833, 0.751336588, 0.134252349, 0.773745196, 0.118420443, 0.721253347, 0.117443565}},
		{"not yet, regression", "+ x", Outcome, GroupOptions{Control: NotYetTreated}, [8]float64{0.66349523, 0.116050295, 0.550656837, 0.133873211, 0.718969565, 0.119187567, 0.669209666, 0.117510119}},
		{"not yet, weighting", "+ x", Probability, GroupOptions{Control: NotYetTreated}, [8]float64{0.700136728, 0.114683923, 0.647997317, 0.1152738, 0.748702232, 0.120875627, 0.694223275, 0.118521297}},
		{"universal base", "", Outcome, GroupOptions{Universal: true}, [8]float64{0.844047305, 0.165883533, 0.819695685, 0.143220238, 0.92306208, 0.19196728, 0.802845869, 0.164142848}},
		{"anticipation", "", Outcome, GroupOptions{Anticipation: 1}, [8]float64{0.857320409, 0.178960805, 0.960555224, 0.169578263, 0.921876173, 0.198649725, 0.801659962, 0.176344425}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := mustEvaluate(t, f, Options{Design: Groups, Method: c.m, Formula: "y ~ group(first) " + c.covariates + " | unit + year", Groups: c.o})
			sound(t, r)
			for i, term := range []string{"simple", "group", "dynamic", "calendar"} {
				got := find(t, r, c.m, term)
				if !near(*got.Estimate, c.want[2*i], 6e-9) || !near(*got.SE, c.want[2*i+1], 6e-9) {
					t.Errorf("%s %.9f (%.9f), want %.9f (%.9f)", term, *got.Estimate, *got.SE, c.want[2*i], c.want[2*i+1])
				}
			}
		})
	}
	// A column of 0 and 1 says the same as the period of first treatment.
	a := mustEvaluate(t, f, Options{Design: Groups, Formula: "y ~ treated | unit + year"})
	b := mustEvaluate(t, f, Options{Design: Groups, Formula: "y ~ group(first) | unit + year"})
	if *a.Results[0].Estimate != *b.Results[0].Estimate || *a.Results[0].SE != *b.Results[0].SE {
		t.Error("treated and group(first) differ")
	}
}

// The county data of Callaway & Sant'Anna (2021) as the did package has them:
// group-time effects, averages and pre-tests as published in its vignette.
func TestCounties(t *testing.T) {
	f := published(t, "did_mpdta/mpdta.csv")
	r := mustEvaluate(t, f, Options{Design: Groups, Formula: "lemp ~ group(first.treat) | countyreal + year"})
	want := map[string][2]float64{
		"2004 2004": {-0.0105, 0.0233}, "2004 2005": {-0.0704, 0.0310}, "2004 2006": {-0.1373, 0.0364}, "2004 2007": {-0.1008, 0.0344},
		"2006 2004": {0.0065, 0.0233}, "2006 2005": {-0.0028, 0.0196}, "2006 2006": {-0.0046, 0.0178}, "2006 2007": {-0.0412, 0.0202},
		"2007 2004": {0.0305, 0.0150}, "2007 2005": {-0.0027, 0.0164}, "2007 2006": {-0.0311, 0.0179}, "2007 2007": {-0.0261, 0.0167},
	}
	if len(r.Groups.Effects) != len(want) {
		t.Errorf("%d effects", len(r.Groups.Effects))
	}
	for _, e := range r.Groups.Effects {
		w := want[e.Group+" "+e.Period]
		if !near(*e.Estimate, w[0], 5.1e-5) || !near(*e.SE, w[1], 5.1e-5) {
			t.Errorf("%s in %s: %.4f (%.4f), want %v", e.Group, e.Period, *e.Estimate, *e.SE, w)
		}
	}
	for term, w := range map[string]float64{"simple": -0.0400, "dynamic": -0.0772, "group": -0.0310, "calendar": -0.0417} {
		if got := *find(t, r, DoublyRobust, term).Estimate; !near(got, w, 5.1e-5) {
			t.Errorf("%s %.4f, want %.4f", term, got, w)
		}
	}
	if p := r.Groups.PreTrends[0].P; !near(p, 0.16812, 5e-6) {
		t.Errorf("pre-test %.5f", p)
	}
	r = mustEvaluate(t, f, Options{Design: Groups, Formula: "lemp ~ group(first.treat) + lpop | countyreal + year"})
	if p := r.Groups.PreTrends[0].P; !near(p, 0.23267, 5e-6) {
		t.Errorf("pre-test with covariate %.5f", p)
	}
}

// Clusters wider than units enlarge what hangs together; with one unit in
// each cluster nothing changes.
func TestGroupClusters(t *testing.T) {
	f := mustRead(t, sampleGroups())
	unit := mustEvaluate(t, f, Options{Design: Groups, Formula: "y ~ treated | unit + year"})
	same := mustEvaluate(t, f, Options{Design: Groups, Formula: "y ~ treated + cluster(unit) | unit + year"})
	region := mustEvaluate(t, f, Options{Design: Groups, Formula: "y ~ treated + cluster(region) | unit + year"})
	if !near(*unit.Results[0].SE, *same.Results[0].SE, 1e-15) || region.Groups.Clusters != 20 || *region.Results[0].SE == *unit.Results[0].SE {
		t.Errorf("s.e. %v, %v, %v", *unit.Results[0].SE, *same.Results[0].SE, *region.Results[0].SE)
	}
}

// Bands are wider than intervals and the same on every run; the largest-t test
// agrees with the Wald test in direction.
func TestBands(t *testing.T) {
	f := mustRead(t, sampleGroups())
	for _, w := range []string{"mammen", "rademacher", "webb"} {
		o := Options{Design: Groups, Formula: "y ~ treated + x | unit + year", Resamples: 999, Seed: 5, Groups: GroupOptions{Weights: w}}
		r := mustEvaluate(t, f, o)
		for _, e := range r.Groups.Dynamic {
			if e.Band95 == nil || e.Band95[0] > e.Interval95[0] || e.Band95[1] < e.Interval95[1] {
				t.Errorf("%s: band %v, interval %v", w, e.Band95, e.Interval95)
			}
			if ratio := (e.Band95[1] - e.Band95[0]) / (e.Interval95[1] - e.Interval95[0]); ratio < 1.05 || ratio > 1.7 {
				t.Errorf("%s: the band is %.2f times as wide", w, ratio)
			}
		}
		if len(r.Groups.PreTrends) != 2 {
			t.Errorf("%s: tests %+v", w, r.Groups.PreTrends)
		}
	}
	// Multipliers have mean 0 and variance 1.
	for _, w := range []string{"mammen", "rademacher", "webb"} {
		rng := stream(1, "test", 0)
		sum, squares := 0.0, 0.0
		for range 100_000 {
			v := multiplier(rng, w)
			sum, squares = sum+v, squares+v*v
		}
		if !near(sum/1e5, 0, 0.015) || !near(squares/1e5, 1, 0.02) {
			t.Errorf("%s: mean %v, variance %v", w, sum/1e5, squares/1e5)
		}
	}
}

// One group: the two-by-two comparison, by hand, and the wild bootstrap with
// all signs.
func TestTwoByTwo(t *testing.T) {
	var b table
	b.row("unit", "year", "y", "on")
	change := []float64{3, 4, 5, 0, 1, 1, 2, 1} // the first three are treated
	for i, d := range change {
		on := indicator(i < 3)
		b.row("u"+string(rune('a'+i)), 2001, float64(10+i), 0)
		b.row("u"+string(rune('a'+i)), 2002, float64(10+i)+d, on)
	}
	r := mustEvaluate(t, mustRead(t, b.String()), Options{Design: Groups, Formula: "y ~ on | unit + year", Resamples: 100})
	got := find(t, r, TwoByTwo, "")
	// Means 4 and 1; residual sums of squares 2 within each; CR1 with one unit
	// in each cluster is HC1.
	se := math.Sqrt(8.0 / 7 * 7 / 6 * (2.0/9 + 2.0/25))
	if !near(*got.Estimate, 3, 1e-12) || !near(*got.SE, se, 1e-12) {
		t.Errorf("%v (%v), want 3 (%v)", *got.Estimate, *got.SE, se)
	}
	// Of the 256 signs, those that leave the split between the two sets as far
	// apart: at least the identity and its mirror.
	if p := *got.P * 256; p < 2 || p != math.Trunc(p) || p > 12 {
		t.Errorf("p %v", *got.P)
	}
	if len(got.Refusals) == 0 {
		t.Error("8 clusters are not refused")
	}
}

func TestGroupsBad(t *testing.T) {
	const o = "y ~ treated | unit + year"
	lines := func() []string { return strings.Split(strings.TrimSpace(sampleGroups()), "\n") }
	join := func(l []string) string { return strings.Join(l, "\n") }
	// Only rows for which a test holds.
	only := func(keep func(cells []string) bool) string {
		l := lines()
		out := l[:1:1]
		for _, x := range l[1:] {
			if keep(strings.Split(x, ",")) {
				out = append(out, x)
			}
		}
		return join(out)
	}
	for _, c := range []struct{ name, text, formula, want string }{
		{"one unit", only(func(c []string) bool { return c[0] == "1" }), o, "use its for a single series"},
		{"one period", only(func(c []string) bool { return c[1] == "2003" }), o, "give periods from before"},
		{"no treated", only(func(c []string) bool { return c[2] == "0" }), o, "no unit becomes treated"},
		{"no control", only(func(c []string) bool { return c[2] != "0" }), o, "--control notyet"},
		{"one group alone", only(func(c []string) bool { return c[2] == "2003" }), o, "nothing to compare with"},
		{"switches off", join(append(lines()[:1:1], "a,2001,0,1,0,1,0", "a,2002,0,1,0,1,1", "a,2003,0,1,0,1,0", "b,2001,0,1,0,1,0", "b,2002,0,1,0,1,0", "b,2003,0,1,0,1,0")), o, `row 4, column "treated": it is 0 in 2003, after having been 1 in 2002`},
		{"twice", join(append(lines(), lines()[9])), o, "also stands in row 10"},
		{"changing group", join(append(lines()[:1:1], "a,2001,2002,1,0,1,0", "a,2002,2003,1,0,1,1", "b,2001,0,1,0,1,0", "b,2002,0,1,0,1,0")), "y ~ group(first) | unit + year", "a unit has one period of first treatment"},
		{"no columns", sampleGroups(), "y ~ treated", "the columns of units and periods are not named"},
		{"three columns", sampleGroups(), "y ~ treated | unit + year + region", "write the unit and the period"},
		{"collinear covariates", sampleGroups(), "y ~ treated + x + (2*x) | unit + year", "collinear"},
		{"not 0 or 1", sampleGroups(), "y ~ x | unit + year", "is neither 0 nor 1"},
		{"anticipation too long", sampleGroups(), o + "@9", "lower the anticipation"},
	} {
		t.Run(c.name, func(t *testing.T) {
			formula, long, _ := strings.Cut(c.formula, "@")
			options := Options{Design: Groups, Formula: formula}
			if long != "" {
				options.Groups.Anticipation = 9
			}
			r, err := Evaluate(t.Context(), mustRead(t, c.text), options)
			said := ""
			if err != nil {
				said = err.Error()
			} else {
				sound(t, r)
				said = r.Reason
			}
			if !strings.Contains(said, c.want) {
				t.Errorf("%q\nwant …%s…", said, c.want)
			}
		})
	}
	// Units that lack a period are left out and counted; too many are refused.
	r := mustEvaluate(t, mustRead(t, only(func(c []string) bool { return c[0] > "5" || c[1] != "2002" })), Options{Design: Groups, Formula: o})
	if len(r.Data.Left) != 1 || r.Data.Left[0].Number == 0 || !strings.Contains(strings.Join(r.Results[0].Refusals, " "), "make the panel complete") {
		t.Errorf("%+v %v", r.Data.Left, r.Results[0].Refusals)
	}
}
