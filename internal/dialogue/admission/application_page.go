package admission

import (
	"archive/zip"
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"rostrum.example/format/mechanism"
	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/dialogue/application"
	"rostrum.example/internal/dialogue/cycle"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

type applicationView struct {
	head
	ID         application.ID
	Name       string
	State      string
	Since      page.When
	Entered    page.Entered
	Listing    string
	Submitted  page.When
	Email      string
	Erased     bool
	Steps      []stepLink
	Gaps       []string
	Complete   bool
	Checked    string // who looked, and when
	Fit        string
	FitReason  string
	FitSays    string
	Objections []objectionLine
	Rule       string // whether objectors are shown
	Sections   []answerSection
	Sealed     string // when sensitive answers were sealed; empty for none
	Elsewhere  []string
	History    []moveLine
	Secretary  bool
	Bureau     bool
	MayDispute bool
	// The forms of the secretariat.
	FitField, FitReasonField, NoteField page.Field
	CompleteField                       bool
	ReviewVersion                       int
	Notes                               []noteLine
	Persons                             []personLine
}

type stepLink struct{ To, Text string }

type objectionLine struct {
	ID              string
	Objector        string
	Named, Told     bool
	Ground          []string
	Made, ReplyBy   locale.Date
	Entered         page.Entered
	MayName, MaySay bool
}

type answerSection struct {
	Name  string
	Facts []factLine
}

type factLine struct {
	Label string
	Lines []string
}

type moveLine struct {
	When    page.When
	State   string
	By      string
	Actor   string
	Answers []factLine
	Entered page.Entered
}

type noteLine struct {
	When   page.When
	Author string
	Lines  []string
}

type personLine struct {
	ID                   ParticipantID
	Name, Function, Mode string
}

func (room *Room) showApplication(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	return room.renderApplication(w, r, http.StatusOK, actor, nil, nil)
}

// reading is an application with everything that its page shows.
type reading struct {
	d          *cycle.Dialogue
	a          *application.Application
	m          *application.Admission
	s          sight
	review     Review
	notes      []Note
	moves      []application.Move
	objections []Objection
	others     []*application.Admission
	persons    []*Participant
	names      map[party.PersonID]string
	titles     map[dialogue.ID]string
}

func (room *Room) readApplication(r *page.Request, actor party.Actor) (x reading, err error) {
	err = room.o.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if x.d, err = room.dialogue(tx, dialogue.ID(r.PathValue("dialogue"))); err != nil {
			return err
		}
		if x.s, err = see(actor, x.d.Scope()); err != nil {
			return err
		}
		if x.a, x.m, err = room.admission(tx, x.d, application.ID(r.PathValue("application"))); err != nil {
			return err
		}
		if !x.s.covers(x.a) {
			return page.NotFound()
		}
		if x.review, err = room.review(tx, x.a.ID, x.d.ID); err != nil {
			return err
		}
		if x.moves, err = room.o.Applications.Moves(tx, x.a.ID); err != nil {
			return err
		}
		if x.objections, err = room.ObjectionsTo(tx, x.d.ID, x.a.ID); err != nil {
			return err
		}
		if x.others, err = room.o.Applications.Admissions(tx, x.a.ID); err != nil {
			return err
		}
		x.titles = map[dialogue.ID]string{}
		for _, o := range x.others {
			if d, err := room.o.Cycle.Dialogue(tx, o.Dialogue); err == nil {
				x.titles[o.Dialogue] = said(d.Title, r.Lang)
			}
		}
		if x.s < fullSight {
			return nil
		}
		if x.notes, err = room.notes(tx, x.a.ID); err != nil {
			return err
		}
		x.persons, err = room.ParticipantsOf(tx, x.a.ID)
		return err
	})
	if err == nil && x.s == fullSight {
		x.names, err = room.personNames(r)
	}
	return x, err
}

// personNames gives the names of those with an account, for who did what.
func (room *Room) personNames(r *page.Request) (map[party.PersonID]string, error) {
	names := map[party.PersonID]string{}
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) error {
		return eachPerson(tx, room.o.Org, func(id party.PersonID, name string) { names[id] = name })
	})
	return names, err
}

