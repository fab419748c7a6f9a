package evaluate

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// conclude fills in what follows from all results together.
func (r *Report) conclude() {
	r.Assumptions = r.assumptions()
	switch r.Design {
	case Series:
		r.warn("intervals of interrupted time series are generally too narrow (Turner et al. 2021)")
		if s := r.Series; s != nil && len(s.OtherSteps) > 0 {
			r.warn("the formula has further steps (%s); the estimate is that of %s", some(s.OtherSteps), s.Change)
		}
		if len(r.Results) > 1 {
			r.disagree()
		}
	case Flows:
		r.warn("these are associations: a regression does not show what causes what")
	}
	r.Finding = r.finding()
}

// disagree warns where methods differ in what they say of the change.
func (r *Report) disagree() {
	clearly, not := []string{}, []string{}
	for i := range r.Results {
		if res := &r.Results[i]; res.clear() {
			clearly = append(clearly, string(res.Method))
		} else {
			not = append(not, string(res.Method))
		}
	}
	if len(clearly) > 0 && len(not) > 0 {
		r.warn("the methods disagree: a change shows by %s, none by %s", strings.Join(clearly, ", "), strings.Join(not, ", "))
	}
}

// chosen is the first result that may be published.
func (r *Report) chosen() *Result {
	for i := range r.Results {
		if len(r.Results[i].Refusals) == 0 && r.Results[i].Interval95 != nil {
			return &r.Results[i]
		}
	}
	return nil
}

// outcome names the outcome: as stated, or by its column.
func (r *Report) outcome() string {
	if text := r.About.Outcome; text != "" {
		if first, size := utf8.DecodeRuneInString(text); r.Design != Flows {
			return string(unicode.ToUpper(first)) + text[size:]
		}
		return text
	}
	left, _, _ := strings.Cut(r.Formula, " ~ ")
	if inner, ok := strings.CutPrefix(left, "log("); ok && r.Design != Flows {
		return strings.TrimSuffix(inner, ")")
	}
	return left
}

// change names what changed: as stated, or by its column.
func (r *Report) change() string {
	switch {
	case r.About.Change != "":
		return r.About.Change
	case r.Series != nil:
		return r.Series.Change
	case r.Groups != nil:
		return r.Groups.Treatment
	case r.Synthetic != nil && len(r.Results) > 0:
		return r.Results[0].Term
	}
	return "the change"
}

// finding writes what may be quoted. It claims no cause that the design does
// not carry.
func (r *Report) finding() string {
	res := r.chosen()
	if res == nil {
		return ""
	}
	return r.say(res) + "."
}

// say puts a result into words, without a full stop.
func (r *Report) say(res *Result) string {
	words := res.words()
	if !res.clear() {
		words = "not clearly different: " + words
	}
	switch r.Design {
	case Series:
		if strings.HasPrefix(res.Term, "since(") {
			return fmt.Sprintf("%s from %s on, when %s came: %s with each period than the course before it leads to expect", r.outcome(), r.Series.At, r.change(), words)
		}
		return fmt.Sprintf("%s in %s, when %s came: %s than the course before it leads to expect", r.outcome(), r.Series.At, r.change(), words)
	case Groups:
		return fmt.Sprintf("%s under %s: %s on average, against %s", r.outcome(), r.change(), words, r.Groups.Control.words())
	case Synthetic:
		return fmt.Sprintf("%s in %s from %s on: %s on average than in its synthetic counterpart", r.outcome(), some(r.Synthetic.Treated), r.Synthetic.At, words)
	}
	return r.association(res.Term, words)
}

// association words a coefficient of a regression as one.
func (r *Report) association(term, words string) string {
	if inner, ok := strings.CutPrefix(term, "log("); ok {
		return fmt.Sprintf("Where %s is e times (2.7 times) as large, %s is %s, all else that the model holds being equal: an association", strings.TrimSuffix(inner, ")"), r.outcome(), words)
	}
	return fmt.Sprintf("Where %s is greater by one, %s is %s, all else that the model holds being equal: an association", term, r.outcome(), words)
}

