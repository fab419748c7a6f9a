package cycle

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

const (
	dialoguesQuery = `
		select id, body, title, place, starts, ends, zone, follows, sample, state, since, version, entry
		from cycle_dialogue
		where org = $1
		order by starts desc, id`

	dialogueQuery = `
		select id, body, title, place, starts, ends, zone, follows, sample, state, since, version, entry
		from cycle_dialogue
		where org = $1 and id = $2`

	dialogueKeep = `
		insert into cycle_dialogue (org, id, body, title, place, starts, ends, zone, follows, sample, state, since, version, entry)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
		on conflict (org, id) do update set
		  body = excluded.body, title = excluded.title, place = excluded.place, starts = excluded.starts,
		  ends = excluded.ends, zone = excluded.zone, follows = excluded.follows, state = excluded.state,
		  since = excluded.since, version = excluded.version, entry = excluded.entry`

	moveKeep = `
		insert into cycle_move (org, dialogue, number, at, from_state, to_state, actor, answers, entry)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`

	movesQuery = `
		select number, at, from_state, to_state, actor, answers, entry
		from cycle_move
		where org = $1 and dialogue = $2
		order by number`

	moveCount = `
		select count(*)
		from cycle_move
		where org = $1 and dialogue = $2`

	moversForget = `
		update cycle_move
		set actor = ''
		where org = $1 and actor = $2`

	callsQuery = `
		select id, title, about, closes, zone, erases, recipients, sample, version, entry
		from cycle_call
		where org = $1
		order by closes desc, id`

	callQuery = `
		select id, title, about, closes, zone, erases, recipients, sample, version, entry
		from cycle_call
		where org = $1 and id = $2`

	callKeep = `
		insert into cycle_call (org, id, title, about, closes, zone, erases, recipients, sample, version, entry)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		on conflict (org, id) do update set
		  title = excluded.title, about = excluded.about, closes = excluded.closes, zone = excluded.zone,
		  erases = excluded.erases, recipients = excluded.recipients, version = excluded.version, entry = excluded.entry`

	callDialoguesQuery = `
		select call, dialogue
		from cycle_call_dialogue
		where org = $1
		order by call, position`

	callDialoguesDrop = `
		delete from cycle_call_dialogue
		where org = $1 and call = $2`

	callDialogueKeep = `
		insert into cycle_call_dialogue (org, call, dialogue, position)
		values ($1, $2, $3, $4)`
)

type row interface{ Scan(...any) error }

func scanDialogue(r row) (*Dialogue, error) {
	var d Dialogue
	var title, place, starts, ends string
	var since int64
	err := r.Scan(&d.ID, &d.Body, &title, &place, &starts, &ends, &d.Zone, &d.Follows, &d.Sample, &d.State, &since, &d.Version, &d.Entry)
	if err != nil {
		return nil, err
	}
	d.Since = store.Time(since)
	err = errors.Join(json.Unmarshal([]byte(title), &d.Title), json.Unmarshal([]byte(place), &d.Place), day(&d.Starts, starts), day(&d.Ends, ends))
	if err != nil {
		return nil, fmt.Errorf("reading dialogue %s: %w", d.ID, err)
	}
	return &d, nil
}

func day(into *locale.Date, s string) (err error) {
	*into, err = locale.ParseDate(s)
	return err
}

