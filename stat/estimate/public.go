package estimate

import "math"

// smallest is the smallest number of people that a public copy shows; 1 to 10
// are small, and so is a nought that happens to be one.
const smallest = 11

// PublicCopy is the report as it may leave the analyst's desk. Estimates and
// counts are rounded to two significant digits (counts below 100 up to tens).
// Small overlaps and what gives them away are withheld (the counts of changed
// tables, the terms at minus infinity, the hash of the table), and so are
// numbers whose publication is refused. The full report cannot be made from
// it: estimation needs the table as it is, with its small numbers.
//
// It is no substitute for a release with a proven bound on what can be derived
// from it and from everything else that is published.
func (r *Report) PublicCopy() *Report {
	p := *r
	p.Public = true
	p.Observed = 0
	if observed := publicCount(&r.Observed); observed != nil {
		p.Observed = *observed
	}
	p.Provenance.Hash = ""
	p.Results = make([]Result, 0, len(r.Results))
	for _, res := range r.Results {
		p.Results = append(p.Results, publicResult(res))
	}
	p.Lists = nil
	for _, l := range r.Lists {
		l.People, l.Alone = publicCount(l.People), nil
		p.Lists = append(p.Lists, l)
	}
	p.Overlaps = nil
	for _, o := range r.Overlaps {
		o.People = publicCount(o.People)
		p.Overlaps = append(p.Overlaps, o)
	}
	p.LeftOut, p.Merged, p.Linkages = publicVariants(r.LeftOut), publicVariants(r.Merged), publicVariants(r.Linkages)
	p.Truths = []Truth{}
	for _, t := range r.Truths {
		out := Truth{List: t.List, Problem: publicProblem(t.Problem)}
		for _, trial := range t.Trials {
			public := TruthTrial{Brief: Brief{Method: trial.Method}, Covered: trial.Covered}
			if trial.LogBias != nil {
				public.LogBias = pointer(math.Round(*trial.LogBias*10) / 10)
			}
			out.Trials = append(out.Trials, public)
		}
		p.Truths = append(p.Truths, out)
	}
	p.Records = make([]TruthSummary, 0, len(r.Records))
	for _, s := range r.Records {
		s.LogBias = math.Round(s.LogBias*10) / 10
		p.Records = append(p.Records, s)
	}
	p.Assumptions = nil
	for _, a := range r.Assumptions {
		if a.Name == nameReferral {
			a.Evidence = "Withheld together with the overlaps."
		}
		p.Assumptions = append(p.Assumptions, a)
	}
	return &p
}

func publicResult(res Result) Result {
	out := newResult(res.Method)
	out.Estimable, out.Code = res.Estimable, res.Code
	if len(res.Refusals) > 0 {
		out.Refusals = append(out.Refusals, res.public...)
		if len(res.public) == 0 {
			out.refuse("the full report says why")
		}
		return out
	}
	out.Warnings = append(out.Warnings, res.Warnings...)
	out.Model, out.IntervalKind = res.Model, res.IntervalKind
	out.Estimate, out.Mean = publicNumber(res.Estimate), publicNumber(res.Mean)
	out.Interval80, out.Interval95 = publicInterval(res.Interval80), publicInterval(res.Interval95)
	if res.Ratio != nil {
		out.Ratio = pointer(math.Round(*res.Ratio*10) / 10)
	}
	if res.Search != nil {
		out.Search = &Search{Considered: res.Search.Considered, Codes: res.Search.Codes, Excluded: res.Search.Excluded, Cut: true}
	}
	if res.Bootstrap != nil {
		out.Bootstrap = pointer(*res.Bootstrap)
	}
	if res.Chains != nil {
		out.Chains = pointer(*res.Chains)
	}
	return out
}

func publicNumber(v *float64) *float64 {
	if v == nil {
		return nil
	}
	return pointer(twoDigits(*v))
}

func publicInterval(v *Interval) *Interval {
	if v == nil {
		return nil
	}
	return &Interval{twoDigits(v[0]), twoDigits(v[1])}
}

// publicCount rounds a count to two significant digits, below 100 up to the
// next ten, and withholds a small one.
func publicCount(v *int64) *int64 {
	switch {
	case v == nil || *v < smallest:
		return nil
	case *v < 100:
		return pointer((*v + 9) / 10 * 10)
	}
	return pointer(int64(twoDigits(float64(*v))))
}

func publicProblem(problem string) string {
	if problem == "" {
		return ""
	}
	return "no estimate is possible"
}

func publicVariants(list []Variant) []Variant {
	out := make([]Variant, 0, len(list))
	for _, v := range list {
		public := Variant{Change: v.Change, Problem: publicProblem(v.Problem)}
		for _, b := range v.Estimates {
			public.Estimates = append(public.Estimates, Brief{Method: b.Method, Estimate: publicNumber(b.Estimate), Interval95: publicInterval(b.Interval95)})
		}
		out = append(out, public)
	}
	return out
}
