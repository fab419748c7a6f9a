package application

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/dialogue/cycle"
	"rostrum.example/internal/secret"
	"rostrum.example/internal/store"
)

const (
	applicationQuery = `
		select id, call, sample, lang, name, email, answers, sealed_at, listing, source, created, changed, submitted, erases, erased, version
		from application
		where org = $1 and id = $2`

	applicationByLink = `
		select id, call, sample, lang, name, email, answers, sealed_at, listing, source, created, changed, submitted, erases, erased, version
		from application
		where org = $1 and link = $2`

	applicationsOfCall = `
		select id, call, sample, lang, name, email, answers, sealed_at, listing, source, created, changed, submitted, erases, erased, version
		from application
		where org = $1 and call = $2
		order by submitted, id`

	applicationsOfDialogue = `
		select a.id, a.call, a.sample, a.lang, a.name, a.email, a.answers, a.sealed_at, a.listing, a.source, a.created, a.changed, a.submitted, a.erases, a.erased, a.version
		from application a
		join application_admission m on m.org = a.org and m.application = a.id
		where a.org = $1 and m.dialogue = $2
		order by a.submitted, a.id`

	sealedQuery = `
		select sealed
		from application
		where org = $1 and id = $2`

	admissionsOfDialogue = `
		select application, dialogue, state, since, version, subject, entry
		from application_admission
		where org = $1 and dialogue = $2
		order by application`

	admissionsOf = `
		select application, dialogue, state, since, version, subject, entry
		from application_admission
		where org = $1 and application = $2
		order by dialogue`

	admissionQuery = `
		select application, dialogue, state, since, version, subject, entry
		from application_admission
		where org = $1 and application = $2 and dialogue = $3`

	admissionKeep = `
		insert into application_admission (org, application, dialogue, state, since, version, subject, entry)
		values ($1, $2, $3, $4, $5, $6, $7, $8)
		on conflict (org, application, dialogue) do update set
		  state = excluded.state, since = excluded.since, version = excluded.version, subject = excluded.subject, entry = excluded.entry`

	moveKeep = `
		insert into application_move (org, id, application, dialogue, at, from_state, to_state, by, actor, answers, entry, salt, text)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`

	movesQuery = `
		select id, dialogue, at, from_state, to_state, by, actor, answers, entry
		from application_move
		where org = $1 and application = $2
		order by at, id`
)

type row interface{ Scan(...any) error }

func scanApplication(r row) (*Application, error) {
	var a Application
	var answers string
	var sealed, created, changed, submitted, erases, erased int64
	err := r.Scan(&a.ID, &a.Call, &a.Sample, &a.Lang, &a.Name, &a.Email, &answers, &sealed, &a.Listing, &a.Source, &created, &changed, &submitted, &erases, &erased, &a.Version)
	if err != nil {
		return nil, err
	}
	a.SealedAt, a.Created, a.Changed = store.Time(sealed), store.Time(created), store.Time(changed)
	a.Submitted, a.Erases, a.Erased = store.Time(submitted), store.Time(erases), store.Time(erased)
	if err := json.Unmarshal([]byte(answers), &a.Answers); err != nil {
		return nil, fmt.Errorf("reading application %s: %w", a.ID, err)
	}
	return &a, nil
}

func (room *Room) applications(tx *store.Tx, query string, args ...any) ([]*Application, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []*Application
	for rows.Next() {
		a, err := scanApplication(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, rows.Err()
}

// Application finds an application, or answers ErrNotFound.
func (room *Room) Application(tx *store.Tx, id ID) (*Application, error) {
	return one(scanApplication(tx.QueryRow(applicationQuery, room.o.Org, id)))
}

// byLink finds the application that a link leads to, or answers ErrNotFound.
func (room *Room) byLink(tx *store.Tx, link secret.Secret) (*Application, error) {
	return one(scanApplication(tx.QueryRow(applicationByLink, room.o.Org, link.Hash())))
}

func one[T any](found T, err error) (T, error) {
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	return found, err
}

// OfCall lists the applications to a call, drafts first, then in the order in which they were submitted.
func (room *Room) OfCall(tx *store.Tx, call cycle.CallID) ([]*Application, error) {
	return room.applications(tx, applicationsOfCall, room.o.Org, call)
}

// OfDialogue lists the applications that name a dialogue, in the same order.
func (room *Room) OfDialogue(tx *store.Tx, d dialogue.ID) ([]*Application, error) {
	return room.applications(tx, applicationsOfDialogue, room.o.Org, d)
}

// Sealed gives the age file of an application's sensitive answers; nil where there are none.
func (room *Room) Sealed(tx *store.Tx, id ID) ([]byte, error) {
	var sealed []byte
	err := tx.QueryRow(sealedQuery, room.o.Org, id).Scan(&sealed)
	_, err = one(sealed, err)
	return sealed, err
}

func scanAdmission(r row) (*Admission, error) {
	var m Admission
	var since int64
	if err := r.Scan(&m.Application, &m.Dialogue, &m.State, &since, &m.Version, &m.Subject, &m.Entry); err != nil {
		return nil, err
	}
	m.Since = store.Time(since)
	return &m, nil
}

func (room *Room) admissions(tx *store.Tx, query string, args ...any) ([]*Admission, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []*Admission
	for rows.Next() {
		m, err := scanAdmission(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, rows.Err()
}

// Admissions tells where an application stands for each dialogue that it names.
func (room *Room) Admissions(tx *store.Tx, id ID) ([]*Admission, error) {
	return room.admissions(tx, admissionsOf, room.o.Org, id)
}

// AdmissionsTo tells where all applications to a dialogue stand.
func (room *Room) AdmissionsTo(tx *store.Tx, d dialogue.ID) ([]*Admission, error) {
	return room.admissions(tx, admissionsOfDialogue, room.o.Org, d)
}

// Admission tells where an application stands for a dialogue, or answers ErrNotFound.
func (room *Room) Admission(tx *store.Tx, id ID, d dialogue.ID) (*Admission, error) {
	return one(scanAdmission(tx.QueryRow(admissionQuery, room.o.Org, id, d)))
}

func (room *Room) keepAdmission(tx *store.Tx, m *Admission) error {
	_, err := tx.Exec(admissionKeep, room.o.Org, m.Application, m.Dialogue, m.State, store.Micros(m.Since), m.Version, m.Subject, m.Entry)
	return err
}

func (room *Room) keepMove(tx *store.Tx, m Move, salt, text []byte) error {
	answers, err := json.Marshal(m.Answers)
	if err != nil {
		return err
	}
	if salt == nil {
		salt = []byte{}
	}
	_, err = tx.Exec(moveKeep, room.o.Org, m.ID, m.Application, m.Dialogue, store.Micros(m.At), m.From, m.To, m.By, m.Actor, string(answers), m.Entry, salt, string(text))
	return err
}

// Moves gives the steps of an application, oldest first.
func (room *Room) Moves(tx *store.Tx, id ID) ([]Move, error) {
	rows, err := tx.Query(movesQuery, room.o.Org, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Move
	for rows.Next() {
		m := Move{Application: id}
		var at int64
		var answers string
		if err := rows.Scan(&m.ID, &m.Dialogue, &at, &m.From, &m.To, &m.By, &m.Actor, &answers, &m.Entry); err != nil {
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
