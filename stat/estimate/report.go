package estimate

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Report is the honest report of an estimation, in eleven parts: what the
// table is (1), the overlaps (2), which models have an estimate (3), the
// estimates of several families side by side (4), their intervals (5), what
// happens when lists are left out or merged (6), a test against known numbers
// inside the table (7), other linkages (8), hidden people per observed person
// and what may be published (9), the assumptions (10), and what is needed to
// compute it again (11).
type Report struct {
	Observed  int64 `json:"observed"`
	Estimable bool  `json:"estimable"` // existence and identifiability alone
	Public    bool  `json:"public"`    // small numbers are withheld and the others rounded
	// Sentence is what may be quoted, rounded to two significant digits; empty
	// where nothing may be published.
	Sentence string   `json:"sentence,omitempty"`
	Results  []Result `json:"results"`
	Warnings []string `json:"warnings"`

	About    About      `json:"about"`
	Lists    []ListSize `json:"lists"`
	Overlaps []Shared   `json:"overlaps"`

	LeftOut  []Variant      `json:"left_out"`
	Merged   []Variant      `json:"merged"`
	Truths   []Truth        `json:"truths"`
	Records  []TruthSummary `json:"truth_summary"`
	Linkages []Variant      `json:"linkages"`

	Assumptions []Assumption `json:"assumptions"`
	Provenance  Provenance   `json:"provenance"`
}

// ListSize is a list and the number of people in it.
type ListSize struct {
	Name    string `json:"name"`
	Meaning string `json:"meaning,omitempty"`
	People  *int64 `json:"people"` // nil in a public copy
	Alone   *int64 `json:"alone"`  // people in no other list; nil in a public copy
}

// Shared is the number of people that two lists share.
type Shared struct {
	Lists  [2]string `json:"lists"`
	People *int64    `json:"people"` // nil in a public copy where it is 0 to 10
}

// Assumption is something that every method here takes for granted.
type Assumption struct {
	Name     string `json:"name"`
	Meaning  string `json:"meaning"`
	Evidence string `json:"evidence"`
}

const nameReferral = "No referral between lists"

// Provenance is what is needed to compute the report again.
type Provenance struct {
	Version   string `json:"version,omitempty"`
	Seed      uint64 `json:"seed"`
	Resamples int    `json:"resamples"`
	Hash      string `json:"table_sha256,omitempty"` // left out of a public copy: small tables can be guessed from it
}

func newReport(t Table, o Options) *Report {
	r := &Report{
		Observed: t.Observed(), About: o.About,
		Results: []Result{}, Warnings: []string{}, LeftOut: []Variant{}, Merged: []Variant{},
		Truths: []Truth{}, Records: []TruthSummary{}, Linkages: []Variant{},
		Provenance: Provenance{Version: o.Version, Seed: o.Seed, Resamples: o.Resamples, Hash: t.Hash()},
	}
	for j, name := range t.lists {
		r.Lists = append(r.Lists, ListSize{
			Name: name, Meaning: o.About.Lists[name],
			People: pointer(t.size(1 << j)), Alone: pointer(t.counts[1<<j]),
		})
	}
	for _, o := range t.Overlaps() {
		r.Overlaps = append(r.Overlaps, Shared{o.Lists, pointer(o.Shared)})
	}
	return r
}

// conclude fills in what follows from all results together.
func (r *Report) conclude(t Table) {
	r.Assumptions = assumptions(t, r)
	families := 0
	low, high := math.Inf(1), math.Inf(-1)
	var lowest, highest Method
	for _, res := range r.Results {
		if res.Method == Chao || res.Estimate == nil || res.Method == Two && len(t.lists) > 2 {
			continue
		}
		families++
		if *res.Estimate < low {
			low, lowest = *res.Estimate, res.Method
		}
		if *res.Estimate > high {
			high, highest = *res.Estimate, res.Method
		}
	}
	warn := func(format string, args ...any) { r.Warnings = append(r.Warnings, fmt.Sprintf(format, args...)) }
	if families == 1 {
		warn("one method alone: show several families of models side by side before a number is used")
	}
	if families > 1 && high > 1.25*low {
		warn("the methods disagree: from %s by %s to %s by %s, %.1f times as many", rounded(low), lowest, rounded(high), highest, high/low)
	}
	if bound, _, _ := chao(t.sample()); len(t.lists) > 2 {
		for i := range r.Results {
			if res := &r.Results[i]; res.Method != Chao && res.Estimate != nil && *res.Estimate < 0.95*bound {
				res.warn("the estimate is below Chao's lower bound of about %s: unless lists avoid each other, the model misses that they find the same people", rounded(bound))
			}
		}
	}
	r.Sentence = sentence(r)
}

// sentence writes what may be quoted: the estimates that may be published,
// as a range where there are several.
func sentence(r *Report) string {
	var fit []Result
	for _, res := range r.Results {
		if res.Method != Chao && res.Estimate != nil && len(res.Refusals) == 0 {
			fit = append(fit, res)
		}
	}
	if len(fit) == 0 {
		return ""
	}
	who := "people"
	if r.About.Population != "" {
		who = r.About.Population
	}
	seen := fmt.Sprintf("About %s %s were observed.", rounded(float64(r.Observed)), who)
	if len(fit) == 1 {
		return fmt.Sprintf("%s With those in no list, their number is estimated at about %s (95 %% interval %s to %s) by %s.",
			seen, rounded(*fit[0].Estimate), rounded(fit[0].Interval95[0]), rounded(fit[0].Interval95[1]), fit[0].Method.title())
	}
	low, high := math.Inf(1), math.Inf(-1)
	bottom, top := low, high
	for _, res := range fit {
		low, high = min(low, *res.Estimate), max(high, *res.Estimate)
		bottom, top = min(bottom, res.Interval95[0]), max(top, res.Interval95[1])
	}
	return fmt.Sprintf("%s With those in no list, %d methods estimate their number at about %s to %s; their 95 %% intervals together reach from %s to %s.",
		seen, len(fit), rounded(low), rounded(high), rounded(bottom), rounded(top))
}

