package evaluate

import (
	"math"
	"strings"
	"testing"
)

// The answers of the seat-belt data (Harvey 1989; computed elsewhere with R's
// sandwich and glm), to the digits printed.
func TestSeatbelts(t *testing.T) {
	f := published(t, "its_seatbelts/Seatbelts.csv")
	r := mustEvaluate(t, f, Options{Formula: "log(DriversKilled) ~ t + law + since(law) + harmonics(2)"})
	sound(t, r)
	nw := find(t, r, NeweyWest, "law")
	if !near(*nw.Estimate, -0.2074343, 5e-8) || !near(*nw.SE, 0.0519702, 5e-8) {
		t.Errorf("law %.7f, s.e. %.7f", *nw.Estimate, *nw.SE)
	}
	if p := nw.Ratio; !near(p.Percent, -18.73, 0.005) || !near(p.Percent95[0], -26.60, 0.005) || !near(p.Percent95[1], -10.02, 0.005) {
		t.Errorf("per cent %+v", p)
	}
	if *nw.Lag != 12 || len(nw.Refusals) > 0 {
		t.Errorf("lag %v, refusals %v", *nw.Lag, nw.Refusals)
	}
	if r.Series.At != "1983-02" || r.Series.Before != 169 {
		t.Errorf("%+v", r.Series)
	}
	r = mustEvaluate(t, f, Options{Formula: "drivers ~ t + law + harmonics(2)"})
	q := find(t, r, QuasiPoisson, "law")
	if !near(q.Ratio.Ratio, 0.8518875, 5e-8) || !near(q.Ratio.Interval95[0], 0.80626, 5e-6) || !near(q.Ratio.Interval95[1], 0.9000972, 5e-8) || !near(*q.Dispersion, 15.6462, 5e-5) {
		t.Errorf("ratio %+v, dispersion %v", q.Ratio, *q.Dispersion)
	}
	if len(q.Refusals) == 0 {
		t.Error("the residuals are dependent; the model-based standard error must be refused")
	}
}

// The sample series against statsmodels 0.13.5 (OLS, its HAC covariance, GLM)
// and, for autoregressive errors, against dense generalised least squares in
// NumPy with the covariance matrix written out.
func TestSeriesPeers(t *testing.T) {
	const plain, one = "y ~ t + law + since(law)", "y ~ t + law + since(law) + harmonics(1)"
	f := mustRead(t, sampleSeries())
	for _, c := range []struct {
		name, formula string
		o             Options
		law, se       float64
		extra         float64 // dispersion, autocorrelation
	}{
		{"classical", plain, Options{Method: OLS}, -13.58021978, 3.024253191, 0},
		{"Newey-West 3", plain, Options{Method: NeweyWest}, -13.58021978, 3.193458107, 0},
		{"Newey-West 7, n/(n-k)", plain, Options{Method: NeweyWest, Series: SeriesOptions{Lag: "7", Small: true}}, -13.58021978, 3.700008182, 0},
		{"Newey-West, one cycle", one, Options{Method: NeweyWest}, -12.93928403, 2.088856047, 0},
		{"quasi-Poisson, offset", one + " + offset(log(pop))", Options{Method: QuasiPoisson}, -0.1986804102, 0.03499832842, 0.25783709227},
		{"Poisson, Newey-West 5", one + " + offset(log(pop))", Options{Method: PoissonHAC, Series: SeriesOptions{Lag: "5"}}, -0.1986804102, 0.03109880561, 0},
		{"maximum likelihood", one, Options{Method: Likelihood}, -13.11001424, 2.455401532, 0.204685757},
		{"restricted likelihood", one, Options{Method: Restricted}, -13.34443172, 2.946143724, 0.335971659},
		{"restricted likelihood, order 2", one, Options{Method: Restricted, Series: SeriesOptions{Order: 2}}, -13.41068724, 2.977456105, 0.33422220435},
		{"Prais-Winsten", one, Options{Method: PraisWinsten}, -13.10715195, 2.583105266, 0.202503814},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.o.Formula = c.formula
			r := mustEvaluate(t, f, c.o)
			sound(t, r)
			got := find(t, r, c.o.Method, "law")
			if !close7(*got.Estimate, c.law) || !close7(*got.SE, c.se) {
				t.Errorf("law %.10g, s.e. %.10g; want %.10g and %.10g", *got.Estimate, *got.SE, c.law, c.se)
			}
			switch {
			case got.Dispersion != nil && c.extra != 0 && !close7(*got.Dispersion, c.extra):
				t.Errorf("dispersion %.10g", *got.Dispersion)
			case len(got.Autoregression) > 0 && !near(got.Autoregression[0], c.extra, 2e-8):
				t.Errorf("autocorrelation %.10g", got.Autoregression[0])
			}
		})
	}
	ml := find(t, mustEvaluate(t, f, Options{Formula: one, Method: Likelihood}), Likelihood, "law")
	if !near(*ml.LogLikelihood, -164.423713385, 1e-8) {
		t.Errorf("log-likelihood %.9f", *ml.LogLikelihood)
	}
	ljung := find(t, mustEvaluate(t, f, Options{Formula: one, Method: OLS}), OLS, "law").Tests[0]
	if !near(ljung.Statistic, 18.767248, 5e-7) || !near(ljung.P, 0.094302, 5e-7) {
		t.Errorf("Ljung-Box %+v", ljung)
	}
}

