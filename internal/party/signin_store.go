package party

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"rostrum.example/internal/locale"
	"rostrum.example/internal/secret"
	"rostrum.example/internal/store"
)

// signinRequest is what somebody typed on the sign-in page.
type signinRequest struct {
	id    string
	email Email
	lang  locale.Lang
	next  string
}

const insertRequest = `
insert into signin_request (org, id, email, lang, next, created)
values ($1, $2, $3, $4, $5, $6)`

func (d *Directory) insertRequest(tx *store.Tx, r signinRequest, now time.Time) error {
	_, err := tx.Exec(insertRequest, string(d.o.Org), r.id, string(r.email), string(r.lang), r.next, store.Micros(now))
	if err != nil {
		return fmt.Errorf("keeping a request for a link: %w", err)
	}
	return nil
}

const takeRequest = `
delete from signin_request
where org = $1 and id = $2
returning email, lang, next, created`

// takeRequest removes a request and gives it; ErrNotFound where it has been answered.
func (d *Directory) takeRequest(tx *store.Tx, id string) (signinRequest, time.Time, error) {
	r := signinRequest{id: id}
	var email, lang string
	var created int64
	err := tx.QueryRow(takeRequest, string(d.o.Org), id).Scan(&email, &lang, &r.next, &created)
	if errors.Is(err, sql.ErrNoRows) {
		return r, time.Time{}, ErrNotFound
	}
	r.email, r.lang = Email(email), locale.Lang(lang)
	return r, store.Time(created), err
}

// Purpose says what a one-time link is for.
type Purpose string

// The purposes of one-time links.
const (
	ToSignIn       Purpose = "signin" // a person asked for it
	ToJoin         Purpose = "join"   // an officer invited the person
	ToSetUp        Purpose = "setup"  // the operator sets the instance up
	ToConfirmEmail Purpose = "email"  // the person wants this address to be theirs
)

// signinLink is a one-time link without its token.
type signinLink struct {
	person  PersonID
	purpose Purpose
	email   Email
	next    string
	expires time.Time
}

const insertLink = `
insert into signin_link (org, hash, person, purpose, email, next, created, expires)
values ($1, $2, $3, $4, $5, $6, $7, $8)`

func (d *Directory) insertLink(tx *store.Tx, s secret.Secret, l signinLink, now time.Time) error {
	_, err := tx.Exec(insertLink, string(d.o.Org), s.Hash(), string(l.person), string(l.purpose), string(l.email), l.next,
		store.Micros(now), store.Micros(l.expires))
	if err != nil {
		return fmt.Errorf("keeping a one-time link: %w", err)
	}
	return nil
}

const selectLink = `
select person, purpose, email, next, expires
from signin_link
where org = $1 and hash = $2 and expires > $3`

const takeLink = `
delete from signin_link
where org = $1 and hash = $2 and expires > $3
returning person, purpose, email, next, expires`

func (d *Directory) scanLink(row *sql.Row) (signinLink, error) {
	var l signinLink
	var person, purpose, email string
	var expires int64
	err := row.Scan(&person, &purpose, &email, &l.next, &expires)
	if errors.Is(err, sql.ErrNoRows) {
		return l, ErrNotFound
	}
	l.person, l.purpose, l.email, l.expires = PersonID(person), Purpose(purpose), Email(email), store.Time(expires)
	return l, err
}

// peekLink reads a link without using it.
func (d *Directory) peekLink(tx *store.Tx, s secret.Secret, now time.Time) (signinLink, error) {
	return d.scanLink(tx.QueryRow(selectLink, string(d.o.Org), s.Hash(), store.Micros(now)))
}

// takeLink uses a link: of several who try at once, one gets it.
func (d *Directory) takeLink(tx *store.Tx, s secret.Secret, now time.Time) (signinLink, error) {
	return d.scanLink(tx.QueryRow(takeLink, string(d.o.Org), s.Hash(), store.Micros(now)))
}

const deleteLinksOf = `
delete from signin_link
where org = $1 and person = $2`

const deleteLinksFor = `
delete from signin_link
where org = $1 and person = $2 and purpose = $3`

const deleteLinksBut = `
delete from signin_link
where org = $1 and person = $2 and purpose <> $3`

const countUp = `
insert into signin_throttle (org, hash, until, n)
values ($1, $2, $3, 1)
on conflict (org, hash) do update
set n     = case when signin_throttle.until <= $4 then 1 else signin_throttle.n + 1 end,
    until = case when signin_throttle.until <= $4 then excluded.until else signin_throttle.until end
returning n`

// countUp counts one more in the window that runs for hash, or opens a new one, and gives the count.
func (d *Directory) countUp(tx *store.Tx, hash []byte, window time.Duration, now time.Time) (int, error) {
	var n int
	err := tx.QueryRow(countUp, string(d.o.Org), hash, store.Micros(now.Add(window)), store.Micros(now)).Scan(&n)
	return n, err
}

const resetCount = `
delete from signin_throttle
where org = $1 and hash = $2`

// Rows that have run out and are removed by Erase.
const (
	pruneLinks = `
delete from signin_link
where org = $1 and expires <= $2`
	pruneThrottle = `
delete from signin_throttle
where org = $1 and until <= $2`
	pruneSpent = `
delete from passkey_spent
where org = $1 and until <= $2`
	pruneRequests = `
delete from signin_request
where org = $1 and created <= $2`
)
