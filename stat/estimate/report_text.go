package estimate

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// WriteText writes the report as plain text.
func (r *Report) WriteText(w io.Writer) error {
	buffered := bufio.NewWriter(w)
	p := &textPage{w: buffered}
	r.textHead(p)
	r.textTable(p)
	r.textModels(p)
	r.textEstimates(p)
	r.textSensitivity(p)
	r.textLimits(p)
	if p.err == nil {
		p.err = buffered.Flush()
	}
	if p.err != nil {
		return fmt.Errorf("writing report: %w", p.err)
	}
	return nil
}

// textPage writes lines and tables, and remembers the first error.
type textPage struct {
	w   io.Writer
	err error
}

func (p *textPage) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

func (p *textPage) heading(number int, title string) {
	p.line("")
	p.line("%d. %s", number, title)
}

// table writes rows in columns; the first row is the heading. Columns after
// the first are set flush right.
func (p *textPage) table(rows [][]string) {
	if p.err != nil {
		return
	}
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	tw := tabwriter.NewWriter(p.w, 0, 8, 2, ' ', 0)
	for _, row := range rows {
		var b strings.Builder
		b.WriteString("   ")
		for i, cell := range row {
			if i > 0 {
				b.WriteByte('\t')
				b.WriteString(strings.Repeat(" ", widths[i]-len([]rune(cell))))
			}
			b.WriteString(strings.ReplaceAll(cell, "\t", " "))
		}
		b.WriteByte('\n')
		if _, err := io.WriteString(tw, b.String()); err != nil {
			p.err = err
			return
		}
	}
	p.err = tw.Flush()
}

func (r *Report) textHead(p *textPage) {
	p.line("Multiple systems estimate")
	if r.Public {
		p.line("Public copy: rounded to two significant digits, small numbers withheld.")
	}
	p.line("")
	switch {
	case r.Sentence != "":
		p.line("%s", r.Sentence)
	case !r.Estimable:
		p.line("Not estimable: %s.", r.reason())
	default:
		p.line("No number of this report may be published; part 9 says why.")
	}
	for _, w := range r.Warnings {
		p.line("Note: %s.", w)
	}
}

func (r *Report) textTable(p *textPage) {
	p.heading(1, "The table")
	p.line("   Population: %s", stated(r.About.Population))
	p.line("   Period: %s", stated(r.About.Period))
	p.line("   Place: %s", stated(r.About.Place))
	p.line("   Linkage: %s", stated(r.About.Linkage))
	p.line("   Linkage errors: %s", stated(r.About.Errors))
	p.line("   Observed: %s", people(float64(r.Observed)))
	rows := [][]string{{"List", "people", "in no other list"}}
	for _, l := range r.Lists {
		name := l.Name
		if l.Meaning != "" {
			name += " (" + l.Meaning + ")"
		}
		rows = append(rows, []string{name, count(l.People), count(l.Alone)})
	}
	p.table(rows)

	p.heading(2, "Overlaps")
	rows = [][]string{{"Lists", "shared"}}
	for _, o := range r.Overlaps {
		rows = append(rows, []string{o.Lists[0] + " and " + o.Lists[1], count(o.People)})
	}
	p.table(rows)
	if terms := r.infinite(); len(terms) > 0 {
		p.line("   Terms at minus infinity, because nobody is in these lists together: %s", strings.Join(terms, ", "))
	} else if !r.Public {
		p.line("   No term of a chosen model is at minus infinity.")
	}
}

