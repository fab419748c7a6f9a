package party

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"

	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

// authenticator is a passkey provider in software: it makes ES256 credentials with no attestation and answers
// challenges (Web Authentication Level 3, sections 6.3, 6.5 and 8.7).
type authenticator struct {
	t      testing.TB
	id     []byte
	key    *ecdsa.PrivateKey
	handle []byte
	count  uint32
	// uv tells whether it asked for the device's lock.
	uv bool
	// still tells that it does not count its answers.
	still bool
}

func newAuthenticator(t testing.TB) *authenticator {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := make([]byte, 32)
	rand.Read(id)
	return &authenticator{t: t, id: id, key: key, uv: true}
}

// begun is what the site's script gets to begin with.
type begun struct {
	Ceremony string `json:"ceremony"`
	Options  struct {
		PublicKey struct {
			Challenge string `json:"challenge"`
			RPID      string `json:"rpId"`
			RP        struct {
				ID   string `json:"id"`
				Name string `json:"name"`
			} `json:"rp"`
			User struct {
				ID          string `json:"id"`
				Name        string `json:"name"`
				DisplayName string `json:"displayName"`
			} `json:"user"`
			Exclude []struct {
				ID string `json:"id"`
			} `json:"excludeCredentials"`
			Selection struct {
				ResidentKey      string `json:"residentKey"`
				UserVerification string `json:"userVerification"`
			} `json:"authenticatorSelection"`
			UserVerification string `json:"userVerification"`
			Attestation      string `json:"attestation"`
			Allow            []any  `json:"allowCredentials"`
		} `json:"publicKey"`
	} `json:"options"`
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func unb64(t testing.TB, s string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (a *authenticator) clientData(kind, challenge, origin string) []byte {
	text, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": false})
	if err != nil {
		a.t.Fatal(err)
	}
	return text
}

// data is the authenticator data: the hash of the name, flags, the count, and for a new credential its key.
func (a *authenticator) data(rpID string, attested []byte) []byte {
	hash := sha256.Sum256([]byte(rpID))
	flags := byte(0x01) // user present
	if a.uv {
		flags |= 0x04
	}
	if attested != nil {
		flags |= 0x40
	}
	out := append(hash[:], flags)
	out = binary.BigEndian.AppendUint32(out, a.count)
	return append(out, attested...)
}

// create answers the options of a registration.
func (a *authenticator) create(b begun, origin string) map[string]any {
	a.t.Helper()
	point, err := a.key.PublicKey.Bytes() // 0x04, x, y
	if err != nil {
		a.t.Fatal(err)
	}
	cose, err := webauthncbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]})
	if err != nil {
		a.t.Fatal(err)
	}
	attested := make([]byte, 16) // no AAGUID
	attested = binary.BigEndian.AppendUint16(attested, uint16(len(a.id)))
	attested = append(append(attested, a.id...), cose...)
	object, err := webauthncbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": a.data(b.Options.PublicKey.RP.ID, attested)})
	if err != nil {
		a.t.Fatal(err)
	}
	a.handle = unb64(a.t, b.Options.PublicKey.User.ID)
	return map[string]any{
		"id": b64(a.id), "rawId": b64(a.id), "type": "public-key", "clientExtensionResults": map[string]any{},
		"response": map[string]any{
			"clientDataJSON":    b64(a.clientData("webauthn.create", b.Options.PublicKey.Challenge, origin)),
			"attestationObject": b64(object),
			"transports":        []string{"internal"},
		},
	}
}

