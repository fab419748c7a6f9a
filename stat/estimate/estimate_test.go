package estimate

import (
	"bytes"
	"math"
	"strings"
	"testing"
)

// When a number may not be published, and that it is computed all the same.
func TestRefusals(t *testing.T) {
	two := "A,B,n\n1,0,400\n0,1,300\n1,1,60\n"
	for _, c := range []struct {
		name, csv string
		method    Method
		estimable bool
		want      string // begin of a refusal; empty for none
	}{
		{"Kosovo", kosovoCSV, BIC, true, ""},
		{"two lists", two, Two, true, "two lists alone"},
		{"two lists, log-linear", two, Main, true, "two lists alone"},
		{"one overlapping pair", artificialCSV, Main, true, "only one pair of lists shares anybody"},
		{"wide interval", "A,B,C,n\n1,0,0,300\n0,1,0,300\n0,0,1,300\n1,1,0,1\n1,0,1,1\n", Main, true, "the 95 % interval is too wide"},
		{"no overlap", "A,B,C,n\n1,0,0,30\n0,1,0,30\n0,0,1,30\n", Main, false, "not estimable: no two lists share anybody"},
		{"no overlap, BIC", "A,B,C,n\n1,0,0,30\n0,1,0,30\n0,0,1,30\n", BIC, false, "not estimable: no two lists share anybody"},
		{"no overlap, average", "A,B,C,n\n1,0,0,30\n0,1,0,30\n0,0,1,30\n", Average, false, "not estimable: no two lists share anybody"},
		{"no overlap, latent", "A,B,C,n\n1,0,0,30\n0,1,0,30\n0,0,1,30\n", Latent, false, "not estimable: no two lists share anybody"},
		{"no overlap, two", "A,B,n\n1,0,30\n0,1,30\n", Two, false, "not estimable: lists A and B share nobody"},
	} {
		t.Run(c.name, func(t *testing.T) {
			report := mustEstimate(t, mustRead(t, c.csv), Options{Method: c.method, Latent: LatentOptions{Burn: 50, Draws: 50, Thin: 1}})
			r := report.Results[0]
			if report.Estimable != c.estimable || r.Estimable != c.estimable {
				t.Errorf("estimable %v and %v, want %v", report.Estimable, r.Estimable, c.estimable)
			}
			if (r.Estimate != nil) != c.estimable {
				t.Errorf("estimate %v", r.Estimate)
			}
			found := c.want == "" && len(r.Refusals) == 0
			for _, refusal := range r.Refusals {
				found = found || c.want != "" && strings.HasPrefix(refusal, c.want)
			}
			if !found {
				t.Errorf("refusals %q, want %q", r.Refusals, c.want)
			}
			var b bytes.Buffer
			if err := report.WriteJSON(&b); err != nil {
				t.Error(err)
			}
			if err := report.WriteText(&b); err != nil {
				t.Error(err)
			}
			if _, err := report.HTML(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestTwoLists(t *testing.T) {
	report := mustEstimate(t, mustRead(t, "A,B,n\n1,0,400\n0,1,300\n1,1,60\n"), Options{Method: Two})
	if len(report.Results) != 2 || report.Results[1].Method != Chao {
		t.Fatalf("results %v", report.Results)
	}
	r := report.Results[0]
	if want := 461.0*361/61 - 1; !near(*r.Estimate, want, 1e-9) || r.IntervalKind != KindAsymptotic || !(r.Interval95[0] < want && want < r.Interval95[1] && r.Interval95[0] > 760) {
		t.Errorf("estimate %v, interval %v", *r.Estimate, r.Interval95)
	}
	if len(report.Results[1].Warnings) < 2 {
		t.Errorf("the lower bound comes without its warning: %q", report.Results[1].Warnings)
	}
	resampled := mustEstimate(t, mustRead(t, "A,B,n\n1,0,400\n0,1,300\n1,1,60\n"), Options{Method: Two, Resamples: 1000, Seed: 1}).Results[0]
	if resampled.IntervalKind != KindBCa || !near(resampled.Interval95[0], r.Interval95[0], 0.1*r.Interval95[0]) {
		t.Errorf("resampled %v, asymptotic %v", resampled.Interval95, r.Interval95)
	}
	// Of three lists, every pair.
	if n := len(mustEstimate(t, mustRead(t, sevenCSV), Options{Method: Two}).Results); n != 4 {
		t.Errorf("%d results for three lists", n)
	}
	// A list inside another leaves nobody out.
	nested := mustEstimate(t, mustRead(t, "A,B,n\n1,0,400\n1,1,60\n"), Options{Method: Two}).Results[0]
	if *nested.Estimate != 460 || nested.Interval95 != nil || len(nested.Refusals) == 0 {
		t.Errorf("nested lists: %v %v %q", *nested.Estimate, nested.Interval95, nested.Refusals)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	tab := mustRead(t, sevenCSV)
	for name, o := range map[string]Options{
		"unknown method": {Method: "magic"},
		"chao alone":     {Method: Chao},
		"resamples":      {Resamples: -1},
		"many resamples": {Resamples: 1 << 40},
		"top":            {Top: -1},
		"threshold":      {Threshold: 1.5},
		"threshold NaN":  {Threshold: math.NaN()},
		"prior count":    {Delta: -1},
		"empty linkage":  {Method: Main, Alternatives: []Alternative{{Name: "x"}}},
	} {
		if _, err := Estimate(t.Context(), tab, o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := Estimate(t.Context(), Table{}, Options{}); err == nil {
		t.Error("the empty table was accepted")
	}
	if m, err := ParseMethod("bic2"); m != BIC2 || err != nil {
		t.Error(m, err)
	}
	if _, err := ParseMethod("mcmc"); err == nil || !strings.Contains(err.Error(), "two, main, stepwise, downhill, bic, bic2, average, latent, all") {
		t.Errorf("%v", err)
	}
}

// lists makes a table of t lists whose members overlap a little.
func lists(t testing.TB, n int) Table {
	t.Helper()
	names := make([]string, n)
	counts := make([]int64, 1<<n)
	for j := range n {
		names[j] = string(rune('A' + j))
		counts[1<<j] = int64(100 + 10*j)
		for i := range j {
			counts[1<<i|1<<j] = int64(3 + i + j)
		}
	}
	tab, err := NewTable(names, counts)
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

// What is too large to search is said to be so; what can be done is done.
func TestManyLists(t *testing.T) {
	seven := lists(t, 7)
	for _, m := range []Method{BIC, BIC2, Average} {
		r := runMethod(t, seven, m, 0, 1)[0]
		if r.Estimate != nil || !r.Estimable || len(r.Refusals) != 1 || !strings.HasPrefix(r.Refusals[0], "no number: 7 lists have") {
			t.Errorf("%s: %v %v %q", m, r.Estimate, r.Estimable, r.Refusals)
		}
	}
	for _, m := range []Method{Main, Stepwise} {
		if r := runMethod(t, lists(t, MaxLists), m, 20, 1)[0]; r.Estimate == nil || r.Interval95 == nil {
			t.Errorf("%s of %d lists: %+v", m, MaxLists, r)
		}
	}
	if r := runMethod(t, seven, Downhill, 0, 1)[0]; r.Estimate == nil {
		t.Errorf("downhill: %+v", r)
	}
}

// The parts on sensitivity, by hand on the table of three lists.
func TestSensitivity(t *testing.T) {
	tab := mustRead(t, sevenCSV)
	r := mustEstimate(t, tab, Options{Method: Main, Alternatives: []Alternative{{"loose", mustRead(t, strings.Replace(sevenCSV, "1,1,1,3", "1,1,1,9", 1))}}})
	if len(r.LeftOut) != 3 || len(r.Merged) != 3 || len(r.Truths) != 3 || len(r.Linkages) != 1 {
		t.Fatalf("%d left out, %d merged, %d truths, %d linkages", len(r.LeftOut), len(r.Merged), len(r.Truths), len(r.Linkages))
	}
	for _, v := range r.LeftOut {
		if v.Change == "without C" {
			// 69 and 58 alone, 15 in both.
			if *v.Observed != 142 || !near(*v.Estimates[0].Estimate, 142+69*58.0/15, 1e-6) {
				t.Errorf("%s: %d, %v", v.Change, *v.Observed, *v.Estimates[0].Estimate)
			}
		}
	}
	for _, truth := range r.Truths {
		if truth.List == "C" {
			want := 20 + 9*8.0/3
			trial := truth.Trials[0]
			if *truth.Known != 60 || !near(*trial.Estimate, want, 1e-6) || !near(*trial.LogBias, math.Log(want/60), 1e-9) || *trial.Covered != (trial.Interval95[0] <= 60 && 60 <= trial.Interval95[1]) {
				t.Errorf("%+v", truth)
			}
		}
	}
	if len(r.Records) != 1 || r.Records[0].Trials != 3 {
		t.Errorf("%+v", r.Records)
	}
	if *r.Linkages[0].Observed != 188 {
		t.Errorf("%+v", r.Linkages[0])
	}
}

func TestReportWarns(t *testing.T) {
	kosovo := mustEstimate(t, mustRead(t, kosovoCSV), Options{Latent: LatentOptions{Burn: 200, Draws: 100, Thin: 2}})
	all := strings.Join(kosovo.Warnings, "\n")
	if !strings.Contains(all, "the methods disagree") {
		t.Errorf("warnings %q", kosovo.Warnings)
	}
	one := mustEstimate(t, mustRead(t, kosovoCSV), Options{Method: BIC})
	if !strings.Contains(strings.Join(one.Warnings, "\n"), "one method alone") {
		t.Errorf("warnings %q", one.Warnings)
	}
	bic := strings.Join(one.Results[0].Warnings, "\n")
	if !strings.Contains(bic, "takes the model as known") || !strings.Contains(bic, "about as well") {
		t.Errorf("warnings %q", bic)
	}
	main := strings.Join(kosovo.Results[0].Warnings, "\n")
	if !strings.Contains(main, "below Chao's lower bound") {
		t.Errorf("warnings %q", main)
	}
	for _, a := range kosovo.Assumptions {
		if a.Name == nameReferral && !strings.Contains(a.Evidence, "OSCE and ABA") {
			t.Errorf("%s", a.Evidence)
		}
	}
}

func TestEveryModelIsReported(t *testing.T) {
	s := runMethod(t, mustRead(t, artificialCSV), BIC, 0, 1)[0].Search
	if s.Considered != 8 || s.Excluded != 4 || len(s.Models) != 8 || len(s.Top) != 4 {
		t.Fatalf("%+v", s)
	}
	codes := map[string]Code{}
	for _, m := range s.Models {
		codes[m.Model] = m.Code
	}
	for model, want := range map[string]Code{"[A*B] [A*C] [B*C]": NotIdentified, "[C] [A*B]": NoEstimate, "[A*C] [B*C]": Exists} {
		if got, ok := codes[model]; !ok || got != want {
			t.Errorf("%s: %d %v, want %d", model, got, ok, want)
		}
	}
	r := runMethod(t, mustRead(t, artificialCSV), Downhill, 0, 1)[0]
	if r.Search.Considered == 0 || r.Search.Codes[Exists]+r.Search.Excluded != r.Search.Considered {
		t.Errorf("%+v", r.Search)
	}
}
