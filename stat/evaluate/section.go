package evaluate

import (
	"fmt"
	"slices"
	"strconv"
)

// Section is a part of the report, for text and pages.
type Section struct {
	Title  string
	Lines  []string
	Tables []Table
}

// Table is a table of a report, and the twin of a picture.
type Table struct {
	Caption string     `json:"caption,omitempty"`
	Head    []string   `json:"head"`
	Rows    [][]string `json:"rows"`
}

func (s *Section) line(format string, args ...any) {
	s.Lines = append(s.Lines, fmt.Sprintf(format, args...))
}

func stated(s string) string {
	if s == "" {
		return "not stated"
	}
	return s
}

// Sections gives the nine parts of the report.
func (r *Report) Sections() []Section {
	out := []Section{r.dataSection(), r.modelSection()}
	if r.Estimable {
		out = append(out, r.estimateSection(), r.errorSection(), r.testSection(), r.sensitivitySection(), r.refusalSection())
	}
	return append(out, r.assumptionSection(), r.againSection())
}

func (r *Report) dataSection() Section {
	s := Section{Title: "The data"}
	s.line("Outcome: %s", r.outcome())
	s.line("Place: %s", stated(r.About.Place))
	s.line("Source: %s", stated(r.About.Source))
	d := r.Data
	text := fmt.Sprintf("Rows: %d, used: %d", d.Rows, d.Used)
	if d.Units > 0 {
		text += fmt.Sprintf("; units: %d", d.Units)
	}
	if d.Periods > 0 {
		text += fmt.Sprintf("; periods: %d, %s to %s", d.Periods, d.First, d.Last)
	}
	s.line("%s", text)
	for _, l := range d.Left {
		s.line("Left out: %s, because %s", many(l.Number, l.What), l.Why)
	}
	for _, n := range d.Notes {
		s.line("Note: %s", n)
	}
	return s
}

func (r *Report) modelSection() Section {
	s := Section{Title: "The model"}
	s.line("%s", r.Formula)
	switch {
	case r.Series != nil:
		s.line("Change: %s, from %s on; %d periods before, %d after", r.change(), r.Series.At, r.Series.Before, r.Series.After)
	case r.Groups != nil:
		for _, g := range r.Groups.Groups {
			s.line("First treated in %s: %s", g.First, many(g.Units, "unit"))
		}
		s.line("Never treated: %s; compared with %s", many(r.Groups.Never, "unit"), r.Groups.Control.words())
	case r.Synthetic != nil && r.Synthetic.At != "":
		s.line("Treated: %s, from %s on; %d periods before, %d after; %d donors", some(r.Synthetic.Treated), r.Synthetic.At, r.Synthetic.Before, r.Synthetic.After, r.Synthetic.Donors)
	case r.Flows != nil:
		for _, f := range r.Flows.Fixed {
			s.line("Fixed effect: %s, %d levels", f.Name, f.Levels)
		}
		s.line("Outcomes of 0 among the rows used: %d", r.Flows.Zeros)
	}
	if !r.Estimable {
		s.line("Not estimable: %s", r.Reason)
	}
	return s
}