// get answers the options of a sign-in.
func (a *authenticator) get(b begun, origin string) map[string]any {
	a.t.Helper()
	if !a.still {
		a.count++
	}
	client := a.clientData("webauthn.get", b.Options.PublicKey.Challenge, origin)
	data := a.data(b.Options.PublicKey.RPID, nil)
	clientHash := sha256.Sum256(client)
	digest := sha256.Sum256(append(append([]byte{}, data...), clientHash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, a.key, digest[:])
	if err != nil {
		a.t.Fatal(err)
	}
	return map[string]any{
		"id": b64(a.id), "rawId": b64(a.id), "type": "public-key", "clientExtensionResults": map[string]any{},
		"response": map[string]any{
			"clientDataJSON":    b64(client),
			"authenticatorData": b64(data),
			"signature":         b64(signature),
			"userHandle":        b64(a.handle),
		},
	}
}

func (b *browser) begin(path string) begun {
	b.g.t.Helper()
	var out begun
	a := b.postJSON(path, struct{}{}).wants(200)
	if err := json.Unmarshal(a.Body.Bytes(), &out); err != nil {
		b.g.t.Fatal(err)
	}
	return out
}

func (b *browser) origin() string { return "http://" + b.host }

// register adds a passkey to the account of the person who is signed in.
func (b *browser) register(a *authenticator, name string) answer {
	b.g.t.Helper()
	start := b.begin("/en/account/passkeys/begin")
	return b.postJSON("/en/account/passkeys/finish", map[string]any{"ceremony": start.Ceremony, "name": name, "credential": a.create(start, b.origin())})
}

// assert signs in with a passkey.
func (b *browser) assert(a *authenticator) answer {
	b.g.t.Helper()
	start := b.begin("/en/sign-in/passkey/begin")
	return b.postJSON("/en/sign-in/passkey/finish", map[string]any{"ceremony": start.Ceremony, "next": "/people", "credential": a.get(start, b.origin())})
}

func TestPasskey(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		g := newRig(t, db)
		officer := g.officer()
		phone, laptop := newAuthenticator(t), newAuthenticator(t)

		start := officer.begin("/en/account/passkeys/begin")
		o := start.Options.PublicKey
		if o.RP.ID != "localhost" || o.RP.Name != "Rostrum (the Sample Secretariat)" || o.User.Name != "officer@example.org" || o.User.DisplayName != "Sample Officer" ||
			o.Selection.ResidentKey != "required" || o.Selection.UserVerification != "preferred" || o.Attestation != "none" || len(unb64(t, o.Challenge)) != 32 {
			t.Errorf("the options are %+v", o)
		}
		officer.register(phone, "Sample phone").wants(200, `"next": "/en/account?done=passkey"`)
		officer.register(laptop, "").wants(200)
		if start := officer.begin("/en/account/passkeys/begin"); len(start.Options.PublicKey.Exclude) != 2 {
			t.Errorf("%d passkeys are excluded, want 2", len(start.Options.PublicKey.Exclude))
		}
		officer.get("/en/account?done=passkey").wants(200, "Sample phone", "Passkey of 23 November 2026", "The passkey is added", "for localhost")

		g.pass(time.Hour)
		b := g.browser()
		if allow := b.begin("/en/sign-in/passkey/begin").Options.PublicKey; len(allow.Allow) != 0 || allow.UserVerification != "preferred" || allow.RPID != "localhost" {
			t.Errorf("the options of a sign-in are %+v", allow)
		}
		b.assert(phone).wants(200, `"next": "/en/people"`)
		b.get("/en/people/invite").wants(200) // a sign-in by passkey is a fresh one
		b.get("/en/account").wants(200, "By the passkey “Sample phone”", "By a link from your mail", "last used on 23 November 2026")
		phone.uv = false // the lock is preferred, not required
		g.browser().assert(phone).wants(200)

		// Renaming and removing.
		b.post("/en/account/passkeys/rename", "id", b64(phone.id), "passkey-"+b64(phone.id), "Old phone").leadsTo("/en/account?done=renamed")
		b.get("/en/account").wants(200, "Old phone")
		b.post("/en/account/passkeys/rename", "id", b64(phone.id), "passkey-"+b64(phone.id), " ").wants(422, "Enter a name for the passkey")
		b.post("/en/account/passkeys/rename", "id", "!", "passkey-!", "x").wants(400)
		b.post("/en/account/passkeys/remove", "id", b64(phone.id)).leadsTo("/en/account?done=removed")
		g.browser().assert(phone).wants(403, "The passkey was not accepted", "link by mail")
		g.browser().assert(laptop).wants(200)
	})
}

