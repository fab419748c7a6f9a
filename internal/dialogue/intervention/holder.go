package intervention

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// What the room keeps about persons; Room is a party.Holder.

const (
	forgetTextPerson = `
		update input_text
		set person = ''
		where org = $1 and person = $2`

	forgetActPerson = `
		update input_act
		set person = ''
		where org = $1 and person = $2`

	forgetMentionPerson = `
		update input_mention
		set person = ''
		where org = $1 and person = $2`
)

// Part names the room in a person's export.
func (room *Room) Part() string { return "inputs" }

type ownInput struct {
	ID        ID          `json:"id"`
	Dialogue  dialogue.ID `json:"dialogue"`
	Kind      Kind        `json:"kind"`
	Voice     Voice       `json:"voice"`
	Name      string      `json:"name,omitempty"`
	State     State       `json:"state"`
	Received  time.Time   `json:"received"`
	Published time.Time   `json:"published,omitzero"`
	Erases    time.Time   `json:"erased_on,omitzero"`
	Texts     []ownText   `json:"texts"`
	Files     []string    `json:"files,omitempty"`
}

type ownText struct {
	Lang       string   `json:"lang"`
	Version    int      `json:"version"`
	Paragraphs []string `json:"paragraphs"`
}

// own lists the inputs of a person, by account or address. Those of a sealed voice are nobody's.
func (room *Room) own(tx *store.Tx, p party.Person) ([]*Input, error) {
	all, err := room.list(tx, inputsByPerson, string(room.o.Org), string(p.ID))
	if err != nil || p.Email == "" {
		return all, err
	}
	more, err := room.list(tx, inputsByEmail, string(room.o.Org), p.Email.Key())
	for _, in := range more {
		if in.Person != p.ID {
			all = append(all, in)
		}
	}
	return all, err
}

// ExportPerson gives what a person sent in, with its texts.
func (room *Room) ExportPerson(tx *store.Tx, p party.Person) (any, error) {
	inputs, err := room.own(tx, p)
	if err != nil || len(inputs) == 0 {
		return nil, err
	}
	var out []ownInput
	for _, in := range inputs {
		o := ownInput{in.ID, in.Dialogue, in.Kind, in.Voice, in.Name, in.State, in.Received, in.Published, in.Erases, nil, nil}
		texts, err := room.texts(tx, in.ID)
		if err != nil {
			return nil, err
		}
		for _, t := range texts {
			o.Texts = append(o.Texts, ownText{t.Lang, t.Number, t.Paragraphs})
		}
		attached, err := room.Attachments(tx, in.ID)
		if err != nil {
			return nil, err
		}
		for _, f := range attached {
			o.Files = append(o.Files, f.Name)
		}
		out = append(out, o)
	}
	return out, nil
}

// ErasePerson erases what the room keeps about a person. What was not published goes; of what was, the texts of an
// organisation stay without the person, and those that name the person are withdrawn.
func (room *Room) ErasePerson(tx *store.Tx, p party.Person) error {
	inputs, err := room.own(tx, p)
	if err != nil {
		return err
	}
	for _, in := range inputs {
		if in.Voice == Named && in.Organisation == "" && in.State != Withdrawn {
			err = room.withdraw(tx, in, "The author has withdrawn their data.", "")
		} else if !in.Public() {
			err = room.remove(tx, in)
		}
		if err == nil && in.Public() {
			err = room.forgetPerson(tx, in)
		}
		if err != nil {
			return fmt.Errorf("erasing the inputs of a person: %w", err)
		}
	}
	for _, query := range []string{forgetTextPerson, forgetActPerson, forgetMentionPerson} {
		if _, err := tx.Exec(query, string(room.o.Org), string(p.ID)); err != nil {
			return fmt.Errorf("erasing what a person did with inputs: %w", err)
		}
	}
	return nil
}

// forgetPerson takes the person out of an input that stays.
func (room *Room) forgetPerson(tx *store.Tx, in *Input) error {
	if _, err := tx.Exec(deleteLinks, string(room.o.Org), string(in.ID)); err != nil {
		return err
	}
	in.Person, in.Email, in.Source, in.Erases = "", "", "", time.Time{}
	if in.Voice != Named || in.State == Withdrawn {
		in.Name, in.Organisation = "", "" // what is public stays
	}
	return room.keep(tx, in)
}

const (
	formsPrune = `
		delete from input_form
		where org = $1 and at < $2`

	linksPrune = `
		delete from input_link
		where org = $1 and expires <= $2`
)

// Erase erases the personal data whose day has come: what was never published goes, what was stays without the person.
// It is the handler of a daily job.
func (room *Room) Erase(ctx context.Context, now time.Time) (n int, err error) {
	err = room.o.DB.Write(ctx, func(tx *store.Tx) error {
		n = 0
		due, err := room.list(tx, inputsDue, string(room.o.Org), micros(now))
		if err != nil {
			return err
		}
		for _, in := range due {
			if in.Public() {
				err = room.forgetPerson(tx, in)
			} else {
				err = room.remove(tx, in)
			}
			if err != nil {
				return err
			}
			n++
		}
		for query, at := range map[string]time.Time{formsPrune: now.AddDate(0, 0, -30), linksPrune: now, erasePassages: now} {
			if _, err := tx.Exec(query, string(room.o.Org), micros(at)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("erasing inputs: %w", err)
	}
	return n, nil
}

const countStates = `
	select dialogue, state, count(*)
	from input
	where org = $1
	group by dialogue, state`

// counts counts the inputs of each dialogue by state.
func (room *Room) counts(tx *store.Tx) (map[dialogue.ID]map[State]int, error) {
	all := map[dialogue.ID]map[State]int{}
	err := each(tx, func(rows *sql.Rows) error {
		var id dialogue.ID
		var s State
		var n int
		if err := rows.Scan(&id, &s, &n); err != nil {
			return err
		}
		if all[id] == nil {
			all[id] = map[State]int{}
		}
		all[id][s] = n
		return nil
	}, countStates, string(room.o.Org))
	return all, err
}
