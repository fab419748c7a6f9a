package admission

import (
	"context"
	"errors"
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/dialogue/application"
	"rostrum.example/internal/dialogue/cycle"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

const (
	notesErase = `
		delete from admission_note
		where org = $1 and application = $2`

	reviewErase = `
		update admission_review
		set fit_reason = ''
		where org = $1 and application = $2`

	objectionErase = `
		update admission_objection
		set ground = '', salt = $1, text = ''
		where org = $2 and application = $3`

	lettersErase = `
		delete from admission_letter
		where org = $1 and application = $2`

	lettersEraseOf = `
		delete from admission_letter
		where org = $1 and dialogue = $2`

	presenceErase = `
		update admission_presence
		set name = '', email = ''
		where org = $1 and participant = $2`

	presencesErase = `
		update admission_presence
		set name = '', email = ''
		where org = $1 and attendance in (select id from admission_attendance where org = $1 and dialogue = $2)`

	authorForget = `
		update admission_note
		set author = ''
		where org = $1 and author = $2`

	fitterForget = `
		update admission_review
		set fit_by = ''
		where org = $1 and fit_by = $2`

	checkerForget = `
		update admission_review
		set checked_by = ''
		where org = $1 and checked_by = $2`

	objectionForget = `
		update admission_objection
		set actor = ''
		where org = $1 and actor = $2`

	attendanceForget = `
		update admission_attendance
		set actor = ''
		where org = $1 and actor = $2`

	figureForget = `
		update admission_figure
		set actor = ''
		where org = $1 and actor = $2`

	templateForget = `
		update admission_template
		set actor = ''
		where org = $1 and actor = $2`
)

// unheldFor is how long after its last day the personal data of a dialogue without a call are kept.
const unheldFor = 365 * 24 * time.Hour

// Erase erases what this room keeps about an application and its persons. The rows stay, without names, so that totals
// stay right; the name of an organisation that may be listed in public stays with them.
func (room *Room) Erase(tx *store.Tx, a application.ID) error {
	err := errors.Join(
		room.write(tx, notesErase, a),
		room.write(tx, reviewErase, a),
		room.write(tx, lettersErase, a),
	)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(objectionErase, []byte{}, room.o.Org, a); err != nil {
		return err
	}
	all, err := room.ParticipantsOf(tx, a)
	if err != nil {
		return err
	}
	for _, p := range all {
		if err := room.erasePerson(tx, p); err != nil {
			return err
		}
	}
	return nil
}

// erased follows the erasure of an application.
func (room *Room) erased(tx *store.Tx, a *application.Application) error { return room.Erase(tx, a.ID) }

func (room *Room) erasePerson(tx *store.Tx, p *Participant) error {
	if !p.Erased.IsZero() {
		return nil
	}
	p.Name, p.Function, p.Email, p.Erased = "", "", "", room.o.Clock()
	if p.Listing != application.Public && p.Kind != Government {
		p.Body = ""
	}
	if err := room.write(tx, presenceErase, p.ID); err != nil {
		return err
	}
	return room.keepParticipant(tx, p)
}

// EraseDue erases the persons of the dialogues whose day has come: those of the reports of attendance, and participants who
// did not apply. It is the handler of a daily job and tells how many dialogues it went through.
func (room *Room) EraseDue(ctx context.Context) (int, error) {
	n := 0
	err := room.o.DB.Write(ctx, func(tx *store.Tx) error {
		n = 0
		all, err := room.o.Cycle.Dialogues(tx)
		if err != nil {
			return err
		}
		for _, d := range all {
			due, err := room.erases(tx, d)
			if err != nil {
				return err
			}
			if room.o.Clock().Before(due) {
				continue
			}
			if err := room.eraseDialogue(tx, d.ID); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	return n, err
}

// erases is when the personal data of a dialogue go.
func (room *Room) erases(tx *store.Tx, d *cycle.Dialogue) (time.Time, error) {
	call, err := room.o.Cycle.CallFor(tx, d.ID)
	if errors.Is(err, cycle.ErrNotFound) {
		return time.Date(d.Ends.Year, d.Ends.Month, d.Ends.Day, 0, 0, 0, 0, d.Location()).Add(unheldFor), nil
	}
	if err != nil {
		return time.Time{}, err
	}
	return call.ErasesAt(), nil
}

func (room *Room) eraseDialogue(tx *store.Tx, d dialogue.ID) error {
	if _, err := tx.Exec(presencesErase, room.o.Org, d); err != nil {
		return err
	}
	if err := room.write(tx, lettersEraseOf, d); err != nil {
		return err
	}
	all, err := room.Participants(tx, d)
	if err != nil {
		return err
	}
	for _, p := range all {
		if err := room.erasePerson(tx, p); err != nil {
			return err
		}
	}
	return nil
}

// Part names the room in a person's export.
func (room *Room) Part() string { return "participation" }

// exported is what a person takes with them of one registration.
type exported struct {
	Dialogue     dialogue.ID `json:"dialogue"`
	Organisation string      `json:"organisation,omitempty"`
	Name         string      `json:"name"`
	Function     string      `json:"function,omitempty"`
	State        Standing    `json:"state"`
	Attended     Place       `json:"attended,omitempty"`
	Minutes      int         `json:"minutes,omitempty"`
	Certificate  string      `json:"certificate,omitempty"`
	Registered   time.Time   `json:"registered"`
}

// ExportPerson gives the registrations under the person's address.
func (room *Room) ExportPerson(tx *store.Tx, p party.Person) (any, error) {
	all, err := room.participantsWith(tx, p.Email)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	var out []exported
	for _, one := range all {
		out = append(out, exported{one.Dialogue, one.Body, one.Name, one.Function, one.State, one.Attended, one.Room + one.Remote, one.Certificate, one.Created.UTC()})
	}
	return out, nil
}

// ErasePerson erases the person's registrations and takes them out of what they did as an officer.
func (room *Room) ErasePerson(tx *store.Tx, p party.Person) error {
	all, err := room.participantsWith(tx, p.Email)
	if err != nil {
		return err
	}
	for _, one := range all {
		if err := room.erasePerson(tx, one); err != nil {
			return err
		}
	}
	for _, query := range []string{authorForget, fitterForget, checkerForget, objectionForget, attendanceForget, figureForget, templateForget} {
		if err := room.write(tx, query, p.ID); err != nil {
			return err
		}
	}
	return nil
}

func (room *Room) participantsWith(tx *store.Tx, e party.Email) ([]*Participant, error) {
	if e == "" {
		return nil, nil
	}
	return each(tx, scanParticipant, participantsByEmail, room.o.Org, e.Key())
}
