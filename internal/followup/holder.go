package followup

import (
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

const (
	viewsSaidBy = `
		select id, point, about, kind, organisation, category, named, text, evidence, at, entry, withdrawn
		from followup_view
		where org = $1 and person = $2
		order by at, id`

	answersWritten = `
		select point, state, number, stage, kind, body, edit, writer, clearer, note, at, entry
		from followup_answer
		where org = $1 and (writer = $2 or clearer = $2)
		order by point, state, number`

	viewsForget = `
		update followup_view
		set person = ''
		where org = $1 and person = $2`

	writerForget = `
		update followup_answer
		set writer = ''
		where org = $1 and writer = $2`

	clearerForget = `
		update followup_answer
		set clearer = ''
		where org = $1 and clearer = $2`

	delivererForget = `
		update followup_delivery
		set person = ''
		where org = $1 and person = $2`

	confirmerForget = `
		update followup_delivery
		set confirmer = ''
		where org = $1 and confirmer = $2`

	drawerForget = `
		update followup_link
		set person = ''
		where org = $1 and person = $2`
)

// Part names the room in a person's export.
func (room *Room) Part() string { return "follow-up" }

// exported is what the room keeps about a person: what they wrote or cleared for a State or an organisation.
type exported struct {
	Answers []exportedAnswer `json:"answers,omitempty"`
	Views   []exportedView   `json:"views,omitempty"`
}

type exportedAnswer struct {
	Point   PointID `json:"point"`
	State   string  `json:"state"`
	Number  int     `json:"number"`
	Wrote   bool    `json:"wrote_last"`
	Cleared bool    `json:"cleared"`
}

type exportedView struct {
	Point        PointID              `json:"point"`
	Organisation party.OrganisationID `json:"organisation"`
	On           string               `json:"at"`
	Text         Words                `json:"text"`
}

// ExportPerson gives what the person wrote or cleared.
func (room *Room) ExportPerson(tx *store.Tx, p party.Person) (any, error) {
	answers, err := list(tx, scanAnswer, answersWritten, room.o.Org, p.ID)
	if err != nil {
		return nil, err
	}
	views, err := list(tx, scanView, viewsSaidBy, room.o.Org, p.ID)
	if err != nil {
		return nil, err
	}
	var e exported
	for _, a := range answers {
		e.Answers = append(e.Answers, exportedAnswer{a.Point, a.State, a.Number, a.Writer == p.ID, a.Clearer == p.ID})
	}
	for _, v := range views {
		e.Views = append(e.Views, exportedView{v.Point, v.Organisation, stamp(v.At), v.Text})
	}
	if e.Answers == nil && e.Views == nil {
		return nil, nil
	}
	return e, nil
}

// ErasePerson takes the person out. What a State or an organisation said stays: it is not the person's.
func (room *Room) ErasePerson(tx *store.Tx, p party.Person) error {
	for _, forget := range []string{viewsForget, writerForget, clearerForget, delivererForget, confirmerForget, drawerForget} {
		if _, err := tx.Exec(forget, room.o.Org, p.ID); err != nil {
			return err
		}
	}
	return nil
}
