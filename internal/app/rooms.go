package app

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"rostrum.example/format/mechanism"
	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/dialogue/admission"
	"rostrum.example/internal/dialogue/application"
	"rostrum.example/internal/dialogue/cycle"
	"rostrum.example/internal/dialogue/floor"
	"rostrum.example/internal/dialogue/intervention"
	"rostrum.example/internal/dialogue/programme"
	"rostrum.example/internal/dialogue/summary"
	"rostrum.example/internal/followup"
	"rostrum.example/internal/job"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/mail"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/seal"
	"rostrum.example/internal/store"
)

// The rooms of the dialogue wing are connected here: what one needs of another stands in its Options.

// rooms are those that convene a dialogue, from the call to the floor.
type rooms struct {
	cycle       *cycle.Room
	application *application.Room
	admission   *admission.Room
	programme   *programme.Room
	floor       *floor.Room
	input       *intervention.Room
	summary     *summary.Room
	followup    *followup.Room
}

// openRooms opens the rooms of a house whose ground is open.
func (a *App) openRooms(h *house) (err error) {
	m := h.mechanism
	r := &h.rooms
	r.cycle, err = cycle.New(cycle.Options{
		DB: a.db, Org: org, Ledger: h.ledger, Directory: h.directory, Catalogues: a.catalogues,
		Clock: a.o.Clock, Random: a.o.Random, Log: a.o.Log,
		States: cycleStates(m, m.Dialogue.States), Bodies: parties(m).Bodies, Zone: m.TimeZone,
		Earlier: publishedDialogues, CheckRecipients: checkRecipients,
	})
	if err != nil {
		return err
	}
	address := func() string { return a.address(h) }
	states := applicationStates(m)
	r.application, err = application.New(application.Options{
		DB: a.db, Org: org, Ledger: h.ledger, Directory: h.directory, Cycle: r.cycle, Catalogues: a.catalogues,
		Clock: a.o.Clock, Random: a.o.Random, Log: a.o.Log,
		Mail: sender{h.outbox}, Jobs: jobs{h.queue}, Forget: correspondence{h.outbox}.forget,
		Address: address, Operator: h.settings.Operator, Form: m.Form, States: states,
	})
	if err != nil {
		return err
	}
	r.admission, err = admission.New(admission.Options{
		DB: a.db, Org: org, Ledger: h.ledger, Directory: h.directory, Cycle: r.cycle, Applications: r.application,
		Catalogues: a.catalogues, Clock: a.o.Clock, Random: a.o.Random, Log: a.o.Log,
		Mail: sender{h.outbox}, Address: address, Operator: h.settings.Operator, Mechanism: m, States: states, Spoke: r.spoke,
	})
	if err != nil {
		return err
	}
	r.programme, err = programme.New(programme.Options{
		DB: a.db, Org: org, Ledger: h.ledger, Directory: h.directory, Catalogues: a.catalogues,
		Clock: a.o.Clock, Random: a.o.Random, Log: a.o.Log, Origin: h.settings.Origin, Usual: usualItems(m),
		Dialogue: r.programmed,
		Participates: func(tx *store.Tx, req *page.Request, id dialogue.ID) (bool, error) {
			_, ok, err := r.floor.Participates(tx, req, id)
			return ok, err
		},
	})
	if err != nil {
		return err
	}
	r.floor, err = floor.New(floor.Options{
		DB: a.db, Org: org, Ledger: h.ledger, Hub: h.hub, Directory: h.directory, Catalogues: a.catalogues,
		Clock: a.o.Clock, Random: a.o.Random, Log: a.o.Log, Types: parties(m).Types,
		Dialogue: r.held, Participants: r.speakers, Items: floor.FromProgramme(r.programme), Written: r.written,
	})
	if err != nil {
		return err
	}
	files, err := a.o.openFiles(context.Background())
	if err != nil {
		return err
	}
	r.input, err = intervention.New(intervention.Options{
		DB: a.db, Org: org, Ledger: h.ledger, Directory: h.directory, Catalogues: a.catalogues,
		Clock: a.o.Clock, Random: a.o.Random, Log: a.o.Log, Mail: sender{h.outbox}, Files: files,
		Address: address, Operator: h.settings.Operator, Types: parties(m).Types, Needs: needs(m), Rule: words(m, m.Naming.Countries.Text),
		Dialogue: r.receiving, Items: r.items, Participant: r.participant, Participants: r.participants, Speeches: r.speeches,
		Erases: r.erases, Forget: correspondence{h.outbox}.forget, Citations: r.quoted,
	})
	if err != nil {
		return err
	}
	if err := a.openSummary(h, address); err != nil {
		return err
	}
	h.background = append(h.background, r.floor.Run)
	r.work(h.jobs, a.o.Clock)
	return nil
}

