package application

import (
	"slices"
	"strings"

	"rostrum.example/format/mechanism"
	"rostrum.example/internal/page"
)

// question is one question as a page shows it.
type question struct {
	page.Field
	// As names the template that shows it.
	As string
	// On and Is: the question is asked only when the one that the browser calls On is answered so.
	On, Is string
	// Groups are the options of a long list, folded by group.
	Groups []choiceGroup
	// Persons are the groups of questions about persons, Most at most; Add is whether one more may be added.
	Persons []personView
	Add     bool
	Most    int
	// Kept is what another page in a browser has kept meanwhile; Twice tells that it is to be shown.
	Kept  string
	Twice bool
}

type choiceGroup struct {
	Name    string
	Choices []page.Choice
	Chosen  int
	Open    bool
}

type personView struct {
	Number    int
	Questions []question
	// Drop is the value of the button that takes the person out.
	Drop string
}

// show lays out questions with their answers. The answers to sealed questions are what was typed just now, if anything.
type show struct {
	room    *Room
	r       *page.Request
	call    *call
	named   []string // the dialogues that an application names for good
	answers Answers
	errs    page.FormErrors
	before  Answers // what another page has kept meanwhile; nil for nothing
	// more names a question about persons to which one more is to be added.
	more string
}

func (s *show) questions(fields []mechanism.Field) []question {
	var all []question
	for _, q := range fields {
		v := s.question(q, s.room.form.fields, q.ID, q.ID, s.answers[q.ID].Values)
		if q.Kind == mechanism.FieldPersons {
			s.persons(q, &v)
		}
		if s.before != nil && !q.Sealed && !equal(s.before[q.ID], s.answers[q.ID]) {
			v.Twice, v.Kept = true, s.room.answer(s.r, q, s.before[q.ID], s.call)
		}
		all = append(all, v)
	}
	return all
}

// question lays out one question. all are the questions among which its condition is looked up, and name is what the
// browser calls it; condition is what it calls the question that the condition is about, with the id in place of ID.
func (s *show) question(q mechanism.Field, all []mechanism.Field, id, name string, values []string) question {
	lang := string(s.r.Lang)
	v := question{As: "field", Field: page.Field{
		Name: name, Label: q.Label.In(lang, "en").Text, Type: "text", Optional: !q.Required, Error: s.errs.Of(name),
		Value: strings.Join(values, ""),
	}}
	var hints []string
	if on, ok := condition(q, all); ok {
		v.On, v.Is = strings.TrimSuffix(name, id)+on.ID, q.If.Is
		v.Optional = false
		key := "application.if"
		if !q.Required {
			key = "application.if.optional"
		}
		hints = append(hints, s.r.Text(key, "Question", on.Label.In(lang, "en").Text, "Answer", s.room.choiceName(s.r, on, q.If.Is)))
	}
	switch q.Kind {
	case mechanism.FieldLines:
		v.As, v.Rows, v.Max = "area", min(3+most(q)/400, 10), most(q)
	case mechanism.FieldYesNo:
		v.As, v.Choices = "radios", page.Choose([]page.Choice{{Value: yes, Text: s.r.Text("application.yes")}, {Value: no, Text: s.r.Text("application.no")}}, values...)
	case mechanism.FieldChoice, mechanism.FieldChoices:
		v.As = "radios"
		if q.Kind == mechanism.FieldChoices {
			v.As = "checks"
		}
		for _, o := range q.Choices {
			v.Choices = append(v.Choices, page.Choice{Value: o.ID, Text: o.Name.In(lang, "en").Text})
		}
		if q.Kind == mechanism.FieldChoice && len(q.Choices) > 8 {
			v.As, v.Choices = "select", append([]page.Choice{{Text: s.r.Text("application.choose")}}, v.Choices...)
		}
		page.Choose(v.Choices, values...)
	case mechanism.FieldCountry:
		v.As = "select"
		v.Choices = append(v.Choices, page.Choice{Text: s.r.Text("application.choose")})
		v.Choices = page.Choose(append(v.Choices, choices(s.room.atlas[s.r.Lang].countries)...), values...)
	case mechanism.FieldCountries:
		v.As, v.Groups = "groups", s.countries(values)
		hints = append(hints, s.r.Text("application.countries.hint"))
	case mechanism.FieldLanguages:
		atlas := s.room.atlas[s.r.Lang]
		v.As, v.Groups = "groups", []choiceGroup{s.group(s.r.Text("application.languages.official"), atlas.official, values), s.group(s.r.Text("application.languages.other"), atlas.other, values)}
		v.Groups[0].Open = true
	case mechanism.FieldLink:
		v.Type, v.Inputmode, v.Autocomplete, v.LTR = "text", "url", "url", true
	case mechanism.FieldLinks:
		v.As, v.Rows, v.Value, v.LTR = "area", 4, strings.Join(values, "\n"), true
		hints = append(hints, s.r.Text("application.links.hint", "Max", most(q)))
	case mechanism.FieldEmail:
		v.Type, v.Inputmode, v.LTR = "email", "email", true
		if name == FieldEmail {
			v.Autocomplete = "email"
		}
		if id == FieldEmail {
			hints = append(hints, s.r.Text("application.email.hint"))
		}
	case mechanism.FieldDialogues:
		v.As, v.Choices = "checks", s.dialogues(values)
	}
	if id == FieldSafety {
		hints = append(hints, s.r.Text("application.safety.hint"))
	}
	if !strings.Contains(name, "-") { // what holds for a group of persons is said once, above them
		hints = append(hints, s.seen(q))
	}
	v.Hint = strings.Join(slices.DeleteFunc(hints, func(h string) bool { return h == "" }), " ")
	return v
}

