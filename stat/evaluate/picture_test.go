package evaluate

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not as it was; look at the difference, and run with -update if it is right", name)
	}
}

func sampleReport(t *testing.T, d Design) *Report {
	t.Helper()
	o := runs()[d]
	o.About = About{Outcome: "sample outcome", Change: "the sample law", Source: "Made-up numbers."}
	r := mustEvaluate(t, mustRead(t, sampleOf(d)), o)
	r.Provenance.Hash = ""
	return r
}

func TestGolden(t *testing.T) {
	for _, d := range Designs() {
		r := sampleReport(t, d)
		var text bytes.Buffer
		if err := r.WriteText(&text); err != nil {
			t.Fatal(err)
		}
		golden(t, string(d)+".txt", text.Bytes())
		for _, p := range r.Pictures() {
			var b bytes.Buffer
			if err := p.SVG(&b, Drawing{Standalone: true}); err != nil {
				t.Fatal(err)
			}
			golden(t, string(d)+"-"+p.Name+".svg", b.Bytes())
			wellFormed(t, b.Bytes())
			if b.Len() > 60_000 {
				t.Errorf("%s has %d bytes", p.Name, b.Len())
			}
		}
	}
	page, err := sampleReport(t, Series).HTML()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "its.html", []byte(page))
	wellFormed(t, []byte("<div>"+string(page)+"</div>"))
}

func wellFormed(t *testing.T, b []byte) {
	t.Helper()
	for d := xml.NewDecoder(bytes.NewReader(b)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

var coordinate = regexp.MustCompile(` (?:x|y|x1|x2|y1|y2|cx|cy)="([^"]*)"`)

// Every picture draws an interval, keeps to its edges, says its finding in the
// title, and has a table that is valid CSV. Effects have a zero line.
func TestPictures(t *testing.T) {
	for _, d := range Designs() {
		r := sampleReport(t, d)
		for _, p := range r.Pictures() {
			var b bytes.Buffer
			if err := p.SVG(&b, Drawing{ID: "one"}); err != nil {
				t.Fatal(err)
			}
			text := b.String()
			if len(p.chart.bands)+len(p.chart.bars) == 0 {
				t.Errorf("%s draws no interval", p.Name)
			}
			for _, m := range coordinate.FindAllStringSubmatch(text, -1) {
				if v, err := strconv.ParseFloat(m[1], 64); err != nil || v < 0 || v > chartWidth {
					t.Errorf("%s: coordinate %q", p.Name, m[1])
				}
			}
			if !strings.Contains(text, `id="one-title"`) || strings.Contains(text, "<style") || strings.Contains(text, "<script") {
				t.Errorf("%s: %.300s", p.Name, text)
			}
			if !strings.Contains(p.Title, "95 % interval") {
				t.Errorf("%s: title %q", p.Name, p.Title)
			}
			if zero := p.Name == "effects" || p.Name == "gap" || p.Name == "coefficients"; zero && !strings.Contains(text, `stroke-opacity=".8"`) {
				t.Errorf("%s has no zero line", p.Name)
			}
			var values bytes.Buffer
			if err := p.Twin.CSV(&values); err != nil {
				t.Fatal(err)
			}
			rows, err := csv.NewReader(&values).ReadAll()
			if err != nil || len(rows) != len(p.Twin.Rows)+1 {
				t.Errorf("%s: %d rows, %v", p.Name, len(rows), err)
			}
		}
	}
	if (&Report{Design: Series}).Pictures() != nil {
		t.Error("a report without estimates has pictures")
	}
}

// Names from outside do no harm in pictures and pages.
func TestEscaping(t *testing.T) {
	const nasty = `<script>alert("1")</script>&` + "\x01"
	o := runs()[Series]
	o.About = About{Outcome: nasty, Change: nasty, Source: nasty, Place: nasty}
	r := mustEvaluate(t, mustRead(t, sampleSeries()), o)
	page, err := r.HTML()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(page), "<script") {
		t.Error("markup from outside reaches the page")
	}
	var b bytes.Buffer
	if err := r.Pictures()[0].SVG(&b, Drawing{ID: `"><script>`}); err != nil {
		t.Fatal(err)
	}
	wellFormed(t, b.Bytes())
}

func TestDigits(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 1234.5: "1,230", -0.012345: "-0.0123", 99.96: "100", 1e6: "1,000,000", 12: "12.0", 3e-9: "3e-09", 1.5e20: "1.5e+20"} {
		if got := digits(v, 3); got != want {
			t.Errorf("%g is %s, want %s", v, got, want)
		}
	}
	r := Result{Estimate: pointer(-0.5), Interval95: &Interval{-1, 0.25}}
	if got := r.words(); got != "0.500 lower (95 % interval 1.00 lower to 0.250 higher)" {
		t.Error(got)
	}
	r.Ratio = ratioOf(-0.2074343, Interval{-0.309294, -0.1055746})
	if got := r.words(); got != "19 % lower (95 % interval 27 % to 10 % lower)" {
		t.Error(got)
	}
}
