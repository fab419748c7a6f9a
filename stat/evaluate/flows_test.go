package evaluate

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// sampleFlows is a made-up table of flows between 24 origins and 6
// destinations in 5 years; wherever z is 1 the flow is 0.
func sampleFlows() string {
	g := lcg(21)
	var origin, destination []float64
	for range 24 {
		origin = append(origin, g.normal())
	}
	for range 6 {
		destination = append(destination, 0.6*g.normal())
	}
	var b table
	b.row("origin", "dest", "year", "flow", "x", "wage", "z")
	for o := range 24 {
		for d := range 6 {
			for t := 2001; t < 2006; t++ {
				x := math.RoundToEven(1000*(g.normal()+0.3*origin[o])) / 1000
				w := math.RoundToEven(100*(1+8*g.uniform())) / 100
				mean := math.Exp(-0.2 + 0.4*x - 0.6*math.Log(w) + origin[o] + destination[d] + 0.1*float64(t-2001))
				y := math.Trunc(mean*(-math.Log(1-g.uniform())) + 0.3)
				z := (o*7+d*3+t)%41 == 0
				if z {
					y = 0
				}
				b.row(fmt.Sprintf("o%d", o), fmt.Sprintf("d%d", d), t, y, x, w, indicator(z))
			}
		}
	}
	return b.String()
}

// The sample flows against pyfixest 0.60.0 (fepois) and, where that stops at
// seven digits (origin^year), statsmodels' Poisson GLM with an indicator for
// each level.
func TestFlowPeers(t *testing.T) {
	f := mustRead(t, sampleFlows())
	type pair [2]float64
	for _, c := range []struct {
		formula string
		used    int
		x, wage float64
		se      map[string]pair
	}{
		{"flow ~ x + log(wage) + cluster(origin)", 720, 0.8934998548, -0.9881329178, map[string]pair{
			"g": {0.07022481018, 0.1340620129}, "cr1": {0.07032268453, 0.134248859}, "none": {0.06874622753, 0.1312393386}}},
		{"flow ~ x + log(wage) + cluster(origin) | origin + dest + year", 630, 0.3187208821, -0.9339678489, map[string]pair{
			"g": {0.07293430532, 0.1036820462}, "cr1": {0.07358053411, 0.1046007129}, "none": {0.07117659389, 0.1011833164}}},
		{"flow ~ x + log(wage) + cluster(origin) | origin^year + dest", 456, 0.3320097062, -1.027029225, map[string]pair{
			"g": {0.0631400251, 0.1216773607}, "cr1": {0.0636313946, 0.1226242805}, "none": {0.061618355079, 0.11874494517}}},
		// The peer does not find the separated rows: its z runs off to -24.7,
		// and the other coefficients are their limits.
		{"flow ~ x + log(wage) + z + cluster(origin) | origin + dest + year", -1, 0.3256934831, -0.911602767, map[string]pair{
			"g": {0.07166295469, 0.1046970927}}},
	} {
		for factor, se := range c.se {
			t.Run(c.formula+" "+factor, func(t *testing.T) {
				r := mustEvaluate(t, f, Options{Design: Flows, Formula: c.formula, Flows: FlowOptions{Factor: factor}})
				sound(t, r)
				at := map[string]Coefficient{}
				for _, x := range r.Results[0].Terms {
					at[x.Term] = x
				}
				tolerance := 1e-9
				if c.used > 0 && r.Data.Used != c.used {
					t.Errorf("%d rows used, want %d", r.Data.Used, c.used)
				}
				if c.used < 0 {
					tolerance = 2e-8 // the peer stops short of the limit
					if _, ok := at["z"]; ok || r.Flows.Separated == 0 {
						t.Errorf("z is not left out, %d separated", r.Flows.Separated)
					}
				}
				x, w := at["x"], at["log(wage)"]
				if !near(x.Estimate, c.x, tolerance) || !near(w.Estimate, c.wage, tolerance) || !near(x.SE, se[0], tolerance) || !near(w.SE, se[1], tolerance) {
					t.Errorf("x %.10f (%.10f), wage %.10f (%.10f)", x.Estimate, x.SE, w.Estimate, w.SE)
				}
			})
		}
	}
}

