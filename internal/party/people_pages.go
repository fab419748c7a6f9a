package party

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/store"
)

// historyShown is how many changes of roles a page shows.
const historyShown = 50

type peopleView struct {
	Done      string
	Persons   []personLine
	Erased    int // persons whose data have been erased
	MayInvite bool
	Orgs      bool
	History   []changeLine
	// Shown tells whether the reader may see the history at all.
	Shown bool
}

type personLine struct {
	ID     PersonID
	Name   string
	Email  Email
	Roles  []roleLine
	Joined bool
	This   bool
}

type changeLine struct {
	At                         locale.Date
	Text                       string
	Person, Actor, Role, Scope string
	Change                     Change
}

var peopleDone = []string{"invited"}

func (p *pages) showPeople(w http.ResponseWriter, r *page.Request, actor Actor) error {
	if err := Allow(actor, SeePersons, WholeInstance()); err != nil {
		return err
	}
	v := peopleView{
		Done:      page.Done(r, peopleDone, "party.people.done."),
		MayInvite: May(actor, InvitePerson, WholeInstance()),
		Orgs:      May(actor, SeeOrganisations, WholeInstance()),
		Shown:     May(actor, SeeRoleHistory, WholeInstance()),
	}
	err := p.d.o.DB.Read(r.Context(), func(tx *store.Tx) error {
		persons, err := p.d.persons(tx)
		if err != nil {
			return err
		}
		held, err := p.d.roles(tx)
		if err != nil {
			return err
		}
		names, err := p.d.scopeNames(tx)
		if err != nil {
			return err
		}
		for _, one := range persons {
			v.Persons = append(v.Persons, personLine{one.ID, one.Name, one.Email, p.roleLines(r, names, held[one.ID]), !one.Joined.IsZero(), one.ID == actor.Person})
		}
		if v.Shown {
			if v.History, err = p.history(tx, r, names, persons, historyShown); err != nil {
				return err
			}
		}
		_, v.Erased, err = p.d.Totals(tx)
		return err
	})
	if err != nil {
		return err
	}
	return p.people.Render(w, r, v)
}

// history puts the changes of roles into words.
func (p *pages) history(tx *store.Tx, r *page.Request, names scopeNames, persons []Person, max int, of ...PersonID) ([]changeLine, error) {
	changes, err := p.d.roleChanges(tx, max, of...)
	if err != nil {
		return nil, err
	}
	name := func(id PersonID) string {
		if i := slices.IndexFunc(persons, func(p Person) bool { return p.ID == id }); i >= 0 {
			return persons[i].Name
		}
		return ""
	}
	var all []changeLine
	for _, c := range changes {
		l := changeLine{At: locale.DateOf(c.At), Change: c.Change, Role: p.d.roleName(r.Lang, c.Role), Scope: isolate(names.of(p.d, r.Lang, c.Scope))}
		if l.Person = isolate(name(c.Person)); l.Person == "" {
			l.Person = r.Text("party.history.erased")
		}
		if l.Actor = isolate(name(c.Actor)); l.Actor == "" {
			l.Actor = r.Text("party.history.nobody")
		}
		all = append(all, l)
	}
	return all, nil
}

// isolate keeps a name from turning the words around it, whichever way each of them reads (Unicode Standard
// Annex 9, first strong isolate).
func isolate(name string) string {
	if name == "" {
		return ""
	}
	return "\u2068" + name + "\u2069"
}

type personView struct {
	Done      string
	Errors    page.FormErrors
	Person    Person
	LangName  string
	Since     locale.Date
	Erases    locale.Date
	Roles     []roleLine
	MayInvite bool
	MayGrant  bool
	Waiting   bool // invited, has not signed in
	History   []changeLine
	Shown     bool
}

var personDone = []string{"granted", "changed", "ended", "invited"}

func (p *pages) showPerson(w http.ResponseWriter, r *page.Request, actor Actor) error {
	return p.renderPerson(w, r, http.StatusOK, actor, nil)
}

func (p *pages) renderPerson(w http.ResponseWriter, r *page.Request, status int, actor Actor, errs page.FormErrors) error {
	if err := Allow(actor, SeePersons, WholeInstance()); err != nil {
		return err
	}
	id := PersonID(r.PathValue("person"))
	v := personView{
		Done:      page.Done(r, personDone, "party.person.done."),
		Errors:    errs,
		MayInvite: May(actor, InvitePerson, WholeInstance()),
		MayGrant:  May(actor, GrantRole, WholeInstance()),
		Shown:     May(actor, SeeRoleHistory, WholeInstance()),
	}
	err := p.d.o.DB.Read(r.Context(), func(tx *store.Tx) error {
		var err error
		if v.Person, err = p.d.person(tx, id); err != nil {
			return err
		}
		held, err := p.d.roles(tx, id)
		if err != nil {
			return err
		}
		names, err := p.d.scopeNames(tx)
		if err != nil {
			return err
		}
		v.Roles = p.roleLines(r, names, held[id])
		if !v.Shown {
			return nil
		}
		persons, err := p.d.persons(tx)
		if err != nil {
			return err
		}
		v.History, err = p.history(tx, r, names, persons, historyShown, id)
		return err
	})
	if err != nil {
		return gone(err)
	}
	v.Waiting = v.Person.Joined.IsZero()
	v.LangName = v.Person.Lang.Name()
	v.Since, v.Erases = locale.DateOf(v.Person.Created), locale.DateOf(v.Person.Erases)
	return p.person.RenderStatus(w, r, status, v)
}

