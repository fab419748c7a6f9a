package party

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"rostrum.example/internal/secret"
	"rostrum.example/internal/store"
)

// SessionID is what a person's own list calls a session.
type SessionID string

// How says by what means somebody signed in.
type How string

// The ways to sign in.
const (
	ByLink    How = "link"
	ByPasskey How = "passkey"
)

// Session is one browser in which a person is signed in. Neither an IP address nor the browser's name is kept.
type Session struct {
	ID      SessionID
	Person  PersonID
	How     How
	Passkey string // the name of the passkey, where one was used
	Created time.Time
	Seen    time.Time
}

const insertSession = `
insert into session (org, hash, id, person, how, passkey, created, seen)
values ($1, $2, $3, $4, $5, $6, $7, $8)`

func (d *Directory) insertSession(tx *store.Tx, token secret.Secret, s Session) error {
	_, err := tx.Exec(insertSession, string(d.o.Org), token.Hash(), string(s.ID), string(s.Person), string(s.How), s.Passkey,
		store.Micros(s.Created), store.Micros(s.Seen))
	if err != nil {
		return fmt.Errorf("keeping a session: %w", err)
	}
	return nil
}

const selectSession = `
select s.id, s.person, s.how, s.passkey, s.created, s.seen, p.name
from session s
join person p on p.org = s.org and p.id = s.person and p.erased = 0
where s.org = $1 and s.hash = $2 and s.seen > $3 and s.created > $4`

// session reads the session of a token that has neither idled nor run out, with the person's name.
func (d *Directory) session(tx *store.Tx, token secret.Secret, now time.Time) (Session, string, error) {
	var s Session
	var id, person, how, name string
	var created, seen int64
	err := tx.QueryRow(selectSession, string(d.o.Org), token.Hash(), store.Micros(now.Add(-SessionIdle)), store.Micros(now.Add(-SessionMax))).
		Scan(&id, &person, &how, &s.Passkey, &created, &seen, &name)
	if errors.Is(err, sql.ErrNoRows) {
		return s, "", ErrNotFound
	}
	if err != nil {
		return s, "", fmt.Errorf("reading a session: %w", err)
	}
	s.ID, s.Person, s.How, s.Created, s.Seen = SessionID(id), PersonID(person), How(how), store.Time(created), store.Time(seen)
	return s, name, nil
}

const selectSessionsOf = `
select id, person, how, passkey, created, seen
from session
where org = $1 and person = $2 and seen > $3 and created > $4
order by created desc, id`

func (d *Directory) sessions(tx *store.Tx, person PersonID, now time.Time) ([]Session, error) {
	rows, err := tx.Query(selectSessionsOf, string(d.o.Org), string(person), store.Micros(now.Add(-SessionIdle)), store.Micros(now.Add(-SessionMax)))
	if err != nil {
		return nil, fmt.Errorf("reading sessions: %w", err)
	}
	defer rows.Close()
	var all []Session
	for rows.Next() {
		var s Session
		var id, person, how string
		var created, seen int64
		if err := rows.Scan(&id, &person, &how, &s.Passkey, &created, &seen); err != nil {
			return nil, fmt.Errorf("reading sessions: %w", err)
		}
		s.ID, s.Person, s.How, s.Created, s.Seen = SessionID(id), PersonID(person), How(how), store.Time(created), store.Time(seen)
		all = append(all, s)
	}
	return all, rows.Err()
}

const touchSession = `
update session
set seen = $1
where org = $2 and hash = $3`

const deleteSession = `
delete from session
where org = $1 and hash = $2`

const deleteSessionByID = `
delete from session
where org = $1 and person = $2 and id = $3`

const deleteSessionsBut = `
delete from session
where org = $1 and person = $2 and id <> $3`

const deleteSessionsOf = `
delete from session
where org = $1 and person = $2`

const pruneSessions = `
delete from session
where org = $1 and (seen <= $2 or created <= $3)`
