package application

import (
	"net/url"
	"strings"
	"testing"

	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

func TestApplicationIsFilledInSubmittedAndFollowed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		g := newRig(t, db)
		g.convene()
		b := g.draft("public", "no")
		if a := g.only(); !a.Submitted.IsZero() || a.Name != "Sample Shelter Network" || a.Email != "desk@shelter.example" || a.SealedAt.IsZero() {
			t.Fatalf("the draft is %+v", a)
		}
		b.get("/applications/check").wants(200, "Sample Shelter Network", "Mali", "Western Africa", "Shelters", "https://example.org/report", "English", "Sealed on").without("CANARY")
		b.post("/applications/check", url.Values{}).leadsTo("/en/applications?done=submitted")
		b.post("/applications/check", url.Values{}).leadsTo("/en/applications?done=submitted") // pressed twice
		a := g.only()
		if a.Submitted.IsZero() || a.Listing != Public {
			t.Fatalf("the application is %+v", a)
		}
		for _, d := range []string{"som-2027", "tip-2027"} {
			if m := g.admission(a.ID, "som-2027"); m.State != Submitted || m.Subject != "application/som-2027/"+string(a.ID) || m.Entry == "" {
				t.Errorf("the admission to %s is %+v", d, m)
			}
		}
		if n := len(g.moves(a.ID)); n != 2 {
			t.Errorf("there are %d steps, want one for each dialogue", n)
		}
		b.get("/applications?done=submitted").wants(200, "has arrived", "Dialogue on the smuggling of migrants", "Submitted", "by you", "31 December 2027").without("CANARY")
		g.move("som-2027", nil, CompletenessCheck)
		g.move("som-2027", map[string]string{"reason": "Which shelters?"}, Returned)
		b.get("/applications").wants(200, "It was sent back to you", "Which shelters?")
		b.get("/applications/people").wants(200, "Which shelters?")
		again := people()
		again.Set("speaking_topic", "Shelters at sea")
		b.step("people", again).leadsTo("/en/applications?done=corrected")
		b.get("/applications/check").wants(200, "Send it again", "Shelters at sea")
		b.post("/applications/check", url.Values{}).leadsTo("/en/applications?done=submitted")
		if m := g.admission(a.ID, "som-2027"); m.State != Resubmitted {
			t.Errorf("the admission is %s after it was sent again", m.State)
		}
		g.read(func(tx *store.Tx) error {
			corrections, err := g.room.Corrections(tx, a.ID)
			if len(corrections) != 1 || strings.Join(corrections[0].Fields, " ") != "speaking_topic" {
				t.Errorf("the corrections are %+v", corrections)
			}
			return err
		})
		g.move("som-2027", nil, WithBureau)
		g.move("tip-2027", nil, CompletenessCheck, WithBureau, NoObjection, Admitted)
		b.get("/applications/people").wants(409, "can no longer be corrected")
		g.move("som-2027", map[string]string{"reason": "Not known to us"}, Objected)
		b.get("/applications").wants(200, "Reply to the objection", "Not known to us", "Confirm that you take part")
		b.post("/applications/reply/som-2027", values("reply", " ")).wants(422, "Write your reply")
		b.post("/applications/reply/som-2027", values("reply", "We are known to the city.\r\nSince 1990.")).leadsTo("/en/applications?done=replied")
		b.post("/applications/reply/som-2027", values("reply", "Once more")).wants(409, "There is no objection")
		if m := g.admission(a.ID, "som-2027"); m.State != Replied {
			t.Errorf("the admission is %s after the reply", m.State)
		}
		b.get("/applications").wants(200, "We are known to the city.")
		b.post("/applications/register/tip-2027", nil).leadsTo("/en/applications?done=registered")
		b.post("/applications/register/tip-2027", nil).wants(409)
		if m := g.admission(a.ID, "tip-2027"); m.State != Registered {
			t.Errorf("the admission is %s after it was confirmed", m.State)
		}
		b.get("/applications/of/tip-2027/"+string(a.ID)).wants(200, "Sample Shelter Network", "Registered", "Non-governmental organisation")
		b.get("/applications/of/tip-2027/nobody").wants(404)
		g.read(func(tx *store.Tx) error {
			totals, err := g.room.Totals(tx, "tip-2027")
			if len(totals) != 1 || totals[Registered] != 1 {
				t.Errorf("the totals are %v", totals)
			}
			return err
		})
		if _, err := g.ledger.Integrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := g.ledger.Publish(t.Context()); err != nil {
			t.Fatal(err)
		}
		c, err := g.ledger.Resolve(t.Context(), "application/tip-2027/"+string(a.ID))
		if err != nil || !strings.Contains(c.Title, "Sample Shelter Network") || c.Address != "/applications/of/tip-2027/"+string(a.ID) {
			t.Errorf("the ledger resolves to %+v, %v", c, err)
		}
	})
}