// assumptions says what the design takes for granted and what the data have to
// say about it.
func (r *Report) assumptions() []Assumption {
	detected := Assumption{"What is counted is what happens", "The outcome measures the thing itself and not how hard it is looked for. Detected counts measure detection too.", "The data cannot show it. Put a measure of effort, or an estimate of what is hidden, beside the number."}
	switch r.Design {
	case Series:
		return []Assumption{
			{"The course would have gone on", "Without the change, trend and season would have continued as before.", "None. A series without the change, such as another place, would be evidence."},
			{"Nothing else came at the same time", "No other event moved the outcome in the same period.", "None."},
			{"The form is right", "The change is a step, a change of slope, or both, as the formula says, and was chosen before looking at the data.", "See the picture."},
			{"Errors are as the method says", "What is left over is independent, or dependent in the way that the method allows for.", r.evidence("Ljung-Box")},
			detected,
		}
	case Groups:
		return []Assumption{
			{"Parallel trends", "Without treatment, the outcome of treated units would have moved as that of the units compared with (of like covariates, where the formula has any).", r.evidence("pre-trends, Wald")},
			{"No anticipation", "Units do not react before they are treated" + r.anticipation() + ".", "Effects just before treatment in the picture would speak against it."},
			{"No spill-over", "Treatment of one unit leaves the others alone.", "None."},
			{"Treatment stays", "A unit once treated remains so.", "Checked in the data."},
			detected,
		}
	case Synthetic:
		evidence := "None."
		if s := r.Synthetic; s != nil && len(s.Fits) > 0 {
			evidence = fmt.Sprintf("Root mean squared gap before: %s.", digits(s.Fits[0].Before, 3))
		}
		return []Assumption{
			{"The treated are a mixture of donors", "A weighted mean of donors follows the treated before the treatment because it shares what moves them, not by chance.", evidence},
			{"Nothing else came at the same time", "No other event moved the treated, or a donor with weight, after the treatment began.", "See the estimates with donors left out."},
			{"No spill-over", "The treatment leaves the donors alone.", "None."},
			{"Treatment could have fallen anywhere", "Placebo inference takes the treated to be like the donors in how far they stray.", "See the placebos."},
			detected,
		}
	}
	return []Assumption{
		{"The mean is right", "The logarithm of the expected outcome is a sum of the terms and the fixed effects. Counts need not be Poisson.", r.evidence("RESET")},
		{"Nothing left out goes with the terms", "What is not in the model and not fixed by its fixed effects does not go with the terms. Otherwise the coefficients hold it too.", "None."},
		{"No feedback", "The outcome does not in turn move the terms, now or later.", "None. Lagged terms lessen it."},
		{"Clusters are independent", "Rows of different clusters have nothing to do with one another beyond the model.", "None."},
		detected,
	}
}

func (r *Report) anticipation() string {
	if r.Groups != nil && r.Groups.anticipation > 0 {
		return fmt.Sprintf(" by more than %d periods", r.Groups.anticipation)
	}
	return ""
}

// evidence gives the test of a name, method by method.
func (r *Report) evidence(name string) string {
	var out []string
	for _, res := range r.Results {
		for _, t := range res.Tests {
			text := fmt.Sprintf("%s: %s", t.Name, pText(t.P))
			if r.Design == Series {
				text = fmt.Sprintf("%s (%s)", pText(t.P), res.Method)
			}
			if strings.HasPrefix(t.Name, name) && (len(out) == 0 || out[len(out)-1] != text) {
				out = append(out, text)
			}
		}
	}
	if len(out) == 0 {
		return "It was not tested."
	}
	if r.Design == Series {
		return name + " test of what is left over: " + strings.Join(out, ", ") + "."
	}
	return out[0] + "."
}
