package followup

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"rostrum.example/internal/locale"
)

// Says is what a line says; it is also the last part of its key "followup.says.…" in the catalogues.
type Says string

// What can truthfully be said of a point. There is no word for "pending": nobody must answer.
const (
	SaysWithdrawn       Says = "withdrawn"        // the point itself was taken back, On
	SaysUnput           Says = "unput"            // it was not put to any State
	SaysUnconfirmed     Says = "unconfirmed"      // put to States On; whether they had it is not known
	SaysSilent          Says = "silent"           // put to States On, confirmed Until; no answer is known
	SaysTakesUp         Says = "takes-up"         // States, On
	SaysTakesUpInPart   Says = "takes-up-in-part" // States, On
	SaysDiffers         Says = "differs"          // States, On
	SaysInforms         Says = "informs"          // States, On
	SaysDeclines        Says = "declines"         // States, On
	SaysAnswerWithdrawn Says = "answer-withdrawn" // States took back what they had said, On
	SaysDue             Says = "due"              // the date of the commitment is Until, ahead
	SaysPast            Says = "past"             // that date has passed and no progress has been told
	SaysProgress        Says = "progress"         // the State told of progress Count times, last On
	SaysViews           Says = "views"            // stakeholders said something Count times, last On
	SaysNoViews         Says = "no-views"         // none has said anything here
)

// Line is one thing that can truthfully be said of a point.
type Line struct {
	Says Says
	// States are those that it is about, by code in alphabetical order. Pages sort them by name.
	States []string
	// On and Until are its dates; which ones depends on Says.
	On, Until locale.Date
	Count     int
}

// Standing says what can truthfully be said of a point now: what each State said, of whom no answer is known and why that
// may be said, and whether stakeholders spoke. It looks at public answers and standing views alone, and the order of what
// it is given makes no difference.
func Standing(p Point, deliveries []Delivery, answers []Answer, views []View, now time.Time) []Line {
	var lines []Line
	if !p.Withdrawn.IsZero() {
		lines = append(lines, Line{Says: SaysWithdrawn, On: locale.DateOf(p.Withdrawn.UTC())})
	}
	said := map[string][]Answer{}
	for _, a := range answers {
		if a.Public() {
			said[a.State] = append(said[a.State], a)
		}
	}
	for _, state := range slices.Sorted(maps.Keys(said)) {
		lines = append(lines, answered(state, said[state], now)...)
	}
	if p.Withdrawn.IsZero() {
		silent := unanswered(deliveries, said)
		if len(silent) == 0 && len(said) == 0 && len(deliveries) == 0 {
			silent = []Line{{Says: SaysUnput}}
		}
		lines = append(lines, silent...)
	}
	return append(lines, viewed(views))
}

// answered says what a State that has spoken says now.
func answered(state string, all []Answer, now time.Time) []Line {
	slices.SortFunc(all, func(a, b Answer) int { return cmp.Compare(a.Number, b.Number) })
	lines := []Line{}
	current, last := -1, 0
	for i, a := range all {
		if a.Kind != Progress && a.Stage == Published {
			current = i
		}
		if a.At.After(all[last].At) {
			last = i
		}
	}
	if current < 0 {
		return append(lines, Line{Says: SaysAnswerWithdrawn, States: []string{state}, On: locale.DateOf(all[last].At.UTC())})
	}
	a := all[current]
	lines = append(lines, Line{Says: Says(a.Kind), States: []string{state}, On: locale.DateOf(a.At.UTC())})
	progress := Line{Says: SaysProgress, States: []string{state}}
	for _, later := range all[current+1:] {
		if later.Kind == Progress && later.Stage == Published {
			progress.Count++
			progress.On = locale.DateOf(later.At.UTC())
		}
	}
	if progress.Count > 0 {
		return append(lines, progress)
	}
	if due, err := locale.ParseDate(a.Date); a.Kind.Commits() && err == nil {
		line := Line{Says: SaysDue, States: []string{state}, Until: due}
		if before(due, locale.DateOf(now.UTC())) {
			line.Says = SaysPast
		}
		lines = append(lines, line)
	}
	return lines
}

// unanswered groups the States that have said nothing by what is known of the delivery. Of several deliveries to one
// State, the earliest confirmed one counts, or else the earliest.
func unanswered(deliveries []Delivery, said map[string][]Answer) []Line {
	counts := map[string]Delivery{}
	for _, d := range deliveries {
		if len(said[d.State]) > 0 {
			continue
		}
		old, ok := counts[d.State]
		if !ok || weight(d, old) < 0 {
			counts[d.State] = d
		}
	}
	type dates struct{ on, until locale.Date }
	groups := map[dates]*Line{}
	for _, state := range slices.Sorted(maps.Keys(counts)) {
		d := counts[state]
		at := dates{d.Day, d.Confirmed}
		if groups[at] == nil {
			groups[at] = &Line{Says: SaysUnconfirmed, On: d.Day, Until: d.Confirmed}
			if d.Confirmed != (locale.Date{}) {
				groups[at].Says = SaysSilent
			}
		}
		groups[at].States = append(groups[at].States, state)
	}
	var lines []Line
	for _, l := range groups {
		lines = append(lines, *l)
	}
	slices.SortFunc(lines, func(a, b Line) int {
		return cmp.Or(strings.Compare(string(a.Says), string(b.Says)), lastDay(a.On).Compare(lastDay(b.On)), lastDay(a.Until).Compare(lastDay(b.Until)))
	})
	return lines
}

// weight puts the delivery first that says most.
func weight(a, b Delivery) int {
	unknown := func(d Delivery) int {
		if d.Confirmed == (locale.Date{}) {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(unknown(a), unknown(b)), lastDay(a.Confirmed).Compare(lastDay(b.Confirmed)), lastDay(a.Day).Compare(lastDay(b.Day)), strings.Compare(a.ID, b.ID))
}

func viewed(views []View) Line {
	line := Line{Says: SaysNoViews}
	var last time.Time
	for _, v := range views {
		if v.Withdrawn.IsZero() {
			line.Says = SaysViews
			line.Count++
			if v.At.After(last) {
				last = v.At
			}
		}
	}
	if line.Count > 0 {
		line.On = locale.DateOf(last.UTC())
	}
	return line
}

// Commitment is the answer with which a State committed itself to something on a point, if it stands now.
func Commitment(answers []Answer, state string) (Answer, bool) {
	var current Answer
	for _, a := range answers {
		if a.State == state && a.Kind != Progress && a.Stage == Published && a.Number > current.Number {
			current = a
		}
	}
	return current, current.Kind.Commits()
}
