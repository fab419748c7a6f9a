package party

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"rostrum.example/internal/locale"
	"rostrum.example/internal/secret"
	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

func TestInvite(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		g := newRig(t, db)
		officer := g.officer()
		officer.get("/en/people/invite").wants(200, "Which role?", "Focal point of a State", "Never sees data about single cases")
		officer.get("/en/people/invite?role=chair").wants(200, "For what?", "Working Group on the Smuggling of Migrants", "Dialogue of 1 July 2022")
		officer.get("/en/people/invite?role=enforcement").wants(200, "Which role?")
		officer.get("/en/people/invite?role=contact").wants(200, "Add the organisation first", `href="/en/organisations/add"`)
		officer.get("/en/people/invite?role=focal").wants(200, "Which State?")

		officer.post("/en/people/invite", "role", "chair", "scope", "body:none", "name", "", "email", "x", "lang", "").
			wants(422, "Enter a name", "Enter an e-mail address like", "Choose a language", "Choose what the role is for", `value="x"`)
		officer.post("/en/people/invite", "role", "", "scope", "instance:", "name", "A", "email", "a@example.org", "lang", "en").wants(422, "Choose a role")
		officer.post("/en/people/invite", "role", "chair", "scope", "instance:", "name", "A", "email", "a@example.org", "lang", "en").wants(422, "Choose what the role is for")
		officer.post("/en/people/invite", "role", "focal", "scope", "at", "name", "A", "email", "a@example.org", "lang", "en").wants(422, "two capital letters", `value="at"`)
		if n := g.rows()["person"]; n != 1 {
			t.Errorf("%d persons after forms that were refused, want 1", n)
		}

		officer.post("/en/people/invite", "role", "chair", "scope", "dialogue:som-2022", "name", "Sample Chair", "email", "chair@example.org", "lang", "fr").
			leadsTo("/en/people?done=invited")
		m := g.last("chair@example.org")
		if m.Subject != "Vous êtes invité avec le rôle : Présidence" || m.Lang != locale.French || !m.Secret || !strings.Contains(m.Text, "Sample Officer") || !strings.Contains(m.Text, "Dialogue of 1 July 2022") {
			t.Errorf("the invitation is %q\n%s", m.Subject, m.Text)
		}
		officer.get("/en/people?done=invited").wants(200, "Sample Chair", "invited, not signed in yet", "Chair · Dialogue of 1 July 2022", "Sample Chair became Chair (Dialogue of 1 July 2022)")
		link := g.linkTo("chair@example.org")
		g.pass(InvitationFor - 1)
		chair := g.browser()
		chair.get(link).wants(200, "Vous êtes invité", "30 décembre 2026")
		chair.follow(link)
		chair.get("/en/account").wants(200, "Chair", "Dialogue of 1 July 2022").without("People and roles")
		chair.get("/en/people").wants(403, "Your role does not include this", "ask the officer")

		// The chair of one dialogue is not the chair of another.
		a := g.actorOf(chair)
		if !May(a, EditSummary, OfDialogue("som-2022", "som")) || May(a, EditSummary, OfDialogue("som-2023", "som")) || May(a, EditSummary, OfBody("som")) {
			t.Errorf("the chair holds %+v", a.Roles)
		}

		// Somebody with an account gets the role and is told, without a link that would sign them in.
		officer = g.signIn("officer@example.org")
		officer.post("/en/people/invite", "role", "editor", "scope", "body:tip", "name", "Wrong Name", "email", "CHAIR@example.org", "lang", "en").leadsTo("/en/people?done=invited")
		if m := g.last("chair@example.org"); m.Lang != locale.French || m.Secret || !strings.Contains(m.Text, "/fr/sign-in\n") || strings.Contains(m.Text, "Wrong Name") {
			t.Errorf("the message is %q\n%s", m.Subject, m.Text)
		}
		chair.get("/en/account").wants(200, "Editor of the record", "Working Group on Trafficking in Persons")
		officer.post("/en/people/invite", "role", "editor", "scope", "body:tip", "name", "Wrong Name", "email", "chair@example.org", "lang", "en").wants(422, "holds this role already")
	})
}

// actorOf is who acts in a browser's requests.
func (g *rig) actorOf(b *browser) Actor {
	g.t.Helper()
	var a Actor
	g.read(func(tx *store.Tx) error {
		token, ok := secret.Parse(b.cookies[plainCookie])
		if !ok {
			return fmt.Errorf("there is no session")
		}
		s, _, err := g.d.session(tx, token, g.clock())
		if err != nil {
			return err
		}
		roles, err := g.d.roles(tx, s.Person)
		a = Actor{Person: s.Person, Roles: roles[s.Person], Fresh: true}
		return err
	})
	return a
}

