package admission

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Report is who was in an online meeting, as the tool that held it says.
type Report struct {
	// Tool is ToolTeams or ToolZoom.
	Tool         string
	Title        string
	Starts, Ends time.Time
	People       []Presence
	// Waited counts the rows of those who waited outside; they say nothing of who took part.
	Waited int
}

// The tools whose reports are read.
const (
	ToolTeams = "teams"
	ToolZoom  = "zoom"
)

// Presence is one person of a report. Somebody who joins by several devices or again is one person where the report gives
// the same address, or no address and the same name.
type Presence struct {
	Name, Email string
	// Spans are when the person was there, in order and without overlaps.
	Spans []Span
	// Loose is time of which the report does not say when it was.
	Loose time.Duration
	// Joins counts the rows of the report.
	Joins int
}

// Span is a time from one instant to another.
type Span struct{ From, To time.Time }

// union sorts spans and joins those that overlap or touch.
func union(all []Span) []Span {
	sorted := slices.DeleteFunc(slices.Clone(all), func(s Span) bool { return !s.To.After(s.From) })
	slices.SortFunc(sorted, func(a, b Span) int { return cmp.Or(a.From.Compare(b.From), a.To.Compare(b.To)) })
	var out []Span
	for _, s := range sorted {
		if n := len(out); n > 0 && !s.From.After(out[n-1].To) {
			if s.To.After(out[n-1].To) {
				out[n-1].To = s.To
			}
			continue
		}
		out = append(out, s)
	}
	return out
}

// lasting is how long spans last together; what overlaps counts once.
func lasting(spans []Span, loose time.Duration) time.Duration {
	for _, s := range union(spans) {
		loose += s.To.Sub(s.From)
	}
	return loose
}

// minutes rounds to whole minutes, and gives who was there at all at least one.
func minutes(d time.Duration) int {
	if d <= 0 {
		return 0
	}
	return max(1, int(d.Round(time.Minute)/time.Minute))
}

// presences gathers rows into persons.
type presences struct {
	order []string
	byKey map[string]*Presence
}

func (all *presences) add(name, email string, s Span, loose time.Duration) {
	key := "@" + strings.ToLower(email)
	if email == "" {
		key = foldName(plainName(name))
	}
	if all.byKey == nil {
		all.byKey = map[string]*Presence{}
	}
	p := all.byKey[key]
	if p == nil {
		p = &Presence{Name: name, Email: email}
		all.byKey[key] = p
		all.order = append(all.order, key)
	}
	p.Joins++
	p.Loose += loose
	if s.To.After(s.From) {
		p.Spans = append(p.Spans, s)
	}
}

func (all *presences) list() []Presence {
	var people []Presence
	for _, key := range all.order {
		p := *all.byKey[key]
		p.Spans = union(p.Spans)
		people = append(people, p)
	}
	return people
}

// frame finds when a report begins and ends.
func (r *Report) frame() {
	for _, p := range r.People {
		for _, s := range p.Spans {
			if r.Starts.IsZero() || s.From.Before(r.Starts) {
				r.Starts = s.From
			}
			if s.To.After(r.Ends) {
				r.Ends = s.To
			}
		}
	}
}

// plainName takes off what meeting tools put around a name: "[Company] Name", "Name (External)", "Name (Original Name)".
func plainName(name string) string {
	name = strings.TrimSpace(name)
	if strings.HasPrefix(name, "[") {
		if _, rest, ok := strings.Cut(name, "]"); ok && strings.TrimSpace(rest) != "" {
			name = strings.TrimSpace(rest)
		}
	}
	for {
		rest, _, ok := cutBrackets(name)
		if !ok || rest == "" {
			return name
		}
		name = rest
	}
}

// cutBrackets takes the last brackets off a name.
func cutBrackets(name string) (rest, inside string, ok bool) {
	name = strings.TrimSpace(name)
	for _, pair := range []string{"()", "（）"} {
		runes := []rune(pair)
		if body, found := strings.CutSuffix(name, string(runes[1])); found {
			if at := strings.LastIndex(body, string(runes[0])); at >= 0 {
				return strings.TrimSpace(body[:at]), strings.TrimSpace(body[at+len(string(runes[0])):]), true
			}
		}
	}
	return name, "", false
}

// namesOf gives the names under which somebody may be registered: the one shown, and Zoom's original one in brackets.
func namesOf(name string) []string {
	all := []string{plainName(name)}
	if _, inside, ok := cutBrackets(name); ok {
		all = append(all, inside)
	}
	return append(all, name)
}

// nameKey is a name as it is compared: "Sample, Ada" and "Ada Sample" are one.
func nameKey(name string) string {
	words := strings.Fields(foldName(name))
	slices.Sort(words)
	return strings.Join(words, " ")
}

// The grounds on which a person of a report is taken for a participant. Only an address decides by itself; a name is a
// proposal to an officer.
const (
	byEmail   = "email"
	byName    = "name"
	byOfficer = "officer"
)

// match says which participant a person of a report may be, and on which ground.
type match struct {
	Participant ParticipantID
	Basis       string
}

// matches compares the persons of a report with the participants, first by address, then by name. A participant, or a
// name, that fits several is left to the officer.
func matches(people []Presence, all []*Participant) []match {
	emails, names := map[string][]ParticipantID{}, map[string][]ParticipantID{}
	for _, p := range all {
		if !p.Here() {
			continue
		}
		if p.Email != "" {
			emails[p.Email.Key()] = append(emails[p.Email.Key()], p.ID)
		}
		if key := nameKey(p.Name); key != "" {
			names[key] = append(names[key], p.ID)
		}
	}
	out := make([]match, len(people))
	taken := map[ParticipantID]bool{}
	for i, person := range people {
		if ids := emails[strings.ToLower(person.Email)]; person.Email != "" && len(ids) == 1 {
			out[i] = match{ids[0], byEmail}
			taken[ids[0]] = true
		}
	}
	proposed := map[ParticipantID]int{}
	for i, person := range people {
		if out[i].Participant != "" {
			continue
		}
		for _, name := range namesOf(person.Name) {
			if ids := names[nameKey(name)]; len(ids) == 1 && !taken[ids[0]] {
				out[i] = match{ids[0], byName}
				proposed[ids[0]]++
				break
			}
		}
	}
	for i := range out {
		if out[i].Basis == byName && proposed[out[i].Participant] > 1 {
			out[i] = match{} // two persons of the report bear the name: which of them it is, only a human can say
		}
	}
	return out
}
