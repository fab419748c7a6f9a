package party

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"rostrum.example/internal/page"
	"rostrum.example/internal/store"
)

// CeremonyFor is how long a browser may take to answer a challenge.
const CeremonyFor = 10 * time.Minute

// ceremony is what must be remembered between the two halves of a passkey's making or use. The browser carries
// it, sealed, so that asking for a challenge costs the database nothing; a challenge is answered once, because
// its answer is kept until it would have run out.
type ceremony struct {
	Kind    string               `json:"kind"`
	Person  PersonID             `json:"person,omitempty"`
	Until   int64                `json:"until"`
	Session webauthn.SessionData `json:"session"`
}

// The kinds of ceremony (Web Authentication Level 3, section 7).
const (
	toRegister = "register"
	toAssert   = "assert"
)

// account is a person as the library wants to see them. Its handle is the person's random id.
type account struct {
	person      Person
	credentials []webauthn.Credential
}

func (a account) WebAuthnID() []byte                         { return []byte(a.person.ID) }
func (a account) WebAuthnName() string                       { return string(a.person.Email) }
func (a account) WebAuthnDisplayName() string                { return a.person.Name }
func (a account) WebAuthnCredentials() []webauthn.Credential { return a.credentials }

func newAccount(p Person, keys []Passkey) account {
	a := account{person: p}
	for _, k := range keys {
		a.credentials = append(a.credentials, k.credential)
	}
	return a
}

// relyingParty is this instance under the name by which the reader came to it. The site has checked the name.
func (d *Directory) relyingParty(r *http.Request) (*webauthn.WebAuthn, error) {
	if bareAddress(r) {
		return nil, &page.Problem{Status: http.StatusBadRequest, Key: "party.passkey.bare"}
	}
	scheme := "http"
	if d.secureRequest(r) {
		scheme = "https"
	}
	name := "Rostrum"
	if operator := d.o.Instance().Operator; operator != "" {
		name += " (" + operator + ")"
	}
	return webauthn.New(&webauthn.Config{
		RPID:                  hostname(r.Host),
		RPDisplayName:         name,
		RPOrigins:             []string{scheme + "://" + strings.ToLower(r.Host)},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey:        protocol.ResidentKeyRequirementRequired,
			RequireResidentKey: protocol.ResidentKeyRequired(),
			UserVerification:   protocol.VerificationPreferred,
		},
	})
}

func (d *Directory) challenge() ([]byte, error) {
	b := make([]byte, 32)
	if _, err := io.ReadFull(d.o.Random, b); err != nil {
		return nil, fmt.Errorf("drawing a challenge: %w", err)
	}
	return b, nil
}

// seal writes a ceremony for the browser to carry.
func (d *Directory) seal(ctx context.Context, c ceremony) (string, error) {
	var key []byte
	err := d.o.DB.Read(ctx, func(tx *store.Tx) (err error) {
		key, err = d.sealKey(tx)
		return err
	})
	if errors.Is(err, ErrNotFound) {
		err = d.o.DB.Write(ctx, func(tx *store.Tx) (err error) {
			key, err = d.drawSealKey(tx)
			return err
		})
	}
	if err != nil {
		return "", fmt.Errorf("reading the key of ceremonies: %w", err)
	}
	body, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	text := base64.RawURLEncoding.EncodeToString(body)
	return text + "." + base64.RawURLEncoding.EncodeToString(mac(key, text)), nil
}

func mac(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

// unseal reads a ceremony that seal wrote and that has not run out.
func (d *Directory) unseal(tx *store.Tx, sealed, kind string, now time.Time) (ceremony, error) {
	var c ceremony
	key, err := d.sealKey(tx)
	if err != nil {
		return c, err
	}
	text, sum, _ := strings.Cut(sealed, ".")
	given, err := base64.RawURLEncoding.DecodeString(sum)
	if err != nil || !hmac.Equal(given, mac(key, text)) {
		return c, errors.New("the ceremony is not ours")
	}
	body, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal(body, &c); err != nil {
		return c, err
	}
	if c.Kind != kind || !store.Time(c.Until).After(now) {
		return c, errors.New("the ceremony has run out")
	}
	return c, nil
}

// passkeyFailed says that a passkey's answer was not accepted, and why to the log alone.
func passkeyFailed(err error) error {
	return &page.Problem{Status: http.StatusForbidden, Key: "party.passkey.failed", Err: err}
}
