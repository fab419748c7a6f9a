package party

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/secret"
)

type signInView struct {
	Email  page.Field
	Errors page.FormErrors
	Next   string
	// Again: the reader is signed in, and what they want to do asks for a younger sign-in.
	Again bool
	// Name is the reader's, where they are signed in.
	Name string
	// Bare: the reader came by an IP address, where passkeys do not work; ByName is the same page by a name.
	Bare   bool
	ByName string
}

type sentView struct {
	Minutes, Links int
}

type linkView struct {
	Purpose Purpose
	Name    string
	Email   string
	// Kept says what is kept about somebody who is invited.
	Kept   string
	Key    string
	Erases locale.Date
}

func signInPath(again bool, next string) string {
	q := url.Values{}
	if again {
		q.Set("again", "1")
	}
	if next = localPath(next); next != "" {
		q.Set("next", next)
	}
	if len(q) == 0 {
		return "/sign-in"
	}
	return "/sign-in?" + q.Encode()
}

func (p *pages) showSignIn(w http.ResponseWriter, r *page.Request) error {
	actor, err := p.d.Actor(r.Context(), r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	again := q.Get("again") != "" && !actor.Anonymous()
	if !again && !actor.Anonymous() {
		return r.Redirect(w, p.orHome(localPath(q.Get("next"))))
	}
	return p.renderSignIn(w, r, http.StatusOK, actor, again, "", q.Get("next"), nil)
}

// orHome is where somebody goes who is signed in now and did not come for a certain page.
func (p *pages) orHome(path string) string { return cmp.Or(path, p.d.o.Home) }

func (p *pages) renderSignIn(w http.ResponseWriter, r *page.Request, status int, actor Actor, again bool, typed, next string, errs page.FormErrors) error {
	view := signInView{
		Email: page.Field{Name: "email", Label: r.Text("party.signin.email"), Hint: r.Text("party.signin.email.hint"), Type: "email",
			Inputmode: "email", Autocomplete: "username webauthn", LTR: true, Value: typed, Error: errs.Of("email")},
		Errors: errs,
		Next:   localPath(next),
		Again:  again,
		Name:   actor.Name,
		Bare:   bareAddress(r.Request),
	}
	if view.Bare {
		view.ByName = p.byName(r)
	}
	return p.signIn.RenderStatus(noStore{w}, r, status, view)
}

// byName is the sign-in page by the instance's name, for a reader who came by an IP address; empty where the
// instance has none.
func (p *pages) byName(r *page.Request) string {
	u, err := url.Parse(p.d.o.Instance().URL)
	if err != nil || u.Host == "" || bareAddress(&http.Request{Host: u.Host}) {
		return ""
	}
	return u.Scheme + "://" + u.Host + r.Link("/sign-in")
}

func (p *pages) askLink(w http.ResponseWriter, r *page.Request) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	next, again := localPath(form.Get("next")), form.Get("again") != ""
	email, err := ParseEmail(form.Get("email"))
	if err == nil {
		err = p.d.AskLink(r.Context(), email, r.Lang, next)
	}
	if err != nil {
		errs, err := Explain(r, err)
		if err != nil {
			return err
		}
		actor, err := p.d.Actor(r.Context(), r)
		if err != nil {
			return err
		}
		return p.renderSignIn(w, r, http.StatusUnprocessableEntity, actor, again && !actor.Anonymous(), form.Get("email"), next, errs)
	}
	return r.Redirect(w, "/sign-in/sent")
}

func (p *pages) showSent(w http.ResponseWriter, r *page.Request) error {
	return p.sent.Render(w, r, sentView{Minutes: int(LinkFor / time.Minute), Links: linksPerAddress})
}

// showLink shows whom a link signs in, and one button. Programs that open links in mail press none.
func (p *pages) showLink(w http.ResponseWriter, r *page.Request) error {
	key := r.URL.Query().Get("key")
	person, purpose, err := p.d.OpenLink(r.Context(), key)
	if err != nil {
		return err
	}
	kept := r.Text("party.link.join.kept.what", "Name", isolate(person.Name), "Email", isolate(string(person.Email)))
	return p.link.Render(noStore{w}, r, linkView{purpose, person.Name, string(person.Email), kept, key, locale.DateOf(person.Erases)})
}

func (p *pages) useLink(w http.ResponseWriter, r *page.Request) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	actor, err := p.d.Actor(r.Context(), r)
	if err != nil {
		return err
	}
	token, next, err := p.d.useLink(r.Context(), form.Get("key"), actor, p.before(r))
	if err != nil {
		return err
	}
	if token != (secret.Secret{}) {
		p.d.setCookie(w, r.Request, token)
	}
	return r.Redirect(w, p.orHome(localPath(next)))
}

// before is the token that the browser had before a sign-in, if any.
func (p *pages) before(r *page.Request) *secret.Secret {
	if token, ok := p.d.token(r.Request); ok {
		return &token
	}
	return nil
}

func (p *pages) signOut(w http.ResponseWriter, r *page.Request) error {
	if err := p.d.SignOut(w, r.Request); err != nil {
		return err
	}
	return r.Redirect(w, "/")
}

// challengeAnswer is what the script gets to begin with.
type challengeAnswer struct {
	Ceremony string `json:"ceremony"`
	Options  any    `json:"options"`
}

func (p *pages) beginAssert(w http.ResponseWriter, r *page.Request) error {
	options, sealed, err := p.d.beginAssert(r.Context(), r.Request)
	return p.answerJSON(w, r, challengeAnswer{sealed, options}, err)
}

// passkeyAnswer is what the script sends back.
type passkeyAnswer struct {
	Ceremony   string          `json:"ceremony"`
	Credential json.RawMessage `json:"credential"`
	Name       string          `json:"name"` // of a new passkey
	Next       string          `json:"next"` // where a sign-in leads
}

func (p *pages) finishAssert(w http.ResponseWriter, r *page.Request) error {
	var in passkeyAnswer
	err := readJSON(w, r, &in)
	if err == nil {
		var token secret.Secret
		if token, err = p.d.finishAssert(r.Context(), r.Request, in.Ceremony, in.Credential, p.before(r)); err == nil {
			p.d.setCookie(w, r.Request, token)
		}
	}
	return p.answerJSON(w, r, map[string]string{"next": r.Link(p.orHome(localPath(in.Next)))}, err)
}
