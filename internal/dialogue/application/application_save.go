package application

import (
	"maps"
	"net/http"
	"slices"
	"time"

	"rostrum.example/format/mechanism"
	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/secret"
	"rostrum.example/internal/store"
)

// entry is what somebody sent for one page of the form.
type entry struct {
	step string
	// version counts how often the page had been saved when it was read; once names the page in the browser, so that
	// sending it twice is no conflict with oneself.
	version int
	once    string
	lang    locale.Lang
	// open are the answers that are kept as they are; hidden those to be sealed, which stand nowhere else.
	open, hidden Answers
	// marks say what could not be kept as it was sent, hiddenMarks the same of what is to be sealed.
	marks, hiddenMarks page.Invalids
	// arrived is when the request began.
	arrived time.Time
}

// saving is what became of it.
type saving struct {
	// wrong is what is wrong with the page or missing; a draft is kept all the same.
	wrong page.Invalids
	// before are the answers to the page's questions that another page in a browser has kept meanwhile; nothing has been
	// kept of this one then.
	before Answers
	// sealed: what was to be sealed has been.
	sealed bool
	// guarded: the answer about safety has narrowed the listing.
	guarded bool
	call    *call
}

// The refusals of a page.
func problem(status int, key string, pairs ...any) *page.Problem {
	return &page.Problem{Status: status, Key: key, Pairs: pairs}
}

// begin makes a draft for a call, whose link is the key that the page brought along: whoever sends the page twice finds
// the draft they began.
func (room *Room) begin(tx *store.Tx, c *call, key secret.Secret, lang locale.Lang) (*Application, error) {
	a, err := room.byLink(tx, key)
	if err == nil && a.Call != c.ID {
		return nil, problem(http.StatusConflict, "application.problem.other")
	}
	if err != ErrNotFound {
		return a, err
	}
	id, err := store.NewID(room.o.Random)
	if err != nil {
		return nil, err
	}
	now := room.o.Clock()
	a = &Application{ID: ID(id), Call: c.ID, Sample: c.Sample, Lang: lang, Answers: Answers{}, Listing: Secretariat, Source: "form",
		Created: now, Changed: now, Version: 1, steps: map[string]saved{}}
	a.Erases = c.erases(a)
	if err := room.insert(tx, a, nil); err != nil {
		return nil, err
	}
	return a, room.keepLink(tx, key, a.ID)
}

// save keeps what somebody sent for a page. A draft keeps all of it, right or wrong; a submitted application only what
// is right, and notes what has changed.
func (room *Room) save(tx *store.Tx, a *Application, e entry, key secret.Secret) (saving, error) {
	c, err := room.call(tx, a.Call, e.arrived)
	if err != nil {
		return saving{}, err
	}
	s := saving{call: c}
	submitted := !a.Submitted.IsZero()
	stand, err := room.Admissions(tx, a.ID)
	if err != nil {
		return s, err
	}
	switch {
	case !a.Erased.IsZero():
		return s, problem(http.StatusGone, "application.problem.erased")
	case submitted && !correctable(stand):
		return s, problem(http.StatusConflict, "application.problem.closed")
	case !submitted && c.late:
		return s, errLate
	}
	questions := room.form.open(e.step)
	if was := a.steps[e.step]; was.N != e.version && (was.Once == "" || was.Once != e.once) {
		s.before = Answers{}
		for _, q := range questions {
			s.before[q.ID] = a.Answers[q.ID]
		}
		return s, nil
	}
	before, offered := maps.Clone(a.Answers), c.open
	for _, q := range questions {
		if answer, ok := e.open[q.ID]; ok {
			a.Answers[q.ID] = answer
		} else {
			delete(a.Answers, q.ID)
		}
	}
	if submitted {
		offered = room.keepNamed(a, stand, offered)
	}
	s.wrong = append(slices.Clone(e.marks), check(room.form.fields, questions, a.Answers, offered)...)
	if e.step == room.form.sealing {
		if err := room.saveHidden(tx, c, a, e, &s); err != nil {
			return s, err
		}
	}
	if s.guarded = a.Answers.One(FieldSafety) == yes || s.guarded; s.guarded {
		a.Answers[FieldListing] = Answer{Values: []string{string(Secretariat)}}
	}
	if wider(listing(a.Answers), listing(before)) && !a.SealedAt.IsZero() && !s.sealed {
		if safety, ok := room.form.field(FieldSafety); ok && safety.Sealed {
			s.wrong = append(s.wrong, page.Invalid{Field: FieldSafety, Key: "application.listing.again", Pairs: []any{"Label", label{safety}}})
			a.Answers[FieldListing] = before[FieldListing]
		}
	}
	if submitted && len(s.wrong) > 0 {
		return s, nil
	}
	return s, room.keepEntry(tx, c, a, e, before, stand, s.sealed, key)
}

// saveHidden seals what was written for the sealed questions, once all of it is right. Where nothing was written, what
// was sealed before stays.
func (room *Room) saveHidden(tx *store.Tx, c *call, a *Application, e entry, s *saving) error {
	hidden := room.form.sealed()
	if len(hidden) == 0 || len(e.hidden) == 0 && !a.SealedAt.IsZero() {
		return nil
	}
	both := maps.Clone(a.Answers)
	maps.Copy(both, e.hidden)
	wrong := append(slices.Clone(e.hiddenMarks), check(room.form.fields, hidden, both, c.open)...)
	if len(wrong) > 0 {
		s.wrong = append(s.wrong, wrong...)
		return nil
	}
	if len(s.wrong) > 0 && !a.Submitted.IsZero() {
		return nil // a correction is kept whole or not at all
	}
	kept := Answers{}
	for _, q := range hidden {
		if answer, ok := e.hidden[q.ID]; ok && room.form.asked(q, both) {
			kept[q.ID] = answer
		}
	}
	s.sealed, s.guarded = true, kept.One(FieldSafety) == yes
	return room.keepSealed(tx, c.Call, a, kept)
}

