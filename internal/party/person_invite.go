package party

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"rostrum.example/internal/page"
	"rostrum.example/internal/store"
)

// Invitation is what an officer says about somebody who is to get a role.
type Invitation struct {
	Name, Email, Lang string
	Role              Role
	Scope             Scope
}

// Invite gives a role to the person with an address and writes to them. Somebody new gets an account and a link
// that works for InvitationFor; somebody with an account keeps their own name and language.
func (d *Directory) Invite(ctx context.Context, actor Actor, in Invitation) (PersonID, error) {
	if err := Allow(actor, InvitePerson, in.Scope); err != nil {
		return "", err
	}
	p, err := d.newPerson(in.Name, in.Email, in.Lang)
	if err := page.Collect(err, d.o.Preset.checkRole(in.Role, in.Scope)); err != nil {
		return "", err
	}
	now := d.o.Clock()
	var id PersonID
	err = d.o.DB.Write(ctx, func(tx *store.Tx) error {
		found, err := d.findOrAdd(tx, p, now)
		if err != nil {
			return err
		}
		id = found.ID
		if err := d.grant(tx, actor, found.ID, in.Role, in.Scope, now); err != nil {
			return err
		}
		return d.writeInvitation(tx, actor, found, in.Role, in.Scope, now)
	})
	if err != nil {
		return "", fmt.Errorf("inviting a person: %w", err)
	}
	return id, nil
}

// writeInvitation tells a person about a role: with a link to get in where they never were, with the address of
// the sign-in page where they were.
func (d *Directory) writeInvitation(tx *store.Tx, actor Actor, p Person, role Role, scope Scope, now time.Time) error {
	names, err := d.scopeNames(tx)
	if err != nil {
		return err
	}
	words := []any{"Role", d.roleName(p.Lang, role), "Scope", names.of(d, p.Lang, scope), "Officer", actor.Name}
	until := now.Add(InvitationFor)
	if !p.Joined.IsZero() {
		return d.write(tx, p, "party.mail.role", until, nil, words...)
	}
	link, err := d.newLink(tx, signinLink{person: p.ID, purpose: ToJoin, expires: until}, now)
	if err != nil {
		return err
	}
	if err := d.keepUntil(tx, p.ID, now.Add(UnansweredFor)); err != nil {
		return err
	}
	return d.write(tx, p, "party.mail.invite", until, &link, words...)
}

// InviteAgain sends a person who has not signed in yet a new link. The former ones no longer work.
func (d *Directory) InviteAgain(ctx context.Context, actor Actor, id PersonID) error {
	if err := Allow(actor, InvitePerson, WholeInstance()); err != nil {
		return err
	}
	now := d.o.Clock()
	return d.o.DB.Write(ctx, func(tx *store.Tx) error {
		p, err := d.person(tx, id)
		if err != nil {
			return err
		}
		held, err := d.roles(tx, id)
		if err != nil {
			return err
		}
		if !p.Joined.IsZero() || len(held[id]) == 0 {
			return ErrNotFound
		}
		if _, err := tx.Exec(deleteLinksFor, string(d.o.Org), string(id), string(ToJoin)); err != nil {
			return err
		}
		first := held[id][0]
		return d.writeInvitation(tx, actor, p, first.Role, first.Scope, now)
	})
}

// newPerson checks what makes a person; the ids and dates come when they are added.
func (d *Directory) newPerson(name, email, lang string) (Person, error) {
	var p Person
	var errs [3]error
	p.Name, errs[0] = ParseName(name)
	p.Email, errs[1] = ParseEmail(email)
	p.Lang, errs[2] = ParseLang(strings.TrimSpace(lang))
	return p, page.Collect(errs[:]...)
}

// findOrAdd gives the person with the address, or adds p.
func (d *Directory) findOrAdd(tx *store.Tx, p Person, now time.Time) (Person, error) {
	found, err := d.personByEmail(tx, p.Email)
	if !errors.Is(err, ErrNotFound) {
		return found, err
	}
	id, err := store.NewID(d.o.Random)
	if err != nil {
		return Person{}, err
	}
	p.ID, p.Created, p.Erases = PersonID(id), now, now.Add(UnansweredFor)
	return p, d.insertPerson(tx, p)
}