func (room *Room) renderApplication(w http.ResponseWriter, r *page.Request, status int, actor party.Actor, typed url.Values, errs page.FormErrors) error {
	x, err := room.readApplication(r, actor)
	if err != nil {
		return err
	}
	t := room.tongue(r.Lang, x.s)
	zone := x.d.Location()
	v := applicationView{
		head: room.head(r, actor, x.d, "applications"), ID: x.a.ID, Name: t.title(x.a), State: t.state(x.m.State), Since: r.When(x.m.Since, zone),
		Listing: r.Text("admission.listing." + string(x.a.Listing)), Submitted: r.When(x.a.Submitted, zone), Erased: !x.a.Erased.IsZero(),
		Complete: x.review.Complete, Fit: r.Text("admission.fit." + fitText(x.review.Fit)), FitReason: x.review.FitReason,
		Secretary: x.s == fullSight, Bureau: x.s >= bureauSight, ReviewVersion: x.review.Version, CompleteField: x.review.Complete,
	}
	v.Errors = errs
	who := func(id party.PersonID) string { return cmp.Or(x.names[id], r.Text("admission.nobody")) }
	if !x.review.CheckedAt.IsZero() && x.s == fullSight {
		v.Checked = r.Text("admission.checked", "Who", isolate(who(x.review.CheckedBy)), "When", r.Instant(x.review.CheckedAt.In(zone)))
	}
	if !x.review.FitAt.IsZero() && x.s == fullSight {
		v.FitSays = r.Text("admission.fit.by", "Who", isolate(who(x.review.FitBy)), "When", r.Instant(x.review.FitAt.In(zone)))
	}
	places, err := room.places(r, x)
	if err != nil {
		return err
	}
	v.Entered = page.EnteredAt(places, x.m.Entry)
	for _, to := range room.offered(actor, x.d.Scope(), x.m.State) {
		v.Steps = append(v.Steps, stepLink{to, r.Text("admission.act." + to)})
	}
	if (x.m.State == application.Objected || x.m.State == application.Replied) && room.mayObjectAgain(actor, x.d) == nil {
		v.Steps = append(v.Steps, stepLink{objectAgain, r.Text("admission.act." + objectAgain)})
	}
	for _, g := range room.gaps(x.a) {
		name := in(g.Field.Label, r.Lang)
		if g.Person > 0 {
			name = r.Text("admission.gap.person", "N", g.Person, "Field", name)
		}
		v.Gaps = append(v.Gaps, name)
	}
	room.objectionLines(&v, r, x, places, actor)
	v.Sections = room.answerSections(t, x)
	if !x.a.SealedAt.IsZero() {
		v.Sealed = r.Instant(x.a.SealedAt.In(zone))
	}
	if v.Secretary {
		v.Email = string(x.a.Email)
		room.secretaryParts(&v, r, x, typed, who)
	}
	for _, o := range x.others {
		if o.Dialogue != x.d.ID && v.Secretary {
			v.Elsewhere = append(v.Elsewhere, room.joined(r.Lang, cmp.Or(x.titles[o.Dialogue], string(o.Dialogue)), t.state(o.State)))
		}
	}
	v.History = room.history(r, x, t, places, who)
	return room.pages.application.RenderStatus(w, r, status, v)
}

// places tells where the entries of an application stand in the record.
func (room *Room) places(r *page.Request, x reading) (map[ledger.ID]int64, error) {
	var ids []ledger.ID
	for _, m := range x.moves {
		ids = append(ids, m.Entry)
	}
	for _, o := range x.objections {
		ids = append(ids, o.Entry)
	}
	return room.o.Ledger.Indexes(r.Context(), append(ids, x.m.Entry))
}

func (room *Room) objectionLines(v *applicationView, r *page.Request, x reading, places map[ledger.ID]int64, actor party.Actor) {
	v.Rule = in(room.o.Mechanism.Naming.Objectors.Text, r.Lang)
	if x.s < bureauSight {
		return
	}
	v.MayDispute = room.mayObjectAgain(actor, x.d) == nil
	for _, o := range x.objections {
		v.Objections = append(v.Objections, objectionLine{
			ID: o.ID, Objector: isolate(room.objectorName(r.Lang, o.Objector)), Named: o.Named, Told: o.Told, Ground: lines(o.Ground), Made: o.Made, ReplyBy: o.ReplyBy,
			Entered: page.EnteredAt(places, o.Entry), MayName: !o.Named, MaySay: !o.Told && o.Ground != "",
		})
	}
}

