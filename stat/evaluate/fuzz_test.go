package evaluate

import (
	"fmt"
	"strings"
	"testing"
)

// Whatever the data hold, each design gives an error or a report that can be
// written in every form.
func FuzzEvaluate(f *testing.F) {
	short := func(text string, rows int) string {
		lines := strings.SplitAfter(text, "\n")
		return strings.Join(lines[:min(len(lines), rows)], "")
	}
	f.Add(short(sampleSeries(), 40))
	f.Add(short(sampleGroups(), 40))
	f.Add(short(sampleBlock(5), 60))
	f.Add("a,b,c,d\n1,1,0,0\n1,2,0,1\n2,1,3,0\n2,2,0,0\n")
	f.Add("a,b,c,d\nx,2020-01,0,0\nx,2020-02,0,0\ny,2020-01,0,0\ny,2020-02,5,0\n")
	f.Fuzz(func(t *testing.T, text string) {
		frame, err := Read(strings.NewReader(text))
		if err != nil || len(frame.names) < 4 || frame.Len() > 80 {
			return
		}
		n := make([]any, 4)
		for i := range n {
			n[i] = nameOf(frame.names[i])
			if strings.Contains(frame.names[i], "`") {
				return
			}
		}
		for d, formula := range map[Design]string{
			Series: "%[2]s ~ %[1]s + %[3]s + since(%[3]s)", Groups: "%[3]s ~ %[4]s | %[1]s + %[2]s", Synthetic: "%[3]s ~ %[4]s | %[1]s + %[2]s", Flows: "%[3]s ~ %[4]s | %[1]s + %[2]s",
		} {
			if d == Series {
				formula = fmt.Sprintf(formula, n[:3]...)
			} else {
				formula = fmt.Sprintf(formula, n...)
			}
			if r, err := Evaluate(t.Context(), frame, Options{Design: d, Formula: formula, Resamples: 20}); err == nil {
				sound(t, r)
			}
		}
	})
}

// The same on made-up tables that are wrong in usual ways.
func TestOddTables(t *testing.T) {
	g := lcg(77)
	pick := func(from ...string) string { return from[int(g.uniform()*float64(len(from)))] }
	for trial := range 96 {
		var b table
		b.row("unit", "year", "y", "on", "x")
		units, years := 1+int(8*g.uniform()), 1+int(14*g.uniform())
		start := 2001 + int(16*g.uniform())
		kind := trial % 8
		for u := range units {
			for k := range years {
				if kind == 1 && g.uniform() < 0.1 {
					continue // gaps
				}
				y := fmt.Sprint(int(20 * g.uniform()))
				switch kind {
				case 2:
					y = "0"
				case 3:
					y = pick("", "NA", "3", "7")
				case 4:
					y = pick("1e59", "1e-59", "5", "-1e59", "1e300")
				case 5:
					y = pick("0", "0", "0", "1")
				}
				on := indicator(u%2 == 0 && 2001+k >= start)
				if kind == 6 {
					on = indicator(g.uniform() < 0.5)
				}
				x := fmt.Sprint(int(5 * g.uniform()))
				if kind == 7 {
					x = pick("1", "1", "a", "")
				}
				b.row(u, 2001+k, y, on, x)
			}
		}
		frame, err := Read(strings.NewReader(b.String()))
		if err != nil {
			continue
		}
		for d, formulas := range map[Design][]string{
			Series:    {"y ~ t + on + since(on)", "log(y) ~ on", "y ~ on + x + harmonics(1, 4)"},
			Groups:    {"y ~ on | unit + year", "y ~ on + x | unit + year"},
			Synthetic: {"y ~ on | unit + year", "y ~ on + x + at(y, 2001) | unit + year"},
			Flows:     {"y ~ on + x | unit + year", "y ~ x + lag(on)", "y ~ x | unit^year"},
		} {
			for _, formula := range formulas {
				for _, m := range append(d.Methods(), "") {
					o := Options{Design: d, Formula: formula, Method: m, Resamples: 10}
					if d == Flows {
						o.Time, o.Unit = "year", []string{"unit"}
					}
					if r, err := Evaluate(t.Context(), frame, o); err == nil {
						sound(t, r)
					}
					if t.Failed() {
						t.Fatalf("trial %d, %s, %q:\n%s", trial, formula, m, b.String())
					}
				}
			}
		}
	}
}