// gone turns ErrNotFound into the page that says there is nothing here.
func gone(err error) error {
	if errors.Is(err, ErrNotFound) {
		return page.NotFound()
	}
	return err
}

// roleStep is the first step of giving a role, which role, and what the second needs, where.
type roleStep struct {
	Errors page.FormErrors
	Role   page.Field // the first step: radio buttons
	Chosen string
	Name   string // of the role chosen; empty at the first step
	Hint   string
	Scope  page.Field
	// Missing is the key of what to do where the role has no scope to be held in yet.
	Missing string
	// Coded: scopes are typed as a code, because the preset names no States.
	Coded bool
}

// step reads the role chosen from the address or the form, and lists what can be chosen next.
func (p *pages) step(r *page.Request, chosen, scope string, errs page.FormErrors) (roleStep, scopeNames, error) {
	s := roleStep{Errors: errs, Chosen: chosen}
	names, err := p.scopes(r)
	if err != nil {
		return s, names, err
	}
	role := Role(chosen)
	if !slices.Contains(p.d.o.Preset.Roles, role) {
		s.Chosen = ""
		s.Role = page.Field{Name: "role", Label: r.Text("party.role.which"), Error: errs.Of("role")}
		for _, role := range Roles() {
			if slices.Contains(p.d.o.Preset.Roles, role) {
				s.Role.Choices = append(s.Role.Choices, page.Choice{Value: string(role), Text: p.d.roleName(r.Lang, role), Hint: r.Text("party.role." + string(role) + ".hint")})
			}
		}
		return s, names, nil
	}
	s.Name, s.Hint = p.d.roleName(r.Lang, role), r.Text("party.role."+string(role)+".hint")
	s.Scope = page.Field{Name: "scope", Label: r.Text("party.scope.which"), Error: errs.Of("scope")}
	if role == FocalPoint && len(p.d.o.Preset.States) == 0 {
		s.Coded = true
		s.Scope.Label, s.Scope.Hint = r.Text("party.scope.state"), r.Text("party.country.hint")
		s.Scope.Type, s.Scope.Autocomplete, s.Scope.LTR, s.Scope.Value = "text", "off", true, scope
		return s, names, nil
	}
	for _, one := range names.scopes(role) {
		s.Scope.Choices = append(s.Scope.Choices, page.Choice{Value: one.key(), Text: names.of(p.d, r.Lang, one)})
	}
	page.Choose(s.Scope.Choices, scope)
	if len(s.Scope.Choices) == 0 {
		s.Missing = "party.scope.none." + string(role.Scopes()[0])
	}
	return s, names, nil
}

// scopeOf reads the scope from a form.
func (p *pages) scopeOf(s roleStep, names scopeNames, value string) (Scope, error) {
	if s.Coded {
		scope := OfState(value)
		if !names.has(scope) {
			return scope, invalid("scope", "party.country.bad")
		}
		return scope, nil
	}
	return names.parseScope(value)
}

type inviteView struct {
	roleStep
	PersonName, Email, Lang page.Field
}

func (p *pages) showInvite(w http.ResponseWriter, r *page.Request, actor Actor) error {
	if answered, err := Again(w, r, Allow(actor, InvitePerson, WholeInstance())); answered {
		return err
	}
	return p.renderInvite(w, r, http.StatusOK, url.Values{"role": r.URL.Query()["role"], "lang": {string(r.Lang)}}, nil)
}

func (p *pages) renderInvite(w http.ResponseWriter, r *page.Request, status int, typed url.Values, errs page.FormErrors) error {
	step, _, err := p.step(r, typed.Get("role"), typed.Get("scope"), errs)
	if err != nil {
		return err
	}
	return p.invite.RenderStatus(w, r, status, inviteView{
		roleStep: step,
		PersonName: page.Field{Name: "name", Label: r.Text("party.invite.name"), Type: "text", Autocomplete: "off",
			Value: typed.Get("name"), Error: errs.Of("name")},
		Email: page.Field{Name: "email", Label: r.Text("party.invite.email"), Hint: r.Text("party.invite.email.hint"), Type: "email",
			Inputmode: "email", Autocomplete: "off", LTR: true, Value: typed.Get("email"), Error: errs.Of("email")},
		Lang: page.Field{Name: "lang", Label: r.Text("party.invite.lang"), Choices: languages(typed.Get("lang")), Error: errs.Of("lang")},
	})
}