func (r *Report) textModels(p *textPage) {
	p.heading(3, "Models considered")
	rows := [][]string{{"Method", "models", "exist", "do not exist", "not identified", "neither"}}
	for _, res := range r.Results {
		if s := res.Search; s != nil {
			rows = append(rows, []string{string(res.Method), itoa(s.Considered), itoa(s.Codes[0]), itoa(s.Codes[1]), itoa(s.Codes[2]), itoa(s.Codes[3])})
		}
	}
	if len(rows) == 1 {
		p.line("   The methods used do not choose among log-linear models.")
	} else {
		p.table(rows)
	}
	for _, res := range r.Results {
		if res.Search == nil || len(res.Search.Top) < 2 {
			continue
		}
		p.line("   Best by BIC, %s:", res.Method.title())
		rows := [][]string{{"Model", "BIC", "estimate"}}
		for _, f := range res.Search.Top {
			rows = append(rows, []string{f.Model, fmt.Sprintf("%.2f", f.BIC), people(f.Estimate)})
		}
		p.table(rows)
	}
}

func (r *Report) textEstimates(p *textPage) {
	p.heading(4, "Estimates of several families")
	rows := [][]string{{"Method", "estimate", "mean", "80 %", "95 %", "interval"}}
	for _, res := range r.Results {
		rows = append(rows, []string{res.Method.title(), number(res.Estimate), number(res.Mean), interval(res.Interval80), interval(res.Interval95), res.IntervalKind})
	}
	p.table(rows)
	for _, res := range r.Results {
		if res.Model != "" {
			p.line("   %s: %s", res.Method, res.Model)
		}
	}

	p.heading(5, "Intervals")
	for _, res := range r.Results {
		p.line("   %s: %s", res.Method, res.intervalNote())
		for _, w := range res.Warnings {
			p.line("      Note: %s.", w)
		}
	}
}

// intervalNote says how an interval was made.
func (res Result) intervalNote() string {
	switch {
	case res.Bootstrap != nil:
		b := res.Bootstrap
		note := fmt.Sprintf("bootstrap, bias-corrected and accelerated, %s resamples", people(float64(b.Resamples)))
		if res.Method == Main || res.Method == Two {
			note += fmt.Sprintf(", %.1f %% failed", 100*b.Share)
			if b.Problem != "" {
				note += "; no interval: " + b.Problem
			}
			return note
		}
		note += " that choose the model anew"
		if b.Models > 0 {
			note += fmt.Sprintf(" among the best %d", b.Models)
		}
		note += fmt.Sprintf(", %.1f %% failed, %.0f %% chose the same model", 100*b.Share, 100*b.Same)
		if b.Problem != "" {
			note += "; no interval: " + b.Problem
		}
		return note
	case res.Chains != nil:
		return fmt.Sprintf("quantiles of a posterior, %d chains, %s draws worth %s, R-hat %.3f", res.Chains.Chains, people(float64(res.Chains.Draws)), people(res.Chains.Effective), res.Chains.Rhat)
	case res.IntervalKind == KindPosterior:
		return "quantiles of a posterior, computed without sampling"
	case res.IntervalKind == KindAsymptotic:
		return "asymptotic, with the model taken as known"
	}
	return "none"
}

func (r *Report) textSensitivity(p *textPage) {
	p.heading(6, "Lists left out and merged")
	variants(p, append(append([]Variant{}, r.LeftOut...), r.Merged...), "   With two lists none can be left out or merged.")

	p.heading(7, "Each list as the truth")
	if len(r.Truths) == 0 {
		p.line("   This test needs three lists.")
	} else {
		p.line("   Estimate from the other lists, and the logarithm of its ratio to the known number.")
		rows := [][]string{append([]string{"List", "known"}, names(r.Records)...)}
		for _, t := range r.Truths {
			row := []string{t.List, count(t.Known)}
			for _, s := range r.Records {
				row = append(row, t.trial(s.Method))
			}
			rows = append(rows, row)
		}
		p.table(rows)
		for _, t := range r.Truths {
			if t.Problem != "" {
				p.line("   %s: %s.", t.List, t.Problem)
			}
		}
		for _, s := range r.Records {
			p.line("   %s: mean log bias %+.2f over %d lists, 95 %% intervals that hold the known number: %.0f %%", s.Method, s.LogBias, s.Trials, 100*s.Coverage)
		}
	}

	p.heading(8, "Other linkages")
	variants(p, r.Linkages, "   No other linkage was given. Redo the linkage at other thresholds and compare.")
}