// work registers what the rooms do by themselves.
func (r *rooms) work(jobs *job.Runner, clock func() time.Time) {
	jobs.Every("call.close", 5*time.Minute, job.Policy{}, func(ctx context.Context, _ *job.Job) error {
		_, err := r.cycle.CloseDue(ctx)
		return err
	})
	job.Handle(jobs, application.LinkJob, job.Policy{}, func(ctx context.Context, _ *job.Job, p application.LinkPayload) error {
		return r.application.AnswerLink(ctx, p)
	})
	jobs.Every("application.erase", 6*time.Hour, job.Policy{}, func(ctx context.Context, _ *job.Job) error {
		_, err := r.application.Erase(ctx)
		return err
	})
	jobs.Every("admission.erase", 6*time.Hour, job.Policy{}, func(ctx context.Context, _ *job.Job) error {
		_, err := r.admission.EraseDue(ctx)
		return err
	})
	jobs.Every("intervention.erase", 6*time.Hour, job.Policy{}, func(ctx context.Context, _ *job.Job) error {
		_, err := r.input.Erase(ctx, clock())
		return err
	})
	jobs.Every("intervention.remind", 24*time.Hour, job.Policy{}, func(ctx context.Context, _ *job.Job) error {
		_, err := r.input.Remind(ctx)
		return err
	})
	jobs.Every("intervention.sweep", time.Hour, job.Policy{}, func(ctx context.Context, _ *job.Job) error {
		return r.input.Sweep(ctx)
	})
	jobs.Every("floor.erase", 6*time.Hour, job.Policy{}, func(ctx context.Context, _ *job.Job) error {
		return r.floor.Erase(ctx, clock())
	})
}

// seatRooms adds the rooms' pages.
func (a *App) seatRooms(h *house) error {
	r := &h.rooms
	for _, seat := range []func(*page.Site) error{r.cycle.Seat, r.application.Seat, r.admission.Seat, r.programme.Seat, r.floor.Seat, r.input.Seat, r.summary.Seat, r.followup.Seat} {
		if err := seat(h.site); err != nil {
			return err
		}
	}
	h.dialogue.Convene(r.cycle)
	h.dialogue.Summarise(r.summary.ShowAPI)
	r.cycle.Offer(r.offer)
	r.cycle.Offer(r.offerSummary)
	r.cycle.Way(cycle.Link{Path: "/applications/link", Text: "way.application", Hint: "way.application.hint"})
	for _, prefix := range []string{"cycle", "call"} {
		h.ledger.Register(prefix, r.cycle.Resolve)
	}
	h.ledger.Register(application.Prefix, r.application.Resolve)
	h.ledger.Register(admission.Prefix, r.admission.Resolve)
	h.ledger.Register("programme", r.programme.Resolve)
	h.ledger.Register("floor", r.floor.Resolve)
	h.ledger.Register(intervention.Prefix, r.input.Resolve)
	h.ledger.Register(summary.Prefix, r.summary.Resolve)
	return nil
}

