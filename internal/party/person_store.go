package party

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"rostrum.example/internal/locale"
	"rostrum.example/internal/store"
)

// ErrNotFound: there is no such person, organisation, role, passkey or session (any more).
var ErrNotFound = errors.New("not found")

const insertPerson = `
insert into person (org, id, name, salutation, email, email_key, lang, created, erases)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`

func (d *Directory) insertPerson(tx *store.Tx, p Person) error {
	_, err := tx.Exec(insertPerson, string(d.o.Org), string(p.ID), p.Name, p.Salutation, string(p.Email), p.Email.Key(),
		string(p.Lang), store.Micros(p.Created), store.Micros(p.Erases))
	if err != nil {
		return fmt.Errorf("keeping a person: %w", err)
	}
	return nil
}

const selectPerson = `
select id, name, salutation, email, lang, created, joined, erases
from person
where org = $1 and id = $2 and erased = 0`

const selectPersonByEmail = `
select id, name, salutation, email, lang, created, joined, erases
from person
where org = $1 and email_key = $2 and erased = 0`

const selectPersons = `
select id, name, salutation, email, lang, created, joined, erases
from person
where org = $1 and erased = 0
order by name, id`

func scanPerson(row interface{ Scan(...any) error }) (Person, error) {
	var p Person
	var id, email, lang string
	var created, joined, erases int64
	err := row.Scan(&id, &p.Name, &p.Salutation, &email, &lang, &created, &joined, &erases)
	if errors.Is(err, sql.ErrNoRows) {
		return Person{}, ErrNotFound
	}
	if err != nil {
		return Person{}, fmt.Errorf("reading a person: %w", err)
	}
	p.ID, p.Email, p.Lang = PersonID(id), Email(email), locale.Lang(lang)
	p.Created, p.Joined, p.Erases = store.Time(created), store.Time(joined), store.Time(erases)
	return p, nil
}

// person reads a person; ErrNotFound where there is none or their data have been erased.
func (d *Directory) person(tx *store.Tx, id PersonID) (Person, error) {
	return scanPerson(tx.QueryRow(selectPerson, string(d.o.Org), string(id)))
}

func (d *Directory) personByEmail(tx *store.Tx, email Email) (Person, error) {
	return scanPerson(tx.QueryRow(selectPersonByEmail, string(d.o.Org), email.Key()))
}

func (d *Directory) persons(tx *store.Tx) ([]Person, error) {
	return d.queryPersons(tx, selectPersons, string(d.o.Org))
}

func (d *Directory) queryPersons(tx *store.Tx, query string, args ...any) ([]Person, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, fmt.Errorf("reading persons: %w", err)
	}
	defer rows.Close()
	var all []Person
	for rows.Next() {
		p, err := scanPerson(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, rows.Err()
}

const updatePerson = `
update person
set name = $1, salutation = $2, lang = $3
where org = $4 and id = $5 and erased = 0`

func (d *Directory) updatePerson(tx *store.Tx, p Person) error {
	return one(tx.Exec(updatePerson, p.Name, p.Salutation, string(p.Lang), string(d.o.Org), string(p.ID)))
}

const updateEmail = `
update person
set email = $1, email_key = $2
where org = $3 and id = $4 and erased = 0`

// updateEmail answers store.ErrConflict where the address is another person's.
func (d *Directory) updateEmail(tx *store.Tx, id PersonID, email Email) error {
	return one(tx.Exec(updateEmail, string(email), email.Key(), string(d.o.Org), string(id)))
}

const updateSeen = `
update person
set joined = case when joined = 0 then $1 else joined end, erases = $2, warned = 0
where org = $3 and id = $4 and erased = 0`

// postpone notes that the person has signed in: their data stay for another term.
func (d *Directory) postpone(tx *store.Tx, id PersonID, now time.Time) error {
	return one(tx.Exec(updateSeen, store.Micros(now), store.Micros(now.Add(Retention)), string(d.o.Org), string(id)))
}

const updateErases = `
update person
set erases = $1, warned = 0
where org = $2 and id = $3 and erased = 0 and erases < $1`

// keepUntil puts the erasure off to t; it never brings it forward.
func (d *Directory) keepUntil(tx *store.Tx, id PersonID, t time.Time) error {
	_, err := tx.Exec(updateErases, store.Micros(t), string(d.o.Org), string(id))
	return err
}

const blankPerson = `
update person
set name = '', salutation = '', email = '', email_key = '', lang = '', joined = 0, warned = 0, erases = 0, erased = $1
where org = $2 and id = $3 and erased = 0`

func (d *Directory) blankPerson(tx *store.Tx, id PersonID, now time.Time) error {
	return one(tx.Exec(blankPerson, store.Micros(now), string(d.o.Org), string(id)))
}

const selectErasable = `
select id, name, salutation, email, lang, created, joined, erases
from person
where org = $1 and erased = 0 and erases <= $2
order by erases, id`

const selectUnwarned = `
select id, name, salutation, email, lang, created, joined, erases
from person
where org = $1 and erased = 0 and joined > 0 and warned = 0 and erases <= $2
order by erases, id`

const updateWarned = `
update person
set warned = $1
where org = $2 and id = $3 and erased = 0`

const countPersons = `
select
  coalesce(sum(case when erased = 0 then 1 else 0 end), 0),
  coalesce(sum(case when erased > 0 then 1 else 0 end), 0)
from person
where org = $1`

// Totals counts the persons with an account and those whose data have been erased.
func (d *Directory) Totals(tx *store.Tx) (present, erased int, err error) {
	err = tx.QueryRow(countPersons, string(d.o.Org)).Scan(&present, &erased)
	return present, erased, err
}

// one answers ErrNotFound where a statement changed no row.
func one(res sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err == nil && n == 0 {
		err = ErrNotFound
	}
	return err
}
