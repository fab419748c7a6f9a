package application

import (
	"errors"
	"strings"
	"testing"
	"time"

	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

func TestTravelDataAreAskedAfterApprovalAndSealed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		g := newRig(t, db)
		g.convene()
		g.applied("public", "no")
		a := g.only()
		until := time.Date(2027, 5, 1, 12, 0, 0, 0, time.UTC)
		request := func() error {
			return g.db.Write(t.Context(), func(tx *store.Tx) error {
				m, err := g.room.Admission(tx, a.ID, "som-2027")
				if err != nil {
					return err
				}
				_, err = g.room.RequestTravel(tx, a, m, until)
				return err
			})
		}
		if err := request(); !errors.Is(err, ErrOrder) {
			t.Errorf("before approval the answer is %v, want ErrOrder", err)
		}
		g.move("som-2027", nil, CompletenessCheck, WithBureau, NoObjection, Admitted)
		if err := request(); err != nil {
			t.Fatal(err)
		}
		message := g.messages("a@shelter.example")[0]
		if !message.Secret || !message.Until.Equal(until) || !strings.Contains(message.Text, "Sample Shelter Network") {
			t.Errorf("the message is %+v", message)
		}
		first := g.linkTo("a@shelter.example")
		b := g.browser()
		page := b.get(first).wants(200, "A. Sample", "Passport number", "31 December 2027")
		good := func() map[string]string {
			return map[string]string{"passport_name": "CANARY-NAME", "passport_number": "CANARY-NUMBER", "passport_expires": "2030-01-31", "nationality": "ML", "born": "1980-02-29",
				"departure_town": "CANARY-TOWN", "travels_out": "2027-05-29", "travels_back": "2027-06-01", "travel_notes": "CANARY-NOTES\nsecond line"}
		}
		send := func(change ...string) answer {
			form := values()
			for k, v := range good() {
				form.Set(k, v)
			}
			for i := 0; i+1 < len(change); i += 2 {
				form.Set(change[i], change[i+1])
			}
			return b.fill(page, "/applications/travel", form)
		}
		send("born", "1980-02-30").wants(422, "“Date of birth”: write a day", "CANARY-NUMBER")
		send("nationality", "XX").wants(422, "“Nationality”: choose one")
		send("passport_number", "").wants(422, "“Passport number” needs an answer")
		send("passport_name", strings.Repeat("x", 201)).wants(422, "201 characters")
		send().wants(200, "are sealed").without("CANARY")
		b.get(first).wants(200, "Sealed on").without("CANARY")
		files := func() (all map[TravelID][]byte) {
			g.read(func(tx *store.Tx) (err error) { all, err = g.room.SealedRequests(tx, "som-2027"); return err })
			return all
		}
		sizes := map[int]bool{}
		for id, file := range files() {
			got := g.open(file)
			if got["kind"] != "travel" || got["subject"] != string(id) || got["passport_number"] != "CANARY-NUMBER" || got["born"] != "1980-02-29" {
				t.Errorf("it opens as %v", got)
			}
			sizes[len(file)] = true
		}
		send("passport_number", "CANARY-CORRECTED", "travel_notes", "").wants(200)
		for _, file := range files() {
			if g.open(file)["passport_number"] != "CANARY-CORRECTED" {
				t.Error("what was sent again is not what is kept")
			}
			sizes[len(file)] = true
		}
		if len(files()) != 1 || len(sizes) != 1 {
			t.Errorf("there are %d files of %d sizes, want one of one", len(files()), len(sizes))
		}
		if strings.Contains(g.dump()+g.log.String(), "CANARY") {
			t.Error("the rows or the log hold travel data")
		}
		if err := request(); err != nil {
			t.Fatal(err)
		}
		b.get(first).wants(410, "no longer works")
		second := g.linkTo("a@shelter.example")
		b.get(second).wants(200, "Sealed on")
		g.read(func(tx *store.Tx) error {
			all, err := g.room.TravelRequests(tx, "som-2027")
			if len(all) != 1 || all[0].Name != "A. Sample" || all[0].SealedAt.IsZero() {
				t.Errorf("the requests are %+v", all)
			}
			return err
		})
		g.set(until)
		b.get(second).wants(410)
		send().wants(410)
		g.set(time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC))
		if _, err := g.room.Erase(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(files()) != 0 || strings.Contains(g.dump(), "a@shelter.example") {
			t.Error("requests outlive the day of erasure")
		}
	})
}

// TestTravelMessageToWhoIsNotListed says nothing of what it is about.
func TestTravelMessageToWhoIsNotListed(t *testing.T) {
	g := newSQLiteRig(t)
	g.applied("secretariat_only", "yes")
	g.move("som-2027", nil, CompletenessCheck, WithBureau, NoObjection, Admitted)
	g.write(func(tx *store.Tx) error {
		a := g.only()
		m, err := g.room.Admission(tx, a.ID, "som-2027")
		if err != nil {
			return err
		}
		_, err = g.room.RequestTravel(tx, a, m, time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC))
		return err
	})
	m := g.messages("a@shelter.example")[0]
	if text := m.Subject + m.Text; strings.Contains(text, "Shelter Network") || strings.Contains(text, "ialogue") || strings.Contains(text, "isa") {
		t.Errorf("the message is %q", text)
	}
	if !m.Until.Equal(time.Date(2027, 12, 31, 0, 0, 0, 0, vienna)) {
		t.Errorf("the link works until %s, beyond the day of erasure", m.Until)
	}
}
