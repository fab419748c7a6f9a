package floor

import (
	"crypto/rand"
	"encoding/json"
	"net/http/httptest"
	"testing"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/dialogue/programme"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/store"
)

// TestFromProgramme holds that the floor takes up the items that were published, and names no panellist who did not
// agree.
func TestFromProgramme(t *testing.T) {
	g := newRig(t, storetestSQLite(t))
	day := locale.Date{Year: 2026, Month: 11, Day: 23}
	room, err := programme.New(programme.Options{
		DB: g.db, Org: "sample", Clock: g.clock, Random: rand.Reader, Catalogues: g.room.o.Catalogues, Ledger: g.ledger, Directory: g,
		Usual: []programme.Usual{{ID: "panels", Name: words("Panels", "Tables rondes", "حلقات")}, {ID: "tour-de-table", Name: words("Tour", "Tour", "جولة")}},
		Dialogue: func(*store.Tx, dialogue.ID) (programme.Held, error) {
			return programme.Held{ID: sampleID, Title: words("Exercise", "", ""), Body: "som", First: day, Last: day, Zone: g.zone}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	items := func() (all []Item) {
		t.Helper()
		if err := g.db.Read(t.Context(), func(tx *store.Tx) (err error) { all, err = FromProgramme(room)(tx, sampleID); return err }); err != nil {
			t.Fatal(err)
		}
		return all
	}
	if len(items()) != 0 {
		t.Error("an unpublished programme has items")
	}
	if err := room.Start(t.Context(), chair, sampleID); err != nil {
		t.Fatal(err)
	}
	it := programme.Item{ID: "panels", Rev: 1, Title: words("Panels", "Tables rondes", "حلقات"), Panel: []programme.Panellist{
		{Name: "Sample Panellist", Role: "adviser", Named: true}, {Name: "Hidden Panellist", Role: "a shelter’s director"},
	}}
	if err := room.Save(t.Context(), chair, sampleID, "", it); err != nil {
		t.Fatal(err)
	}
	if err := room.Publish(t.Context(), chair, sampleID, 2); err != nil {
		t.Fatal(err)
	}
	all := items()
	if len(all) != 2 || all[0].ID != "panels" || len(all[0].Panel) != 2 || all[0].Panel[0] != (Panellist{"Sample Panellist", "adviser"}) || all[0].Panel[1] != (Panellist{"a shelter’s director", ""}) {
		text, _ := json.Marshal(all)
		t.Errorf("the items are %s", text)
	}
	g.items = all
	g.do(Command{What: Opened})
	g.do(Command{What: TookUp, Item: "panels"})
	g.do(Command{What: Called, Panellist: 2})
	g.browser("").get(at).wants(200, "a shelter’s director").without("Hidden")
}

// TestParticipates holds whom other rooms are told of.
func TestParticipates(t *testing.T) {
	g := newRig(t, storetestSQLite(t))
	ask := func(actor string) (who Participant, ok bool) {
		t.Helper()
		r := httptest.NewRequest("GET", at, nil)
		r.Header.Set("X-Actor", actor)
		if err := g.db.Read(t.Context(), func(tx *store.Tx) (err error) {
			who, ok, err = g.room.Participates(tx, &page.Request{Request: r}, sampleID)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return who, ok
	}
	if who, ok := ask("coast"); !ok || who.ID != "coast" {
		t.Errorf("who takes part: %+v, %v", who, ok)
	}
	if _, ok := ask("nobody"); ok {
		t.Error("somebody takes part who does not")
	}
	if _, ok := ask(""); ok {
		t.Error("nobody takes part")
	}
}