// assumptions says what every method takes for granted and what the table has
// to say about it.
func assumptions(t Table, r *Report) []Assumption {
	s := t.sample()
	closed := "The period is not stated, so it cannot be judged."
	if r.About.Period != "" {
		closed = "The period is " + r.About.Period + ". The table cannot show who came or left within it."
	}
	linkage := "How records of the same person were recognised is not stated."
	if r.About.Linkage != "" {
		linkage = "Rule: " + r.About.Linkage + "."
	}
	if r.About.Errors != "" {
		linkage += " Errors: " + r.About.Errors + "."
	}
	if len(r.Linkages) == 0 {
		linkage += " No other linkage was tried. Missed links make the estimate too high, false links too low."
	} else {
		linkage += fmt.Sprintf(" Other linkages tried: %d, see part 8.", len(r.Linkages))
	}
	var same, avoid []string
	for j := range t.lists {
		for i := range j {
			ratio, ok := pairRatio(s, 1<<i, 1<<j)
			if !ok {
				continue
			}
			note := fmt.Sprintf("%s and %s (%.2g)", t.lists[i], t.lists[j], ratio)
			if ratio > 1.5 {
				same = append(same, note)
			} else if ratio < 1/1.5 {
				avoid = append(avoid, note)
			}
		}
	}
	referral := "With two lists this cannot be seen in the table."
	if len(t.lists) > 2 {
		referral = "Among the people of the further lists, no pair shares many more or many fewer than chance would give."
		if len(same)+len(avoid) > 0 {
			referral = "Shared people as a multiple of what chance would give among the people of the further lists."
			if len(same) > 0 {
				referral += " Too many: " + strings.Join(same, "; ") + "."
			}
			if len(avoid) > 0 {
				referral += " Too few: " + strings.Join(avoid, "; ") + ". Lists that avoid each other break the lower bound."
			}
		}
	}
	bound, _, _ := chao(s)
	unequal := fmt.Sprintf("Chao's lower bound, which allows for it, is about %s.", rounded(bound))
	for _, res := range r.Results {
		if res.Method == Main && res.Estimate != nil {
			verdict := "no sign of it"
			if bound > *res.Estimate {
				verdict = "a sign of it"
			}
			unequal += fmt.Sprintf(" Independent lists give about %s: %s.", rounded(*res.Estimate), verdict)
		}
	}
	return []Assumption{
		{"Closed population", "Nobody enters or leaves the population while the lists are made.", closed},
		{"Perfect linkage", "Records of one person are recognised as such, and only those.", linkage},
		{nameReferral, "Being in one list does not make being in another more or less likely, unless the model has a term for it.", referral},
		{"Equal chances", "Within the population everybody has the same chance of being in a list. Unequal chances make most estimates too low.", unequal},
		{"The hidden are like the seen", "What holds among the people observed also holds for those in no list. No table can show this.", "None."},
	}
}

// WriteJSON writes the report as one JSON object.
func (r *Report) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(r); err != nil {
		return fmt.Errorf("writing report: %w", err)
	}
	return nil
}

// title names a method in a sentence.
func (m Method) title() string {
	switch m {
	case Two:
		return "Chapman's two-list estimate"
	case Main:
		return "independent lists"
	case Stepwise:
		return "stepwise selection"
	case Downhill:
		return "downhill search by BIC"
	case BIC:
		return "least BIC of all models"
	case BIC2:
		return "least BIC of models with pairs"
	case Average:
		return "average over graphical models"
	case Latent:
		return "latent classes"
	case Chao:
		return "Chao's lower bound"
	}
	return string(m)
}

// people writes a number of people, rounded to a whole number, in groups of
// three digits.
func people(v float64) string {
	switch {
	case math.IsNaN(v):
		return "unknown"
	case math.Abs(v) >= 1e15:
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	digits := strconv.FormatInt(int64(math.Round(math.Abs(v))), 10)
	var b strings.Builder
	if v < 0 && digits != "0" {
		b.WriteByte('-')
	}
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}

// rounded writes a number of people to two significant digits.
func rounded(v float64) string { return people(twoDigits(v)) }

// twoDigits rounds to two significant digits.
func twoDigits(v float64) float64 {
	if v == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return v
	}
	scale := math.Pow(10, math.Floor(math.Log10(math.Abs(v)))-1)
	if scale < 1 {
		scale = 1
	}
	return math.Round(v/scale) * scale
}

// infinite lists the terms at minus infinity over all results.
func (r *Report) infinite() []string {
	var out []string
	for _, res := range r.Results {
		for _, term := range res.Infinite {
			if !slices.Contains(out, term) {
				out = append(out, term)
			}
		}
	}
	slices.Sort(out)
	return out
}
