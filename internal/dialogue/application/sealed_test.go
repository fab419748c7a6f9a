package application

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

// dump gives every row of the database, as a backup would hold it.
func (g *rig) dump() string {
	g.t.Helper()
	var b bytes.Buffer
	if err := g.db.Dump(g.t.Context(), &b); err != nil {
		g.t.Fatal(err)
	}
	return b.String()
}

// TestSeizure: whoever takes the database and the log finds nothing of what was sealed, and the key opens it.
func TestSeizure(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		g := newRig(t, db)
		g.convene()
		b := g.draft("public", "no")
		b.step("consent", values("listing_consent", "public", "data_notice_accepted", "yes")).leadsTo("/en/applications/check") // what is sealed stays
		a := g.only()
		got := g.opened(a.ID)
		for id, want := range map[string]string{"kind": "application", "subject": string(a.ID), "travel_support_reason": canaryReason, "accessibility_needs": canaryAccess,
			"visa_letter_needed": "yes", "safety_flag": "no", "safe_contact": ""} {
			if got[id] != want {
				t.Errorf("%s opens as %q, want %q", id, got[id], want)
			}
		}
		again := consent("public", "yes")
		again.Set("accessibility_needs", "CANARY-SECOND")
		again.Del("travel_support_reason")
		b.step("consent", again).leadsTo("/en/applications/check")
		got = g.opened(a.ID)
		if got["accessibility_needs"] != "CANARY-SECOND" || got["travel_support_reason"] != "" || got["safe_contact"] != canaryContact {
			t.Errorf("after writing again it opens as %v", got)
		}
		bad := consent("public", "no")
		bad.Del("visa_letter_needed")
		b.step("consent", bad).wants(422, "needs an answer", canaryAccess) // shown once more to who typed it, and not kept
		if g.opened(a.ID)["accessibility_needs"] != "CANARY-SECOND" {
			t.Error("wrong answers were sealed")
		}
		b.get("/applications/consent").wants(200, "Sealed on").without("CANARY")
		b.post("/applications/check", url.Values{}).leadsTo("/en/applications?done=submitted")
		b.get("/applications/export").wants(200, `"sealed": "`).without("CANARY")
		if at := strings.Index(g.dump(), "CANARY"); at >= 0 {
			t.Errorf("the rows hold a sealed answer: %.80s", g.dump()[at:])
		}
		if strings.Contains(g.log.String(), "CANARY") {
			t.Errorf("the log holds a sealed answer: %s", g.log)
		}
	})
}

// TestDanger: who says that being listed could endanger somebody cannot be told apart from who chose the secretariat.
func TestDanger(t *testing.T) {
	rows := func(listing, safety string) (row string, size int) {
		g := newSQLiteRig(t)
		b := g.applied(listing, safety)
		a := g.only()
		if a.Listing != Secretariat {
			t.Errorf("%s and %s are listed %s", listing, safety, a.Listing)
		}
		var sealed []byte
		g.read(func(tx *store.Tx) (err error) { sealed, err = g.room.Sealed(tx, a.ID); return err })
		answers, err := encode(a.Answers)
		if err != nil {
			t.Fatal(err)
		}
		status := b.get("/applications").wants(200, "with the secretariat only", "opaque").main()
		if m := g.admission(a.ID, "som-2027"); !strings.HasPrefix(m.Subject, "opaque/") {
			t.Errorf("the record calls it %s", m.Subject)
		}
		b.get("/applications/of/som-2027/" + string(a.ID)).wants(404)
		log := strings.Count(g.log.String(), "\n")
		return fmt.Sprint(answers, a.Listing, a.steps["consent"].N, len(a.Answers), log, strings.Count(status, "<")), len(sealed)
	}
	chose, size := rows("secretariat_only", "no")
	flagged, flaggedSize := rows("public", "yes")
	if chose != flagged {
		t.Errorf("the rows differ:\n%s\n%s", chose, flagged)
	}
	if size != flaggedSize {
		t.Errorf("the envelopes have %d and %d bytes", size, flaggedSize)
	}
}

