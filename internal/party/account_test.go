package party

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"rostrum.example/internal/page"
	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

func TestCorrect(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		g := newRig(t, db)
		b := g.officer()
		b.get("/en/account/correct").wants(200, `value="Sample Officer"`, `autocomplete="name"`, `value="en" checked`)
		b.post("/en/account/correct", "name", "Second \u202e Sample", "salutation", strings.Repeat("x", 100), "lang", "xx").
			wants(422, "hide text or turn it around", "Use at most 80 characters", "Choose a language", strings.Repeat("x", 100), `href="#salutation"`)
		b.get("/en/account").wants(200, "Sample Officer")
		b.post("/en/account/correct", "name", "شخص نموذجي", "salutation", "Dear colleague", "lang", "ar").leadsTo("/en/account?done=corrected")
		b.get("/en/account?done=corrected").wants(200, "شخص نموذجي", "Dear colleague", "العربية", "Your data are corrected.")
		// From now on messages are in the person's language and address them as they wish.
		g.browser().post("/en/sign-in", "email", "officer@example.org")
		g.work()
		if m := g.last("officer@example.org"); m.Subject != "رابط تسجيل الدخول" || !strings.Contains(m.Text, "Dear colleague") || !strings.Contains(m.Text, "/ar/sign-in/link?key=") {
			t.Errorf("the message is %q\n%s", m.Subject, m.Text)
		}
	})
}

func TestChangeEmail(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		g := newRig(t, db)
		officer := g.officer()
		b := g.invite(officer, "Sample Editor", "editor@example.org", Editor, WholeInstance())
		elsewhere := g.signIn("editor@example.org")

		b.get("/en/account/email").wants(200, "editor@example.org", `autocomplete="email"`)
		b.post("/en/account/email", "email", "nobody").wants(422, "Enter an e-mail address like", `value="nobody"`)
		b.post("/en/account/email", "email", "editor@example.org").wants(422, "This is your address already")
		b.post("/en/account/email", "email", "new@example.org").leadsTo("/en/account?done=emailsent")
		first := g.linkTo("new@example.org")
		b.post("/en/account/email", "email", "new@example.org").leadsTo("/en/account?done=emailsent")
		link := g.linkTo("new@example.org")
		b.get(first).wants(http.StatusGone) // the newer link replaces the older
		b.get("/en/account").wants(200, "editor@example.org").without("new@example.org")

		// The link may have gone to a stranger: it signs nobody in and changes nothing for them.
		stranger := g.browser()
		key := keyIn.FindStringSubmatch(stranger.get(link).wants(200, "new@example.org", "Confirm this address").Body.String())[1]
		stranger.post("/en/sign-in/link", "key", key).wants(403, "Sign in first to confirm this address")
		officer.post("/en/sign-in/link", "key", key).wants(403)
		if len(stranger.cookies) != 0 {
			t.Error("a stranger was signed in")
		}
		b.follow(link).leadsTo("/en/account?done=email")
		b.get("/en/account?done=email").wants(200, "new@example.org", "Your new address is confirmed")
		elsewhere.get("/en/account").leadsTo("/en/sign-in?next=%2Faccount")
		if m := g.last("editor@example.org"); m.Subject != "Your address was changed" || m.Secret || strings.Contains(m.Text, "new@example.org") {
			t.Errorf("the old address is told %q\n%s", m.Subject, m.Text)
		}
		g.signIn("NEW@example.org").get("/en/account").wants(200, "Sample Editor")

		for range linksPerAddress {
			b.post("/en/account/email", "email", "third@example.org").leadsTo("/en/account?done=emailsent")
		}
		b.post("/en/account/email", "email", "third@example.org").wants(422, "We have sent 3 links to this address in 20 minutes")
		b.get(g.linkTo("third@example.org")).wants(200) // the newest still works

		// Another person's address is found out by the owner of its mailbox alone.
		b.post("/en/account/email", "email", "officer@example.org").leadsTo("/en/account?done=emailsent")
		key = keyIn.FindStringSubmatch(b.get(g.linkTo("officer@example.org")).Body.String())[1]
		b.post("/en/sign-in/link", "key", key).wants(409, "This address belongs to another account here")
		g.signIn("officer@example.org").get("/en/account").wants(200, "Sample Officer")
	})
}