func (room *Room) secretaryParts(v *applicationView, r *page.Request, x reading, typed url.Values, who func(party.PersonID) string) {
	fit, reason := "", x.review.FitReason
	if x.review.Fit != Unmarked {
		fit = strconv.Itoa(x.review.Fit)
	}
	if typed != nil {
		fit, reason = typed.Get("fit"), typed.Get("reason")
		v.CompleteField = typed.Get("complete") != ""
	}
	v.FitField = page.Field{Name: "fit", Label: r.Text("admission.fit"), Hint: r.Text("admission.fit.hint"), Error: v.Errors.Of("fit"),
		Choices: append([]page.Choice{{Value: "", Text: r.Text("admission.fit.none"), Chosen: fit == ""}}, choices(r, "admission.fit.", fit, "0", "1", "2", "3")...)}
	v.FitReasonField = page.Field{Name: "reason", Label: r.Text("admission.fit.why"), Rows: 2, Max: maxReason, Value: reason, Error: v.Errors.Of("reason"), Optional: true}
	v.NoteField = page.Field{Name: "note", Label: r.Text("admission.note.add"), Hint: r.Text("admission.note.hint"), Rows: 3, Max: maxNote, Value: typed.Get("note"), Error: v.Errors.Of("note")}
	for _, n := range x.notes {
		v.Notes = append(v.Notes, noteLine{r.When(n.At, x.d.Location()), isolate(who(n.Author)), lines(n.Text)})
	}
	for _, p := range x.persons {
		if p.Dialogue == x.d.ID && p.Here() {
			v.Persons = append(v.Persons, personLine{p.ID, cmp.Or(p.Name, r.Text("admission.participant.unnamed")), p.Function, r.Text("admission.mode." + string(p.Mode))})
		}
	}
}

// answerSections words the answers, by the steps of the form.
func (room *Room) answerSections(t *tongue, x reading) []answerSection {
	var all []answerSection
	for _, step := range room.o.Mechanism.Form.Steps {
		s := answerSection{Name: in(step.Name, t.lang)}
		for _, f := range room.o.Mechanism.Form.Fields {
			if f.Step != step.ID || !asks(f, x.a.Answers) {
				continue
			}
			if line, ok := t.fact(f, x); ok {
				s.Facts = append(s.Facts, line)
			}
		}
		if len(s.Facts) > 0 {
			all = append(all, s)
		}
	}
	return all
}

// fact words one answer for the page of an application; ok is false where the reader may not see it.
func (t *tongue) fact(f mechanism.Field, x reading) (factLine, bool) {
	line := factLine{Label: in(f.Label, t.lang)}
	switch {
	case f.Sealed:
		if x.s < fullSight {
			return line, false
		}
		line.Lines = []string{t.room.text(t.lang, "admission.sealed")}
	case f.Kind == mechanism.FieldPersons:
		if x.s < bureauSight {
			return line, false
		}
		for _, p := range x.a.Answers[f.ID].Persons {
			line.Lines = append(line.Lines, t.person(f, p, x.s))
		}
	case x.s < fieldSight(f):
		return line, false
	default:
		for _, v := range x.a.Answers.All(f.ID) {
			line.Lines = append(line.Lines, t.value(f, v))
		}
		if f.ID == application.FieldEmail && len(line.Lines) == 0 && x.a.Email != "" {
			line.Lines = []string{string(x.a.Email)}
		}
	}
	return line, true
}

// person words a nominated person: to the secretariat with name and address, to the bureau by function alone.
func (t *tongue) person(f mechanism.Field, p map[string]string, s sight) string {
	var parts []string
	for _, q := range f.Fields {
		if s < fullSight && q.ID != "function" && q.ID != "mode" || q.Sealed {
			continue
		}
		if v := p[q.ID]; v != "" {
			parts = append(parts, t.value(q, v))
		}
	}
	if len(parts) == 0 {
		return t.room.text(t.lang, "admission.participant.unnamed")
	}
	return t.room.joined(t.lang, parts...)
}

// history words the steps of an application for its dialogue. Answers are shown as the reader may see them.
func (room *Room) history(r *page.Request, x reading, t *tongue, places map[ledger.ID]int64, who func(party.PersonID) string) []moveLine {
	var all []moveLine
	for _, m := range x.moves {
		if m.Dialogue != x.d.ID {
			continue
		}
		l := moveLine{When: r.When(m.At, x.d.Location()), State: t.state(m.To), By: r.Text("admission.by." + string(m.By)), Entered: page.EnteredAt(places, m.Entry)}
		if m.Actor != "" && x.s == fullSight {
			l.Actor = isolate(who(m.Actor))
		}
		if x.s >= bureauSight {
			for _, id := range slices.Sorted(maps.Keys(m.Answers)) {
				text := m.Answers[id]
				if id == answerObjector {
					text = room.objectorName(r.Lang, text)
				}
				l.Answers = append(l.Answers, factLine{room.askLabel(r, m.From, m.To, id), lines(text)})
			}
		}
		all = append(all, l)
	}
	return all
}

