package party

import (
	"encoding/base64"
	"net/http"
	"slices"
	"time"

	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/store"
)

type accountView struct {
	Done     string // the key of what has just been done
	Errors   page.FormErrors
	Person   Person
	LangName string
	Since    locale.Date
	Erases   locale.Date
	Roles    []roleLine
	Passkeys []passkeyLine
	// NewPasskey is the field for the name of a new passkey.
	NewPasskey page.Field
	// Bare: the reader came by an IP address, where passkeys do not work.
	Bare     bool
	Fresh    bool
	Sessions []sessionLine
	Others   bool // there are sessions besides this one
	People   bool // the reader may see who has an account
	Orgs     bool
}

type roleLine struct {
	ID          RoleID
	Role, Scope string
	Since       locale.Date
	// Organisation is the one that the person speaks for, whose entry they keep.
	Organisation string
}

type passkeyLine struct {
	ID      string
	Name    string
	Host    string
	Created locale.Date
	Used    locale.Date
	Was     bool // it has been used
	Rename  page.Field
}

type sessionLine struct {
	ID      SessionID
	How     How
	Passkey string
	Created time.Time
	Seen    time.Time
	This    bool
}

// accountDone are the notices that the account page shows after something has been done.
var accountDone = []string{"corrected", "organisation", "email", "emailsent", "passkey", "renamed", "removed", "ended", "others"}

func (p *pages) showAccount(w http.ResponseWriter, r *page.Request, actor Actor) error {
	return p.renderAccount(w, r, http.StatusOK, actor, nil)
}

