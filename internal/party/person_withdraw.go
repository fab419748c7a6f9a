package party

import (
	"context"
	"fmt"
	"time"

	"rostrum.example/internal/store"
)

// Withdraw erases the actor's personal data at once, in every part of the program. Their sessions, passkeys and
// roles end with them. The last officer names another first.
func (d *Directory) Withdraw(ctx context.Context, actor Actor) error {
	if actor.Anonymous() {
		return ErrNotFound
	}
	if err := requireFresh(actor); err != nil {
		return err
	}
	now := d.o.Clock()
	err := d.o.DB.Write(ctx, func(tx *store.Tx) error {
		if err := d.mayLeave(tx, actor.Person); err != nil {
			return err
		}
		return d.erase(tx, actor.Person, now)
	})
	if err != nil {
		return fmt.Errorf("withdrawing a person: %w", err)
	}
	return nil
}

// mayLeave refuses when the person is the last officer.
func (d *Directory) mayLeave(tx *store.Tx, person PersonID) error {
	held, err := d.roles(tx, person)
	if err != nil {
		return err
	}
	if (Actor{Roles: held[person]}).Holds(Officer, WholeInstance()) {
		return d.keepAnOfficer(tx, person)
	}
	return nil
}

// erase empties everything that says who the person is. What stays is a row without a name and a history of
// roles without persons.
func (d *Directory) erase(tx *store.Tx, person PersonID, now time.Time) error {
	p, err := d.person(tx, person)
	if err != nil {
		return err
	}
	for _, h := range d.o.Holders {
		if err := h.ErasePerson(tx, p); err != nil {
			return fmt.Errorf("%s: %w", h.Part(), err)
		}
	}
	if err := d.forgetRoles(tx, person, now); err != nil {
		return err
	}
	for _, statement := range []string{deleteLinksOf, deleteSessionsOf, deletePasskeysOf} {
		if _, err := tx.Exec(statement, string(d.o.Org), string(person)); err != nil {
			return err
		}
	}
	return d.blankPerson(tx, person, now)
}