// offer names the programme and the floor on the pages of a dialogue.
func (r *rooms) offer(_ context.Context, req *page.Request, d *cycle.Dialogue) ([]cycle.Link, error) {
	links := []cycle.Link{{Path: "/programme/" + string(d.ID), Text: req.Text("way.programme"), Hint: req.Text("way.programme.hint")}}
	if r.cycle.Reached(d, cycle.Confirmed) {
		links = append(links, cycle.Link{Path: "/floor/" + string(d.ID), Text: req.Text("way.floor"), Hint: req.Text("way.floor.hint")})
	}
	if r.cycle.Reached(d, cycle.Confirmed) {
		links = append(links, cycle.Link{Path: "/dialogues/" + string(d.ID) + "/inputs", Text: req.Text("way.inputs"), Hint: req.Text("way.inputs.hint")})
	}
	if strings.HasPrefix(req.Path, deskPath) {
		links = append(links,
			cycle.Link{Path: "/desk/inputs/" + string(d.ID), Text: req.Text("way.inputs.desk"), Hint: req.Text("way.inputs.desk.hint")},
			cycle.Link{Path: "/programme/" + string(d.ID) + "/edit", Text: req.Text("way.programme.edit")},
			cycle.Link{Path: "/floor/" + string(d.ID) + "/desk", Text: req.Text("way.floor.desk")},
			cycle.Link{Path: "/floor/" + string(d.ID) + "/links", Text: req.Text("way.floor.links"), Hint: req.Text("way.floor.links.hint")})
	}
	return links, nil
}

// held is a dialogue as the floor must know it.
func (r *rooms) held(tx *store.Tx, id dialogue.ID) (floor.Held, error) {
	d, err := r.cycle.Dialogue(tx, id)
	if err != nil {
		return floor.Held{}, notConvened(err)
	}
	return floor.Held{ID: d.ID, Title: d.Title, Body: d.Body, Zone: d.Location(), Sample: d.Sample, Meets: d.State == cycle.PreparationDay || d.State == cycle.InSession}, nil
}

// programmed is a dialogue as its programme must know it.
func (r *rooms) programmed(tx *store.Tx, id dialogue.ID) (programme.Held, error) {
	d, err := r.cycle.Dialogue(tx, id)
	if err != nil {
		return programme.Held{}, notConvened(err)
	}
	return programme.Held{ID: d.ID, Title: d.Title, Body: d.Body, First: d.Starts, Last: d.Ends, Zone: d.Location(), Sample: d.Sample}, nil
}

func notConvened(err error) error {
	if errors.Is(err, cycle.ErrNotFound) {
		return page.NotFound()
	}
	return err
}

// namings says how the floor shows a speaker, by where their organisation may be listed.
var namings = map[application.Listing]floor.Naming{
	application.Public: floor.ByName, application.Participants: floor.ByCategory, application.Secretariat: floor.Withheld,
}

// spokenLangs are those of the United Nations. The preset's form asks for working languages of an organisation, not of who
// speaks for it.
var spokenLangs = []string{"en", "fr", "es", "ar", "ru", "zh"}

// speakers are the participants who may ask for the floor. The public sees the name of an organisation, never a
// person's, and only where it may be listed.
func (r *rooms) speakers(tx *store.Tx, id dialogue.ID) ([]floor.Participant, error) {
	registered, err := r.admission.Participants(tx, id)
	if err != nil {
		return nil, err
	}
	var all []floor.Participant
	for _, p := range registered {
		if !p.Here() {
			continue
		}
		s := floor.Participant{
			ID: floor.ParticipantID(p.ID), Organisation: party.OrganisationID(p.Body), Name: p.Body, Naming: namings[p.Listing],
			Label: p.Body, Type: p.Type, Country: p.Country, Delegate: p.Kind == admission.Government, Mode: floor.InRoom, Langs: spokenLangs,
		}
		if p.Name != "" {
			s.Label = p.Body + " · " + p.Name
		}
		if p.Mode == admission.Remote {
			s.Mode = floor.Remote
		}
		all = append(all, s)
	}
	slices.SortStableFunc(all, func(a, b floor.Participant) int { return strings.Compare(a.Label, b.Label) })
	return all, nil
}

// spoke tells who of a dialogue's participants took the floor.
func (r *rooms) spoke(tx *store.Tx, id dialogue.ID) (map[admission.ParticipantID]bool, error) {
	speeches, err := r.floor.Speeches(tx, id)
	if err != nil {
		return nil, err
	}
	all := map[admission.ParticipantID]bool{}
	for _, s := range speeches {
		if s.Participant != "" {
			all[admission.ParticipantID(s.Participant)] = true
		}
	}
	return all, nil
}