// Dialogues lists the dialogues, the latest first.
func (room *Room) Dialogues(tx *store.Tx) ([]*Dialogue, error) {
	rows, err := tx.Query(dialoguesQuery, room.o.Org)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []*Dialogue
	for rows.Next() {
		d, err := scanDialogue(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return all, rows.Err()
}

// Dialogue finds a dialogue, or answers ErrNotFound.
func (room *Room) Dialogue(tx *store.Tx, id dialogue.ID) (*Dialogue, error) {
	d, err := scanDialogue(tx.QueryRow(dialogueQuery, room.o.Org, id))
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	return d, err
}

func (room *Room) keepDialogue(tx *store.Tx, d *Dialogue) error {
	title, place, err := twoWords(d.Title, d.Place)
	if err != nil {
		return err
	}
	_, err = tx.Exec(dialogueKeep, room.o.Org, d.ID, d.Body, title, place, d.Starts.String(), d.Ends.String(), d.Zone, d.Follows, number(d.Sample), d.State, store.Micros(d.Since), d.Version, d.Entry)
	return err
}

func twoWords(a, b dialogue.Words) (string, string, error) {
	x, errX := encode(a)
	y, errY := encode(b)
	return string(x), string(y), errors.Join(errX, errY)
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (room *Room) keepMove(tx *store.Tx, m Move) error {
	answers, err := encode(m.Answers)
	if err != nil {
		return err
	}
	_, err = tx.Exec(moveKeep, room.o.Org, m.Dialogue, m.Number, store.Micros(m.At), m.From, m.To, m.Actor, string(answers), m.Entry)
	return err
}

// Moves gives the history of a dialogue's states, oldest first.
func (room *Room) Moves(tx *store.Tx, id dialogue.ID) ([]Move, error) {
	rows, err := tx.Query(movesQuery, room.o.Org, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Move
	for rows.Next() {
		m := Move{Dialogue: id}
		var at int64
		var answers string
		if err := rows.Scan(&m.Number, &at, &m.From, &m.To, &m.Actor, &answers, &m.Entry); err != nil {
			return nil, err
		}
		m.At = store.Time(at)
		if err := json.Unmarshal([]byte(answers), &m.Answers); err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, rows.Err()
}

// Part names the room in a person's export.
func (room *Room) Part() string { return "dialogues" }

// ExportPerson gives nothing: the room keeps no data about persons beyond who moved a dialogue on, which the public
// record does not name.
func (room *Room) ExportPerson(*store.Tx, party.Person) (any, error) { return nil, nil }

// ErasePerson takes the person out of the history of states.
func (room *Room) ErasePerson(tx *store.Tx, p party.Person) error {
	_, err := tx.Exec(moversForget, room.o.Org, p.ID)
	return err
}

func scanCall(r row) (*Call, error) {
	var c Call
	var title, about, closes, erases, recipients string
	err := r.Scan(&c.ID, &title, &about, &closes, &c.Zone, &erases, &recipients, &c.Sample, &c.Version, &c.Entry)
	if err != nil {
		return nil, err
	}
	c.Recipients = strings.Fields(recipients)
	err = errors.Join(json.Unmarshal([]byte(title), &c.Title), json.Unmarshal([]byte(about), &c.About), day(&c.Closes, closes), day(&c.Erases, erases))
	if err != nil {
		return nil, fmt.Errorf("reading call %s: %w", c.ID, err)
	}
	return &c, nil
}

// Calls lists the calls, the latest deadline first.
func (room *Room) Calls(tx *store.Tx) ([]*Call, error) {
	rows, err := tx.Query(callsQuery, room.o.Org)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []*Call
	for rows.Next() {
		c, err := scanCall(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	rows.Close()
	return all, room.addDialogues(tx, all...)
}

// Call finds a call, or answers ErrNotFound.
func (room *Room) Call(tx *store.Tx, id CallID) (*Call, error) {
	c, err := scanCall(tx.QueryRow(callQuery, room.o.Org, id))
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return c, room.addDialogues(tx, c)
}

func (room *Room) addDialogues(tx *store.Tx, calls ...*Call) error {
	byID := map[CallID]*Call{}
	for _, c := range calls {
		byID[c.ID] = c
	}
	rows, err := tx.Query(callDialoguesQuery, room.o.Org)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var call CallID
		var d dialogue.ID
		if err := rows.Scan(&call, &d); err != nil {
			return err
		}
		if c := byID[call]; c != nil {
			c.Dialogues = append(c.Dialogues, d)
		}
	}
	return rows.Err()
}

// CallFor finds the call that a dialogue belongs to, or answers ErrNotFound.
func (room *Room) CallFor(tx *store.Tx, id dialogue.ID) (*Call, error) {
	calls, err := room.Calls(tx)
	if err != nil {
		return nil, err
	}
	for _, c := range calls {
		for _, d := range c.Dialogues {
			if d == id {
				return c, nil
			}
		}
	}
	return nil, ErrNotFound
}

func (room *Room) keepCall(tx *store.Tx, c *Call) error {
	title, about, err := twoWords(c.Title, c.About)
	if err != nil {
		return err
	}
	_, err = tx.Exec(callKeep, room.o.Org, c.ID, title, about, c.Closes.String(), c.Zone, c.Erases.String(), strings.Join(c.Recipients, "\n"), number(c.Sample), c.Version, c.Entry)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(callDialoguesDrop, room.o.Org, c.ID); err != nil {
		return err
	}
	for i, d := range c.Dialogues {
		if _, err := tx.Exec(callDialogueKeep, room.o.Org, c.ID, d, i); err != nil {
			return err
		}
	}
	return nil
}

// entered gives an act to the public record.
func (room *Room) entered(tx *store.Tx, subject, kind string, text any, cites ...ledger.ID) (ledger.ID, error) {
	body, err := encode(text)
	if err != nil {
		return "", err
	}
	var rests []ledger.ID
	for _, id := range cites {
		if id != "" {
			rests = append(rests, id)
		}
	}
	return room.o.Ledger.Enter(tx, ledger.Entry{Org: room.o.Org, Type: kind, Subject: subject, At: at(room.o.Clock()), Text: body, Cites: rests})
}