// TestWiderListingNeedsTheAnswer: the program cannot look up what was sealed, so it asks again.
func TestWiderListingNeedsTheAnswer(t *testing.T) {
	g := newSQLiteRig(t)
	b := g.draft("public", "yes")
	b.step("consent", values("listing_consent", "public", "data_notice_accepted", "yes")).wants(422, `href="#safety_flag"`)
	if a := g.only(); a.Listing != Secretariat || a.Answers.One(FieldListing) != "secretariat_only" {
		t.Fatalf("the draft is listed %s, %v", a.Listing, a.Answers[FieldListing])
	}
	b.post("/applications/check", url.Values{}).leadsTo("/en/applications?done=submitted")
	b.post("/applications/listing", values("listing_consent", "public")).wants(422, `href="#safety_flag"`)
	b.post("/applications/listing", values("listing_consent", "public", "safety_flag", "yes")).leadsTo("/en/applications?done=listing")
	if a := g.only(); a.Listing != Secretariat {
		t.Errorf("it is listed %s", a.Listing)
	}
	b.post("/applications/listing", values("listing_consent", "public", "safety_flag", "no")).leadsTo("/en/applications?done=listing")
	a := g.only()
	if a.Listing != Public {
		t.Errorf("it is listed %s", a.Listing)
	}
	before := g.moves(a.ID)
	g.move("som-2027", nil, CompletenessCheck)
	after := g.moves(a.ID)
	last := after[len(after)-1]
	if before[0].Public || !last.Public {
		t.Errorf("the steps before are public %v, the step after %v", before[0].Public, last.Public)
	}
	if e, err := g.ledger.ByID(t.Context(), last.Entry); err != nil || len(e.Leaf.Cites) != 0 || e.Sealed() {
		t.Errorf("the public entry cites %v, which would say whose the opaque ones are; %v", e.Leaf.Cites, err)
	}
}

func TestNarrowerListingWithdraws(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		g := newRig(t, db)
		g.convene()
		b := g.applied("public", "no")
		a := g.only()
		g.move("som-2027", nil, CompletenessCheck)
		public := g.moves(a.ID)
		b.post("/applications/listing", values("listing_consent", "nonsense")).wants(422)
		b.post("/applications/listing", values("listing_consent", "participants_only")).leadsTo("/en/applications?done=listing")
		for _, step := range public {
			e, err := g.ledger.ByID(t.Context(), step.Entry)
			if err != nil {
				t.Fatal(err)
			}
			if e.Text != nil || e.Notice == nil {
				t.Errorf("the record still has the text of %s: %s", step.To, e.Text)
			}
		}
		g.move("som-2027", nil, WithBureau)
		m := g.admission(a.ID, "som-2027")
		if !strings.HasPrefix(m.Subject, "opaque/") {
			t.Errorf("the record calls it %s", m.Subject)
		}
		e, err := g.ledger.ByID(t.Context(), m.Entry)
		if err != nil || !e.Sealed() || len(e.Leaf.Cites) != 0 {
			t.Errorf("the next step is %+v, %v", e, err)
		}
		b.get("/applications/of/som-2027/" + string(a.ID)).wants(404)
		b.get("/applications").wants(200, "among participants only", "opaque")
		if strings.Contains(g.recordTexts(), "Sample Shelter Network") {
			t.Error("the record still names the organisation")
		}
	})
}

// recordTexts are the texts of the public record.
func (g *rig) recordTexts() string {
	g.t.Helper()
	var b strings.Builder
	for _, a := range g.all() {
		for _, m := range g.moves(a.ID) {
			e, err := g.ledger.ByID(g.t.Context(), m.Entry)
			if err != nil {
				g.t.Fatal(err)
			}
			b.Write(e.Text)
		}
	}
	return b.String()
}
