package application

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

var linkIn = regexp.MustCompile(`http://localhost:8053/en(/applications\S*\?key=\S+)`)

// linkTo gives the path of the link in the newest message to an address.
func (g *rig) linkTo(to string) string {
	g.t.Helper()
	for _, m := range slices.Backward(g.messages(to)) {
		if found := linkIn.FindStringSubmatch(m.Text); found != nil {
			return found[1]
		}
	}
	g.t.Fatalf("there is no link in the messages to %s", to)
	return ""
}

var buttonKey = regexp.MustCompile(`name="key" value="([^"]+)"`)

func TestComingBackByLink(t *testing.T) {
	g := newSQLiteRig(t)
	first := g.draft("public", "no")
	message := g.messages("desk@shelter.example")[0]
	if !message.Secret || strings.Contains(message.Subject+message.Text, "igra") || strings.Contains(message.Subject+message.Text, "Shelter Network") {
		t.Errorf("the message with the link says too much: %+v", message)
	}
	link := g.linkTo("desk@shelter.example")
	b := g.browser()
	page := b.get(link).wants(200, "Open it here")
	if len(b.cookies) != 0 {
		t.Error("a program that only looks at the link is let in")
	}
	b.post("/applications/open", values("key", buttonKey.FindStringSubmatch(page.Body.String())[1])).leadsTo("/en/applications")
	for _, c := range b.cookies {
		if !c.HttpOnly || c.SameSite != 3 || !strings.HasSuffix(c.Path, "/applications") || c.MaxAge != 0 || !c.Expires.IsZero() {
			t.Errorf("the cookie is %+v", c)
		}
	}
	if len(b.cookies) != 3 {
		t.Errorf("%d cookies were set, want one for each language", len(b.cookies))
	}
	a := b.get("/applications").wants(200, "Your application is not sent yet", "desk@shelter.example")
	if a.Header().Get("Cache-Control") != "no-store" {
		t.Error("the page may be cached on a shared computer")
	}
	b.lang = "ar"
	b.get("/applications/people").wants(200, `dir="rtl"`, "A. Sample")
	b.lang = "en"
	b.post("/applications/forget", nil).leadsTo("/en/applications/link?done=forgotten")
	if len(b.cookies) != 0 {
		t.Error("the browser still remembers")
	}
	b.get("/applications").wants(200, "Nothing is open in this browser")
	first.get("/applications").wants(200)
	b.get("/applications?key=nonsense").wants(410)
	b.get("/applications?key=" + strings.Repeat("A", 43)).wants(410)
	g.at = "https://localhost:8053"
	b.post("/applications/open", values("key", buttonKey.FindStringSubmatch(page.Body.String())[1]))
	for _, c := range b.cookies {
		if !c.Secure || c.Name != secureCookie {
			t.Errorf("over https the cookie is %+v", c)
		}
	}
}

func TestLostLink(t *testing.T) {
	g := newSQLiteRig(t)
	g.draft("public", "no")
	g.set(g.clock().Add(time.Hour))
	b := g.browser()
	known := b.post("/applications/link", values("email", "DESK@shelter.example")).wants(200, "Look at your mail").main()
	unknown := b.post("/applications/link", values("email", "nobody@shelter.example")).wants(200).main()
	if known != unknown {
		t.Error("the answers tell which addresses are known")
	}
	b.post("/applications/link", values("email", "desk")).wants(422, "desk")
	old := g.linkTo("desk@shelter.example")
	g.work()
	if n := len(g.messages("desk@shelter.example")); n != 2 {
		t.Errorf("there are %d messages, want 2", n)
	}
	if len(g.messages("nobody@shelter.example")) != 0 {
		t.Error("somebody unknown was written to")
	}
	for _, link := range []string{old, g.linkTo("desk@shelter.example")} {
		g.browser().get(link).wants(200)
	}
	for range 5 {
		b.post("/applications/link", values("email", "desk@shelter.example")).wants(200)
	}
	g.work()
	if n := len(g.messages("desk@shelter.example")); n != 4 {
		t.Errorf("there are %d messages, want 4: three links in twenty minutes", n)
	}
	b.post("/applications/link", values("email", "desk@shelter.example"))
	g.set(g.clock().Add(time.Hour))
	b.post("/applications/link", values("email", "desk@shelter.example"))
	g.set(g.clock().Add(time.Hour))
	g.work() // nobody waits for it any more
	if n := len(g.messages("desk@shelter.example")); n != 4 {
		t.Errorf("there are %d messages, want 4", n)
	}
}