// receiving is a dialogue as the interventions must know it: participants may send something in from their registration
// until the summary goes to the Chair.
func (r *rooms) receiving(tx *store.Tx, id dialogue.ID) (intervention.Held, error) {
	d, err := r.cycle.Dialogue(tx, id)
	if err != nil {
		return intervention.Held{}, notConvened(err)
	}
	open := r.cycle.Reached(d, cycle.Confirmed) && !r.cycle.Reached(d, cycle.ChairReview)
	return intervention.Held{ID: d.ID, Title: d.Title, Body: d.Body, Zone: d.Location(), Sample: d.Sample, Open: open}, nil
}

// items are the programme's, as the interventions name them.
func (r *rooms) items(tx *store.Tx, id dialogue.ID) ([]intervention.Item, error) {
	all, err := floor.FromProgramme(r.programme)(tx, id)
	if err != nil {
		return nil, err
	}
	var items []intervention.Item
	for _, it := range all {
		items = append(items, intervention.Item{ID: string(it.ID), Title: it.Title})
	}
	return items, nil
}

// voices says what a participant's listing makes of their voice, until they choose themselves.
var voices = map[application.Listing]intervention.Voice{
	application.Public: intervention.Named, application.Participants: intervention.Category, application.Secretariat: intervention.Sealed,
}

// author is a participant as the author of what they say.
func author(p *admission.Participant) intervention.Participant {
	label := p.Body
	if p.Name != "" {
		label += " · " + p.Name
	}
	return intervention.Participant{
		Author: intervention.Author{Organisation: party.OrganisationID(p.Body), Name: p.Body, Type: p.Type, Email: p.Email},
		Label:  label, Lang: locale.English, Voice: voices[p.Listing],
	}
}

func (r *rooms) participants(tx *store.Tx, id dialogue.ID) ([]intervention.Participant, error) {
	registered, err := r.admission.Participants(tx, id)
	if err != nil {
		return nil, err
	}
	var all []intervention.Participant
	for _, p := range registered {
		if p.Here() {
			all = append(all, author(p))
		}
	}
	return all, nil
}

// participant tells as whom a reader takes part: who may ask for the floor may also write.
func (r *rooms) participant(tx *store.Tx, req *page.Request, id dialogue.ID) (intervention.Participant, bool, error) {
	s, ok, err := r.floor.Participates(tx, req, id)
	if err != nil || !ok {
		return intervention.Participant{}, false, err
	}
	p, err := r.admission.Participant(tx, admission.ParticipantID(s.ID))
	if err != nil {
		return intervention.Participant{}, false, err
	}
	return author(p), true, nil
}

// written hands what was sent instead of speaking to the interventions.
func (r *rooms) written(tx *store.Tx, in floor.Input) error {
	p, err := r.admission.Participant(tx, admission.ParticipantID(in.Participant.ID))
	if err != nil {
		return err
	}
	return r.input.FromFloor(tx, intervention.FloorInput{Dialogue: in.Dialogue, Item: string(in.Item), Participant: author(p), Lang: in.Lang, Text: in.Text})
}

// speeches are the turns on the floor, for cutting a transcript.
func (r *rooms) speeches(tx *store.Tx, id dialogue.ID) ([]intervention.Speech, error) {
	turns, err := r.floor.Speeches(tx, id)
	if err != nil {
		return nil, err
	}
	registered, err := r.admission.Participants(tx, id)
	if err != nil {
		return nil, err
	}
	byID := map[string]*admission.Participant{}
	for _, p := range registered {
		byID[string(p.ID)] = p
	}
	var all []intervention.Speech
	for _, t := range turns {
		s := intervention.Speech{N: t.N, Item: string(t.Item), Lang: t.Lang}
		if p := byID[string(t.Participant)]; p != nil {
			s.Participant = author(p)
		}
		for _, span := range t.Spans {
			s.Spans = append(s.Spans, intervention.Span{From: span.From, To: span.To})
		}
		all = append(all, s)
	}
	return all, nil
}

// erases tells when the personal data of a dialogue go: on the day that its call promises, and a year after its end where
// there was no call.
func (r *rooms) erases(tx *store.Tx, id dialogue.ID) (time.Time, error) {
	c, err := r.cycle.CallFor(tx, id)
	if err == nil {
		return c.ErasesAt(), nil
	}
	if !errors.Is(err, cycle.ErrNotFound) {
		return time.Time{}, err
	}
	d, err := r.cycle.Dialogue(tx, id)
	if err != nil {
		return time.Time{}, notConvened(err)
	}
	return time.Date(d.Ends.Year+1, d.Ends.Month, d.Ends.Day, 0, 0, 0, 0, d.Location()), nil
}