func TestSessions(t *testing.T) {
	g := newSQLiteRig(t)
	a := g.officer()
	g.pass(time.Minute)
	b := g.signIn("officer@example.org")
	c := g.signIn("officer@example.org")
	editor := g.invite(a, "Sample Editor", "editor@example.org", Editor, WholeInstance())

	ids := regexp.MustCompile(`name="session" value="([^"]+)"`).FindAllStringSubmatch(a.get("/en/account").wants(200, "this browser").Body.String(), -1)
	if len(ids) != 2 {
		t.Fatalf("%d other sessions are offered, want 2", len(ids))
	}
	editor.post("/en/account/sessions/end", "session", ids[0][1]).wants(404)
	a.post("/en/account/sessions/end", "session", ids[0][1]).leadsTo("/en/account?done=ended")
	alive := 0
	for _, one := range []*browser{b, c} {
		if one.get("/en/account").Code == 200 {
			alive++
		}
	}
	if alive != 1 {
		t.Errorf("%d of the two other sessions live, want 1", alive)
	}
	a.post("/en/account/sessions/end-others").leadsTo("/en/account?done=others")
	b.get("/en/account").leadsTo("/en/sign-in?next=%2Faccount")
	c.get("/en/account").leadsTo("/en/sign-in?next=%2Faccount")
	a.get("/en/account").wants(200)
	editor.get("/en/account").wants(200)
}

// holder is another part of the program that keeps data about persons.
type holder struct {
	kept map[PersonID]string
	fail error
}

func (h *holder) Part() string { return "application" }

func (h *holder) ExportPerson(_ *store.Tx, p Person) (any, error) {
	if text := h.kept[p.ID]; text != "" {
		return map[string]string{"text": text}, nil
	}
	return nil, nil
}

func (h *holder) ErasePerson(tx *store.Tx, p Person) error {
	if h.fail != nil {
		return h.fail
	}
	if p.Email == "" {
		return errors.New("the part is not told the address whose data it erases")
	}
	tx.OnCommit(func() { delete(h.kept, p.ID) })
	return nil
}

func TestExport(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		g := newRig(t, db)
		b := g.officer()
		person := g.personWith("officer@example.org")
		g.d.o.Holders = []Holder{&holder{kept: map[PersonID]string{person.ID: "a travel plan"}}}
		b.register(newAuthenticator(t), "Sample phone").wants(200)
		a := b.get("/en/account/export").wants(200)
		if got := a.Header().Get("Content-Disposition"); got != `attachment; filename="rostrum-account.json"` {
			t.Errorf("Content-Disposition is %q", got)
		}
		var got map[string]any
		if err := json.Unmarshal(a.Body.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		for key, want := range map[string]string{
			"name": "Sample Officer", "email": "officer@example.org", "language": "en", "id": string(person.ID),
			"joined": "2026-11-23T09:00:00Z", "erased_on": "2028-11-22T09:00:00Z",
			"roles":        "[map[granted:2026-11-23T09:00:00Z role:officer scope_kind:instance scope_name:the whole of this Rostrum]]",
			"role_history": "[map[at:2026-11-23T09:00:00Z change:granted role:officer scope_kind:instance]]",
			"sessions":     "[map[created:2026-11-23T09:00:00Z signed_in_by:link used:2026-11-23T09:00:00Z]]",
			"passkeys":     "[map[created:2026-11-23T09:00:00Z host:localhost name:Sample phone]]",
			"parts":        "map[application:map[text:a travel plan]]",
		} {
			if text := fmt.Sprint(got[key]); text != want {
				t.Errorf("%s is %s, want %s", key, text, want)
			}
		}
		a.without(b.cookies[plainCookie]) // no token, no key
	})
}

