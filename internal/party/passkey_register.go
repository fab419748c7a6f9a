package party

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/store"
)

// maxPasskeys bounds how many passkeys a person has.
const maxPasskeys = 20

// beginRegister gives the options with which the actor's browser makes a passkey, and the sealed ceremony.
func (d *Directory) beginRegister(ctx context.Context, r *http.Request, actor Actor) (*protocol.CredentialCreation, string, error) {
	if err := requireFresh(actor); err != nil {
		return nil, "", err
	}
	rp, err := d.relyingParty(r)
	if err != nil {
		return nil, "", err
	}
	var user account
	err = d.o.DB.Read(ctx, func(tx *store.Tx) error {
		user, err = d.account(tx, actor.Person)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	if len(user.credentials) >= maxPasskeys {
		return nil, "", &page.Problem{Status: http.StatusConflict, Key: "party.passkey.many", Pairs: []any{"Max", maxPasskeys}}
	}
	challenge, err := d.challenge()
	if err != nil {
		return nil, "", err
	}
	creation, session, err := rp.BeginRegistration(user,
		webauthn.WithExclusions(webauthn.Credentials(user.credentials).CredentialDescriptors()),
		func(o *protocol.PublicKeyCredentialCreationOptions) error { o.Challenge = challenge; return nil })
	if err != nil {
		return nil, "", fmt.Errorf("beginning to make a passkey: %w", err)
	}
	until := store.Micros(d.o.Clock().Add(CeremonyFor))
	sealed, err := d.seal(ctx, ceremony{Kind: toRegister, Person: actor.Person, Until: until, Session: *session})
	return creation, sealed, err
}

// account reads a person with their passkeys.
func (d *Directory) account(tx *store.Tx, id PersonID) (account, error) {
	p, err := d.person(tx, id)
	if err != nil {
		return account{}, err
	}
	keys, err := d.passkeys(tx, id)
	return newAccount(p, keys), err
}

// finishRegister checks what the actor's browser made and keeps it under a name; without one, under the day.
func (d *Directory) finishRegister(ctx context.Context, r *http.Request, actor Actor, sealed, name string, answer []byte) error {
	if err := requireFresh(actor); err != nil {
		return err
	}
	name, err := words("passkey", name, maxWords)
	if err != nil {
		return err
	}
	rp, err := d.relyingParty(r)
	if err != nil {
		return err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return passkeyFailed(err)
	}
	now := d.o.Clock()
	return d.o.DB.Write(ctx, func(tx *store.Tx) error {
		c, err := d.unseal(tx, sealed, toRegister, now)
		if err != nil {
			return passkeyFailed(err)
		}
		if c.Person != actor.Person {
			return passkeyFailed(errors.New("the ceremony was begun by somebody else"))
		}
		user, err := d.account(tx, actor.Person)
		if err != nil {
			return err
		}
		made, err := rp.CreateCredential(user, c.Session, parsed)
		if err != nil {
			return passkeyFailed(err)
		}
		if !readable(name) {
			name = d.text(user.person.Lang, "party.passkey.unnamed", "Day", d.o.Catalogues.Date(user.person.Lang, locale.DateOf(now.UTC())))
		}
		if err := d.spend(tx, c.Session.Challenge, store.Time(c.Until)); err != nil {
			return passkeyFailed(err)
		}
		err = d.insertPasskey(tx, Passkey{ID: made.ID, Person: actor.Person, Name: name, Host: rp.Config.RPID, Created: now, credential: *made})
		if errors.Is(err, store.ErrConflict) {
			return passkeyFailed(err)
		}
		return err
	})
}

// RenamePasskey gives one of the actor's passkeys another name.
func (d *Directory) RenamePasskey(ctx context.Context, actor Actor, id []byte, name string) error {
	name, err := words("passkey", name, maxWords)
	if err == nil && !readable(name) {
		err = invalid("passkey", "party.passkey.noname")
	}
	if err != nil {
		return err
	}
	return d.o.DB.Write(ctx, func(tx *store.Tx) error {
		return one(tx.Exec(renamePasskey, name, string(d.o.Org), id, string(actor.Person)))
	})
}

// RemovePasskey removes one of the actor's passkeys. The one-time link by mail always remains.
func (d *Directory) RemovePasskey(ctx context.Context, actor Actor, id []byte) error {
	if err := requireFresh(actor); err != nil {
		return err
	}
	return d.o.DB.Write(ctx, func(tx *store.Tx) error {
		return one(tx.Exec(deletePasskey, string(d.o.Org), id, string(actor.Person)))
	})
}