func (p *pages) renderAccount(w http.ResponseWriter, r *page.Request, status int, actor Actor, errs page.FormErrors) error {
	now := p.d.o.Clock()
	v := accountView{
		Done:   page.Done(r, accountDone, "party.account.done."),
		Errors: errs,
		Bare:   bareAddress(r.Request),
		Fresh:  actor.Fresh,
		People: MayAnywhere(actor, SeePersons),
		Orgs:   MayAnywhere(actor, SeeOrganisations),
		NewPasskey: page.Field{Name: "new-passkey", Label: r.Text("party.passkey.name"), Hint: r.Text("party.passkey.name.hint"),
			Type: "text", Autocomplete: "off"},
	}
	err := p.d.o.DB.Read(r.Context(), func(tx *store.Tx) error {
		var err error
		if v.Person, err = p.d.person(tx, actor.Person); err != nil {
			return err
		}
		names, err := p.d.scopeNames(tx)
		if err != nil {
			return err
		}
		v.Roles = p.roleLines(r, names, actor.Roles)
		keys, err := p.d.passkeys(tx, actor.Person)
		if err != nil {
			return err
		}
		for _, k := range keys {
			v.Passkeys = append(v.Passkeys, passkeyLineOf(r, k))
		}
		sessions, err := p.d.sessions(tx, actor.Person, now)
		for _, s := range sessions {
			this := s.ID == actor.session
			line := sessionLine{s.ID, s.How, s.Passkey, s.Created, s.Seen, this}
			if this { // the reader's own browser stands first
				v.Sessions = slices.Insert(v.Sessions, 0, line)
			} else {
				v.Sessions = append(v.Sessions, line)
				v.Others = true
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	v.LangName = v.Person.Lang.Name()
	v.Since, v.Erases = locale.DateOf(v.Person.Created), locale.DateOf(v.Person.Erases)
	return p.account.RenderStatus(w, r, status, v)
}

func (p *pages) roleLines(r *page.Request, names scopeNames, held []Held) []roleLine {
	var all []roleLine
	for _, h := range held {
		l := roleLine{ID: h.ID, Role: p.d.roleName(r.Lang, h.Role), Scope: names.of(p.d, r.Lang, h.Scope), Since: locale.DateOf(h.Granted)}
		if h.Role == Contact {
			l.Organisation = h.Scope.ID
		}
		all = append(all, l)
	}
	return all
}

func passkeyLineOf(r *page.Request, k Passkey) passkeyLine {
	id := base64.RawURLEncoding.EncodeToString(k.ID)
	l := passkeyLine{ID: id, Name: k.Name, Host: k.Host, Created: locale.DateOf(k.Created), Was: !k.Used.IsZero()}
	if l.Was {
		l.Used = locale.DateOf(k.Used)
	}
	l.Rename = page.Field{Name: "passkey-" + id, Label: r.Text("party.passkey.rename"), Type: "text", Autocomplete: "off", Value: k.Name}
	return l
}

type correctView struct {
	Errors                 page.FormErrors
	Name, Salutation, Lang page.Field
}

func (p *pages) showCorrect(w http.ResponseWriter, r *page.Request, actor Actor) error {
	var person Person
	err := p.d.o.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		person, err = p.d.person(tx, actor.Person)
		return err
	})
	if err != nil {
		return err
	}
	return p.renderCorrect(w, r, http.StatusOK, Correction{person.Name, person.Salutation, string(person.Lang)}, nil)
}

func (p *pages) renderCorrect(w http.ResponseWriter, r *page.Request, status int, c Correction, errs page.FormErrors) error {
	return p.correct.RenderStatus(w, r, status, correctView{
		Errors: errs,
		Name: page.Field{Name: "name", Label: r.Text("party.name"), Hint: r.Text("party.name.hint"), Type: "text",
			Autocomplete: "name", Value: c.Name, Error: errs.Of("name")},
		Salutation: page.Field{Name: "salutation", Label: r.Text("party.salutation"), Hint: r.Text("party.salutation.hint"), Type: "text",
			Autocomplete: "honorific-prefix", Value: c.Salutation, Error: errs.Of("salutation")},
		Lang: page.Field{Name: "lang", Label: r.Text("party.lang"), Hint: r.Text("party.lang.hint"), Choices: languages(c.Lang), Error: errs.Of("lang")},
	})
}

func (p *pages) doCorrect(w http.ResponseWriter, r *page.Request, actor Actor) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	c := Correction{form.Get("name"), form.Get("salutation"), form.Get("lang")}
	if err := p.d.Correct(r.Context(), actor, c); err != nil {
		errs, err := Explain(r, err)
		if err != nil {
			return err
		}
		return p.renderCorrect(w, r, http.StatusUnprocessableEntity, c, errs)
	}
	return r.Redirect(w, "/account?done=corrected")
}

type emailView struct {
	Errors page.FormErrors
	Email  page.Field
	Now    Email
}

func (p *pages) showEmail(w http.ResponseWriter, r *page.Request, actor Actor) error {
	if answered, err := Again(w, r, requireFresh(actor)); answered {
		return err
	}
	return p.renderEmail(w, r, http.StatusOK, actor, "", nil)
}

func (p *pages) renderEmail(w http.ResponseWriter, r *page.Request, status int, actor Actor, typed string, errs page.FormErrors) error {
	v := emailView{Errors: errs}
	err := p.d.o.DB.Read(r.Context(), func(tx *store.Tx) error {
		person, err := p.d.person(tx, actor.Person)
		v.Now = person.Email
		return err
	})
	if err != nil {
		return err
	}
	v.Email = page.Field{Name: "email", Label: r.Text("party.email.new"), Hint: r.Text("party.email.new.hint"), Type: "email",
		Inputmode: "email", Autocomplete: "email", LTR: true, Value: typed, Error: errs.Of("email")}
	return p.email.RenderStatus(w, r, status, v)
}

func (p *pages) askEmail(w http.ResponseWriter, r *page.Request, actor Actor) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	if err := p.d.AskEmail(r.Context(), actor, form.Get("email")); err != nil {
		errs, err := Explain(r, err)
		if err != nil {
			return err
		}
		return p.renderEmail(w, r, http.StatusUnprocessableEntity, actor, form.Get("email"), errs)
	}
	return r.Redirect(w, "/account?done=emailsent")
}

func (p *pages) beginRegister(w http.ResponseWriter, r *page.Request) error {
	actor, err := p.d.Actor(r.Context(), r)
	if err == nil && actor.Anonymous() {
		err = Allow(actor, "", WholeInstance())
	}
	if err != nil {
		return p.answerJSON(w, r, nil, err)
	}
	options, sealed, err := p.d.beginRegister(r.Context(), r.Request, actor)
	return p.answerJSON(w, r, challengeAnswer{sealed, options}, err)
}