// Lags by the formulas of their papers.
func TestLagRules(t *testing.T) {
	g := lcg(3)
	score := make([]float64, 200)
	for i := 1; i < len(score); i++ {
		score[i] = 0.6*score[i-1] + g.normal()
	}
	scores := [][]float64{score}
	for _, c := range []struct {
		lag    Lag
		season float64
		want   float64
	}{
		{"", 12, 13}, {"", 0, 5}, {LagPlugIn, 12, 5}, {LagStockWatson, 12, 5}, {"0", 0, 1}, {"9", 0, 10}, {"9999", 0, 200},
	} {
		if got, _ := c.lag.bandwidth(scores, -1, c.season); got != c.want {
			t.Errorf("%q, season %g: bandwidth %g, want %g", c.lag, c.season, got, c.want)
		}
	}
	// With autocorrelation rho, alpha(1) = 4 rho^2 / ((1-rho)^2 (1+rho)^2).
	rho := dot(score[1:], score[:199]) / dot(score[:199], score[:199])
	want := 1.1447 * math.Cbrt(4*rho*rho/math.Pow(1-rho*rho, 2)*200)
	if got, _ := LagAndrews.bandwidth(scores, -1, 0); !near(got, want, 1e-9) {
		t.Errorf("Andrews %g, want %g", got, want)
	}
	if got, _ := LagNeweyWest.bandwidth(scores, -1, 0); got < 3 || got > 60 || got != math.Trunc(got) {
		t.Errorf("Newey & West (1994) %g", got)
	}
	for _, bad := range []string{"-1", "1.5", "many"} {
		if _, err := ParseLag(bad); err == nil {
			t.Errorf("%q is taken for a lag", bad)
		}
	}
}

// since() is 0 at the first period after the change, and the same whatever
// the order of rows.
func TestSince(t *testing.T) {
	f := mustRead(t, "month,y,law\n2020-03,5,1\n2020-01,3,0\n2020-02,4,1\n")
	p, err := f.readPeriods("month")
	if err != nil {
		t.Fatal(err)
	}
	s := &scope{frame: f, rows: []int{0, 1, 2}, time: "month", when: p}
	got, err := s.vector(Expr{Op: "since", Args: []Expr{{Op: opColumn, Name: "law"}}})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{1, 0, 0} {
		if got[i] != want {
			t.Errorf("row %d: %g, want %g", i+1, got[i], want)
		}
	}
}

// A report does not depend on the order of rows, and one on counts fits with
// and without a change.
func TestSeriesOrder(t *testing.T) {
	text := sampleSeries()
	lines := strings.Split(strings.TrimSpace(text), "\n")
	turned := lines[0]
	for i := len(lines) - 1; i > 0; i-- {
		turned += "\n" + lines[i]
	}
	o := Options{Formula: "y ~ t + law + since(law) + harmonics(1)"}
	a, b := mustEvaluate(t, mustRead(t, text), o), mustEvaluate(t, mustRead(t, turned), o)
	a.Provenance.Hash, b.Provenance.Hash = "", ""
	if !sameJSON(t, a, b) {
		t.Error("the order of rows changes the report")
	}
	if len(a.Results) != 4 {
		t.Errorf("%d methods", len(a.Results))
	}
	o.Formula += " + offset(log(pop))"
	if r := mustEvaluate(t, mustRead(t, text), o); len(r.Results) != 2 || r.Results[0].Ratio == nil {
		t.Errorf("counts with an offset: %d methods", len(r.Results))
	}
}

