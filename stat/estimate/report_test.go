package estimate

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"flag"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (go test -update writes it anew):\n%s", path, firstDifference(want, []byte(got)))
	}
}

// sampleReport is a full report with every part filled. The table and what is
// said of it are a sample.
func sampleReport(t *testing.T) *Report {
	t.Helper()
	loose := strings.Replace(sevenCSV, "1,1,1,3", "1,1,1,5", 1)
	return mustEstimate(t, mustRead(t, sevenCSV), Options{
		Resamples: 200, Seed: 42, Version: "sample",
		Latent: LatentOptions{Burn: 100, Draws: 100, Thin: 2},
		About: About{
			Population: "people of the sample <town>", Period: "2024", Place: "a sample town",
			Lists:   map[string]string{"A": "a sample shelter", "B": "a sample hotline"},
			Linkage: "same name and year of birth", Errors: "2 % of links false",
		},
		Alternatives: []Alternative{{"threshold 0.8", mustRead(t, loose)}},
	})
}

func TestReportGoldens(t *testing.T) {
	r := sampleReport(t)
	for name, report := range map[string]*Report{"report": r, "public": r.PublicCopy()} {
		var text bytes.Buffer
		if err := report.WriteText(&text); err != nil {
			t.Fatal(err)
		}
		golden(t, name+".txt", text.String())
		page, err := report.HTML()
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name+".html", string(page))
	}
}

