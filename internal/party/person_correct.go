package party

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"rostrum.example/internal/page"
	"rostrum.example/internal/store"
)

// Correction is what a person changes about themselves at once. Their address changes by AskEmail.
type Correction struct {
	Name, Salutation, Lang string
}

// Correct changes what is kept about the actor.
func (d *Directory) Correct(ctx context.Context, actor Actor, c Correction) error {
	p := Person{ID: actor.Person}
	var errs [3]error
	p.Name, errs[0] = ParseName(c.Name)
	p.Salutation, errs[1] = words("salutation", c.Salutation, maxWords)
	p.Lang, errs[2] = ParseLang(c.Lang)
	if err := page.Collect(errs[:]...); err != nil {
		return err
	}
	err := d.o.DB.Write(ctx, func(tx *store.Tx) error { return d.updatePerson(tx, p) })
	if err != nil {
		return fmt.Errorf("correcting a person's data: %w", err)
	}
	return nil
}

// AskEmail begins to change the actor's address: a link to the new one proves that its mailbox is theirs.
// Whether somebody else has the address is not said before that.
func (d *Directory) AskEmail(ctx context.Context, actor Actor, address string) error {
	if err := requireFresh(actor); err != nil {
		return err
	}
	email, err := ParseEmail(address)
	if err != nil {
		return err
	}
	now := d.o.Clock()
	return d.o.DB.Write(ctx, func(tx *store.Tx) error {
		p, err := d.person(tx, actor.Person)
		if err != nil {
			return err
		}
		if p.Email == email {
			return invalid("email", "party.email.same")
		}
		full, err := d.throttle(tx, email, now)
		if err != nil {
			return err
		}
		if full {
			return invalid("email", "party.email.limit", "Links", linksPerAddress, "Minutes", int(LinkFor/time.Minute))
		}
		if _, err := tx.Exec(deleteLinksFor, string(d.o.Org), string(p.ID), string(ToConfirmEmail)); err != nil {
			return err
		}
		link, err := d.newLink(tx, signinLink{person: p.ID, purpose: ToConfirmEmail, email: email, expires: now.Add(LinkFor)}, now)
		if err != nil {
			return err
		}
		p.Email = email
		return d.write(tx, p, "party.mail.confirm", now.Add(LinkFor), &link)
	})
}

// confirmEmail makes the new address the person's own and tells the old one. Other sessions end.
func (d *Directory) confirmEmail(tx *store.Tx, actor Actor, p Person, email Email) error {
	if actor.Person != p.ID {
		return &page.Problem{Status: http.StatusForbidden, Key: "party.email.signin"}
	}
	if err := d.updateEmail(tx, p.ID, email); errors.Is(err, store.ErrConflict) {
		return &page.Problem{Status: http.StatusConflict, Key: "party.email.taken", Err: err}
	} else if err != nil {
		return err
	}
	if _, err := tx.Exec(deleteSessionsBut, string(d.o.Org), string(p.ID), string(actor.session)); err != nil {
		return err
	}
	return d.write(tx, p, "party.mail.changed", d.o.Clock().Add(InvitationFor), nil)
}