// TestFloodOfLinks: when very many ask at once, new requests are refused in words, and drafts are kept all the same.
func TestFloodOfLinks(t *testing.T) {
	g := newSQLiteRig(t)
	g.write(func(tx *store.Tx) error {
		for range linksAtAll {
			if _, err := g.room.countUp(tx, "everybody", allWindow); err != nil {
				return err
			}
		}
		return nil
	})
	g.browser().post("/applications/link", values("email", "desk@shelter.example")).wants(429, "Very many links")
	g.draft("public", "no")
	if g.only().Email == "" || len(g.messages("desk@shelter.example")) != 0 {
		t.Error("the draft was lost, or a message went out")
	}
}

// TestMessagesToWhoIsNotListed: the subject and the text say nothing of what it is about.
func TestMessagesToWhoIsNotListed(t *testing.T) {
	for listing, quiet := range map[string]bool{"public": false, "secretariat_only": true, "participants_only": true} {
		g := newSQLiteRig(t)
		g.applied(listing, "no")
		g.move("som-2027", nil, CompletenessCheck, WithBureau, NoObjection, Admitted)
		all := g.messages("desk@shelter.example")
		if len(all) != 6 { // the link, received, four steps
			t.Errorf("%s: there are %d messages, want 6", listing, len(all))
		}
		for _, m := range all[1:] {
			text := m.Subject + "\n" + m.Text
			says := strings.Contains(text, "Sample Shelter Network") || strings.Contains(text, "ialogue") || strings.Contains(text, "Admitted") || strings.Contains(text, "Secretariat")
			if says == quiet {
				t.Errorf("%s: the message is %q", listing, text)
			}
		}
		if last := all[len(all)-1]; !quiet && last.Subject != "Admitted: Dialogue on the smuggling of migrants" {
			t.Errorf("the subject is %q", last.Subject)
		}
	}
}

func TestWithdrawing(t *testing.T) {
	g := newSQLiteRig(t)
	b := g.applied("public", "no")
	a := g.only()
	b.get("/applications/withdraw").wants(200, "Withdraw from Dialogue on the smuggling of migrants", "Withdraw and erase now")
	b.post("/applications/withdraw", values("dialogue", "tip-2027")).leadsTo("/en/applications?done=withdrawn")
	b.post("/applications/withdraw", values("dialogue", "tip-2027")).leadsTo("/en/applications?done=withdrawn")
	b.post("/applications/withdraw", values("dialogue", "nobody")).wants(404)
	if m := g.admission(a.ID, "tip-2027"); m.State != Withdrawn {
		t.Errorf("the admission is %s", m.State)
	}
	if g.only().Name == "" {
		t.Error("withdrawing from one dialogue erased the application")
	}
	g.move("som-2027", nil, CompletenessCheck, WithBureau, NoObjection)
	b.get("/applications/withdraw").wants(200, "knows no withdrawal")
	b.post("/applications/withdraw", values("dialogue", "som-2027")).wants(409, "knows no withdrawal")
	g.move("som-2027", nil, Admitted)
	asked := 0
	g.room.OnErase(func(*store.Tx, *Application) error { asked++; return nil })
	b.post("/applications/withdraw", url.Values{}).wants(200, "your personal data are gone")
	if asked != 1 {
		t.Errorf("the other rooms were asked %d times", asked)
	}
	got := g.only()
	if got.Erased.IsZero() || got.Name != "" || got.Email != "" || len(got.Answers) != 1 || got.Answers.One(FieldType) != "ngo" || !got.SealedAt.IsZero() {
		t.Errorf("after withdrawing the row is %+v", got)
	}
	rows := g.dump()
	for _, word := range []string{"Sample Shelter", "shelter.example", "A. Sample", "Shelters", "Ten years", "CANARY"} {
		if strings.Contains(rows, word) {
			t.Errorf("the rows still hold %q", word)
		}
	}
	if strings.Contains(g.recordTexts(), "Shelter") {
		t.Error("the record still names the organisation")
	}
	if len(g.forgotten) == 0 || g.forgotten[0] != "desk@shelter.example" {
		t.Errorf("the outbox forgot %v", g.forgotten)
	}
	g.read(func(tx *store.Tx) error {
		totals, err := g.room.Totals(tx, "som-2027")
		if totals[Withdrawn] != 1 {
			t.Errorf("the totals are %v", totals)
		}
		return err
	})
	link := g.linkTo("desk@shelter.example")
	page := b.get(link).wants(200)
	b.post("/applications/open", values("key", buttonKey.FindStringSubmatch(page.Body.String())[1]))
	b.get("/applications").wants(200, "were erased on 23 November 2026", "Withdrawn by the applicant").without("Shelter")
	b.get("/applications/people").wants(410)
	b.get("/applications/listing").wants(410)
}