func (r *Report) estimateSection() Section {
	s := Section{Title: "Estimates, side by side"}
	t := Table{Head: []string{"Method", "term", "estimate", "s.e.", "95 % interval", "p", "change"}}
	for i := range r.Results {
		res := &r.Results[i]
		change := ""
		if res.Ratio != nil {
			change = fmt.Sprintf("%s (%s to %s)", percent(res.Ratio.Percent), percent(res.Ratio.Percent95[0]), percent(res.Ratio.Percent95[1]))
		}
		p := "none"
		if res.P != nil {
			p = pCell(*res.P)
		}
		t.Rows = append(t.Rows, []string{res.Method.title(), res.Term, number(res.Estimate), number(res.SE), span(res.Interval95), p, change})
	}
	s.Tables = append(s.Tables, t)
	for i := range r.Results {
		res := &r.Results[i]
		if len(res.Terms) > 0 {
			s.Tables = append(s.Tables, res.termTable())
		}
		if res.Dispersion != nil {
			s.line("%s: dispersion %s", res.Method.title(), exact(*res.Dispersion))
		}
		if len(res.Autoregression) > 0 {
			text := ""
			for _, phi := range res.Autoregression {
				text += " " + exact(phi)
			}
			s.line("%s: autoregressive coefficients%s", res.Method.title(), text)
		}
	}
	if g := r.Groups; g != nil {
		s.Tables = append(s.Tables, effectTable("By time since treatment", g.Dynamic), effectTable("By group", g.ByGroup), effectTable("By period", g.ByPeriod), effectTable("By group and period", g.Effects))
	}
	if y := r.Synthetic; y != nil {
		for _, f := range y.Fits {
			if f.Method != TwoWay {
				s.Tables = append(s.Tables, weightTable("Weights of donors, "+f.Method.title(), f.Weights))
			}
			if len(f.TimeWeights) > 0 {
				s.Tables = append(s.Tables, weightTable("Weights of periods, "+f.Method.title(), f.TimeWeights))
			}
			if len(f.Predictors) > 0 {
				t := Table{Caption: "Predictors", Head: []string{"Predictor", "importance", "treated", "synthetic", "donors"}}
				for _, p := range f.Predictors {
					t.Rows = append(t.Rows, []string{p.Name, exact(p.Importance), exact(p.Treated), exact(p.Synthetic), exact(p.Donors)})
				}
				s.Tables = append(s.Tables, t)
			}
		}
	}
	return s
}

func (res *Result) termTable() Table {
	t := Table{Caption: res.Method.title(), Head: []string{"Term", "estimate", "s.e.", "95 % interval", "p", "ratio"}}
	for _, c := range res.Terms {
		ratio := ""
		if c.Ratio != nil {
			ratio = fmt.Sprintf("%s (%s)", exact(c.Ratio.Ratio), span(&c.Ratio.Interval95))
		}
		t.Rows = append(t.Rows, []string{c.Term, exact(c.Estimate), exact(c.SE), span(&c.Interval95), pCell(c.P), ratio})
	}
	return t
}

func weightTable(caption string, weights []Weight) Table {
	t := Table{Caption: caption, Head: []string{"Name", "weight"}}
	for _, w := range weights {
		t.Rows = append(t.Rows, []string{w.Name, strconv.FormatFloat(w.Weight, 'f', 4, 64)})
	}
	return t
}

