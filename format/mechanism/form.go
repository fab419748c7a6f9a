package mechanism

import (
	"slices"

	"rostrum.example/format/internal/place"
)

func (r *reader) form(n *place.Node) Form {
	f := r.Object(n)
	defer f.Close()
	form := Form{Ground: r.ground(f), Steps: r.terms(r.Some(f.Must("steps")), r.Term)}
	var steps []string
	for _, s := range form.Steps {
		steps = append(steps, s.ID)
	}
	form.Fields = r.fields(r.Some(f.Must("fields")), steps)
	return form
}

// fields reads the questions of the form or, where there are no steps, the
// questions about a person.
func (r *reader) fields(n *place.Node, steps []string) []Field {
	taken := place.IDs{}
	answers := map[string][]string{} // by field: what an If can name
	var before []string
	return place.List(r.Reader, n, func(n *place.Node) Field {
		field := r.field(n, steps, taken, before, answers)
		before = append(before, field.ID)
		return field
	})
}

func (r *reader) field(n *place.Node, steps []string, taken place.IDs, before []string, answers map[string][]string) Field {
	f := r.Object(n)
	defer f.Close()
	d := Field{ID: r.Term(f.Must("id"), taken)}
	kinds := []FieldKind{FieldLine, FieldLines, FieldYesNo, FieldChoice, FieldChoices, FieldCountry,
		FieldCountries, FieldLanguages, FieldLink, FieldLinks, FieldEmail, FieldDialogues}
	if steps != nil {
		d.Step = r.Ref(f.Must("step"), "step", steps)
		kinds = append(kinds, FieldPersons)
	}
	d.Label = r.Text(f.Must("label"))
	d.Kind = place.Word(r.Reader, f.Must("kind"), kinds...)
	d.Required = r.Bool(f.Must("required"))
	seen := f.Must("seen_by")
	d.SeenBy = place.Word(r.Reader, seen, SeenByPublic, SeenByParticipants, SeenBySecretariat)
	d.Sealed = r.Bool(f.Must("sealed"))
	if d.Sealed && d.SeenBy != "" && d.SeenBy != SeenBySecretariat {
		r.Report(seen, place.SealedAndShown)
	}
	if slices.Contains([]FieldKind{FieldLine, FieldLines}, d.Kind) {
		d.MaxCharacters = r.Int(f.May("max_characters"), 1, 100_000)
	}
	switch d.Kind {
	case FieldChoices, FieldCountries, FieldLanguages, FieldLinks, FieldDialogues, FieldPersons:
		d.MaxItems = r.Int(f.May("max_items"), 1, place.MaxList)
	}
	switch d.Kind {
	case "": // reported already; what belongs to the kind that was meant is no second mistake
		for _, name := range []string{"max_characters", "max_items", "choices", "fields"} {
			f.May(name)
		}
	case FieldChoice, FieldChoices:
		d.Choices = r.options(r.Some(f.Must("choices")))
		for _, c := range d.Choices {
			answers[d.ID] = append(answers[d.ID], c.ID)
		}
	case FieldYesNo:
		answers[d.ID] = []string{"yes", "no"}
	case FieldPersons:
		d.Fields = r.fields(r.Some(f.Must("fields")), nil)
	}
	d.If = r.condition(f.May("if"), before, answers)
	return d
}

func (r *reader) options(n *place.Node) []Option {
	taken := place.IDs{}
	return place.List(r.Reader, n, func(n *place.Node) Option {
		f := r.Object(n)
		defer f.Close()
		return Option{ID: r.Term(f.Must("id"), taken), Name: r.Text(f.Must("name"))}
	})
}

func (r *reader) condition(n *place.Node, before []string, answers map[string][]string) *If {
	if n == nil {
		return nil
	}
	f := r.Object(n)
	defer f.Close()
	c := &If{Field: r.Ref(f.Must("field"), "field", before)}
	is := f.Must("is")
	if c.Field != "" {
		c.Is = r.Ref(is, "choice", answers[c.Field])
	}
	return c
}