func TestInviteAgain(t *testing.T) {
	g := newSQLiteRig(t)
	officer := g.officer()
	officer.post("/en/people/invite", "role", "editor", "scope", "instance:", "name", "Sample Editor", "email", "editor@example.org", "lang", "ar")
	first := g.linkTo("editor@example.org")
	path := "/en/people/" + string(g.personWith("editor@example.org").ID)
	officer.get(path).wants(200, "has not signed in yet", "Send the invitation again")
	officer.post(path + "/invite").leadsTo(path + "?done=invited")
	g.browser().get(first).wants(410)
	g.browser().follow(g.linkTo("editor@example.org"))
	officer.get(path).wants(200).without("has not signed in yet")
	officer.post(path + "/invite").wants(404) // they are in
}

func TestRoles(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		g := newRig(t, db)
		officer := g.officer()
		editor := g.invite(officer, "Sample Editor", "editor@example.org", Editor, OfBody("som"))
		path := "/en/people/" + string(g.personWith("editor@example.org").ID)
		officer.get(path+"/role").wants(200, "Which role?", "Sample Editor")
		officer.get(path+"/role?role=coordinator").wants(200, "For what?")
		g.pass(time.Second)
		officer.post(path+"/role", "role", "coordinator", "scope", "instance:").leadsTo(path + "?done=granted")
		officer.post(path+"/role", "role", "coordinator", "scope", "instance:").wants(422, "holds this role already")
		if m := g.last("editor@example.org"); m.Subject != "You have a role: Coordinator" {
			t.Errorf("the message is %q", m.Subject)
		}
		held := heldIDs(officer.get(path).wants(200, "Coordinator").Body.String())
		if len(held) != 2 {
			t.Fatalf("%d roles can be ended, want 2", len(held))
		}
		officer.get(path+"/role?held="+held[0]).wants(200, "Change this role", "Editor of the record, Working Group on the Smuggling of Migrants")
		officer.post(path+"/role", "held", held[0], "role", "editor", "scope", "body:som").wants(422, "This is the role as it stands")
		officer.post(path+"/role", "held", held[0], "role", "editor", "scope", "instance:").leadsTo(path + "?done=changed")
		officer.post(path+"/role", "held", held[0], "role", "chair", "scope", "body:som").wants(404) // it has ended
		officer.post(path+"/role/end", "held", held[1]).leadsTo(path + "?done=ended")
		officer.post(path+"/role/end", "held", held[1]).wants(404)
		officer.get(path).wants(200, "Sample Editor became Coordinator (the whole of this Rostrum)", "Sample Editor is no longer Coordinator (the whole of this Rostrum)",
			"Sample Editor is no longer Editor of the record (Working Group on the Smuggling of Migrants)", "Sample Officer")
		var changes []RoleChange
		g.read(func(tx *store.Tx) (err error) {
			changes, err = g.d.roleChanges(tx, 100)
			return err
		})
		if len(changes) != 6 {
			t.Errorf("the history has %d entries, want 6: %+v", len(changes), changes)
		}

		// Nobody but an officer does any of this.
		for _, b := range []*browser{editor, g.invite(officer, "Sample Admin", "admin@example.org", Administrator, WholeInstance())} {
			b.post(path+"/role", "role", "officer", "scope", "instance:").wants(403)
			b.post(path+"/role/end", "held", held[0]).without("ended")
			b.post("/en/people/invite", "role", "officer", "scope", "instance:", "name", "A", "email", "a@example.org", "lang", "en").wants(403)
			b.get("/en/people/invite").wants(403)
		}
		officer.get("/en/people/nobody").wants(404)
		officer.get("/en/people/nobody/role").wants(404)
	})
}

func TestAdministratorSeesAccountsAlone(t *testing.T) {
	g := newSQLiteRig(t)
	officer := g.officer()
	admin := g.invite(officer, "Sample Admin", "admin@example.org", Administrator, WholeInstance())
	admin.get("/en/people").wants(200, "Sample Officer", "officer@example.org").without("Invite a person", "What has changed")
	admin.get("/en/people/"+string(g.personWith("officer@example.org").ID)).wants(200).without("Give a role", "What has changed", "End this role")
	admin.get("/en/organisations").wants(403)
}

