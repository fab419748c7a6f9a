package application

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/dialogue/cycle"
	"rostrum.example/internal/secret"
	"rostrum.example/internal/store"
)

const (
	applicationQuery = `
		select id, call, sample, lang, name, email, answers, sealed_at, listing, source, steps, created, changed, submitted, erases, erased, version
		from application
		where org = $1 and id = $2`

	applicationByLink = `
		select a.id, a.call, a.sample, a.lang, a.name, a.email, a.answers, a.sealed_at, a.listing, a.source, a.steps, a.created, a.changed, a.submitted, a.erases, a.erased, a.version
		from application_link l
		join application a on a.org = l.org and a.id = l.application
		where l.org = $1 and l.hash = $2`

	applicationsOfCall = `
		select id, call, sample, lang, name, email, answers, sealed_at, listing, source, steps, created, changed, submitted, erases, erased, version
		from application
		where org = $1 and call = $2
		order by submitted, id`

	applicationsOfDialogue = `
		select a.id, a.call, a.sample, a.lang, a.name, a.email, a.answers, a.sealed_at, a.listing, a.source, a.steps, a.created, a.changed, a.submitted, a.erases, a.erased, a.version
		from application a
		join application_admission m on m.org = a.org and m.application = a.id
		where a.org = $1 and m.dialogue = $2
		order by a.submitted, a.id`

	applicationsByEmail = `
		select id, call, sample, lang, name, email, answers, sealed_at, listing, source, steps, created, changed, submitted, erases, erased, version
		from application
		where org = $1 and email_key = $2 and erased = 0
		order by created, id`

	applicationsKept = `
		select id, call, sample, lang, name, email, answers, sealed_at, listing, source, steps, created, changed, submitted, erases, erased, version
		from application
		where org = $1 and erased = 0
		order by created, id`

	applicationInsert = `
		insert into application (org, id, call, sample, lang, name, email, email_key, answers, sealed, sealed_at, listing, source, source_row, steps, created, changed, submitted, erases, erased, version)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`

	applicationUpdate = `
		update application
		set lang = $1, name = $2, email = $3, email_key = $4, answers = $5, listing = $6, steps = $7, changed = $8,
		    submitted = $9, erases = $10, version = version + 1
		where org = $11 and id = $12 and version = $13`

	applicationErase = `
		update application
		set name = '', email = '', email_key = '', answers = $1, sealed = $2, sealed_at = 0, source_row = $3, steps = '{}',
		    erased = $4, version = version + 1
		where org = $5 and id = $6`

	applicationDrop = `
		delete from application
		where org = $1 and id = $2`

	rowsTaken = `
		select source_row
		from application
		where org = $1 and call = $2 and erased = 0`

	totalsQuery = `
		select state, count(*)
		from application_admission
		where org = $1 and dialogue = $2 and state <> 'draft'
		group by state`

	publicEntries = `
		select entry
		from application_move
		where org = $1 and application = $2 and public = 1
		order by at, id`

	publicForget = `
		update application_move
		set public = 0
		where org = $1 and application = $2`

	movesErase = `
		update application_move
		set answers = 'null', shown = 'null', salt = $1, text = ''
		where org = $2 and application = $3`

	actorForget = `
		update application_move
		set actor = ''
		where org = $1 and actor = $2`

	changeKeep = `
		insert into application_change (org, id, application, at, fields)
		values ($1, $2, $3, $4, $5)`

	changesQuery = `
		select at, fields
		from application_change
		where org = $1 and application = $2
		order by at, id`

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
		insert into application_move (org, id, application, dialogue, step, at, from_state, to_state, by, actor, answers, shown, entry, public, salt, text)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`

	movesQuery = `
		select id, dialogue, at, from_state, to_state, by, actor, answers, shown, entry, public
		from application_move
		where org = $1 and application = $2
		order by at, step, id`
)

type row interface{ Scan(...any) error }

func scanApplication(r row) (*Application, error) {
	var a Application
	var answers, steps string
	var sealed, created, changed, submitted, erases, erased int64
	err := r.Scan(&a.ID, &a.Call, &a.Sample, &a.Lang, &a.Name, &a.Email, &answers, &sealed, &a.Listing, &a.Source, &steps, &created, &changed, &submitted, &erases, &erased, &a.Version)
	if err != nil {
		return nil, err
	}
	a.SealedAt, a.Created, a.Changed = store.Time(sealed), store.Time(created), store.Time(changed)
	a.Submitted, a.Erases, a.Erased = store.Time(submitted), store.Time(erases), store.Time(erased)
	if err := errors.Join(json.Unmarshal([]byte(answers), &a.Answers), json.Unmarshal([]byte(steps), &a.steps)); err != nil {
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

// keepMove keeps the nth step of an admission.
func (room *Room) keepMove(tx *store.Tx, n int, m Move, salt, text []byte) error {
	answers, err := encode(m.Answers)
	if err != nil {
		return err
	}
	shown, err := encode(m.Shown)
	if err != nil {
		return err
	}
	if salt == nil {
		salt = []byte{}
	}
	_, err = tx.Exec(moveKeep, room.o.Org, m.ID, m.Application, m.Dialogue, n, store.Micros(m.At), m.From, m.To, m.By, m.Actor, answers, shown, m.Entry, number(m.Public), salt, string(text))
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
		var answers, shown string
		if err := rows.Scan(&m.ID, &m.Dialogue, &at, &m.From, &m.To, &m.By, &m.Actor, &answers, &shown, &m.Entry, &m.Public); err != nil {
			return nil, err
		}
		m.At = store.Time(at)
		if err := errors.Join(json.Unmarshal([]byte(answers), &m.Answers), json.Unmarshal([]byte(shown), &m.Shown)); err != nil {
			return nil, fmt.Errorf("reading the steps of application %s: %w", id, err)
		}
		all = append(all, m)
	}
	return all, rows.Err()
}

// number is how the database keeps a yes or no.
func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

// encode writes a value as the database keeps it.
func encode(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

// insert keeps a new application. row tells it apart from the others of its source; nil for the form's.
func (room *Room) insert(tx *store.Tx, a *Application, row []byte) error {
	answers, err := encode(a.Answers)
	if err != nil {
		return err
	}
	steps, err := encode(a.steps)
	if err != nil {
		return err
	}
	if row == nil {
		row = []byte{}
	}
	_, err = tx.Exec(applicationInsert, room.o.Org, a.ID, a.Call, number(a.Sample), a.Lang, a.Name, a.Email, a.Email.Key(), answers, []byte{}, int64(0),
		a.Listing, a.Source, row, steps, store.Micros(a.Created), store.Micros(a.Changed), store.Micros(a.Submitted), store.Micros(a.Erases), int64(0), a.Version)
	return err
}

// update keeps what has changed of an application, or answers ErrMoved when somebody else has changed it since it was
// read.
func (room *Room) update(tx *store.Tx, a *Application) error {
	answers, err := encode(a.Answers)
	if err != nil {
		return err
	}
	steps, err := encode(a.steps)
	if err != nil {
		return err
	}
	result, err := tx.Exec(applicationUpdate, a.Lang, a.Name, a.Email, a.Email.Key(), answers, a.Listing, steps, store.Micros(a.Changed),
		store.Micros(a.Submitted), store.Micros(a.Erases), room.o.Org, a.ID, a.Version)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		return errors.Join(err, ErrMoved)
	}
	a.Version++
	return nil
}

// Totals counts the applications for a dialogue by state. Drafts are nobody's business and not counted.
func (room *Room) Totals(tx *store.Tx, d dialogue.ID) (map[string]int, error) {
	rows, err := tx.Query(totalsQuery, room.o.Org, d)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	totals := map[string]int{}
	for rows.Next() {
		var state string
		var n int
		if err := rows.Scan(&state, &n); err != nil {
			return nil, err
		}
		totals[state] = n
	}
	return totals, rows.Err()
}

// Correction is a change that an applicant made after submitting.
type Correction struct {
	At time.Time `json:"at"`
	// Fields are the ids of the questions whose answers changed.
	Fields []string `json:"fields"`
}

// Corrections gives what an applicant changed after submitting, oldest first.
func (room *Room) Corrections(tx *store.Tx, id ID) ([]Correction, error) {
	rows, err := tx.Query(changesQuery, room.o.Org, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Correction
	for rows.Next() {
		var at int64
		var fields string
		if err := rows.Scan(&at, &fields); err != nil {
			return nil, err
		}
		c := Correction{At: store.Time(at)}
		if err := json.Unmarshal([]byte(fields), &c.Fields); err != nil {
			return nil, fmt.Errorf("reading the corrections of application %s: %w", id, err)
		}
		all = append(all, c)
	}
	return all, rows.Err()
}

func (room *Room) keepCorrection(tx *store.Tx, id ID, fields []string) error {
	name, err := store.NewID(room.o.Random)
	if err != nil {
		return err
	}
	text, err := encode(fields)
	if err != nil {
		return err
	}
	_, err = tx.Exec(changeKeep, room.o.Org, name, id, store.Micros(room.o.Clock()), text)
	return err
}