// askLabel words a question of a step.
func (room *Room) askLabel(r *page.Request, from, to, id string) string {
	for _, a := range room.asked(from, to) {
		if a.ID == id {
			return a.label(r)
		}
	}
	return id
}

func (a ask) label(r *page.Request) string {
	if a.Label != "" {
		return r.Text(a.Label)
	}
	return said(a.Words, r.Lang)
}

func lines(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// isolate keeps a name from turning the words around it (Unicode Standard Annex 9, first strong isolate).
func isolate(name string) string {
	if name == "" {
		return ""
	}
	return "\u2068" + name + "\u2069"
}

func (room *Room) at(r *page.Request) (dialogue.ID, application.ID, string) {
	d, a := dialogue.ID(r.PathValue("dialogue")), application.ID(r.PathValue("application"))
	return d, a, deskPath(d) + "/applications/" + string(a)
}

// did ends a form on an application's page: it leads back, or shows what is wrong with what was typed.
func (room *Room) did(w http.ResponseWriter, r *page.Request, actor party.Actor, form url.Values, done string, err error) error {
	_, _, path := room.at(r)
	if err == nil {
		return r.Redirect(w, path+"?done="+done)
	}
	errs, err := explain(r, err)
	if err != nil {
		return err
	}
	return room.renderApplication(w, r, http.StatusUnprocessableEntity, actor, form, errs)
}

func (room *Room) doReview(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	version, _ := strconv.Atoi(form.Get("version"))
	d, a, _ := room.at(r)
	err = room.SetReview(r.Context(), actor, d, a, ReviewData{form.Get("fit"), form.Get("reason"), form.Get("complete") != "", version})
	return room.did(w, r, actor, form, "review", err)
}

func (room *Room) doNote(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	d, a, _ := room.at(r)
	err = room.AddNote(r.Context(), actor, d, a, form.Get("note"))
	if err != nil {
		form.Del("fit") // the other form keeps what is stored
		return room.did(w, r, actor, url.Values{"note": form["note"]}, "note", err)
	}
	return room.did(w, r, actor, form, "note", nil)
}

func (room *Room) doDisclose(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	d, _, _ := room.at(r)
	err = room.DiscloseObjection(r.Context(), actor, d, form.Get("objection"), form.Get("named") != "", form.Get("told") != "")
	return room.did(w, r, actor, nil, "disclosed", err)
}

// downloadSealed gives the sensitive answers as they were sealed; only the holder of the call's key opens them.
func (room *Room) downloadSealed(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	_, a, _ := room.at(r)
	var sealed []byte
	err := room.atDesk(r, actor, func(tx *store.Tx, d *cycle.Dialogue) error {
		_, _, err := room.admission(tx, d, a)
		if err == nil {
			sealed, err = room.o.Applications.Sealed(tx, a)
		}
		return err
	})
	if err != nil {
		return err
	}
	if len(sealed) == 0 {
		return page.NotFound()
	}
	return download(w, string(a)+".age", "application/age", sealed)
}

// exportSealed gives all sealed files of a dialogue, those of travel data too, in one archive.
func (room *Room) exportSealed(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	add := func(name string, at time.Time, body []byte) error {
		if len(body) == 0 {
			return nil
		}
		f, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store, Modified: at.UTC()})
		if err == nil {
			_, err = f.Write(body)
		}
		return err
	}
	d := dialogue.ID(r.PathValue("dialogue"))
	err := room.atDesk(r, actor, func(tx *store.Tx, _ *cycle.Dialogue) error {
		all, err := room.o.Applications.OfDialogue(tx, d)
		if err != nil {
			return err
		}
		for _, a := range all {
			if a.Submitted.IsZero() || a.SealedAt.IsZero() {
				continue
			}
			sealed, err := room.o.Applications.Sealed(tx, a.ID)
			if err == nil {
				err = add("applications/"+string(a.ID)+".age", a.SealedAt, sealed)
			}
			if err != nil {
				return err
			}
		}
		travel, err := room.o.Applications.SealedRequests(tx, d)
		if err != nil {
			return err
		}
		for _, id := range slices.Sorted(maps.Keys(travel)) {
			if err := add("travel/"+string(id)+".age", room.o.Clock(), travel[id]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("packing sealed files: %w", err)
	}
	return download(w, string(d)+"-sealed.zip", "application/zip", out.Bytes())
}