func condition(q mechanism.Field, all []mechanism.Field) (mechanism.Field, bool) {
	if q.If == nil {
		return mechanism.Field{}, false
	}
	return find(all, q.If.Field)
}

// seen says who sees the answer to a question.
func (s *show) seen(q mechanism.Field) string {
	if q.Sealed {
		return "" // said once, above them all
	}
	return s.r.Text("application.seen." + string(q.SeenBy))
}

func choices(options []option) (all []page.Choice) {
	for _, o := range options {
		all = append(all, page.Choice{Value: o.Code, Text: o.Name})
	}
	return all
}

func (s *show) group(name string, options []option, values []string) choiceGroup {
	g := choiceGroup{Name: name, Choices: page.Choose(choices(options), values...)}
	for _, c := range g.Choices {
		if c.Chosen {
			g.Chosen++
		}
	}
	g.Open = g.Chosen > 0
	return g
}

// countries offers the world, its continents, and countries by region; a region may be chosen as a whole.
func (s *show) countries(values []string) []choiceGroup {
	atlas := s.room.atlas[s.r.Lang]
	all := []choiceGroup{s.group(s.r.Text("application.countries.wide"), atlas.wide, values)}
	for _, region := range atlas.regions {
		members := region.Members
		if region.Code != "" {
			members = append([]option{{region.Code, s.r.Text("application.countries.whole", "Region", region.Name)}}, members...)
		}
		all = append(all, s.group(region.Name, members, values))
	}
	return all
}

// dialogues offers the dialogues of the call. One that the application names already stays named, and one that is not
// open for applications is shown and cannot be chosen.
func (s *show) dialogues(values []string) []page.Choice {
	var all []page.Choice
	for _, d := range s.call.dialogues {
		c := page.Choice{Value: string(d.ID), Text: words(d.Title, s.r.Lang) + " (" + s.days(d.Starts, d.Ends) + ")"}
		switch {
		case slices.Contains(s.named, c.Value):
			c.Disabled, c.Hint = true, s.r.Text("application.dialogue.named")
		case !slices.Contains(s.call.open, c.Value):
			c.Disabled, c.Hint = true, s.r.Text("application.dialogue.closed")
		}
		all = append(all, c)
	}
	if len(all) == 1 && !all[0].Disabled {
		values = []string{all[0].Value} // there is nothing else to choose
	}
	return page.Choose(all, append(slices.Clone(values), s.named...)...)
}

// persons lays out a group of questions for each person, one at least.
func (s *show) persons(q mechanism.Field, v *question) {
	v.As, v.Most = "persons", most(q)
	persons := slices.Clone(s.answers[q.ID].Persons)
	if len(persons) == 0 || s.more == q.ID && len(persons) < v.Most {
		persons = append(persons, map[string]string{})
	}
	v.Add = len(persons) < v.Most
	for i, person := range persons {
		one := personView{Number: i + 1, Drop: "drop " + part(q.ID, i, "")}
		for _, sub := range q.Fields {
			one.Questions = append(one.Questions, s.question(sub, q.Fields, sub.ID, part(q.ID, i, sub.ID), personValues(q, person, sub.ID)))
		}
		v.Persons = append(v.Persons, one)
	}
}

// choiceName is what a choice, or yes and no, is called.
func (room *Room) choiceName(r *page.Request, q mechanism.Field, value string) string {
	for _, o := range q.Choices {
		if o.ID == value {
			return o.Name.In(string(r.Lang), "en").Text
		}
	}
	switch value {
	case yes:
		return r.Text("application.yes")
	case no:
		return r.Text("application.no")
	}
	return value
}

// answer writes an answer for people.
func (room *Room) answer(r *page.Request, q mechanism.Field, a Answer, c *call) string {
	var parts []string
	for _, value := range a.Values {
		parts = append(parts, room.value(r, q, value, c))
	}
	for _, person := range a.Persons {
		var lines []string
		for _, sub := range q.Fields {
			var said []string
			for _, value := range personValues(q, person, sub.ID) {
				said = append(said, room.value(r, sub, value, c))
			}
			if len(said) > 0 {
				lines = append(lines, strings.Join(said, ", "))
			}
		}
		parts = append(parts, strings.Join(lines, " · "))
	}
	return strings.Join(parts, "\n")
}

func (room *Room) value(r *page.Request, q mechanism.Field, value string, c *call) string {
	switch q.Kind {
	case mechanism.FieldYesNo, mechanism.FieldChoice, mechanism.FieldChoices:
		return room.choiceName(r, q, value)
	case mechanism.FieldCountry, mechanism.FieldCountries:
		return room.place(r.Lang, value)
	case mechanism.FieldLanguages:
		return tongue(r.Lang, value)
	case mechanism.FieldDialogues:
		if c != nil {
			if d := c.dialogue(value); d != nil {
				return words(d.Title, r.Lang)
			}
		}
	}
	return value
}
