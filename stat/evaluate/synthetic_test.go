package evaluate

import (
	"math"
	"strings"
	"testing"
)

// sampleBlock is a made-up panel of 13 units in 16 years that share two
// factors; the first unit is treated from the twelfth year on.
func sampleBlock(units int) string {
	g := lcg(5)
	const periods, before = 16, 11
	var factor [2][periods]float64
	for t := range periods {
		for k := range factor {
			if t > 0 {
				factor[k][t] = factor[k][t-1]
			}
			factor[k][t] += 0.6 * g.normal()
		}
	}
	var b table
	b.row("unit", "year", "y", "treated")
	for i := range units {
		a := 5 + g.normal()
		l0, l1 := g.uniform(), g.uniform()
		for t := range periods {
			effect := 0.0
			if i == 0 && t >= before {
				effect = 2
			}
			y := a + 2*l0*factor[0][t] + 2*l1*factor[1][t] + 0.3*g.normal() - effect
			b.row("u"+string(rune('a'+i)), 2001+t, math.RoundToEven(1000*y)/1000, indicator(i == 0 && t >= before))
		}
	}
	return b.String()
}

// The sample panel against a general solver (SciPy, sequential quadratic
// programming, its active set solved exactly).
func TestSyntheticPeers(t *testing.T) {
	r := mustEvaluate(t, mustRead(t, sampleBlock(13)), Options{Design: Synthetic, Formula: "y ~ treated | unit + year"})
	sound(t, r)
	for i, want := range []float64{-0.8317934476, -0.5801001405, -1.270015152} {
		if got := *r.Results[i].Estimate; !near(got, want, 2e-9) {
			t.Errorf("%s %.10f, want %.10f", r.Results[i].Method, got, want)
		}
	}
	control, differences := r.Synthetic.Fits[0], r.Synthetic.Fits[1]
	check := func(got []Weight, want map[string]float64) {
		t.Helper()
		if len(got) != len(want) {
			t.Errorf("%d weights, want %d", len(got), len(want))
		}
		for _, w := range got {
			if !near(w.Weight, want[w.Name], 2e-9) {
				t.Errorf("%s %.9f, want %.9f", w.Name, w.Weight, want[w.Name])
			}
		}
	}
	check(control.Weights, map[string]float64{"ub": 0.559825143, "uh": 0.249068492, "ui": 0.191106365})
	check(differences.Weights, map[string]float64{
		"ub": 0.030185135, "uc": 0.104092926, "ud": 0.0956293792, "ue": 0.0637144712, "uf": 0.0650307747, "ug": 0.0449526492,
		"uh": 0.0420114067, "ui": 0.181950023, "uj": 0.133122938, "uk": 0.150306473, "ul": 0.00906426501, "um": 0.0799395584,
	})
	check(differences.TimeWeights, map[string]float64{"2008": 0.107182784, "2011": 0.892817216})
	if !near(control.Before, 0.7227592266, 2e-9) || !near(*differences.Ridge, 1.275464795, 2e-9) {
		t.Errorf("gap before %.10f, ridge %.10f", control.Before, *differences.Ridge)
	}
	if len(control.Placebos) != 12 || len(control.LeftOut) != 3 || control.Backdated == nil {
		t.Errorf("%d placebos, %d left out", len(control.Placebos), len(control.LeftOut))
	}
}

// Proposition 99 by outcomes alone: Arkhangelsky et al. (2021), table 1, and
// the synthdid package's -15.604.
func TestProposition99(t *testing.T) {
	f := published(t, "synth_prop99/california_prop99.csv")
	r := mustEvaluate(t, f, Options{Design: Synthetic, Formula: "PacksPerCapita ~ treated | State + Year"})
	for i, want := range []float64{-19.6, -15.604, -27.349} {
		tolerance := []float64{0.15, 0.001, 0.001}[i] // the published control has a small ridge
		if got := *r.Results[i].Estimate; !near(got, want, tolerance) {
			t.Errorf("%s %.4f, want %.3f", r.Results[i].Method, got, want)
		}
	}
	for name, want := range map[string]float64{"Nevada": 0.124, "New Hampshire": 0.105, "Connecticut": 0.078, "Delaware": 0.070, "Colorado": 0.058} {
		for _, w := range r.Synthetic.Fits[1].Weights {
			if w.Name == name && !near(w.Weight, want, 0.0015) {
				t.Errorf("%s %.4f, want %.3f", name, w.Weight, want)
			}
		}
	}
}

