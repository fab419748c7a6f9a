package estimate

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
)

// Variant is a table changed in one respect, with what the methods say of it.
type Variant struct {
	Change    string  `json:"change"`
	Observed  *int64  `json:"observed"` // nil in a public copy, where it would disclose a small number
	Estimates []Brief `json:"estimates"`
	Problem   string  `json:"problem,omitempty"` // why there are no estimates
}

// Brief is an estimate with the interval that takes its model as known.
type Brief struct {
	Method     Method    `json:"method"`
	Estimate   *float64  `json:"estimate"`
	Interval95 *Interval `json:"interval95"`
	Model      string    `json:"model,omitempty"`
}

// Truth is a test inside the table: the people of one list are estimated from
// the other lists and compared with their known number (Binette & Steorts
// 2022).
type Truth struct {
	List    string       `json:"list"`
	Known   *int64       `json:"known"` // nil in a public copy
	Trials  []TruthTrial `json:"trials"`
	Problem string       `json:"problem,omitempty"`
}

// TruthTrial is one method's attempt at a known number.
type TruthTrial struct {
	Brief
	LogBias *float64 `json:"log_bias"` // ln(estimate/known)
	Covered *bool    `json:"covered"`  // whether the 95 % interval holds the known number
}

// TruthSummary is one method's record over all lists.
type TruthSummary struct {
	Method   Method  `json:"method"`
	Trials   int     `json:"trials"`
	LogBias  float64 `json:"mean_log_bias"`
	Coverage float64 `json:"coverage95"`
}

// sensitivity fills in the parts of the report that redo the estimates on
// changed tables: without a list, with two lists merged, inside each list, and
// under other linkages. These runs do not resample.
func (o *settings) sensitivity(ctx context.Context, t Table, methods []Method, alternatives []Alternative, report *Report) error {
	var quick []Method
	for _, m := range methods {
		switch m {
		case Main, Stepwise, Downhill, BIC, BIC2, Average:
			quick = append(quick, m)
		}
	}
	for _, a := range alternatives {
		if len(a.Table.lists) == 0 {
			return fmt.Errorf("alternative linkage %q: the table is empty", a.Name)
		}
	}
	if len(quick) == 0 {
		// Nothing quick was asked for; the main effects still show how the
		// table itself moves.
		quick = []Method{Main}
	}
	brief := *o
	brief.resamples, brief.progress = 0, nil
	type job struct {
		table Table
		err   error
		put   func([]Brief, string)
	}
	var jobs []job
	variant := func(list *[]Variant, change string, table Table, err error) {
		v := Variant{Change: change}
		if err == nil {
			v.Observed = pointer(table.Observed())
		}
		at := len(*list)
		*list = append(*list, v)
		jobs = append(jobs, job{table, err, func(b []Brief, problem string) {
			(*list)[at].Estimates, (*list)[at].Problem = b, problem
		}})
	}
	if len(t.lists) > 2 {
		for _, list := range t.lists {
			table, err := t.Without(list)
			variant(&report.LeftOut, "without "+list, table, err)
		}
		for j := range t.lists {
			for i := range j {
				table, err := t.Merge(t.lists[i], t.lists[j])
				variant(&report.Merged, t.lists[i]+" and "+t.lists[j]+" as one", table, err)
			}
		}
		for _, list := range t.lists {
			known := t.Size(list)
			table, err := t.Within(list)
			at := len(report.Truths)
			report.Truths = append(report.Truths, Truth{List: list, Known: pointer(known)})
			jobs = append(jobs, job{table, err, func(b []Brief, problem string) {
				truth := &report.Truths[at]
				truth.Problem = problem
				for _, brief := range b {
					truth.Trials = append(truth.Trials, trial(brief, float64(known)))
				}
			}})
		}
	}
	for _, a := range alternatives {
		variant(&report.Linkages, a.Name, a.Table, nil)
	}
	progress := o.stage("checking sensitivity")
	for i, j := range jobs {
		if j.err != nil {
			j.put(nil, reasonOf(j.err))
			continue
		}
		var briefs []Brief
		for _, m := range quick {
			results, err := brief.method(ctx, j.table, m)
			if err != nil {
				return fmt.Errorf("checking sensitivity: %w", err)
			}
			for _, res := range results {
				briefs = append(briefs, Brief{res.Method, res.Estimate, res.Interval95, res.Model})
			}
		}
		j.put(briefs, "")
		if progress != nil {
			progress(i+1, len(jobs))
		}
	}
	report.Records = summarise(report.Truths, quick)
	return nil
}

// reasonOf says in a few words why a changed table cannot be used.
func reasonOf(err error) string {
	var input *InputError
	if errors.As(err, &input) {
		if input.few {
			return "fewer than two lists are left"
		}
		return input.Problem
	}
	return err.Error()
}

func trial(b Brief, known float64) TruthTrial {
	out := TruthTrial{Brief: b}
	if b.Estimate != nil && *b.Estimate > 0 {
		out.LogBias = pointer(math.Log(*b.Estimate / known))
	}
	if b.Interval95 != nil {
		out.Covered = pointer(b.Interval95[0] <= known && known <= b.Interval95[1])
	}
	return out
}

// summarise averages over the lists, method by method.
func summarise(truths []Truth, methods []Method) []TruthSummary {
	var out []TruthSummary
	for _, m := range methods {
		s := TruthSummary{Method: m}
		covered, intervals := 0, 0
		for _, truth := range truths {
			i := slices.IndexFunc(truth.Trials, func(t TruthTrial) bool { return t.Method == m })
			if i < 0 || truth.Trials[i].LogBias == nil {
				continue
			}
			s.Trials++
			s.LogBias += *truth.Trials[i].LogBias
			if c := truth.Trials[i].Covered; c != nil {
				intervals++
				if *c {
					covered++
				}
			}
		}
		if s.Trials == 0 {
			continue
		}
		s.LogBias /= float64(s.Trials)
		if intervals > 0 {
			s.Coverage = float64(covered) / float64(intervals)
		}
		out = append(out, s)
	}
	return out
}