// names lists the methods of a summary.
func names(records []TruthSummary) []string {
	out := make([]string, len(records))
	for i, s := range records {
		out[i] = string(s.Method)
	}
	return out
}

// trial writes a method's attempt in one cell.
func (t Truth) trial(m Method) string {
	for _, trial := range t.Trials {
		if trial.Method != m || trial.LogBias == nil {
			continue
		}
		if trial.Estimate == nil {
			return fmt.Sprintf("%+.2f", *trial.LogBias)
		}
		return fmt.Sprintf("%s (%+.2f)", people(*trial.Estimate), *trial.LogBias)
	}
	return "none"
}

// methodsOf lists the methods that changed tables were estimated by.
func methodsOf(list []Variant) []Method {
	for _, v := range list {
		if len(v.Estimates) > 0 {
			out := make([]Method, len(v.Estimates))
			for i, b := range v.Estimates {
				out[i] = b.Method
			}
			return out
		}
	}
	return nil
}

// by gives a method's estimate of a changed table.
func (v Variant) by(m Method) Brief {
	for _, b := range v.Estimates {
		if b.Method == m {
			return b
		}
	}
	return Brief{Method: m}
}

func variants(p *textPage, list []Variant, none string) {
	if len(list) == 0 {
		p.line("%s", none)
		return
	}
	methods := methodsOf(list)
	head := []string{"Change", "observed"}
	for _, m := range methods {
		head = append(head, string(m))
	}
	rows := [][]string{head}
	for _, v := range list {
		row := []string{v.Change, count(v.Observed)}
		for _, m := range methods {
			row = append(row, number(v.by(m).Estimate))
		}
		rows = append(rows, row)
	}
	p.table(rows)
	for _, v := range list {
		if v.Problem != "" {
			p.line("   %s: %s.", v.Change, v.Problem)
		}
	}
}

func (r *Report) textLimits(p *textPage) {
	p.heading(9, "Hidden people, and what may be published")
	for _, res := range r.Results {
		ratio := "no ratio"
		if res.Ratio != nil {
			ratio = fmt.Sprintf("%.1f hidden for each one observed", *res.Ratio)
		}
		verdict := "may be published"
		if len(res.Refusals) > 0 {
			verdict = "may not be published"
		} else if res.Method == Chao {
			verdict = "may be published as a lower bound"
		}
		p.line("   %s: %s; %s", res.Method, ratio, verdict)
		for _, refusal := range res.Refusals {
			p.line("      Because: %s.", refusal)
		}
	}
	p.line("   Publish two significant digits. Withhold overlaps of fewer than %d people; the estimate itself needs the full table.", smallest)

	p.heading(10, "What is taken for granted")
	for _, a := range r.Assumptions {
		p.line("   %s. %s %s", a.Name, a.Meaning, a.Evidence)
	}

	p.heading(11, "To compute this again")
	p.line("   Version: %s", stated(r.Provenance.Version))
	p.line("   Seed: %d, resamples: %d", r.Provenance.Seed, r.Provenance.Resamples)
	if r.Provenance.Hash != "" {
		p.line("   Table (SHA-256): %s", r.Provenance.Hash)
	} else {
		p.line("   The hash of the table is withheld: a small table can be guessed from it.")
	}
}

// reason is why nothing is estimable.
func (r *Report) reason() string {
	for _, res := range r.Results {
		if res.Reason != "" {
			return res.Reason
		}
	}
	return "no model has an estimate that exists and is unique"
}

func stated(s string) string {
	if s == "" {
		return "not stated"
	}
	return s
}

func count(v *int64) string {
	if v == nil {
		return "withheld"
	}
	return people(float64(*v))
}

func number(v *float64) string {
	if v == nil {
		return "none"
	}
	return people(*v)
}

func interval(v *Interval) string {
	if v == nil {
		return "none"
	}
	return people(v[0]) + " to " + people(v[1])
}

func itoa(v int) string { return people(float64(v)) }