// everything reads every text and byte of the tables of persons.
func (g *rig) everything() string {
	g.t.Helper()
	var all strings.Builder
	g.read(func(tx *store.Tx) error {
		for _, query := range []string{
			"select id, name || '|' || salutation || '|' || email || '|' || email_key || '|' || lang from person",
			"select id, person || '|' || role || '|' || scope_kind || '|' || scope from role",
			"select id, person || '|' || role || '|' || scope_kind || '|' || scope || '|' || actor || '|' || change from role_change",
			"select id, email || '|' || next from signin_request",
			"select person, purpose || '|' || email from signin_link",
			"select id, person || '|' || passkey from session",
			"select person, name || '|' || credential from passkey",
		} {
			rows, err := tx.Query(query)
			if err != nil {
				return err
			}
			for rows.Next() {
				var a, b string
				if err := rows.Scan(&a, &b); err != nil {
					return err
				}
				all.WriteString(a + " " + b + "\n")
			}
			rows.Close()
			if err := rows.Err(); err != nil {
				return err
			}
		}
		return nil
	})
	return all.String()
}

func TestWithdraw(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		g := newRig(t, db)
		officer := g.officer()
		h := &holder{kept: map[PersonID]string{}}
		g.d.o.Holders = []Holder{h}
		b := g.invite(officer, "Canary Person", "canary@example.org", Editor, OfBody("som"))
		other := g.signIn("canary@example.org")
		phone := newAuthenticator(t)
		b.register(phone, "Canary phone").wants(200)
		b.post("/en/account/correct", "name", "Canary Person", "salutation", "Canary", "lang", "fr").leadsTo("/en/account?done=corrected")
		b.post("/en/account/email", "email", "canary2@example.org")
		b.post("/en/sign-in", "email", "canary@example.org", "again", "1")
		g.work()
		person := g.personWith("canary@example.org")
		h.kept[person.ID] = "x"

		h.fail = errors.New("the part could not erase")
		b.post("/en/account/withdraw").wants(500)
		b.get("/en/account").wants(200, "Canary Person") // all or nothing
		h.fail = nil

		b.get("/en/account/withdraw").wants(200, "It cannot be brought back", "Working Group on the Smuggling of Migrants", "Take a copy first")
		b.post("/en/account/withdraw").leadsTo("/en/account/withdrawn")
		b.get("/en/account/withdrawn").wants(200, "Your data are erased")
		if len(b.cookies) != 0 {
			t.Errorf("the cookies stay: %v", b.cookies)
		}
		other.get("/en/account").leadsTo("/en/sign-in?next=%2Faccount")
		g.browser().assert(phone).wants(403)
		left := strings.ToLower(g.everything())
		for line := range strings.SplitSeq(left, "\n") {
			if strings.Contains(line, "canary") || strings.Contains(line, string(person.ID)) && line != string(person.ID)+" ||||" {
				t.Errorf("what is kept still says who it was: %q", line)
			}
		}
		if len(h.kept) != 0 {
			t.Errorf("another part keeps %v", h.kept)
		}
		// The totals stay right, and the history says that there was such a role.
		g.read(func(tx *store.Tx) error {
			present, erased, err := g.d.Totals(tx)
			if present != 1 || erased != 1 {
				t.Errorf("the totals are %d and %d, want 1 and 1", present, erased)
			}
			return err
		})
		officer.get("/en/people").wants(200, "The data of 1 more have been erased", "a person whose data are erased is no longer Editor of the record (Working Group on the Smuggling of Migrants)").without("Canary")
		officer.get("/en/people/" + string(person.ID)).wants(404)

		// The address is free again, for a new account.
		g.invite(officer, "Canary Again", "canary@example.org", Editor, WholeInstance()).get("/en/account").wants(200, "Canary Again")
	})
}

func TestLastOfficerStays(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		g := newRig(t, db)
		officer := g.officer()
		officer.post("/en/account/withdraw").wants(422, "This is the only officer", "Invite another officer")
		me := g.personWith("officer@example.org")
		held := heldIDs(officer.get("/en/people/" + string(me.ID)).Body.String())[0]
		officer.post("/en/people/"+string(me.ID)+"/role/end", "held", held).wants(422, "This is the only officer")
		officer.post("/en/people/"+string(me.ID)+"/role", "held", held, "role", "editor", "scope", "instance:").wants(422, "This is the only officer")

		// An officer who was invited and never came does not count.
		officer.post("/en/people/invite", "role", "officer", "scope", "instance:", "name", "Second Sample", "email", "second@example.org", "lang", "en").leadsTo("/en/people?done=invited")
		officer.post("/en/people/"+string(me.ID)+"/role/end", "held", held).wants(422, "This is the only officer")
		second := g.browser()
		second.follow(g.linkTo("second@example.org"))
		officer.post("/en/people/"+string(me.ID)+"/role/end", "held", held).leadsTo("/en/people/" + string(me.ID) + "?done=ended")
		officer.get("/en/people").wants(403, "Your role does not include this")
		second.post("/en/account/withdraw").wants(422, "This is the only officer")
	})
}