// Proposition 99 with the predictors of Abadie, Diamond & Hainmueller (2010):
// their table 2 of weights, the gap of about 26 packs in 2000, and rank 1 of 39.
func TestProposition99Predictors(t *testing.T) {
	if testing.Short() || !*long {
		t.Skip("takes ten seconds; run with -long")
	}
	f := published(t, "synth_prop99/smoking.csv")
	r := mustEvaluate(t, f, Options{Design: Synthetic, Method: Control, Formula: "cigsale ~ treated + mean(lnincome, 1980, 1988) + mean(retprice, 1980, 1988)" +
		" + mean(age15to24, 1980, 1988) + mean(beer, 1984, 1988) + at(cigsale, 1988) + at(cigsale, 1980) + at(cigsale, 1975) | state + year"})
	fit := r.Synthetic.Fits[0]
	for _, w := range fit.Weights {
		want := map[string]float64{"Utah": 0.334, "Nevada": 0.234, "Montana": 0.199, "Colorado": 0.164, "Connecticut": 0.069}[w.Name]
		if !near(w.Weight, want, 0.02) {
			t.Errorf("%s %.3f, published %.3f", w.Name, w.Weight, want)
		}
	}
	if gap := fit.Path[len(fit.Path)-1].Gap; !near(gap, -26, 1) {
		t.Errorf("gap in 2000 %.1f", gap)
	}
	if p := *r.Results[0].P; !near(p, 1.0/39, 1e-9) {
		t.Errorf("p %.4f, published 0.026", p)
	}
}

// The weights are optimal: non-negative, adding up to 1, and no point lies
// nearer than the hull's nearest one (Karush-Kuhn-Tucker).
func TestNearest(t *testing.T) {
	g := lcg(17)
	for trial := range 300 {
		n, d := 1+int(20*g.uniform()), 1+int(12*g.uniform())
		ridge := 0.0
		if trial%3 == 0 {
			ridge = 3 * g.uniform()
		}
		points := make([][]float64, n)
		for j := range points {
			points[j] = make([]float64, d)
			for i := range points[j] {
				points[j][i] = g.normal() + 2*indicator(trial%2 == 0)
			}
			if j > 0 && trial%5 == 0 && j%3 == 0 {
				copy(points[j], points[j-1]) // twins
			}
		}
		w := nearest(points, ridge)
		sum, at := 0.0, make([]float64, d)
		for j, p := range points {
			if w[j] < 0 {
				t.Fatalf("trial %d: weight %v", trial, w[j])
			}
			sum += w[j]
			for i, v := range p {
				at[i] += w[j] * v
			}
		}
		here := dot(at, at)
		for _, v := range w {
			here += ridge * v * v
		}
		for j, p := range points {
			if slope := dot(at, p) + ridge*w[j] - here; slope < -1e-9 || w[j] > 1e-9 && slope > 1e-9 {
				t.Errorf("trial %d: point %d has slope %g at weight %g", trial, j, slope, w[j])
			}
		}
		if !near(sum, 1, 1e-12) {
			t.Errorf("trial %d: weights add up to %v", trial, sum)
		}
	}
}

