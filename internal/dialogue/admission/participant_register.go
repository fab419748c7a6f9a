package admission

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/language"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/dialogue/application"
	"rostrum.example/internal/dialogue/cycle"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// moved follows the steps of admissions: who is registered comes, and who withdraws does not.
func (room *Room) moved(tx *store.Tx, a *application.Application, m *application.Admission, step application.Move) error {
	switch step.To {
	case application.Registered:
		return room.registerPersons(tx, a, m.Dialogue)
	case application.Withdrawn, application.Declined:
		return room.cancelPersons(tx, a.ID, m.Dialogue)
	}
	return nil
}

// registerPersons makes the persons whom an organisation nominated participants. One that named nobody comes as one person
// who is not known yet.
func (room *Room) registerPersons(tx *store.Tx, a *application.Application, d dialogue.ID) error {
	have, err := room.ParticipantsOf(tx, a.ID)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(have, func(p *Participant) bool { return p.Dialogue == d && p.Here() }) {
		return nil
	}
	persons := a.Answers[application.FieldPersons].Persons
	if len(persons) == 0 {
		persons = []map[string]string{{}}
	}
	for _, one := range persons {
		p := &Participant{
			Dialogue: d, Application: a.ID, Kind: Stakeholder, Type: a.Answers.One(application.FieldType), Body: a.Name, Country: a.Answers.One(application.FieldCountry),
			Name: one["name"], Function: one["function"], Email: party.Email(one["email"]), Listing: a.Listing, Number: 1,
			Mode: Place(cmp.Or(one["mode"], a.Answers.One(application.FieldMode), string(Anywhere))),
		}
		if err := room.newParticipant(tx, p); err != nil {
			return err
		}
	}
	return nil
}

func (room *Room) newParticipant(tx *store.Tx, p *Participant) error {
	id, err := store.NewID(room.o.Random)
	if err != nil {
		return err
	}
	now := room.o.Clock()
	p.ID, p.State, p.Created, p.Changed, p.Version = ParticipantID(id), Active, now, now, 1
	return room.keepParticipant(tx, p)
}

func (room *Room) cancelPersons(tx *store.Tx, a application.ID, d dialogue.ID) error {
	all, err := room.ParticipantsOf(tx, a)
	if err != nil {
		return err
	}
	for _, p := range all {
		if p.Dialogue == d && p.Here() {
			if err := room.changeParticipant(tx, p, func(p *Participant) { p.State = Cancelled }); err != nil {
				return err
			}
		}
	}
	return nil
}

func (room *Room) changeParticipant(tx *store.Tx, p *Participant, change func(*Participant)) error {
	change(p)
	p.Changed = room.o.Clock()
	p.Version++
	return room.keepParticipant(tx, p)
}

// ParticipantData is what an officer types about a participant.
type ParticipantData struct {
	Kind, Type, Body, Country, Name, Function, Email, Mode, Listing, Number string
}

// The bounds of what is typed about a participant, in characters, and of a delegation, in persons.
const (
	maxName       = 200
	maxDelegation = 500
)