func (p *pages) doInvite(w http.ResponseWriter, r *page.Request, actor Actor) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	step, names, err := p.step(r, form.Get("role"), form.Get("scope"), nil)
	if err != nil {
		return err
	}
	scope, scopeErr := p.scopeOf(step, names, form.Get("scope"))
	_, personErr := p.d.newPerson(form.Get("name"), form.Get("email"), form.Get("lang"))
	err = page.Collect(personErr, scopeErr)
	if err == nil {
		_, err = p.d.Invite(r.Context(), actor, Invitation{form.Get("name"), form.Get("email"), form.Get("lang"), Role(form.Get("role")), scope})
	}
	if err != nil {
		errs, err := Explain(r, err)
		if err != nil {
			return err
		}
		return p.renderInvite(w, r, http.StatusUnprocessableEntity, form, errs)
	}
	return r.Redirect(w, "/people?done=invited")
}

func (p *pages) inviteAgain(w http.ResponseWriter, r *page.Request, actor Actor) error {
	id := PersonID(r.PathValue("person"))
	return p.actOnPerson(w, r, actor, "invited", func() error { return p.d.InviteAgain(r.Context(), actor, id) })
}

// actOnPerson does something to a person's roles and shows their page again.
func (p *pages) actOnPerson(w http.ResponseWriter, r *page.Request, actor Actor, done string, act func() error) error {
	if err := act(); err != nil {
		errs, err := Explain(r, err)
		if err != nil {
			return gone(err)
		}
		return p.renderPerson(w, r, http.StatusUnprocessableEntity, actor, errs)
	}
	return r.Redirect(w, "/people/"+r.PathValue("person")+"?done="+done)
}

func (p *pages) endRole(w http.ResponseWriter, r *page.Request, actor Actor) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	return p.actOnPerson(w, r, actor, "ended", func() error { return p.d.EndRole(r.Context(), actor, RoleID(form.Get("held"))) })
}

// roleView gives a person a role, or changes one into another.
type roleView struct {
	roleStep
	Person  PersonID
	Of      string
	Held    RoleID // the role that is changed; empty for one more
	Changes string // what it is called
}

func (p *pages) showRole(w http.ResponseWriter, r *page.Request, actor Actor) error {
	if answered, err := Again(w, r, Allow(actor, GrantRole, WholeInstance())); answered {
		return err
	}
	return p.renderRole(w, r, http.StatusOK, r.URL.Query(), nil)
}

func (p *pages) renderRole(w http.ResponseWriter, r *page.Request, status int, typed url.Values, errs page.FormErrors) error {
	step, names, err := p.step(r, typed.Get("role"), typed.Get("scope"), errs)
	if err != nil {
		return err
	}
	v := roleView{roleStep: step, Person: PersonID(r.PathValue("person")), Held: RoleID(typed.Get("held"))}
	err = p.d.o.DB.Read(r.Context(), func(tx *store.Tx) error {
		person, err := p.d.person(tx, v.Person)
		if err != nil {
			return err
		}
		v.Of = person.Name
		if v.Held == "" {
			return nil
		}
		holder, held, err := p.d.role(tx, v.Held)
		if err == nil && holder != v.Person {
			err = ErrNotFound
		}
		v.Changes = p.d.roleName(r.Lang, held.Role) + ", " + names.of(p.d, r.Lang, held.Scope)
		return err
	})
	if err != nil {
		return gone(err)
	}
	return p.role.RenderStatus(w, r, status, v)
}

func (p *pages) doRole(w http.ResponseWriter, r *page.Request, actor Actor) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	step, names, err := p.step(r, form.Get("role"), form.Get("scope"), nil)
	if err != nil {
		return err
	}
	person, held, done := PersonID(r.PathValue("person")), RoleID(form.Get("held")), "granted"
	scope, err := p.scopeOf(step, names, form.Get("scope"))
	switch {
	case err != nil:
	case held == "":
		err = p.d.GrantRole(r.Context(), actor, person, Role(form.Get("role")), scope)
	default:
		done = "changed"
		err = p.d.ChangeRole(r.Context(), actor, held, Role(form.Get("role")), scope)
	}
	if err != nil {
		errs, err := Explain(r, err)
		if err != nil {
			return gone(err)
		}
		return p.renderRole(w, r, http.StatusUnprocessableEntity, form, errs)
	}
	return r.Redirect(w, "/people/"+string(person)+"?done="+done)
}
