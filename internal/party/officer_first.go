package party

import (
	"errors"
	"fmt"

	"rostrum.example/internal/locale"
	"rostrum.example/internal/store"
)

// ErrHasOfficer: the instance has an officer, who can invite others; the set-up is over.
var ErrHasOfficer = errors.New("the instance has an officer already")

// CreateFirstOfficer makes the person who sets the instance up an officer and gives the path of a one-time link
// (without the language), with which they get in before any mail can be sent. Called again for the same address
// before somebody has signed in as an officer, it gives a new link; after that it answers ErrHasOfficer.
// A wrong name or address is an Invalids.
func (d *Directory) CreateFirstOfficer(tx *store.Tx, name, email string, lang locale.Lang) (link string, err error) {
	p, err := d.newPerson(name, email, string(lang))
	if err != nil {
		return "", err
	}
	now := d.o.Clock()
	n, err := d.otherOfficers(tx, "")
	if err != nil {
		return "", fmt.Errorf("looking for an officer: %w", err)
	}
	if n > 0 {
		return "", ErrHasOfficer
	}
	p, err = d.findOrAdd(tx, p, now)
	if err != nil {
		return "", err
	}
	held, err := d.roles(tx, p.ID)
	if err != nil {
		return "", err
	}
	if !(Actor{Roles: held[p.ID]}).Holds(Officer, WholeInstance()) {
		if _, err := d.addRole(tx, p.ID, Officer, WholeInstance(), "", now); err != nil {
			return "", err
		}
	}
	s, err := d.newLink(tx, signinLink{person: p.ID, purpose: ToSetUp, expires: now.Add(SetUpFor)}, now)
	if err != nil {
		return "", err
	}
	return linkPath(s), nil
}