// Bad series: each case is an error, a refusal or a reason that says what to
// do.
func TestSeriesBad(t *testing.T) {
	const o = "y ~ t + law"
	series := func(edit func(lines []string) []string) string {
		return strings.Join(edit(strings.Split(strings.TrimSpace(sampleSeries()), "\n")), "\n")
	}
	same := func(l []string) []string { return l }
	for _, c := range []struct {
		name, text, formula, want string
	}{
		{"missing period", series(func(l []string) []string { return append(l[:10:10], l[11:]...) }), o, `row 11, column "t": after 9 (row 10) comes 11: 1 period missing in between`},
		{"repeated period", series(func(l []string) []string { return append(l, l[5]) }), o, "also stands in row 6"},
		{"repeated month", "month,y,law\n2020-01,1,0\n2020-02,2,0\n2020-02,4,1\n2020-03,3,1\n", o, `row 4, column "month": period 2020-02 also stands in row 3`},
		{"missing value", series(func(l []string) []string { l[7] = "7,,0,1030"; return l }), o, `row 8, column "y": a value is missing`},
		{"letters", series(func(l []string) []string { l[7] = "7,some,0,1030"; return l }), o, `row 8, column "y": "some" is not a number`},
		{"suppressed", series(func(l []string) []string { l[7] = "7,<5,0,1030"; return l }), o, "leave the cell empty"},
		{"two dates", "date,y,law\n2020-01,1,0\n02/2020,2,1\n", o, "write all periods in one way"},
		{"open date", "date,y,law\n01/02/2020,1,0\n02/02/2020,2,1\n", o, "may be 1 February 2020 or 2 January 2020"},
		{"switched off", series(func(l []string) []string { l[60] = "60,80,0,1300"; return l }), "y ~ t + since(law)", "after having been 1"},
		{"collinear", series(same), "y ~ t + law + (2*law)", "cannot be told apart"},
		{"constant", "t,y,law\n1,3,0\n2,3,0\n3,3,1\n4,3,1\n", o, "not estimable: check the column"},
		{"all zero", "t,y,law\n1,0,0\n2,0,0\n3,0,1\n4,0,1\n", o, "0 in every period"},
		{"too short", "t,y,law\n1,3,0\n2,4,0\n3,5,1\n", o, "too few for 3 terms"},
		{"no change", series(same), "y ~ t + pop", "no term of the formula is 0 before a change"},
		{"log of zero", series(func(l []string) []string { l[7] = "7,0,0,1030"; return l }), "log(y) ~ t + law", "log(y) has no value where it is 0"},
		{"unknown column", series(same), "y ~ t + lwa", `position 9, column "lwa": the data have no such column; is "law" meant?`},
		{"fixed effects", series(same), "y ~ t + law | pop", "one series has no fixed effects"},
		{"many waves", series(same), "y ~ law + harmonics(7)", "write at most 6"},
		{"waves of years", "year,y,law\n2001,1,0\n2002,2,0\n2003,5,1\n2004,3,1\n", "y ~ law + harmonics(1)", "give it: harmonics(2, 12)"},
		{"logarithm for counts", series(same), "log(y) ~ t + law@quasi-poisson", "takes the count itself"},
		{"lag without value", series(same), "y ~ law + lag(y)", "lag(y) has no value here"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := Read(strings.NewReader(c.text))
			formula, method, _ := strings.Cut(c.formula, "@")
			var r *Report
			if err == nil {
				r, err = Evaluate(t.Context(), f, Options{Formula: formula, Method: Method(method)})
			}
			var said string
			if err != nil {
				said = err.Error()
			} else {
				sound(t, r)
				said = "not estimable: " + r.Reason
				if r.Estimable {
					t.Fatal("a number came out without an error")
				}
			}
			want := strings.TrimPrefix(c.want, "not estimable: ")
			if !strings.Contains(said, want) {
				t.Errorf("%s\nwant …%s…", said, want)
			}
		})
	}
}

// Numbers that are computed and refused.
func TestSeriesRefused(t *testing.T) {
	short := strings.Join(strings.Split(sampleSeries(), "\n")[:46], "\n") + "\n"
	r := mustEvaluate(t, mustRead(t, short), Options{Formula: "y ~ t + law"})
	for _, res := range r.Results {
		if !strings.Contains(strings.Join(res.Refusals, " "), "periods before the change and 5 after it are too few") {
			t.Errorf("%s: %v", res.Method, res.Refusals)
		}
	}
	if r.Finding != "" {
		t.Errorf("finding %q", r.Finding)
	}
	tiny := "t,y,law\n1,3,0\n2,4,0\n3,3,0\n4,9,1\n5,8,1\n6,9,1\n"
	r = mustEvaluate(t, mustRead(t, tiny), Options{Formula: "y ~ law"})
	if len(r.Results) != 1 || r.Results[0].Method != OLS {
		t.Errorf("below 12 periods: %+v", r.Results)
	}
}
