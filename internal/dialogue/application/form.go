package application

import (
	"fmt"
	"slices"

	"rostrum.example/format/mechanism"
)

// form is the mechanism's form as it is asked: a page for each step, and on one of them the questions whose answers
// are sealed. These stand together, because nobody here can open what was sealed before and add to it.
type form struct {
	steps  []mechanism.Term
	fields []mechanism.Field
	// sealing is the step on whose page the sealed questions stand: the last that has one; empty for none.
	sealing string
}

// taken are words that stand in the addresses where a step's id would stand.
var taken = []string{"check", "export", "forget", "link", "listing", "open", "text", "travel", "withdraw"}

func newForm(f mechanism.Form) (*form, error) {
	if len(f.Steps) == 0 {
		return nil, fmt.Errorf("the preset's form has no steps")
	}
	made := &form{steps: f.Steps, fields: f.Fields}
	for _, s := range f.Steps {
		if slices.Contains(taken, s.ID) {
			return nil, fmt.Errorf("the preset's form has a step %q, which is an address of another page", s.ID)
		}
		if slices.ContainsFunc(f.Fields, func(q mechanism.Field) bool { return q.Step == s.ID && q.Sealed }) {
			made.sealing = s.ID
		}
	}
	listing, listed := made.field(FieldListing)
	safety, asked := made.field(FieldSafety)
	if listed && asked && made.stepOf(listing) != made.stepOf(safety) {
		// What is sealed cannot be read again: a wider listing is only accepted together with a new answer.
		return nil, fmt.Errorf("the preset's form asks %s and %s on different pages", FieldListing, FieldSafety)
	}
	return made, nil
}

// field finds a question; ok is false where there is none.
func (f *form) field(id string) (q mechanism.Field, ok bool) { return find(f.fields, id) }

func find(fields []mechanism.Field, id string) (q mechanism.Field, ok bool) {
	if i := slices.IndexFunc(fields, func(q mechanism.Field) bool { return q.ID == id }); i >= 0 {
		return fields[i], true
	}
	return q, false
}

// open gives the questions of a step whose answers are not sealed.
func (f *form) open(step string) []mechanism.Field {
	return only(f.fields, func(q mechanism.Field) bool { return q.Step == step && !q.Sealed })
}

// sealed gives the questions whose answers are sealed.
func (f *form) sealed() []mechanism.Field {
	return only(f.fields, func(q mechanism.Field) bool { return q.Sealed })
}

func only(fields []mechanism.Field, keep func(mechanism.Field) bool) (some []mechanism.Field) {
	for _, q := range fields {
		if keep(q) {
			some = append(some, q)
		}
	}
	return some
}

// has tells whether there is a step, and which comes after it; "" after the last.
func (f *form) has(step string) (next string, ok bool) {
	i := slices.IndexFunc(f.steps, func(s mechanism.Term) bool { return s.ID == step })
	if i < 0 {
		return "", false
	}
	if i+1 < len(f.steps) {
		next = f.steps[i+1].ID
	}
	return next, true
}

// stepOf is the step on whose page a question stands.
func (f *form) stepOf(q mechanism.Field) string {
	if q.Sealed {
		return f.sealing
	}
	return q.Step
}

// asked tells whether a question is asked, given the answers: one that depends on another only when that one is asked
// and answered so.
func asked(fields []mechanism.Field, q mechanism.Field, answers func(id string) []string) bool {
	if q.If == nil {
		return true
	}
	on, ok := find(fields, q.If.Field)
	return ok && slices.Contains(answers(on.ID), q.If.Is) && asked(fields, on, answers)
}

func (f *form) asked(q mechanism.Field, a Answers) bool { return asked(f.fields, q, a.All) }

// single tells whether a kind of question has one value.
func single(kind mechanism.FieldKind) bool {
	switch kind {
	case mechanism.FieldChoices, mechanism.FieldCountries, mechanism.FieldLanguages, mechanism.FieldLinks, mechanism.FieldDialogues, mechanism.FieldPersons:
		return false
	}
	return true
}

// The answers to a question of yes or no.
const (
	yes = "yes"
	no  = "no"
)

// The bounds of answers to which the preset sets none.
const (
	maxLine    = 300
	maxLines   = 5000
	maxItems   = 50
	maxPersons = 20
	maxLink    = 2000
)

// most is the greatest number of characters of a text, of items of a list, or of persons.
func most(q mechanism.Field) int {
	switch q.Kind {
	case mechanism.FieldLine:
		return orElse(q.MaxCharacters, maxLine)
	case mechanism.FieldLines:
		return orElse(q.MaxCharacters, maxLines)
	case mechanism.FieldLink:
		return maxLink
	case mechanism.FieldPersons:
		return min(orElse(q.MaxItems, maxPersons), maxPersons)
	}
	return orElse(q.MaxItems, maxItems)
}

func orElse(n, otherwise int) int {
	if n > 0 {
		return n
	}
	return otherwise
}