func effectTable(caption string, effects []Effect) Table {
	t := Table{Caption: caption, Head: []string{"Effect", "estimate", "s.e.", "95 % interval", "95 % band"}}
	for _, e := range effects {
		row := []string{e.name(), number(e.Estimate), number(e.SE), span(e.Interval95), span(e.Band95)}
		if e.Problem != "" {
			row[1] = e.Problem
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (e Effect) name() string {
	switch {
	case e.Group != "" && e.Period != "":
		return "first treated " + e.Group + ", in " + e.Period
	case e.Group != "":
		return "first treated " + e.Group
	case e.Period != "":
		return e.Period
	case e.Since != nil:
		return fmt.Sprintf("%+d", *e.Since)
	}
	return ""
}

func (r *Report) errorSection() Section {
	s := Section{Title: "Standard errors and intervals"}
	var said []string
	for i := range r.Results {
		res := &r.Results[i]
		text := fmt.Sprintf("%s: %s; interval: %s", res.Method.title(), res.SEKind, res.IntervalKind)
		if res.PKind != "" {
			text += "; p: " + res.PKind
		}
		if !slices.Contains(said, text) {
			said = append(said, text)
		}
	}
	s.Lines = said
	if g := r.Groups; g != nil && g.BandWeights != "" {
		s.line("Bands hold for all effects of a table together: multiplier bootstrap, %s weights, %d resamples", g.BandWeights, r.Provenance.Resamples)
	}
	return s
}

func (r *Report) testSection() Section {
	s := Section{Title: "Tests of what is taken for granted"}
	t := Table{Head: []string{"Method", "test", "statistic", "p", "what is tested"}}
	for i := range r.Results {
		for _, x := range r.Results[i].Tests {
			p := pCell(x.P)
			if x.Name == "Durbin-Watson" {
				p = ""
			}
			row := []string{r.Results[i].Method.title(), x.Name, exact(x.Statistic), p, x.Meaning}
			if !slices.ContainsFunc(t.Rows, func(o []string) bool { return slices.Equal(o, row) }) {
				t.Rows = append(t.Rows, row)
			}
		}
	}
	if len(t.Rows) > 0 {
		s.Tables = append(s.Tables, t)
	} else {
		s.line("None could be made.")
	}
	return s
}

func (r *Report) sensitivitySection() Section {
	s := Section{Title: "When something is left out"}
	if f := r.Flows; f != nil {
		s.line("Rows alone in a level: %d; in levels of zeros: %d; separated: %d. Keeping them would change no coefficient.", f.Singles, f.ZeroLevels, f.Separated)
	}
	if y := r.Synthetic; y != nil {
		for _, f := range y.Fits {
			if len(f.LeftOut) > 0 {
				t := Table{Caption: "Without one donor, " + f.Method.title(), Head: []string{"Donor", "its weight", "estimate without", "gap before"}}
				for _, l := range f.LeftOut {
					t.Rows = append(t.Rows, []string{l.Donor, strconv.FormatFloat(l.Weight, 'f', 4, 64), exact(l.Estimate), exact(l.Before)})
				}
				s.Tables = append(s.Tables, t)
			}
			if b := f.Backdated; b != nil {
				s.line("%s, as if the treatment had come in %s: %s", f.Method.title(), b.At, exact(b.Estimate))
			}
			if f.Method == Control && len(f.Placebos) > 0 {
				t := Table{Caption: "Placebos: donors as if treated", Head: []string{"Donor", "estimate", "gap before", "gap after", "ratio"}}
				for _, p := range f.Placebos {
					t.Rows = append(t.Rows, []string{some(p.Units), exact(p.Estimate), exact(p.Before), exact(p.After), exact(p.Ratio)})
				}
				s.Tables = append(s.Tables, t)
			}
		}
	}
	if len(s.Lines)+len(s.Tables) == 0 {
		s.line("The methods beside one another in part 3 are the comparison.")
	}
	return s
}

func (r *Report) refusalSection() Section {
	s := Section{Title: "What may be published"}
	for i := range r.Results {
		res := &r.Results[i]
		name := res.Method.title()
		if r.Groups != nil {
			name += ", " + res.Term
		}
		if len(res.Refusals) == 0 {
			s.line("%s: may be published, with its interval and the assumptions", name)
		}
		for _, text := range res.Refusals {
			s.line("%s: may not be published, because %s", name, text)
		}
		for _, w := range res.Warnings {
			s.line("%s: note that %s", name, w)
		}
	}
	return s
}

func (r *Report) assumptionSection() Section {
	s := Section{Title: "What is taken for granted"}
	for _, a := range r.Assumptions {
		s.line("%s. %s Evidence: %s", a.Name, a.Meaning, a.Evidence)
	}
	return s
}

func (r *Report) againSection() Section {
	s := Section{Title: "To compute this again"}
	s.line("Version: %s", stated(r.Provenance.Version))
	s.line("Seed: %d, resamples: %d", r.Provenance.Seed, r.Provenance.Resamples)
	names := make([]string, 0, len(r.Provenance.Settings))
	for n := range r.Provenance.Settings {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		s.line("%s: %s", n, r.Provenance.Settings[n])
	}
	s.line("Data (SHA-256): %s", r.Provenance.Hash)
	return s
}