// All eleven parts are there, tags are closed, names are escaped, and nothing
// needs a style or a script of its own.
func TestHTMLIsSound(t *testing.T) {
	page, err := sampleReport(t).HTML()
	if err != nil {
		t.Fatal(err)
	}
	text := string(page)
	for _, part := range []string{"1. The table", "2. Overlaps", "3. Models considered", "4. Estimates", "5. Intervals", "6. Lists left out", "7. Each list", "8. Other linkages", "9. Hidden", "10. What is taken", "11. To compute"} {
		if !strings.Contains(text, "<h3>"+part) {
			t.Errorf("part %q is missing", part)
		}
	}
	if strings.Contains(text, "<town>") || !strings.Contains(text, "&lt;town&gt;") {
		t.Error("a name is not escaped")
	}
	for _, bad := range []string{"<script", "style=", "onclick", "http://", "NaN", "ZgotmplZ"} {
		if strings.Contains(strings.ReplaceAll(text, `xmlns="http://www.w3.org/2000/svg"`, ""), bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	// The fragment is well-formed XML too, so that every tag closes in order.
	tokens := xml.NewDecoder(strings.NewReader(text))
	for {
		if _, err := tokens.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// The keys that others rely on.
func TestJSONKeys(t *testing.T) {
	var b bytes.Buffer
	if err := sampleReport(t).WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Observed  *int64 `json:"observed"`
		Estimable *bool  `json:"estimable"`
		Results   []map[string]json.RawMessage
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if *got.Observed != 182 || !*got.Estimable || len(got.Results) != 8 {
		t.Fatalf("observed %d, estimable %v, %d results", *got.Observed, *got.Estimable, len(got.Results))
	}
	var methods []string
	for _, r := range got.Results {
		for _, key := range []string{"method", "estimate", "mean", "interval80", "interval95", "interval_kind", "model", "refusals"} {
			if _, ok := r[key]; !ok {
				t.Errorf("%s: no key %s", r["method"], key)
			}
		}
		if string(r["refusals"]) == "null" {
			t.Errorf("%s: refusals is null, not a list", r["method"])
		}
		var in []float64
		if err := json.Unmarshal(r["interval95"], &in); err != nil || len(in) != 2 {
			t.Errorf("%s: interval95 %s", r["method"], r["interval95"])
		}
		methods = append(methods, strings.Trim(string(r["method"]), `"`))
	}
	if got := strings.Join(methods, " "); got != "main stepwise downhill bic2 bic average latent chao" {
		t.Errorf("methods %s", got)
	}
}

// Nothing small leaves in a public copy.
func TestPublicCopyWithholds(t *testing.T) {
	r := sampleReport(t)
	var b bytes.Buffer
	if err := r.PublicCopy().WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	var public Report
	if err := json.Unmarshal(b.Bytes(), &public); err != nil {
		t.Fatal(err)
	}
	if public.Provenance.Hash != "" || !public.Public || public.Observed != 180 {
		t.Errorf("hash %q, observed %d", public.Provenance.Hash, public.Observed)
	}
	for _, o := range public.Overlaps {
		if o.People != nil && *o.People < smallest {
			t.Errorf("overlap %v: %d", o.Lists, *o.People)
		}
	}
	for _, l := range public.Lists {
		if l.Alone != nil {
			t.Errorf("list %s: %d alone", l.Name, *l.Alone)
		}
	}
	for _, list := range [][]Variant{public.LeftOut, public.Merged, public.Linkages} {
		for _, v := range list {
			if v.Observed != nil {
				t.Errorf("%s: observed is shown", v.Change)
			}
		}
	}
	for _, truth := range public.Truths {
		if truth.Known != nil {
			t.Errorf("%s: the known number is shown", truth.List)
		}
	}
	for i, res := range public.Results {
		if len(r.Results[i].Refusals) > 0 && (res.Estimate != nil || res.Interval95 != nil) {
			t.Errorf("%s is refused and shown", res.Method)
		}
		if res.Estimate != nil && *res.Estimate != twoDigits(*res.Estimate) {
			t.Errorf("%s: %v is not rounded", res.Method, *res.Estimate)
		}
		if res.Search != nil && (res.Search.Top != nil || res.Search.Models != nil) || res.Infinite != nil || res.BIC != nil {
			t.Errorf("%s gives away the table", res.Method)
		}
	}
	// The report that it was made from is as it was.
	if r.Public || r.Provenance.Hash == "" || r.Results[0].BIC == nil || r.Observed != 182 {
		t.Error("the full report was changed")
	}
}

// Refusals in a public copy name no lists that share nobody.
func TestPublicRefusals(t *testing.T) {
	for _, csv := range []string{artificialCSV, "North,South,n\n1,0,30\n0,1,30\n"} {
		tab := mustRead(t, csv)
		r := mustEstimate(t, tab, Options{Method: Two}).PublicCopy()
		for _, res := range r.Results {
			if len(res.Refusals) == 0 || len(res.Warnings) > 0 {
				t.Errorf("%s: refusals %q, warnings %q", res.Method, res.Refusals, res.Warnings)
			}
			for _, refusal := range res.Refusals {
				if strings.Contains(refusal, "share nobody") || strings.Contains(refusal, "shares anybody") {
					t.Errorf("%s: %q", res.Method, refusal)
				}
			}
		}
	}
}

func TestNumbers(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 7: "7", 999.6: "1,000", 12_345.4: "12,345", 1_234_567: "1,234,567", -1234: "-1,234", math.NaN(): "unknown", 2e16: "2e+16"} {
		if got := people(v); got != want {
			t.Errorf("people(%v) = %s, want %s", v, got, want)
		}
	}
	for v, want := range map[float64]float64{0: 0, 7: 7, 99: 99, 104: 100, 10_356.5: 10_000, 18_010: 18_000, 0.4: 0, 995: 1000} {
		if got := twoDigits(v); got != want {
			t.Errorf("twoDigits(%v) = %v, want %v", v, got, want)
		}
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestWriteErrors(t *testing.T) {
	r := mustEstimate(t, mustRead(t, sevenCSV), Options{Method: Main})
	if err := r.WriteText(brokenWriter{}); err == nil || !strings.HasPrefix(err.Error(), "writing report:") {
		t.Errorf("text: %v", err)
	}
	if err := r.WriteJSON(brokenWriter{}); err == nil || !strings.HasPrefix(err.Error(), "writing report:") {
		t.Errorf("JSON: %v", err)
	}
}