// forget removes the messages to an address from the outbox.
func (c correspondence) forget(tx *store.Tx, email party.Email) error {
	to, err := mail.ParseAddress(string(email))
	if err != nil {
		return err
	}
	_, err = c.outbox.Forget(tx, org, to)
	return err
}

// checkRecipients tells whether sensitive answers can be sealed to these keys.
func checkRecipients(keys []string) error {
	var all []seal.Recipient
	for _, key := range keys {
		r, err := seal.ParseRecipient(key)
		if err != nil {
			return err
		}
		all = append(all, r)
	}
	_, err := seal.NewRecipients(all...)
	return err
}

// cycleStates takes the states of a process from the preset, with the roles of the house that move it.
func cycleStates(m *mechanism.Mechanism, states mechanism.States) []cycle.State {
	var all []cycle.State
	for _, s := range states {
		one := cycle.State{ID: s.ID, Name: words(m, s.Name), Next: s.Next}
		for _, id := range s.MovedBy {
			if role, ok := roleOf[id]; ok && !slices.Contains(one.MovedBy, role) {
				one.MovedBy = append(one.MovedBy, role)
			}
		}
		for _, ask := range s.Asks {
			one.Asks = append(one.Asks, cycle.Ask{ID: ask.ID, Name: words(m, ask.Name), Required: ask.Required})
		}
		all = append(all, one)
	}
	return all
}

// applicant is the role of a mechanism in which applicants act; they need no account.
const applicant = "applicant"

func applicationStates(m *mechanism.Mechanism) []application.State {
	var all []application.State
	for i, s := range cycleStates(m, m.Application.States) {
		all = append(all, application.State{State: s, Applicant: slices.Contains(m.Application.States[i].MovedBy, applicant)})
	}
	return all
}

// usualItems are the items of a usual day in the preset.
func usualItems(m *mechanism.Mechanism) []programme.Usual {
	var all []programme.Usual
	for _, item := range m.Dialogue.Programme {
		all = append(all, programme.Usual{ID: programme.ID(item.ID), Name: words(m, item.Name)})
	}
	return all
}

// publishedDialogues lists the dialogues of the published record.
func publishedDialogues(tx *store.Tx) ([]party.Dialogue, error) {
	openings, err := dialogue.Openings(tx, org)
	if err != nil {
		return nil, err
	}
	var all []party.Dialogue
	for _, o := range openings {
		d := party.Dialogue{Named: spoken(string(o.Dialogue), o.Text)}
		if len(o.WorkingGroups) > 0 {
			d.Body = o.WorkingGroups[0]
		}
		all = append(all, d)
	}
	return all, nil
}

// Part, ExportPerson and ErasePerson make the rooms one holder of personal data; each answers for what it keeps.
func (r *rooms) Part() string { return "dialogues" }

// duties are the rooms that know what waits for somebody.
func (r *rooms) duties() []duties {
	return []duties{r.cycle, r.admission, r.input, r.summary, r.followup}
}

// holders are the rooms that keep data about persons.
func (r *rooms) holders() []party.Holder {
	return []party.Holder{r.cycle, r.application, r.admission, r.programme, r.floor, r.input, r.summary, r.followup}
}

// ExportPerson gives what each room keeps, by the room's name.
func (r *rooms) ExportPerson(tx *store.Tx, p party.Person) (any, error) {
	all := map[string]any{}
	for _, h := range r.holders() {
		kept, err := h.ExportPerson(tx, p)
		if err != nil {
			return nil, err
		}
		if kept != nil {
			all[h.Part()] = kept
		}
	}
	if len(all) == 0 {
		return nil, nil
	}
	return all, nil
}

// ErasePerson has each room erase what it keeps.
func (r *rooms) ErasePerson(tx *store.Tx, p party.Person) error {
	for _, h := range r.holders() {
		if err := h.ErasePerson(tx, p); err != nil {
			return err
		}
	}
	return nil
}