var heldIn = regexp.MustCompile(`name="held" value="([^"]+)"`)

func heldIDs(body string) []string {
	var all []string
	for _, m := range heldIn.FindAllStringSubmatch(body, -1) {
		all = append(all, m[1])
	}
	return all
}

func TestErase(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		g := newRig(t, db)
		officer := g.officer()
		g.invite(officer, "Sample Editor", "editor@example.org", Editor, WholeInstance())
		officer.post("/en/people/invite", "role", "editor", "scope", "instance:", "name", "Never Came", "email", "never@example.org", "lang", "fr")
		run := func() Erasure {
			t.Helper()
			e, err := g.d.Erase(t.Context(), g.clock())
			if err != nil {
				t.Fatal(err)
			}
			return e
		}
		if e := run(); e != (Erasure{}) {
			t.Errorf("on the first day: %+v", e)
		}
		g.pass(UnansweredFor)
		if e := run(); e != (Erasure{Erased: 1}) {
			t.Errorf("after an unanswered invitation: %+v", e)
		}
		if left := g.everything(); strings.Contains(left, "never@example.org") || strings.Contains(left, "Never Came") {
			t.Errorf("the person who never came is still kept:\n%s", left)
		}
		g.pass(Retention - UnansweredFor - WarnBefore)
		sent := g.messages()
		if e := run(); e != (Erasure{Warned: 2}) {
			t.Errorf("30 days before: %+v", e)
		}
		if m := g.last("editor@example.org"); m.Subject != "Your account will be erased on 22 November 2028" || m.Secret {
			t.Errorf("the warning is %q\n%s", m.Subject, m.Text)
		}
		if e := run(); e != (Erasure{}) || g.messages() != sent+2 {
			t.Errorf("a second run on the same day: %+v, %d messages", e, g.messages()-sent)
		}
		// Signing in moves the day, and the next warning comes in its time.
		g.signIn("editor@example.org")
		g.pass(WarnBefore)
		if e := run(); e != (Erasure{Kept: 1}) {
			t.Errorf("on the officer's day: %+v", e)
		}
		officer = g.signIn("officer@example.org")
		officer.get("/en/account").wants(200, "Erased on")
		g.pass(Retention - WarnBefore)
		if e := run(); e != (Erasure{Erased: 1, Warned: 1}) {
			t.Errorf("on the editor's day: %+v", e)
		}
		// Nothing that has run out stays behind.
		for table, n := range g.rows() {
			if n != 0 && table != "person" && table != "role" && table != "role_change" {
				t.Errorf("%d rows of %s stay", n, table)
			}
		}
	})
}

// TestTwoOfficersLeaveAtOnce: when the last two officers leave in the same moment, one of them stays.
func TestTwoOfficersLeaveAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		g := newRig(t, db)
		first := g.officer()
		second := g.invite(first, "Second Sample", "second@example.org", Officer, WholeInstance())
		actors := []Actor{g.actorOf(first), g.actorOf(second)}
		errs := make(chan error, len(actors))
		for _, a := range actors {
			go func() { errs <- g.d.Withdraw(context.Background(), a) }()
		}
		refused := 0
		for range actors {
			if err := <-errs; err != nil {
				refused++
				var p *page.Problem
				if !errors.As(err, &p) || p.Key != lastOfficerKey {
					t.Errorf("a withdrawal fails with %v", err)
				}
			}
		}
		if refused != 1 {
			t.Errorf("%d of the last two officers were kept, want 1", refused)
		}
	})
}