// Separation: the examples of Correia, Guimarães & Zylkin (2019), and tables
// in which a combination, or fixed effects alone, separate.
func TestSeparation(t *testing.T) {
	for _, c := range []struct {
		name  string
		y     []float64
		x     [][]float64
		level [][]int
		count []int
		want  string // 1 where separated
	}{
		{"none", []float64{0, 0, 1, 2, 3, 0}, [][]float64{{1, 1, 1, 1, 1, 1}, {1, 2, 3, 1, 2, 3}}, nil, nil, "000000"},
		{"one regressor", []float64{0, 0, 0, 1, 2, 3}, [][]float64{{1, 1, 1, 1, 1, 1}, {1, 0, 2, 0, 0, 0}}, nil, nil, "101000"},
		{"negative", []float64{0, 0, 1, 2, 3}, [][]float64{{1, 1, 1, 1, 1}, {-1, 0, 0, 0, 0}}, nil, nil, "10000"},
		{"both signs do not separate", []float64{0, 0, 1, 2, 3}, [][]float64{{1, 1, 1, 1, 1}, {-1, 1, 0, 0, 0}}, nil, nil, "00000"},
		{"combination", []float64{0, 0, 0, 2, 1, 2, 4}, [][]float64{{1, 1, 1, 1, 1, 1, 1}, {2, 0, 1, 1, 0, 2, 3}, {0, 0, 1, 1, 0, 2, 3}}, nil, nil, "1000000"},
		{"fixed effects alone", []float64{1, 2, 0, 3, 1, 2, 1}, nil, [][]int{{0, 0, 0, 1, 1, 1, 0}, {0, 1, 2, 2, 3, 2, 1}}, []int{2, 4}, "0010000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, done := separated(c.y, c.x, c.level, c.count)
			text := ""
			for _, v := range got {
				text += fmt.Sprint(int(indicator(v)))
			}
			if text != c.want || !done {
				t.Errorf("%s, want %s (finished: %v)", text, c.want, done)
			}
		})
	}
}

// What absorbing leaves is orthogonal to every level, and the same as a
// regression on indicators.
func TestAbsorb(t *testing.T) {
	g := lcg(9)
	const n = 200
	level := [][]int{make([]int, n), make([]int, n), make([]int, n)}
	count := []int{8, 15, 30}
	v, weight := make([]float64, n), make([]float64, n)
	for i := range n {
		for f := range level {
			level[f][i] = int(g.uniform() * float64(count[f]))
		}
		v[i], weight[i] = g.normal(), math.Exp(2*g.normal())
	}
	a := newAbsorber(level, count, n)
	a.reweigh(weight)
	got := a.residual(v, a.empty())
	var x [][]float64
	for f := range level {
		for l := range count[f] {
			column := make([]float64, n)
			for i := range n {
				if level[f][i] == l {
					column[i] = math.Sqrt(weight[i])
				}
			}
			x = append(x, column)
		}
	}
	y := make([]float64, n)
	for i := range n {
		y[i] = v[i] * math.Sqrt(weight[i])
	}
	q := factorise(x, nil)
	for _, column := range q.q {
		c := dot(column, y)
		for i := range y {
			y[i] -= c * column[i]
		}
	}
	for i := range n {
		if want := y[i] / math.Sqrt(weight[i]); !near(got[i], want, 1e-10) {
			t.Fatalf("row %d: %v, want %v", i, got[i], want)
		}
	}
	if a.loose {
		t.Error("precision was not reached")
	}
}

func TestFlowsBad(t *testing.T) {
	text := sampleFlows()
	for _, c := range []struct{ name, text, formula, want string }{
		{"all zero", edited(text, func(c []string) { c[3] = "0" }), "flow ~ x | origin", "every outcome that can be used is 0"},
		{"negative", edited(text, func(c []string) { c[3] = "-1" }), "flow ~ x | origin", "row 2: the outcome is -1"},
		{"absorbed", edited(text, func(c []string) { c[4] = c[2] }), "flow ~ x | year", "the fixed effects make up all of them"},
		{"alone", "a,y,x\n1,2,3\n2,3,4\n3,1,2\n", "y ~ x | a", "every row is alone"},
		{"logarithm", text, "log(flow) ~ x | origin", "write flow before the ~"},
		{"no term", text, "flow ~ 1 | origin", "no term stands after the ~"},
		{"lag of pairs", text, "flow ~ lag(x) | origin", "name the columns that make a unit"},
		{"unknown effect", text, "flow ~ x | orgin", `is "origin" meant?`},
		{"letters", edited(text, func(c []string) { c[4] = "high" }), "flow ~ (x*2) | origin", `"high" is not a number`},
		{"too few rows", "y,x\n1,2\n", "y ~ x", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := Evaluate(t.Context(), mustRead(t, c.text), Options{Design: Flows, Formula: c.formula})
			said := ""
			if err != nil {
				said = err.Error()
			} else {
				sound(t, r)
				if said = r.Reason; r.Estimable {
					t.Fatal("a number came out")
				}
			}
			if !strings.Contains(said, c.want) {
				t.Errorf("%q\nwant …%s…", said, c.want)
			}
		})
	}
	// Few clusters are refused, and a finding is worded as an association.
	r := mustEvaluate(t, mustRead(t, text), Options{Design: Flows, Formula: "flow ~ x + cluster(dest) | origin + dest"})
	if !strings.Contains(strings.Join(r.Results[0].Refusals, " "), "6 clusters are too few") || r.Finding != "" {
		t.Errorf("%v, %q", r.Results[0].Refusals, r.Finding)
	}
	r = mustEvaluate(t, mustRead(t, text), Options{Design: Flows, Formula: "flow ~ x | origin + dest"})
	if !strings.Contains(r.Finding, "an association") {
		t.Errorf("%q, %v", r.Finding, r.Results[0].Refusals)
	}
}
