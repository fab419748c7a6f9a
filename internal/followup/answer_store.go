package followup

import (
	"encoding/json"
	"fmt"

	"rostrum.example/internal/store"
)

const (
	answersOf = `
		select point, state, number, stage, kind, body, edit, writer, clearer, note, at, entry
		from followup_answer
		where org = $1 and point = $2
		order by state, number`

	answersOfOrigin = `
		select a.point, a.state, a.number, a.stage, a.kind, a.body, a.edit, a.writer, a.clearer, a.note, a.at, a.entry
		from followup_answer a
		join followup_point p on p.org = a.org and p.id = a.point
		where a.org = $1 and p.origin = $2
		order by a.point, a.state, a.number`

	answersBy = `
		select point, state, number, stage, kind, body, edit, writer, clearer, note, at, entry
		from followup_answer
		where org = $1 and state = $2
		order by point, number`

	answersOn = `
		select point, state, number, stage, kind, body, edit, writer, clearer, note, at, entry
		from followup_answer
		where org = $1 and point = $2 and state = $3
		order by number`

	answerKeep = `
		insert into followup_answer (org, point, state, number, stage, kind, body, edit, writer, clearer, note, at, entry)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
		on conflict (org, point, state, number) do update set
		  stage = excluded.stage, kind = excluded.kind, body = excluded.body, edit = excluded.edit, writer = excluded.writer,
		  clearer = excluded.clearer, note = excluded.note, at = excluded.at, entry = excluded.entry`

	answerDrop = `
		delete from followup_answer
		where org = $1 and point = $2 and state = $3 and number = $4`
)

func scanAnswer(r row) (a Answer, err error) {
	var body string
	var at int64
	if err = r.Scan(&a.Point, &a.State, &a.Number, &a.Stage, &a.Kind, &body, &a.Edit, &a.Writer, &a.Clearer, &a.Note, &at, &a.Entry); err != nil {
		return a, err
	}
	a.At = store.Time(at)
	if err = json.Unmarshal([]byte(body), &a.Said); err != nil {
		return a, fmt.Errorf("reading what %s says of %s: %w", a.State, a.Point, err)
	}
	return a, nil
}

// Answers lists what is public of what States say of a point, by State and in order.
func (room *Room) Answers(tx *store.Tx, id PointID) ([]Answer, error) {
	all, err := list(tx, scanAnswer, answersOf, room.o.Org, id)
	return public(all), err
}

func public(all []Answer) []Answer {
	kept := all[:0]
	for _, a := range all {
		if a.Public() {
			kept = append(kept, a)
		}
	}
	return kept
}

func (room *Room) keepAnswer(tx *store.Tx, a *Answer) error {
	body, err := encode(a.Said)
	if err != nil {
		return err
	}
	_, err = tx.Exec(answerKeep, room.o.Org, a.Point, a.State, a.Number, a.Stage, a.Kind, body, a.Edit, a.Writer, a.Clearer, a.Note, store.Micros(a.At), a.Entry)
	return err
}

// open gives what a State has said of a point, and the one that it is drafting; a new one where it drafts none.
func (room *Room) open(tx *store.Tx, id PointID, state string) (said []Answer, draft Answer, err error) {
	all, err := list(tx, scanAnswer, answersOn, room.o.Org, id, state)
	if err != nil {
		return nil, Answer{}, err
	}
	draft = Answer{Point: id, State: state, Number: 1, Stage: Draft}
	for _, a := range all {
		if a.Public() {
			said = append(said, a)
			draft.Number = a.Number + 1
		} else {
			draft = a
		}
	}
	return said, draft, nil
}