// readParticipant takes over what was typed and says what is wrong with it.
func (room *Room) readParticipant(p *Participant, data ParticipantData) error {
	var errs [8]error
	p.Kind = Kind(data.Kind)
	if !slices.Contains(kinds, p.Kind) {
		errs[0] = invalid("kind", "admission.participant.kind.missing")
	}
	p.Body, errs[1] = readLine("body", data.Body, maxName, true)
	p.Name, errs[2] = readLine("name", data.Name, maxName, false)
	p.Function, errs[3] = readLine("function", data.Function, maxName, false)
	p.Email = ""
	if s := strings.TrimSpace(data.Email); s != "" {
		var err error
		if p.Email, err = party.ParseEmail(s); err != nil {
			errs[4] = invalid("email", "admission.email.bad")
		}
	}
	p.Country = strings.ToUpper(strings.TrimSpace(data.Country))
	if p.Country != "" && !isCountry(p.Country) {
		errs[5] = invalid("country", "admission.country.bad")
	}
	p.Mode, p.Listing = Place(data.Mode), application.Listing(data.Listing)
	if !slices.Contains([]Place{InRoom, Remote, Anywhere}, p.Mode) {
		errs[6] = invalid("mode", "admission.participant.mode.missing")
	}
	if !slices.Contains([]application.Listing{application.Public, application.Participants, application.Secretariat}, p.Listing) {
		errs[7] = page.Collect(errs[7], invalid("listing", "admission.participant.listing.missing"))
	}
	n, err := strconv.Atoi(cmp.Or(strings.TrimSpace(data.Number), "1"))
	if err != nil || n < 1 || n > maxDelegation || n > 1 && p.Name != "" {
		errs[7] = page.Collect(errs[7], invalid("number", "admission.participant.number.bad", "Max", maxDelegation))
	}
	p.Number, p.Type = n, data.Type
	return page.Collect(errs[:]...)
}

// isCountry tells whether a code is one of ISO 3166-1.
func isCountry(code string) bool {
	r, err := language.ParseRegion(code)
	return err == nil && len(code) == 2 && r.IsCountry() && r.String() == code
}

// AddParticipant registers somebody by hand: a State's delegation, an observer, a stakeholder who came another way.
func (room *Room) AddParticipant(ctx context.Context, actor party.Actor, id dialogue.ID, data ParticipantData) (ParticipantID, error) {
	var made ParticipantID
	err := room.o.DB.Write(ctx, func(tx *store.Tx) error {
		if _, err := room.checking(tx, actor, id); err != nil {
			return err
		}
		p := &Participant{Dialogue: id}
		if err := room.readParticipant(p, data); err != nil {
			return err
		}
		err := room.newParticipant(tx, p)
		made = p.ID
		return err
	})
	return made, err
}

// checking finds a dialogue for somebody who works on its applications.
func (room *Room) checking(tx *store.Tx, actor party.Actor, id dialogue.ID) (*cycle.Dialogue, error) {
	d, err := room.dialogue(tx, id)
	if err != nil {
		return nil, err
	}
	return d, party.Allow(actor, party.CheckApplication, d.Scope())
}

// ImportParticipants registers the rows of a table; all of them, or none where one is wrong.
func (room *Room) ImportParticipants(ctx context.Context, actor party.Actor, id dialogue.ID, all []ParticipantData) error {
	return room.o.DB.Write(ctx, func(tx *store.Tx) error {
		if _, err := room.checking(tx, actor, id); err != nil {
			return err
		}
		for _, data := range all {
			p := &Participant{Dialogue: id}
			if err := room.readParticipant(p, data); err != nil {
				return err
			}
			if err := room.newParticipant(tx, p); err != nil {
				return err
			}
		}
		return nil
	})
}

// CorrectParticipant changes what is kept about a participant. version is the one the officer saw.
func (room *Room) CorrectParticipant(ctx context.Context, actor party.Actor, id ParticipantID, version int, data ParticipantData) error {
	return room.withParticipant(ctx, actor, id, version, func(tx *store.Tx, p *Participant) error {
		changed := *p
		if err := room.readParticipant(&changed, data); err != nil {
			return err
		}
		return room.changeParticipant(tx, p, func(p *Participant) { *p = changed })
	})
}