func TestSyntheticBad(t *testing.T) {
	const o = "y ~ treated | unit + year"
	text := sampleBlock(13)
	for _, c := range []struct{ name, text, formula, want string }{
		{"one unit", sampleBlock(1), o, "a synthetic control needs others"},
		{"one donor", sampleBlock(2), o, "too few to make a synthetic one"},
		{"staggered", strings.Replace(text, "ub,2016,", "ub,2016,9,1\nx", 1), o, ""},
		{"gap in the treated", strings.Replace(text, "ua,2003,", "ua,2003,NA,0\nx", 1), o, ""},
		{"offset", text, "y ~ treated + offset(y) | unit + year", "no offset and no clusters"},
		{"same predictor", text, "y ~ treated + (y*0) | unit + year", "is the same in all units"},
	} {
		t.Run(c.name, func(t *testing.T) {
			data := c.text
			switch c.name {
			case "staggered":
				data = edited(text, func(cells []string) {
					if cells[0] == "ub" && cells[1] == "2016" {
						cells[3] = "1"
					}
				})
				c.want = "use did"
			case "gap in the treated":
				data = edited(text, func(cells []string) {
					if cells[0] == "ua" && cells[1] == "2003" {
						cells[2] = ""
					}
				})
				c.want = "the outcome of ua, which is treated, is missing in 2003"
			}
			r, err := Evaluate(t.Context(), mustRead(t, data), Options{Design: Synthetic, Formula: c.formula})
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
	// Few donors and a poor fit are refused; a donor with a gap is left out.
	r := mustEvaluate(t, mustRead(t, sampleBlock(6)), Options{Design: Synthetic, Formula: o})
	if !strings.Contains(strings.Join(r.Results[0].Refusals, " "), "donors are too few") {
		t.Errorf("%v", r.Results[0].Refusals)
	}
	far := edited(text, func(cells []string) {
		if cells[0] == "ua" {
			cells[2] = "40"
		}
	})
	r = mustEvaluate(t, mustRead(t, far), Options{Design: Synthetic, Formula: o})
	if !strings.Contains(strings.Join(r.Results[0].Refusals, " "), "the fit before treatment is poor") {
		t.Errorf("%v", r.Results[0].Refusals)
	}
	r = mustEvaluate(t, mustRead(t, edited(text, func(cells []string) {
		if cells[0] == "uc" && cells[1] == "2005" {
			cells[2] = ""
		}
	})), Options{Design: Synthetic, Formula: o})
	if r.Synthetic.Donors != 11 || len(r.Data.Left) != 1 {
		t.Errorf("%d donors, %+v", r.Synthetic.Donors, r.Data.Left)
	}
}

// edited changes the cells of CSV, row by row.
func edited(text string, edit func(cells []string)) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i := 1; i < len(lines); i++ {
		cells := strings.Split(lines[i], ",")
		edit(cells)
		lines[i] = strings.Join(cells, ",")
	}
	return strings.Join(lines, "\n") + "\n"
}

// Several treated units: placebos, jackknife and bootstrap give like standard
// errors, the same for every seed and order of donors where nothing is drawn.
func TestSyntheticSeveral(t *testing.T) {
	f := mustRead(t, edited(sampleBlock(20), func(cells []string) {
		if (cells[0] == "ub" || cells[0] == "uc" || cells[0] == "ud") && cells[1] >= "2012" {
			cells[3] = "1"
		}
	}))
	var se []float64
	for _, kind := range []string{"placebo", "jackknife", "bootstrap"} {
		r := mustEvaluate(t, f, Options{Design: Synthetic, Method: Differences, Formula: "y ~ treated | unit + year", Resamples: 100, Synthetic: SyntheticOptions{Inference: kind}})
		sound(t, r)
		se = append(se, *r.Results[0].SE)
		if len(r.Synthetic.Treated) != 4 || !strings.HasPrefix(r.Results[0].SEKind, kind) {
			t.Errorf("%v, %s", r.Synthetic.Treated, r.Results[0].SEKind)
		}
	}
	for _, v := range se {
		if v < se[0]/4 || v > se[0]*4 {
			t.Errorf("standard errors %v", se)
		}
	}
	if _, err := Evaluate(t.Context(), mustRead(t, sampleBlock(13)), Options{Design: Synthetic, Formula: "y ~ treated | unit + year", Synthetic: SyntheticOptions{Inference: "jackknife"}}); err == nil {
		t.Error("a jackknife of one treated unit")
	}
}

// Predictors are matched, and the outcomes before treatment fit at least as
// well as with equal importance.
func TestPredictors(t *testing.T) {
	r := mustEvaluate(t, mustRead(t, sampleBlock(9)), Options{Design: Synthetic, Method: Control, Formula: "y ~ treated + at(y, 2003) + at(y, 2011) + mean(y, 2004, 2010) | unit + year"})
	fit := r.Synthetic.Fits[0]
	total := 0.0
	for _, p := range fit.Predictors {
		total += p.Importance
	}
	plain := mustEvaluate(t, mustRead(t, sampleBlock(9)), Options{Design: Synthetic, Method: Control, Formula: "y ~ treated | unit + year"})
	if !near(total, 1, 1e-12) || fit.Before < plain.Synthetic.Fits[0].Before-1e-9 || fit.Before > 1.5*plain.Synthetic.Fits[0].Before {
		t.Errorf("importance adds up to %v, gap before %v, at best %v", total, fit.Before, plain.Synthetic.Fits[0].Before)
	}
}