func TestDraftIsDeleted(t *testing.T) {
	g := newSQLiteRig(t)
	b := g.draft("public", "no")
	b.get("/applications/withdraw").wants(200, "Delete it now")
	b.post("/applications/withdraw", url.Values{}).wants(200, "The draft is gone")
	if len(g.all()) != 0 || strings.Contains(g.dump(), "helter") {
		t.Error("something of the draft is left")
	}
	g.browser().get(g.linkTo("desk@shelter.example")).wants(410)
}

func TestErasing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		g := newRig(t, db)
		g.convene()
		b := g.applied("public", "no")
		g.draft("secretariat_only", "no")
		erase := func(at time.Time, want, left int) {
			t.Helper()
			g.set(at)
			if n, err := g.room.Erase(t.Context()); err != nil || n != want {
				t.Errorf("on %s %d were erased, want %d; %v", at, n, want, err)
			}
			if n := len(g.all()); n != left {
				t.Errorf("on %s there are %d rows, want %d", at, n, left)
			}
		}
		deadline := time.Date(2027, 3, 28, 0, 0, 0, 0, vienna)
		erase(deadline.Add(30*24*time.Hour-time.Second), 0, 2)
		erase(deadline.Add(30*24*time.Hour), 1, 1) // the draft
		erase(time.Date(2027, 12, 30, 23, 0, 0, 0, vienna), 0, 1)
		erase(time.Date(2027, 12, 31, 0, 0, 0, 0, vienna), 1, 1)
		erase(time.Date(2028, 1, 1, 0, 0, 0, 0, vienna), 0, 1)
		a := g.only()
		if a.Erased.IsZero() || a.Name != "" {
			t.Errorf("the row is %+v", a)
		}
		for _, word := range []string{"shelter.example", "A. Sample", "Ten years"} {
			if strings.Contains(g.dump(), word) {
				t.Errorf("the rows still hold %q", word)
			}
		}
		if !strings.Contains(g.recordTexts(), "Sample Shelter Network") {
			t.Error("what the organisation had listed in public is gone without its wish")
		}
		b.get("/applications").wants(200, "Withdraw it from the public record")
		b.post("/applications/withdraw", nil).wants(200)
		if strings.Contains(g.recordTexts(), "Sample Shelter Network") {
			t.Error("the record still names the organisation")
		}
	})
}

func TestPersonWithAnAccount(t *testing.T) {
	g := newSQLiteRig(t)
	g.applied("public", "no")
	person := func(email string) party.Person { return party.Person{ID: "officer", Email: party.Email(email)} }
	g.read(func(tx *store.Tx) error {
		for email, want := range map[string]string{"desk@shelter.example": `[{"application":"ID","contact":true}]`, "A@shelter.example": `[{"application":"ID","nominated":[{"email":"a@shelter.example","mode":"in_person","name":"A. Sample"}]}]`, "x@y.example": "null"} {
			got, err := g.room.ExportPerson(tx, person(email))
			if err != nil {
				return err
			}
			text, err := encode(got)
			if text = strings.ReplaceAll(text, string(g.all()[0].ID), "ID"); text != want || err != nil {
				t.Errorf("%s takes along %s, want %s; %v", email, text, want, err)
			}
		}
		return nil
	})
	g.move("som-2027", nil, CompletenessCheck)
	g.write(func(tx *store.Tx) error { return g.room.ErasePerson(tx, person("a@shelter.example")) })
	if a := g.only(); len(a.Answers[FieldPersons].Persons) != 0 || a.Email == "" || a.SealedAt.IsZero() {
		t.Errorf("after the nominated person left: %+v", a)
	}
	g.write(func(tx *store.Tx) error { return g.room.ErasePerson(tx, person("desk@shelter.example")) })
	if a := g.only(); a.Email != "" || a.Answers.One(FieldEmail) != "" || !a.SealedAt.IsZero() {
		t.Errorf("after the contact left: %+v", a)
	}
	for _, m := range g.moves(g.only().ID) {
		if m.Actor != "" {
			t.Errorf("a step still names %s", m.Actor)
		}
	}
}
