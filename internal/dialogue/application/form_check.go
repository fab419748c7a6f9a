package application

import (
	"slices"
	"strings"
	"unicode/utf8"

	"rostrum.example/format/mechanism"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
)

// label names a question in what is wrong with its answer; say puts it into the reader's language.
type label struct{ of mechanism.Field }

// say puts the names of questions into a language.
func say(lang locale.Lang, all page.Invalids) page.Invalids {
	said := slices.Clone(all)
	for i, one := range said {
		said[i].Pairs = slices.Clone(one.Pairs)
		for j, v := range said[i].Pairs {
			if l, ok := v.(label); ok {
				said[i].Pairs[j] = l.of.Label.In(string(lang), "en").Text
			}
		}
	}
	return said
}

// check tells what is wrong with the answers to some questions, or missing. all are the questions among which the
// conditions are looked up, offered the dialogues that can be applied for.
func check(all, fields []mechanism.Field, a Answers, offered []string) page.Invalids {
	var wrong page.Invalids
	for _, q := range fields {
		if !asked(all, q, a.All) {
			continue
		}
		if q.Kind == mechanism.FieldPersons {
			wrong = append(wrong, checkPersons(q, a[q.ID].Persons, offered)...)
			continue
		}
		wrong = append(wrong, checkValues(q, q.ID, a.All(q.ID), offered)...)
	}
	return wrong
}

func checkPersons(q mechanism.Field, persons []map[string]string, offered []string) page.Invalids {
	if len(persons) == 0 {
		if q.Required && len(q.Fields) > 0 {
			return page.Invalids{{Field: part(q.ID, 0, q.Fields[0].ID), Key: "application.persons.missing", Pairs: []any{"Label", label{q}}}}
		}
		return nil
	}
	var wrong page.Invalids
	if len(persons) > most(q) {
		wrong = append(wrong, page.Invalid{Field: part(q.ID, most(q), q.Fields[0].ID), Key: "application.persons.many", Pairs: []any{"Label", label{q}, "Max", most(q), "Count", len(persons)}})
	}
	for i, person := range persons {
		values := func(id string) []string { return personValues(q, person, id) }
		for _, sub := range q.Fields {
			if asked(q.Fields, sub, values) {
				wrong = append(wrong, checkValues(sub, part(q.ID, i, sub.ID), values(sub.ID), offered)...)
			}
		}
	}
	return wrong
}

// personValues gives the answers of a person to a question: a list is kept line by line.
func personValues(q mechanism.Field, person map[string]string, id string) []string {
	text := person[id]
	if text == "" {
		return nil
	}
	if sub, ok := find(q.Fields, id); ok && !single(sub.Kind) {
		return strings.Split(text, "\n")
	}
	return []string{text}
}

// checkValues tells what is wrong with the values of one question.
func checkValues(q mechanism.Field, name string, values []string, offered []string) page.Invalids {
	wrong := func(key string, pairs ...any) page.Invalids {
		return page.Invalids{{Field: name, Key: key, Pairs: append([]any{"Label", label{q}}, pairs...)}}
	}
	if len(values) == 0 {
		if q.Required {
			return wrong("application.field.missing")
		}
		return nil
	}
	if !single(q.Kind) && len(values) > most(q) {
		return wrong("application.field.many", "Max", most(q), "Count", len(values))
	}
	switch q.Kind {
	case mechanism.FieldLine, mechanism.FieldLines:
		if n := utf8.RuneCountInString(values[0]); n > most(q) {
			return wrong("application.field.long", "Max", most(q), "Length", n)
		}
	case mechanism.FieldYesNo:
		if values[0] != yes && values[0] != no {
			return wrong("application.field.choice")
		}
		if q.ID == FieldNotice && values[0] != yes {
			return wrong("application.notice.no")
		}
	case mechanism.FieldChoice, mechanism.FieldChoices:
		for _, v := range values {
			if !slices.ContainsFunc(q.Choices, func(o mechanism.Option) bool { return o.ID == v }) {
				return wrong("application.field.choice")
			}
		}
	case mechanism.FieldCountry:
		if !isCountry(values[0]) {
			return wrong("application.field.choice")
		}
	case mechanism.FieldCountries:
		if slices.ContainsFunc(values, func(v string) bool { return !isCountry(v) && !isRegion(v) }) {
			return wrong("application.field.choice")
		}
	case mechanism.FieldLanguages:
		if slices.ContainsFunc(values, func(v string) bool { return !isLanguage(v) }) {
			return wrong("application.field.choice")
		}
	case mechanism.FieldLink, mechanism.FieldLinks:
		for _, v := range values {
			if !checkLink(v) {
				return wrong("application.field.link", "Value", v)
			}
		}
	case mechanism.FieldEmail:
		if _, err := party.ParseEmail(values[0]); err != nil {
			return wrong("application.field.email")
		}
	case mechanism.FieldDialogues:
		if slices.ContainsFunc(values, func(v string) bool { return !slices.Contains(offered, v) }) {
			return wrong("application.field.dialogue")
		}
	}
	return nil
}

// prune drops answers to questions that are not asked, and to those that the form does not have. It goes on until
// nothing changes, for a question may depend on one that goes.
func (f *form) prune(a Answers) Answers {
	kept := Answers{}
	for _, q := range f.fields {
		answer, ok := a[q.ID]
		if !ok || q.Sealed || !f.asked(q, a) {
			continue
		}
		for i, person := range answer.Persons {
			one := map[string]string{}
			for _, sub := range q.Fields {
				if person[sub.ID] != "" && asked(q.Fields, sub, func(id string) []string { return personValues(q, person, id) }) {
					one[sub.ID] = person[sub.ID]
				}
			}
			if i == 0 {
				answer.Persons = slices.Clone(answer.Persons)
			}
			answer.Persons[i] = one
		}
		kept[q.ID] = answer
	}
	return kept
}
