package party

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"rostrum.example/internal/page"
	"rostrum.example/internal/secret"
	"rostrum.example/internal/store"
)

// beginAssert gives the options with which any reader's browser offers its passkeys for this instance, and the
// sealed ceremony. Nothing is written, so that it may be asked for freely.
func (d *Directory) beginAssert(ctx context.Context, r *http.Request) (*protocol.CredentialAssertion, string, error) {
	rp, err := d.relyingParty(r)
	if err != nil {
		return nil, "", err
	}
	challenge, err := d.challenge()
	if err != nil {
		return nil, "", err
	}
	assertion, session, err := rp.BeginDiscoverableLogin(webauthn.WithChallenge(challenge))
	if err != nil {
		return nil, "", fmt.Errorf("beginning a sign-in by passkey: %w", err)
	}
	until := store.Micros(d.o.Clock().Add(CeremonyFor))
	sealed, err := d.seal(ctx, ceremony{Kind: toAssert, Until: until, Session: *session})
	return assertion, sealed, err
}

// finishAssert checks a passkey's answer and gives a session's token. The session that the browser had before,
// if any, ends.
func (d *Directory) finishAssert(ctx context.Context, r *http.Request, sealed string, answer []byte, before *secret.Secret) (token secret.Secret, err error) {
	rp, err := d.relyingParty(r)
	if err != nil {
		return secret.Secret{}, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return secret.Secret{}, passkeyFailed(err)
	}
	now := d.o.Clock()
	err = d.o.DB.Write(ctx, func(tx *store.Tx) error {
		c, err := d.unseal(tx, sealed, toAssert, now)
		if err != nil {
			return passkeyFailed(err)
		}
		var used Passkey
		_, credential, err := rp.ValidatePasskeyLogin(func(id, handle []byte) (webauthn.User, error) {
			var err error
			if used, err = d.passkey(tx, id); err != nil {
				return nil, err
			}
			if string(used.Person) != string(handle) {
				return nil, errors.New("the passkey is another person's")
			}
			return d.account(tx, used.Person)
		}, c.Session, parsed)
		if err != nil {
			return passkeyFailed(err)
		}
		if err := d.spend(tx, c.Session.Challenge, store.Time(c.Until)); err != nil {
			return passkeyFailed(err)
		}
		if credential.Authenticator.CloneWarning {
			return &page.Problem{Status: http.StatusForbidden, Key: "party.passkey.copied"}
		}
		if err := d.usedPasskey(tx, used.ID, *credential, now); err != nil {
			return err
		}
		if before != nil {
			if err := d.endSession(tx, *before); err != nil {
				return err
			}
		}
		token, err = d.startSession(tx, used.Person, ByPasskey, used.Name, now)
		return err
	})
	if err != nil {
		return secret.Secret{}, fmt.Errorf("signing in by passkey: %w", err)
	}
	return token, nil
}
