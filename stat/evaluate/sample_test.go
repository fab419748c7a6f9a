package evaluate

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

var (
	update  = flag.Bool("update", false, "write the golden files anew")
	long    = flag.Bool("long", false, "run the long simulations")
	dataDir = flag.String("data", "", "folder with the published data that are not part of the project")
)

// lcg is a small generator that any language can repeat, so that peers can
// compute with the same numbers: x = (1103515245 x + 12345) mod 2^31.
type lcg uint64

func (g *lcg) uniform() float64 {
	*g = (1103515245**g + 12345) % 2147483648
	return float64(*g) / 2147483648
}

// normal is the sum of twelve uniform numbers less 6.
func (g *lcg) normal() float64 {
	sum := 0.0
	for range 12 {
		sum += g.uniform()
	}
	return sum - 6
}

// table builds CSV.
type table struct{ strings.Builder }

func (t *table) row(cells ...any) {
	for i, c := range cells {
		if i > 0 {
			t.WriteByte(',')
		}
		if v, ok := c.(float64); ok {
			t.WriteString(strconv.FormatFloat(v, 'g', -1, 64))
		} else {
			fmt.Fprint(t, c)
		}
	}
	t.WriteByte('\n')
}

func mustRead(t testing.TB, text string) *Frame {
	t.Helper()
	f, err := Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func mustEvaluate(t testing.TB, f *Frame, o Options) *Report {
	t.Helper()
	r, err := Evaluate(t.Context(), f, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// published opens data that stand outside of the project, and skips where they
// are absent.
func published(t testing.TB, name string) *Frame {
	t.Helper()
	places := []string{filepath.Join("../../../shared/data", name)}
	if *dataDir != "" {
		places = append(places, filepath.Join(*dataDir, filepath.Base(name)))
	}
	for _, p := range places {
		f, err := os.Open(p)
		if err != nil {
			continue
		}
		defer f.Close()
		frame, err := Read(f)
		if err != nil {
			t.Fatal(err)
		}
		return frame
	}
	t.Skipf("%s is not here; give its folder with -data", name)
	return nil
}

func near(got, want, tolerance float64) bool { return math.Abs(got-want) <= tolerance }

// close7 compares to seven significant digits.
func close7(got, want float64) bool { return math.Abs(got-want) <= 6e-8*math.Abs(want)+1e-12 }

func find(t testing.TB, r *Report, m Method, term string) *Result {
	t.Helper()
	for i := range r.Results {
		if r.Results[i].Method == m && (term == "" || r.Results[i].Term == term) {
			return &r.Results[i]
		}
	}
	t.Fatalf("there is no result of %s %s: %s", m, term, r.Reason)
	return nil
}

// sound holds what is true of every report: JSON can be written, intervals
// hold the estimate, nothing is infinite.
func sound(t testing.TB, r *Report) {
	t.Helper()
	if err := r.WriteText(io.Discard); err != nil {
		t.Fatal(err)
	}
	if err := r.WriteJSON(io.Discard); err != nil {
		t.Errorf("%v: %+v", err, r.Results)
	}
	if _, err := r.HTML(); err != nil {
		t.Fatal(err)
	}
	for i := range r.Results {
		res := &r.Results[i]
		if res.Interval95 != nil && (!res.Interval95.holds(*res.Estimate) || !res.Interval80.holds(*res.Estimate)) {
			t.Errorf("%s: the interval %v does not hold %v", res.Method, *res.Interval95, *res.Estimate)
		}
		if res.SEKind == "" {
			t.Errorf("%s: the standard error has no name", res.Method)
		}
	}
	if !r.Estimable && (r.Reason == "" || r.Finding != "") {
		t.Errorf("not estimable, reason %q, finding %q", r.Reason, r.Finding)
	}
}

func sameJSON(t testing.TB, a, b *Report) bool {
	t.Helper()
	x, err1 := json.Marshal(a)
	y, err2 := json.Marshal(b)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	return string(x) == string(y)
}

// sampleSeries is a made-up series of 60 months with a step after the 40th.
func sampleSeries() string {
	g := lcg(7)
	var b table
	b.row("t", "y", "law", "pop")
	e := 0.0
	for t := 1; t <= 60; t++ {
		e = 0.5*e + g.normal()
		law := indicator(t > 40)
		y := math.Round(60 + 0.25*float64(t) - 9*law + 0.2*law*float64(t-41) + 7*math.Sin(2*math.Pi*float64(t)/12) + 4*e)
		b.row(t, y, law, 1000+5*float64(t)+math.Round(20*g.uniform()))
	}
	return b.String()
}