func TestPasskeyIsRefused(t *testing.T) {
	g := newSQLiteRig(t)
	officer := g.officer()
	phone := newAuthenticator(t)
	officer.register(phone, "phone").wants(200)
	b := g.browser()
	finish := func(ceremony string, credential any) answer {
		return b.postJSON("/en/sign-in/passkey/finish", map[string]any{"ceremony": ceremony, "credential": credential})
	}
	fails := func(what string, a answer) {
		t.Helper()
		if a.Code != 403 || !strings.Contains(a.Body.String(), "The passkey was not accepted") || len(a.Result().Cookies()) != 0 {
			t.Errorf("%s is answered with %d %s", what, a.Code, a.Body)
		}
	}

	start := b.begin("/en/sign-in/passkey/begin")
	good := phone.get(start, b.origin())
	finish(start.Ceremony, good).wants(200)
	fails("an answer given twice", finish(start.Ceremony, good))

	still := newAuthenticator(t) // many passkeys do not count
	still.still = true
	officer.register(still, "still").wants(200)
	b.assert(still).wants(200)
	start = b.begin("/en/sign-in/passkey/begin")
	good = still.get(start, b.origin())
	finish(start.Ceremony, good).wants(200)
	fails("an answer given twice by a passkey that does not count", finish(start.Ceremony, good))

	fails("an answer to another challenge", finish(b.begin("/en/sign-in/passkey/begin").Ceremony, phone.get(b.begin("/en/sign-in/passkey/begin"), b.origin())))

	start = b.begin("/en/sign-in/passkey/begin")
	fails("an answer for another site", finish(start.Ceremony, phone.get(start, "http://evil.example")))

	start = b.begin("/en/sign-in/passkey/begin")
	other := start
	other.Options.PublicKey.RPID = "evil.example"
	fails("an answer for another name", finish(start.Ceremony, phone.get(other, b.origin())))

	start = b.begin("/en/sign-in/passkey/begin")
	forger := newAuthenticator(t)
	forger.id, forger.handle, forger.count = phone.id, phone.handle, 100
	fails("a signature by another key", finish(start.Ceremony, forger.get(start, b.origin())))

	start = b.begin("/en/sign-in/passkey/begin")
	phone.count += 10
	stranger := *phone
	stranger.handle = []byte("somebody else")
	fails("another person's handle", finish(start.Ceremony, stranger.get(start, b.origin())))

	start = b.begin("/en/sign-in/passkey/begin")
	credential := phone.get(start, b.origin())
	fails("a ceremony that was changed", finish(flip(start.Ceremony), credential))
	fails("no ceremony", finish("", credential))
	g.pass(CeremonyFor)
	fails("a late answer", finish(start.Ceremony, credential))

	registering := g.signIn("officer@example.org").begin("/en/account/passkeys/begin")
	mixed := b.begin("/en/sign-in/passkey/begin")
	mixed.Options.PublicKey.Challenge = registering.Options.PublicKey.Challenge
	fails("a ceremony of the other kind", finish(registering.Ceremony, phone.get(mixed, b.origin())))

	start = b.begin("/en/sign-in/passkey/begin")
	b.assert(phone).wants(200)
	copied := *phone
	copied.count -= 5
	finish(start.Ceremony, copied.get(start, b.origin())).wants(403, "There seems to be a copy of this passkey")

	for _, junk := range []string{"", "null", "{}", `{"id":"x"}`, `[]`} {
		if a := b.postJSON("/en/sign-in/passkey/finish", json.RawMessage(`{"ceremony":"x","credential":`+orNull(junk)+`}`)); a.Code != 403 {
			t.Errorf("the credential %q is answered with %d", junk, a.Code)
		}
	}
	b.post("/en/sign-in/passkey/finish", "ceremony", "x").wants(400, "cannot be read") // a form, not our script
}

func orNull(s string) string {
	if s == "" {
		return "null"
	}
	return s
}