// keepEntry keeps an application whose answers have changed.
func (room *Room) keepEntry(tx *store.Tx, c *call, a *Application, e entry, before Answers, stand []*Admission, sealed bool, key secret.Secret) error {
	now := room.o.Clock()
	submitted := !a.Submitted.IsZero()
	was := *a
	if submitted {
		a.Answers = room.form.prune(a.Answers)
		changed := changes(room.form, before, a.Answers)
		if sealed {
			for _, q := range room.form.sealed() {
				changed = append(changed, q.ID)
			}
		}
		if len(changed) > 0 {
			if err := room.keepCorrection(tx, a.ID, changed); err != nil {
				return err
			}
		}
	}
	a.Name = a.Answers.One(FieldName)
	a.Email = emailOf(a.Answers)
	old := a.Listing
	a.Listing = listing(a.Answers)
	a.Lang, a.Changed = e.lang, now
	a.steps[e.step] = saved{a.steps[e.step].N + 1, e.once}
	a.Erases = c.erases(a)
	if submitted && wider(old, a.Listing) {
		if err := room.unlist(tx, a); err != nil {
			return err
		}
	}
	if err := room.update(tx, a); err != nil {
		return err
	}
	if submitted {
		if err := room.name(tx, c, a, stand); err != nil {
			return err
		}
	}
	if a.Email != "" && a.Email.Key() != was.Email.Key() && key != (secret.Secret{}) {
		return room.mailLink(tx, a, c, key)
	}
	return nil
}

// emailOf is the address that the answers give to write to; empty where it cannot be one.
func emailOf(a Answers) party.Email {
	email, err := party.ParseEmail(a.One(FieldEmail))
	if err != nil {
		return ""
	}
	return email
}

// changes lists the questions whose answers differ.
func changes(f *form, before, after Answers) (fields []string) {
	for _, q := range f.fields {
		if !q.Sealed && !equal(before[q.ID], after[q.ID]) {
			fields = append(fields, q.ID)
		}
	}
	return fields
}

func equal(a, b Answer) bool {
	return slices.Equal(a.Values, b.Values) && slices.EqualFunc(a.Persons, b.Persons, maps.Equal)
}

// keepNamed keeps the dialogues that a submitted application names already, and gives those that it may name.
func (room *Room) keepNamed(a *Application, stand []*Admission, open []string) []string {
	offered := slices.Clone(open)
	named := slices.Clone(a.Answers.All(FieldDialogue))
	for _, m := range stand {
		if !slices.Contains(named, string(m.Dialogue)) {
			named = append(named, string(m.Dialogue))
		}
		offered = append(offered, string(m.Dialogue))
	}
	a.Answers[FieldDialogue] = Answer{Values: named}
	return offered
}

// name makes an admission for each dialogue that an application names and has none for, and submits it.
func (room *Room) name(tx *store.Tx, c *call, a *Application, stand []*Admission) error {
	for _, id := range a.Answers.All(FieldDialogue) {
		if slices.ContainsFunc(stand, func(m *Admission) bool { return string(m.Dialogue) == id }) || c.dialogue(id) == nil {
			continue
		}
		m := &Admission{Application: a.ID, Dialogue: dialogue.ID(id), State: Draft, Since: a.Created, Version: 1}
		if err := room.keepAdmission(tx, m); err != nil {
			return err
		}
		if _, err := room.Move(tx, a, m, Change{To: Submitted, By: ByApplicant}); err != nil {
			return err
		}
	}
	return nil
}

// correctable tells whether an applicant may still change a submitted application: the secretariat has sent it back, or
// no admission has come before the bureau.
func correctable(stand []*Admission) bool {
	in := func(states ...string) func(*Admission) bool {
		return func(m *Admission) bool { return slices.Contains(states, m.State) }
	}
	early := in(Submitted, CompletenessCheck, Resubmitted, Returned)
	ended := in(Withdrawn, Declined)
	return slices.ContainsFunc(stand, in(Returned)) ||
		slices.ContainsFunc(stand, early) && !slices.ContainsFunc(stand, func(m *Admission) bool { return !early(m) && !ended(m) })
}

// listing is where the answers say that the organisation may be listed; with the secretariat only where they do not.
func listing(a Answers) Listing {
	if l := Listing(a.One(FieldListing)); slices.Contains(listings, l) {
		return l
	}
	return Secretariat
}

var listings = []Listing{Secretariat, Participants, Public}

// wider tells whether a listing shows an organisation to more people than another.
func wider(a, than Listing) bool { return slices.Index(listings, a) > slices.Index(listings, than) }

// missing tells what is wrong with the whole of an application, or missing.
func (room *Room) missing(a *Application, offered []string) page.Invalids {
	open := only(room.form.fields, func(q mechanism.Field) bool { return !q.Sealed })
	wrong := check(room.form.fields, open, a.Answers, offered)
	if a.SealedAt.IsZero() {
		wrong = append(wrong, check(room.form.fields, room.form.sealed(), a.Answers, offered)...)
	}
	return wrong
}

// questionOf finds the question that an error is about: its field may name a person's.
func (f *form) questionOf(name string) (mechanism.Field, bool) {
	for _, q := range f.fields {
		if name == q.ID || q.Kind == mechanism.FieldPersons && len(name) > len(q.ID) && name[:len(q.ID)+1] == q.ID+"-" {
			return q, true
		}
	}
	return mechanism.Field{}, false
}