func TestOrganisations(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		g := newRig(t, db)
		officer := g.officer()
		officer.get("/en/organisations").wants(200, "0 organisations are known here")
		officer.post("/en/organisations/add", "name", " ", "type", "army", "country", "Austria", "listed", "yes").
			wants(422, "Enter the name of the organisation", "Choose a type", "two capital letters", `value="Austria"`, "checked")
		officer.post("/en/organisations/add", "name", "Sample Coast Network", "type", "ngo", "country", "IT").leadsTo("/en/organisations?done=added")
		officer.get("/en/organisations?done=added").wants(200, "Sample Coast Network", "NGO", "counted, not named", "You can now invite its contact")
		var o Organisation
		g.read(func(tx *store.Tx) error {
			all, err := g.d.Organisations(tx)
			o = all[0]
			return err
		})
		if o.Listed || o.Country != "IT" || !o.Answered.Equal(g.clock()) {
			t.Errorf("the organisation is %+v", o)
		}

		contact := g.invite(officer, "Sample Contact", "contact@example.org", Contact, OfOrganisation(o.ID))
		path := "/en/organisations/" + string(o.ID)
		contact.get("/en/account").wants(200, `href="`+path+`"`, "Contact of an organisation")
		contact.get("/en/organisations").wants(403)
		contact.get("/en/organisations/add").wants(403)
		g.pass(1e9)
		contact.post(path, "name", "Sample Coast Network", "type", "ngo", "country", "IT", "listed", "yes").leadsTo("/en/account?done=organisation")
		g.read(func(tx *store.Tx) (err error) {
			o, err = g.d.Organisation(tx, o.ID)
			return err
		})
		if !o.Listed || !o.Answered.Equal(g.clock()) {
			t.Errorf("the consent is kept as %+v", o)
		}
		answered := o.Answered
		g.pass(1e9)
		contact.post(path, "name", "Sample Coast Network ", "type", "academia", "country", "", "listed", "yes")
		g.read(func(tx *store.Tx) (err error) {
			o, err = g.d.Organisation(tx, o.ID)
			return err
		})
		if !o.Answered.Equal(answered) || o.Type != "academia" || o.Country != "" {
			t.Errorf("a correction that leaves the consent alone gives %+v", o)
		}
		officer.post("/en/organisations/add", "name", "Other Sample", "type", "ngo").leadsTo("/en/organisations?done=added")
		var other OrganisationID
		g.read(func(tx *store.Tx) error {
			all, err := g.d.Organisations(tx)
			other = all[0].ID
			return err
		})
		contact.post("/en/organisations/"+string(other), "name", "Mine", "type", "ngo").wants(403)
		contact.get("/en/organisations/" + string(other)).wants(403)
		officer.get("/en/organisations/none").wants(404)
		officer.post("/en/organisations/none", "name", "A", "type", "ngo").wants(404)
	})
}

// TestStatesOfThePreset: where the mechanism names its States, they are chosen from its list and shown by its names.
func TestStatesOfThePreset(t *testing.T) {
	g := newSQLiteRig(t)
	g.d.o.Preset.States = []Named{{ID: "AT", Name: map[locale.Lang]string{"en": "Austria", "fr": "Autriche", "ar": "النمسا"}}, {ID: "IT", Name: map[locale.Lang]string{"en": "Italy"}}}
	officer := g.officer()
	officer.get("/fr/people/invite?role=focal").wants(200, "Autriche", `value="state:AT"`)
	officer.post("/en/people/invite", "role", "focal", "scope", "state:XX", "name", "A", "email", "a@example.org", "lang", "en").wants(422, "Choose what the role is for")
	officer.post("/en/people/invite", "role", "focal", "scope", "state:AT", "name", "Sample Point", "email", "point@example.org", "lang", "en").leadsTo("/en/people?done=invited")
	officer.get("/en/people").wants(200, "Focal point of a State · Austria")
	officer.post("/en/organisations/add", "name", "A", "type", "ngo", "country", "XX").wants(422, "two capital letters")
	officer.get("/ar/organisations/add").wants(200, "النمسا")
}

// TestPagesInEveryLanguage: every page answers in every language, and no key shows through.
func TestPagesInEveryLanguage(t *testing.T) {
	g := newSQLiteRig(t)
	officer := g.officer()
	officer.post("/en/organisations/add", "name", "Sample Coast Network", "type", "ngo")
	officer.register(newAuthenticator(t), "Sample phone").wants(200)
	officer.post("/en/people/invite", "role", "editor", "scope", "instance:", "name", "Sample Editor", "email", "editor@example.org", "lang", "ar")
	person := string(g.personWith("editor@example.org").ID)
	link := strings.TrimPrefix(g.linkTo("editor@example.org"), "/ar")
	paths := []string{"/account", "/account/correct", "/account/email", "/account/withdraw", "/account/withdrawn", "/people", "/people/invite", "/people/" + person,
		"/people/" + person + "/role", "/organisations", "/organisations/add", "/sign-in/sent", "/sign-in?again=1"}
	for _, role := range Roles() {
		paths = append(paths, "/people/invite?role="+url.QueryEscape(string(role)))
	}
	for key, known := range map[string][]string{"/account": accountDone, "/people": peopleDone, "/people/" + person: personDone, "/organisations": organisationsDone} {
		for _, done := range known {
			paths = append(paths, key+"?done="+done)
		}
	}
	for _, lang := range locale.Langs {
		for _, path := range paths {
			a := officer.get("/"+string(lang)+path).wants(200, `lang="`+string(lang)+`" dir="`+lang.Dir()+`"`).without("party.", "&lt;no value&gt;")
			if n := strings.Count(a.Body.String(), "<h1"); n != 1 {
				t.Errorf("%s %s has %d first headings", lang, path, n)
			}
		}
		for _, path := range []string{"/sign-in", link} {
			g.browser().get("/"+string(lang)+path).wants(200).without("party.", "&lt;no value&gt;")
		}
	}
}