func (p *pages) finishRegister(w http.ResponseWriter, r *page.Request) error {
	var in passkeyAnswer
	err := readJSON(w, r, &in)
	var actor Actor
	if err == nil {
		actor, err = p.d.Actor(r.Context(), r)
	}
	if err == nil && actor.Anonymous() {
		err = Allow(actor, "", WholeInstance())
	}
	if err == nil {
		err = p.d.finishRegister(r.Context(), r.Request, actor, in.Ceremony, in.Name, in.Credential)
	}
	return p.answerJSON(w, r, map[string]string{"next": r.Link("/account?done=passkey")}, err)
}

// actOnAccount does something small to the account and shows the page again: with a notice, or with what is wrong.
func (p *pages) actOnAccount(w http.ResponseWriter, r *page.Request, actor Actor, done string, act func() error) error {
	if err := act(); err != nil {
		errs, err := Explain(r, err)
		if err != nil {
			return gone(err)
		}
		return p.renderAccount(w, r, http.StatusUnprocessableEntity, actor, errs)
	}
	return r.Redirect(w, "/account?done="+done)
}

func (p *pages) renamePasskey(w http.ResponseWriter, r *page.Request, actor Actor) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	id, err := passkeyID(form.Get("id"))
	if err != nil {
		return err
	}
	return p.actOnAccount(w, r, actor, "renamed", func() error {
		return p.d.RenamePasskey(r.Context(), actor, id, form.Get("passkey-"+form.Get("id")))
	})
}

func (p *pages) removePasskey(w http.ResponseWriter, r *page.Request, actor Actor) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	id, err := passkeyID(form.Get("id"))
	if err != nil {
		return err
	}
	return p.actOnAccount(w, r, actor, "removed", func() error { return p.d.RemovePasskey(r.Context(), actor, id) })
}

func passkeyID(s string) ([]byte, error) {
	id, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(id) == 0 {
		return nil, page.Unreadable(err)
	}
	return id, nil
}

func (p *pages) endSession(w http.ResponseWriter, r *page.Request, actor Actor) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	return p.actOnAccount(w, r, actor, "ended", func() error {
		return p.d.EndSession(r.Context(), actor, SessionID(form.Get("session")))
	})
}

func (p *pages) endOthers(w http.ResponseWriter, r *page.Request, actor Actor) error {
	return p.actOnAccount(w, r, actor, "others", func() error { return p.d.EndOtherSessions(r.Context(), actor) })
}

func (p *pages) export(w http.ResponseWriter, r *page.Request, actor Actor) error {
	if answered, err := Again(w, r, requireFresh(actor)); answered {
		return err
	}
	e, err := p.d.Export(r.Context(), actor)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Disposition", `attachment; filename="rostrum-account.json"`)
	return page.JSON(noStore{w}, http.StatusOK, e)
}

type withdrawView struct {
	Errors page.FormErrors
	Roles  []roleLine
}

// withdrawnView: the page after a withdrawal knows nobody.
type withdrawnView struct{}

func (p *pages) showWithdraw(w http.ResponseWriter, r *page.Request, actor Actor) error {
	if answered, err := Again(w, r, requireFresh(actor)); answered {
		return err
	}
	return p.renderWithdraw(w, r, http.StatusOK, actor, nil)
}

func (p *pages) renderWithdraw(w http.ResponseWriter, r *page.Request, status int, actor Actor, errs page.FormErrors) error {
	names, err := p.scopes(r)
	if err != nil {
		return err
	}
	return p.withdraw.RenderStatus(w, r, status, withdrawView{errs, p.roleLines(r, names, actor.Roles)})
}

func (p *pages) doWithdraw(w http.ResponseWriter, r *page.Request, actor Actor) error {
	if err := p.d.Withdraw(r.Context(), actor); err != nil {
		errs, err := Explain(r, err)
		if err != nil {
			return err
		}
		return p.renderWithdraw(w, r, http.StatusUnprocessableEntity, actor, errs)
	}
	p.d.dropCookie(w, r.Request)
	return r.Redirect(w, "/account/withdrawn")
}

func (p *pages) showWithdrawn(w http.ResponseWriter, r *page.Request) error {
	return p.withdrawn.Render(w, r, withdrawnView{})
}