// flip changes one character of the sealed part.
func flip(sealed string) string {
	b := []byte(sealed)
	if b[10] == 'A' {
		b[10] = 'B'
	} else {
		b[10] = 'A'
	}
	return string(b)
}

func TestPasskeyRegisterIsRefused(t *testing.T) {
	g := newSQLiteRig(t)
	officer := g.officer()
	editor := g.invite(officer, "Sample Editor", "editor@example.org", Editor, WholeInstance())
	phone := newAuthenticator(t)

	start := officer.begin("/en/account/passkeys/begin")
	body := map[string]any{"ceremony": start.Ceremony, "credential": phone.create(start, officer.origin())}
	editor.postJSON("/en/account/passkeys/finish", body).wants(403, "not accepted") // begun by somebody else
	g.browser().postJSON("/en/account/passkeys/finish", body).wants(403, "Sign in first")
	g.browser().postJSON("/en/account/passkeys/begin", struct{}{}).wants(403, "Sign in first")
	officer.postJSON("/en/account/passkeys/finish", body).wants(200)
	officer.postJSON("/en/account/passkeys/finish", body).wants(403) // answered twice

	// A credential id that somebody has already cannot be taken over.
	twin := newAuthenticator(t)
	twin.id = phone.id
	editor.register(twin, "twin").wants(403)

	wrong := officer.begin("/en/account/passkeys/begin")
	officer.postJSON("/en/account/passkeys/finish", map[string]any{"ceremony": wrong.Ceremony, "credential": newAuthenticator(t).create(wrong, "http://evil.example")}).wants(403)

	named := officer.begin("/en/account/passkeys/begin")
	officer.postJSON("/en/account/passkeys/finish", map[string]any{"ceremony": named.Ceremony, "name": "a\u202eb", "credential": newAuthenticator(t).create(named, officer.origin())}).
		wants(http.StatusUnprocessableEntity, "turn it around")

	// Others' passkeys are out of reach.
	editor.post("/en/account/passkeys/remove", "id", b64(phone.id)).wants(404)
	editor.post("/en/account/passkeys/rename", "id", b64(phone.id), "passkey-"+b64(phone.id), "mine").wants(404)

	g.pass(FreshFor)
	officer.postJSON("/en/account/passkeys/begin", struct{}{}).wants(403, "Sign in again for this step")
	officer.get("/en/account").wants(200, "Sign in again to add a passkey").without("passkey.js")
	officer.post("/en/account/passkeys/remove", "id", b64(phone.id)).wants(422, "15 minutes")
}

func TestPasskeyLimit(t *testing.T) {
	g := newSQLiteRig(t)
	officer := g.officer()
	for range maxPasskeys {
		officer.register(newAuthenticator(t), "key").wants(200)
	}
	officer.postJSON("/en/account/passkeys/begin", struct{}{}).wants(409, "You have 20 passkeys")
}

// TestPasskeyChallengeCostsNothing: asking for a challenge writes no row, so it can be asked for freely.
func TestPasskeyChallengeCostsNothing(t *testing.T) {
	g := newSQLiteRig(t)
	b := g.browser()
	b.begin("/en/sign-in/passkey/begin") // draws the instance's key
	before := g.d.o.DB.Changes()
	for range 10 {
		b.begin("/en/sign-in/passkey/begin")
	}
	if after := g.d.o.DB.Changes(); after != before {
		t.Errorf("ten challenges made %d commits", after-before)
	}
}

func FuzzUnseal(f *testing.F) {
	g := newSQLiteRig(f)
	sealed, err := g.d.seal(f.Context(), ceremony{Kind: toAssert, Until: store.Micros(g.clock().Add(CeremonyFor))})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealed)
	f.Add("")
	f.Add(".")
	f.Add(flip(sealed))
	f.Fuzz(func(t *testing.T, s string) {
		err := g.d.o.DB.Read(t.Context(), func(tx *store.Tx) error {
			_, err := g.d.unseal(tx, s, toAssert, g.clock())
			return err
		})
		if err == nil && s != sealed {
			t.Fatalf("%q was unsealed", s)
		}
	})
}
