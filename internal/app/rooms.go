package app

import (
	"context"
	"slices"
	"time"

	"rostrum.example/format/mechanism"
	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/dialogue/cycle"
	"rostrum.example/internal/job"
	"rostrum.example/internal/party"
	"rostrum.example/internal/seal"
	"rostrum.example/internal/store"
)

// The rooms of the dialogue wing are connected here: what one needs of another stands in its Options.

// rooms are those that convene a dialogue, from the call to what became of it.
type rooms struct {
	cycle *cycle.Room
}

// openRooms opens the rooms of a house whose ground is open.
func (a *App) openRooms(h *house) (err error) {
	m := h.mechanism
	h.rooms.cycle, err = cycle.New(cycle.Options{
		DB: a.db, Org: org, Ledger: h.ledger, Directory: h.directory, Catalogues: a.catalogues,
		Clock: a.o.Clock, Random: a.o.Random, Log: a.o.Log,
		States: cycleStates(m, m.Dialogue.States), Bodies: parties(m).Bodies, Zone: m.TimeZone,
		Earlier: publishedDialogues, CheckRecipients: checkRecipients,
	})
	if err != nil {
		return err
	}
	h.jobs.Every("call.close", 5*time.Minute, job.Policy{}, func(ctx context.Context, _ *job.Job) error {
		_, err := h.rooms.cycle.CloseDue(ctx)
		return err
	})
	return nil
}

// seatRooms adds the rooms' pages.
func (a *App) seatRooms(h *house) error {
	if err := h.rooms.cycle.Seat(h.site); err != nil {
		return err
	}
	h.dialogue.Convene(h.rooms.cycle)
	for _, prefix := range []string{"cycle", "call"} {
		h.ledger.Register(prefix, h.rooms.cycle.Resolve)
	}
	return nil
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
func (r *rooms) duties() []duties { return []duties{r.cycle} }

// holders are the rooms that keep data about persons.
func (r *rooms) holders() []party.Holder { return []party.Holder{r.cycle} }

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