// ReplaceParticipant registers another person of the same organisation in the place of one who cannot come. The
// organisation's contact asks for it; the officer does it.
func (room *Room) ReplaceParticipant(ctx context.Context, actor party.Actor, id ParticipantID, version int, data ParticipantData) (ParticipantID, error) {
	var made ParticipantID
	err := room.withParticipant(ctx, actor, id, version, func(tx *store.Tx, p *Participant) error {
		other := &Participant{Dialogue: p.Dialogue, Application: p.Application, Follows: p.ID}
		data.Kind, data.Type, data.Body, data.Country, data.Listing = string(p.Kind), p.Type, p.Body, p.Country, string(p.Listing)
		if strings.TrimSpace(data.Name) == "" {
			return invalid("name", "admission.missing")
		}
		if err := room.readParticipant(other, data); err != nil {
			return err
		}
		if err := room.changeParticipant(tx, p, func(p *Participant) { p.State = Replaced }); err != nil {
			return err
		}
		err := room.newParticipant(tx, other)
		made = other.ID
		return err
	})
	return made, err
}

// CancelParticipant ends a registration.
func (room *Room) CancelParticipant(ctx context.Context, actor party.Actor, id ParticipantID, version int) error {
	return room.withParticipant(ctx, actor, id, version, func(tx *store.Tx, p *Participant) error {
		return room.changeParticipant(tx, p, func(p *Participant) { p.State = Cancelled })
	})
}

// SetAttendance says by hand where somebody took part: InRoom, Remote, Both, or empty for not at all.
func (room *Room) SetAttendance(ctx context.Context, actor party.Actor, id ParticipantID, version int, where Place) error {
	var d dialogue.ID
	err := room.o.DB.Read(ctx, func(tx *store.Tx) error {
		p, err := room.Participant(tx, id)
		d = p.Dialogue
		return found(err)
	})
	if err != nil {
		return err
	}
	n, err := room.SetAttendanceOf(ctx, actor, d, map[ParticipantID]int{id: version}, where)
	if err == nil && n == 0 {
		err = problem(409, "admission.participant.changed")
	}
	return err
}

// SetAttendanceOf says by hand where several took part, and tells how many were noted. Whoever has been changed since the
// officer looked is left out.
func (room *Room) SetAttendanceOf(ctx context.Context, actor party.Actor, id dialogue.ID, picks map[ParticipantID]int, where Place) (n int, err error) {
	if !slices.Contains([]Place{"", InRoom, Remote, Both}, where) {
		return 0, invalid("attended", "admission.participant.attended.missing")
	}
	err = room.o.DB.Write(ctx, func(tx *store.Tx) error {
		n = 0
		d, err := room.checking(tx, actor, id)
		if err != nil {
			return err
		}
		all, err := room.Participants(tx, id)
		if err != nil {
			return err
		}
		came := map[application.ID]bool{}
		for _, p := range all {
			version, picked := picks[p.ID]
			if !picked || version != p.Version || !p.Here() || !p.Erased.IsZero() {
				continue
			}
			if err := room.changeParticipant(tx, p, noted(where)); err != nil {
				return err
			}
			n++
			if where != "" && p.Application != "" {
				came[p.Application] = true
			}
		}
		return room.attended(tx, actor, d, came)
	})
	return n, err
}

// noted notes an attendance by hand.
func noted(where Place) func(*Participant) {
	return func(p *Participant) {
		p.Attended, p.Source = where, sourceHand
		if where == "" {
			p.Room, p.Remote, p.Source = 0, 0, ""
		}
	}
}

// sourceHand marks an attendance that an officer noted.
const sourceHand = "hand"

// withParticipant does something with an active participant as the officer saw it.
func (room *Room) withParticipant(ctx context.Context, actor party.Actor, id ParticipantID, version int, act func(*store.Tx, *Participant) error) error {
	return room.o.DB.Write(ctx, func(tx *store.Tx) error {
		p, err := room.Participant(tx, id)
		if err != nil {
			return found(err)
		}
		if _, err := room.checking(tx, actor, p.Dialogue); err != nil {
			return err
		}
		switch {
		case !p.Erased.IsZero():
			return problem(409, "admission.gone")
		case p.Version != version, !p.Here():
			return problem(409, "admission.participant.changed")
		}
		return act(tx, p)
	})
}
