package floor

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// What the floor keeps about persons; Room is a party.Holder.

const (
	selectOwnRequests = `
		select dialogue, n, item, kind, mode, lang, asked, state
		from floor_request
		where org = $1 and person = $2
		order by dialogue, n`

	selectOwnTurns = `
		select dialogue, n, item, kind, naming, who, began, ended, entry
		from floor_turn
		where org = $1 and person = $2
		order by dialogue, n`

	selectOwnWritten = `
		select dialogue, request, item, lang, body, at
		from floor_written
		where org = $1 and person = $2
		order by dialogue, request`

	selectTurnEntries = `
		select entry
		from floor_turn
		where org = $1 and dialogue = $2 and participant = $3 and naming <> 'category' and entry <> ''`

	selectAbout = `
		select entry
		from floor_act
		where org = $1 and dialogue = $2 and participant = $3 and who <> '' and entry <> ''`

	eraseRequests = `
		update floor_request
		set person = '', participant = '', state = case when state = 'waiting' then 'withdrawn' else state end
		where org = $1 and dialogue = $2 and participant = $3`

	eraseTurns = `
		update floor_turn
		set person = '', participant = 'erased', speaker = '', naming = 'withheld', who = '', lang = '', salt = null, body = null
		where org = $1 and dialogue = $2 and participant = $3`

	eraseWritten = `
		delete from floor_written
		where org = $1 and dialogue = $2 and participant = $3`

	eraseAbout = `
		update floor_act
		set participant = '', who = '', naming = 'withheld'
		where org = $1 and dialogue = $2 and participant = $3`

	bumpFloor = `
		update floor
		set changes = changes + 1
		where org = $1 and dialogue = $2`

	eraseForms = `
		delete from floor_form
		where org = $1 and at < $2`

	eraseSeats = `
		delete from floor_seat
		where org = $1 and created < $2`

	eraseLinks = `
		delete from floor_link
		where org = $1 and expires < $2`

	eraseActs = `
		update floor_act
		set person = ''
		where org = $1 and person = $2`

	selectSeatsOf = `
		select distinct dialogue, participant
		from floor_request
		where org = $1 and person = $2
		union
		select distinct dialogue, participant
		from floor_turn
		where org = $3 and person = $4`
)

type ownRequest struct {
	Dialogue dialogue.ID `json:"dialogue"`
	Number   int         `json:"number"`
	Item     ItemID      `json:"item"`
	Kind     Kind        `json:"kind"`
	Mode     Mode        `json:"mode"`
	Lang     string      `json:"lang,omitempty"`
	Asked    time.Time   `json:"asked"`
	State    string      `json:"state"`
}

type ownTurn struct {
	Dialogue dialogue.ID `json:"dialogue"`
	Number   int         `json:"number"`
	Item     ItemID      `json:"item"`
	Kind     Kind        `json:"kind"`
	Naming   Naming      `json:"naming"`
	Who      string      `json:"who,omitempty"`
	Began    time.Time   `json:"began"`
	Ended    time.Time   `json:"ended,omitzero"`
	Entry    ledger.ID   `json:"entry,omitempty"`
}

type ownText struct {
	Dialogue dialogue.ID `json:"dialogue"`
	Request  int         `json:"request"`
	Item     ItemID      `json:"item"`
	Lang     string      `json:"lang"`
	Text     string      `json:"text"`
	At       time.Time   `json:"at"`
}

// Part names the floor in a person's export.
func (room *Room) Part() string { return "floor" }

// ExportPerson gives when a person asked for the floor, had it, and what they sent in writing.
func (room *Room) ExportPerson(tx *store.Tx, p party.Person) (any, error) {
	var own struct {
		Requests []ownRequest `json:"requests,omitempty"`
		Turns    []ownTurn    `json:"turns,omitempty"`
		Written  []ownText    `json:"written,omitempty"`
	}
	args := []any{string(room.o.Org), string(p.ID)}
	err := errors.Join(
		each(tx, func(rows *sql.Rows) error {
			var r ownRequest
			var asked int64
			err := rows.Scan(&r.Dialogue, &r.Number, &r.Item, &r.Kind, &r.Mode, &r.Lang, &asked, &r.State)
			r.Asked = store.Time(asked)
			own.Requests = append(own.Requests, r)
			return err
		}, selectOwnRequests, args...),
		each(tx, func(rows *sql.Rows) error {
			var t ownTurn
			var began, ended int64
			err := rows.Scan(&t.Dialogue, &t.Number, &t.Item, &t.Kind, &t.Naming, &t.Who, &began, &ended, &t.Entry)
			t.Began, t.Ended = store.Time(began), store.Time(ended)
			own.Turns = append(own.Turns, t)
			return err
		}, selectOwnTurns, args...),
		each(tx, func(rows *sql.Rows) error {
			var t ownText
			var at int64
			err := rows.Scan(&t.Dialogue, &t.Request, &t.Item, &t.Lang, &t.Text, &at)
			t.At = store.Time(at)
			own.Written = append(own.Written, t)
			return err
		}, selectOwnWritten, args...),
	)
	if err != nil {
		return nil, fmt.Errorf("exporting what the floor keeps: %w", err)
	}
	if len(own.Requests)+len(own.Turns)+len(own.Written) == 0 {
		return nil, nil
	}
	return own, nil
}

// ErasePerson erases what the floor keeps about a person, as a participant and at the desk.
func (room *Room) ErasePerson(tx *store.Tx, p party.Person) error {
	type seat struct {
		id  dialogue.ID
		who ParticipantID
	}
	var seats []seat
	own := []any{string(room.o.Org), string(p.ID)}
	err := each(tx, func(rows *sql.Rows) error {
		var s seat
		err := rows.Scan(&s.id, &s.who)
		seats = append(seats, s)
		return err
	}, selectSeatsOf, append(own, own...)...)
	if err != nil {
		return fmt.Errorf("erasing what the floor keeps: %w", err)
	}
	for _, s := range seats {
		if err := room.EraseParticipant(tx, s.id, s.who); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(eraseActs, own...); err != nil {
		return fmt.Errorf("erasing what the floor keeps: %w", err)
	}
	return nil
}

// EraseParticipant takes a participant out of every turn, request and act, with their link, and withdraws the texts of
// the entries that name them or are sealed about them. The turns stay for the totals: their type, their times.
func (room *Room) EraseParticipant(tx *store.Tx, id dialogue.ID, who ParticipantID) error {
	args := []any{string(room.o.Org), string(id), string(who)}
	var entries []ledger.ID
	for _, query := range []string{selectTurnEntries, selectAbout} {
		err := each(tx, func(rows *sql.Rows) error {
			var entry ledger.ID
			err := rows.Scan(&entry)
			entries = append(entries, entry)
			return err
		}, query, args...)
		if err != nil {
			return fmt.Errorf("erasing a participant of the floor: %w", err)
		}
	}
	for _, query := range []string{eraseRequests, eraseTurns, eraseWritten, eraseAbout} {
		if _, err := tx.Exec(query, args...); err != nil {
			return fmt.Errorf("erasing a participant of the floor: %w", err)
		}
	}
	if err := room.Unlink(tx, id, who); err != nil {
		return err
	}
	if _, err := tx.Exec(bumpFloor, string(room.o.Org), string(id)); err != nil {
		return fmt.Errorf("erasing a participant of the floor: %w", err)
	}
	at := room.o.Clock().UTC().Format(time.DateOnly)
	for _, entry := range entries {
		_, err := room.o.Ledger.Withdraw(tx, entry, ledger.Notice{At: at, Reason: "The speaker has withdrawn their data."})
		if err != nil && !errors.Is(err, ledger.ErrWithdrawn) {
			return fmt.Errorf("withdrawing a turn: %w", err)
		}
	}
	tx.OnCommit(func() { room.touch(id) })
	return nil
}

// formsKept is how long a form that was taken is remembered.
const formsKept = 7 * 24 * time.Hour

// Erase removes what has run out: links, the seats they let in, and forms that nobody sends again. It is the handler
// of a daily job and may run at any time.
func (room *Room) Erase(ctx context.Context, now time.Time) error {
	err := room.o.DB.Write(ctx, func(tx *store.Tx) error {
		for query, before := range map[string]time.Time{eraseForms: now.Add(-formsKept), eraseSeats: now.Add(-LinkFor), eraseLinks: now} {
			if _, err := tx.Exec(query, string(room.o.Org), micros(before)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("erasing what has run out on the floor: %w", err)
	}
	return nil
}
